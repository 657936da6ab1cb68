// TensorFlow.js on its WebAssembly backend (XNNPACK). Images are NHWC, which it is made for; what it has no op for is
// composed as its documentation would. In Node it has one thread (tensorflow/tfjs#3830).
import { checksum, future, numbers, reordered, transposed, weights } from "../data.ts";
import { type Open, type Preparations, type Prepared, prepareFrom, Unsupported } from "../participant.ts";
import type { Attention, Chain, Convolution, ElementwiseName, Product, Stack } from "../tasks.ts";
import type { TfModule, TfTensor, WasmBackend } from "./libraries.ts";
import { backendDirectory, imported, startups, versionOf } from "./modules.ts";
import { train } from "./tfjsTraining.ts";

type Floats = Float32Array<ArrayBuffer>;

/** Tasks on one backend. */
function preparationsOf(tf: TfModule): Preparations {
  const made = (data: Floats, ...shape: number[]): TfTensor => tf.tensor(data, shape);

  function prepared(body: () => TfTensor, owned: readonly TfTensor[]): Prepared {
    return {
      run: () => tf.tidy(body).dispose(),
      check: () => {
        const y = tf.tidy(body);
        const sums = checksum(y.dataSync());
        y.dispose();
        return sums;
      },
      dispose() {
        for (const one of owned) one.dispose();
      },
    };
  }

  function product({ form, M, K, N, batch }: Product): Prepared {
    const many = batch > 1 ? [batch] : [];
    const A = made(numbers(batch * M * K, 1), ...many, ...(form === "tn" ? [K, M] : [M, K]));
    const B = made(numbers(batch * K * N, 2), ...many, ...(form === "nt" ? [N, K] : [K, N]));
    // Its fast path takes plain matrices only: transposing them first beats its own flags many times.
    const turned = (x: TfTensor, turn: boolean): TfTensor => (turn ? tf.transpose(x, [1, 0]) : x);
    if (batch === 1)
      return prepared(() => tf.matMul(turned(A, form === "tn"), turned(B, form === "nt")), [A, B]);
    return prepared(() => tf.matMul(A, B, form === "tn", form === "nt"), [A, B]);
  }

  function stack({ rows, widths, depth }: Stack): Prepared {
    const x = made(numbers(rows * widths[0], 1), rows, widths[0]);
    const all = Array.from({ length: depth }, (_, d) =>
      widths.slice(1).map((N, i) => made(weights(widths[i] * N, d * 8 + i + 2, widths[i]), widths[i], N)),
    ).flat();
    return prepared(() => all.reduce((y, W) => tf.matMul(y, W), x), [x, ...all]);
  }

  function chain({ name, shape, length }: Chain): Prepared {
    const [rows, columns] = shape;
    const x = made(numbers(rows * columns, 1, 2), rows, columns);
    const other = made(numbers(rows * columns, 2), rows, columns);
    const gain = made(
      numbers(columns, 3).map((v) => v + 1),
      columns,
    );
    const shift = made(numbers(columns, 4), columns);
    const [factor, epsilon, one, half] = [0.875, 1e-5, 1, 0.5].map((value) => tf.scalar(value));
    const root = tf.scalar(Math.SQRT1_2);
    const scaled = (y: TfTensor, squares: TfTensor): TfTensor =>
      tf.mul(tf.mul(y, tf.rsqrt(tf.add(tf.mean(squares, -1, true), epsilon))), gain);
    const ops: Readonly<Record<ElementwiseName, (y: TfTensor) => TfTensor>> = {
      add: (y) => tf.add(y, other),
      mul: (y) => tf.mul(y, other),
      relu: tf.relu,
      scale: (y) => tf.mul(y, factor),
      layerNorm(y) {
        const centred = tf.sub(y, tf.mean(y, -1, true));
        return tf.add(scaled(centred, tf.square(centred)), shift);
      },
      rmsNorm: (y) => scaled(y, tf.square(y)),
      softmax: (y) => tf.softmax(y, -1),
      exp: tf.exp,
      sigmoid: tf.sigmoid,
      tanh: tf.tanh,
      gelu: (y) => tf.mul(tf.mul(y, half), tf.add(tf.erf(tf.mul(y, root)), one)),
      silu: (y) => tf.mul(y, tf.sigmoid(y)),
    };
    const op = ops[name];
    const step = (y: TfTensor): TfTensor => tf.tidy(() => op(y));
    const body = (): TfTensor => {
      let y = step(x);
      for (let i = 1; i < length; i++) {
        const next = step(y);
        y.dispose();
        y = next;
      }
      return y;
    };
    return prepared(body, [x, other, gain, shift, factor, epsilon, one, half, root]);
  }

  function conv({ batch, channels, size, filters, kernel, stride, padding, groups }: Convolution): Prepared {
    const pixels = size * size;
    const nchw = numbers(batch * channels * pixels, 1);
    const x = made(imagesLast(nchw, batch, channels, pixels), batch, size, size, channels);
    const each = channels / groups;
    const taps = each * kernel ** 2;
    // (O, C, k, k) → (k, k, C, O); for depthwise that is (k, k, 1, channels), wanted as (k, k, channels, 1).
    const W = transposed(weights(filters * taps, 2, taps), filters, taps);
    const ordered = reordered(W, filters, tapsLast(each, kernel ** 2));
    const bias = made(numbers(filters, 3), filters);
    const common = { x, strides: stride, pad: padding, bias, dataFormat: "NHWC", dimRoundingMode: "floor" };
    if (groups === 1) {
      const filter = made(ordered, kernel, kernel, each, filters);
      return prepared(() => tf.fused.conv2d({ ...common, filter }), [x, filter, bias]);
    }
    if (each !== 1 || filters !== channels) throw new Unsupported("groups are depthwise only");
    const filter = made(ordered, kernel, kernel, channels, 1);
    return prepared(() => tf.fused.depthwiseConv2d({ ...common, filter }), [x, filter, bias]);
  }

  function attention({ batch, T, heads, D, causal }: Attention): Prepared {
    const [q, k, v] = [1, 2, 3].map((seed) =>
      made(numbers(batch * T * heads * D, seed, 2), batch, T, heads * D),
    );
    const scale = tf.scalar(1 / Math.sqrt(D));
    const mask = causal ? [made(future(T), 1, 1, T, T)] : [];
    const split = (x: TfTensor): TfTensor => tf.transpose(tf.reshape(x, [batch, T, heads, D]), [0, 2, 1, 3]);
    const body = (): TfTensor => {
      const scores = tf.matMul(tf.mul(split(q), scale), split(k), false, true);
      const pattern = tf.softmax(causal ? tf.add(scores, mask[0]) : scores, -1);
      const y = tf.matMul(pattern, split(v));
      return tf.reshape(tf.transpose(y, [0, 2, 1, 3]), [batch, T, heads * D]);
    };
    return prepared(body, [q, k, v, scale, ...mask]);
  }

  return {
    matmul: product,
    stack,
    chain,
    conv,
    attention,
    train: (task) => train(tf, task),
    startup: () => startups("tfjs-wasm"),
  };
}

/** (B, C, pixels) → (B, pixels, C) */
function imagesLast(x: Floats, batch: number, channels: number, pixels: number): Floats {
  const y = new Float32Array(x.length);
  const size = channels * pixels;
  for (let b = 0; b < batch; b++)
    y.set(transposed(x.slice(b * size, (b + 1) * size), channels, pixels), b * size);
  return y;
}

/** Rows numbered (channel, tap) in the order (tap, channel). */
function tapsLast(channels: number, taps: number): number[] {
  return Array.from(
    { length: channels * taps },
    (_, to) => (to % channels) * taps + Math.floor(to / channels),
  );
}

export const open: Open = async () => {
  const tf = await imported<TfModule>("@tensorflow/tfjs-core");
  const { setWasmPaths } = await imported<WasmBackend>("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(backendDirectory());
  await tf.setBackend("wasm");
  await tf.ready();
  const preparations = preparationsOf(tf);
  return {
    version: versionOf("@tensorflow/tfjs-backend-wasm"),
    threads: 1,
    threadsReason: "its wasm backend has one thread in Node",
    prepare: (task) => prepareFrom(preparations, task),
  };
};
