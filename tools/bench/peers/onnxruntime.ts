// onnxruntime-web: one session per task, all graph optimisations, relaxed SIMD, constant weights as initializers. A run
// copies its inputs in and its outputs out, as the library has it; graphs are made so that this counts little.
import { checksum } from "../data.ts";
import { type Open, type Preparations, type Prepared, prepareFrom } from "../participant.ts";
import type { OrtModule } from "./libraries.ts";
import { attention, chain, conv, product, recurrent, type Session, stack } from "./models.ts";
import { imported, startups, versionOf } from "./modules.ts";

async function prepared(ort: OrtModule, made: Session): Promise<Prepared> {
  const session = await ort.InferenceSession.create(made.model, {
    executionProviders: ["wasm"],
    graphOptimizationLevel: "all",
    executionMode: "sequential",
    enableCpuMemArena: true,
    enableMemPattern: true,
  });
  const feeds = Object.fromEntries(
    Object.entries(made.feeds).map(([name, { data, shape }]) => [
      name,
      new ort.Tensor("float32", data, shape),
    ]),
  );
  return {
    runs: made.runs,
    run: async () => {
      await session.run(feeds);
    },
    check: async () => {
      const results = await session.run(feeds);
      return checksum(...made.results.map((name) => results[name].data));
    },
    dispose: () => session.release(),
  };
}

export const open: Open = async ({ threads }) => {
  const ort = await imported<OrtModule>("onnxruntime-web");
  ort.env.wasm.numThreads = threads;
  ort.env.wasm.simd = "relaxed";
  ort.env.logLevel = "error";
  const preparations: Preparations = {
    matmul: (task) => prepared(ort, product(task)),
    stack: (task) => prepared(ort, stack(task)),
    chain: (task) => prepared(ort, chain(task)),
    conv: (task) => prepared(ort, conv(task)),
    recurrent: (task) => prepared(ort, recurrent(task)),
    attention: (task) => prepared(ort, attention(task)),
    startup: () => startups("onnxruntime-web"),
  };
  const version = versionOf("onnxruntime-web");
  return { version, threads, threadsReason: "", prepare: (task) => prepareFrom(preparations, task) };
};
