// Loading GPT-2 124M from a file of f32 weights, in a process of its own: node load.ts <library> <directory>. Prints the
// milliseconds from before the import to the logits of the first new token.
import { readFile } from "node:fs/promises";
import { type Checksum, checksum } from "../data.ts";
import type { OrtModule } from "./libraries.ts";
import { imported } from "./modules.ts";

const [library, directory] = process.argv.slice(2);
const ids = JSON.parse(await readFile(`${directory}/ids.json`, "utf8")) as number[];

const starts: Readonly<Record<string, () => Promise<ArrayLike<number>>>> = {
  async saccade() {
    const { GPT2LMHeadModel } = await import("@saccade/models");
    const { init, noGrad, tensor } = await import("@saccade/core");
    await init();
    const model = await GPT2LMHeadModel.fromPretrained(directory);
    const input = tensor([ids], { dtype: "i32" });
    return noGrad(() => model.forward(input, { logitsToKeep: 1 })).logits.toTypedArray();
  },
  async "onnxruntime-web"() {
    const ort = await imported<OrtModule>("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.simd = "relaxed";
    ort.env.logLevel = "error";
    const bytes = await readFile(`${directory}/model.onnx`);
    const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: "all" });
    const shape = [1, ids.length];
    const list = (values: readonly number[]) => BigInt64Array.from(values, BigInt);
    const places = list(ids.map((_, i) => i));
    const feeds = {
      ids: new ort.Tensor("int64", list(ids), shape),
      places: new ort.Tensor("int64", places, shape),
    };
    return Object.values(await session.run(feeds))[0].data;
  },
};

const start = performance.now();
const result = await starts[library]();
const ms = performance.now() - start;
const answer: { ms: number; checksum: Checksum } = { ms, checksum: checksum(result) };
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
