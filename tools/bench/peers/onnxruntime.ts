// onnxruntime-web: one session per task, all graph optimisations, relaxed SIMD, constant weights as initializers. A run
// copies its inputs in and its outputs out, as the library has it; graphs are made so that this counts little.
import { checksum } from "../data.ts";
import { sizesOf, tokenIds } from "../networks.ts";
import type { AnyValues } from "../onnx.ts";
import { type Open, type Preparations, type Prepared, prepareFrom, Unsupported } from "../participant.ts";
import type { Network } from "../tasks.ts";
import type { OrtModule, OrtTensor } from "./libraries.ts";
import { attention, chain, conv, product, recurrent, type Session, stack } from "./models.ts";
import { imported, loads, startups, versionOf } from "./modules.ts";
import { decoderSession, integers, networkSession, writeGraph } from "./onnxNetworks.ts";

const OPTIONS = {
  executionProviders: ["wasm"],
  graphOptimizationLevel: "all",
  executionMode: "sequential",
  enableCpuMemArena: true,
  enableMemPattern: true,
};

const tensorOf = (ort: OrtModule, { data, shape }: AnyValues): OrtTensor =>
  data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int64", data, shape);

async function prepared(ort: OrtModule, made: Session): Promise<Prepared> {
  const session = await ort.InferenceSession.create(made.model, OPTIONS);
  const feeds = Object.fromEntries(
    Object.entries(made.feeds).map(([name, values]) => [name, tensorOf(ort, values)]),
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

/** Greedy generation: the keys and values that a step returns go into the next one, as transformers.js does it. */
async function generation(ort: OrtModule, task: Network): Promise<Prepared> {
  const { model, result } = decoderSession(task);
  const { heads, layers, width, vocabulary } = sizesOf(task);
  const session = await ort.InferenceSession.create(model, OPTIONS);
  const prompt = tokenIds(task.tokens, sizesOf(task), 1);
  const nothing = (): OrtTensor =>
    new ort.Tensor("float32", new Float32Array(0), [1, heads, 0, width / heads]);
  const tokens = async (): Promise<number[]> => {
    const all: number[] = [];
    let past = Object.fromEntries(
      Array.from({ length: layers }, (_, i) => [`k${i}`, `v${i}`]).flatMap((pair) =>
        pair.map((name) => [name, nothing()]),
      ),
    );
    let fresh = prompt;
    for (let at = 0; all.length < (task.generated as number); at += fresh.length, fresh = all.slice(-1)) {
      const ids = (list: readonly number[]): OrtTensor =>
        new ort.Tensor("int64", integers(list), [1, list.length]);
      const places = ids(fresh.map((_, i) => at + i));
      const { [result]: logits, ...grown } = await session.run({ ids: ids(fresh), places, ...past });
      past = Object.fromEntries(Object.entries(grown).map(([name, x]) => [name.toLowerCase(), x]));
      all.push(likeliest(logits.data, vocabulary));
    }
    return all;
  };
  return {
    run: async () => void (await tokens()),
    ...(task.dtype === undefined ? { check: async () => checksum(await tokens()) } : {}),
    dispose: () => session.release(),
  };
}

function likeliest(logits: Float32Array, n: number): number {
  let best = 0;
  for (let i = 1; i < n; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

function network(ort: OrtModule, task: Network): Promise<Prepared> {
  if (task.dtype === "int4") throw new Unsupported("int4 weights are measured beside our own f32");
  if (task.generated !== undefined) return generation(ort, task);
  const { result, ...made } = networkSession(task);
  return prepared(ort, { ...made, results: [result], runs: 1 });
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
    network: (task) => network(ort, task),
    startup: () => startups("onnxruntime-web"),
    load: () => loads("onnxruntime-web", writeGraph),
  };
  const version = versionOf("onnxruntime-web");
  return { version, threads, threadsReason: "", prepare: (task) => prepareFrom(preparations, task) };
};
