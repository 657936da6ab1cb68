// A cold start, in a process of its own: node startup.ts <library>. Prints the milliseconds from before the import to the
// first number of a product of two 64 × 64 matrices. What each has to do is what its documentation says.
import type { Checksum } from "../data.ts";
import { checksum, numbers } from "../data.ts";
import type { JaxModule, OrtModule, TfModule, WasmBackend } from "./libraries.ts";
import { productModel } from "./models.ts";
import { backendDirectory, imported } from "./modules.ts";

const SIZE = 64;
const shape = [SIZE, SIZE] as const;
const [a, b] = [numbers(SIZE * SIZE, 1), numbers(SIZE * SIZE, 2)];
const onnx = productModel(SIZE);

const starts: Readonly<Record<string, () => Promise<ArrayLike<number>>>> = {
  async saccade() {
    const { init, tensor } = await import("@saccade/core");
    await init();
    return tensor(a, { shape }).matmul(tensor(b, { shape })).toTypedArray();
  },
  async "onnxruntime-web"() {
    const ort = await imported<OrtModule>("onnxruntime-web");
    ort.env.wasm.numThreads = 1;
    const session = await ort.InferenceSession.create(onnx, { graphOptimizationLevel: "all" });
    const feeds = { A: new ort.Tensor("float32", a, shape), B: new ort.Tensor("float32", b, shape) };
    return (await session.run(feeds)).C.data;
  },
  async "tfjs-wasm"() {
    const tf = await imported<TfModule>("@tensorflow/tfjs-core");
    const { setWasmPaths } = await imported<WasmBackend>("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(backendDirectory());
    await tf.setBackend("wasm");
    await tf.ready();
    return tf.matMul(tf.tensor(a, shape), tf.tensor(b, shape)).dataSync();
  },
  async "jax-js"() {
    const { init, defaultDevice, numpy } = await imported<JaxModule>("@jax-js/jax");
    await init("wasm");
    defaultDevice("wasm");
    const make = (data: Float32Array<ArrayBuffer>) => numpy.array(data).reshape([...shape]);
    return numpy.matmul(make(a), make(b)).data();
  },
};

const start = performance.now();
const result = await starts[process.argv[2]]();
const ms = performance.now() - start;
const answer: { ms: number; checksum: Checksum } = { ms, checksum: checksum(result) };
process.stdout.write(`\n${JSON.stringify(answer)}\n`, () => process.exit(0));
