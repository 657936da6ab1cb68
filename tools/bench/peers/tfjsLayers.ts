// What the models trained in TensorFlow.js share: their parameters, plain layers, and a Transformer's block with the norms
// before each part, as jaxTransformer.ts has it.
import { future, numbers } from "../data.ts";
import type { VitTraining } from "../tasks.ts";
import { oneHotRows } from "./characters.ts";
import type { TfModule, TfTensor, TfVariable } from "./libraries.ts";

/** Weight and bias, or gain and shift. */
export type Pair = readonly [TfVariable, TfVariable];

type Sizes = Pick<VitTraining, "heads" | "width" | "batch"> & { readonly T: number };

export interface Block {
  readonly norm1: Pair;
  readonly norm2: Pair;
  readonly qkv: Pair;
  readonly project: Pair;
  readonly widen: Pair;
  readonly narrow: Pair;
}

/** Parameters as a model is made of them; `all` has them in order. */
export function makersOf(tf: TfModule) {
  const all: TfVariable[] = [];
  const variable = (data: Float32Array<ArrayBuffer>, ...shape: number[]): TfVariable => {
    const value = tf.tensor(data, shape);
    const made = tf.variable(value);
    value.dispose();
    all.push(made);
    return made;
  };
  let seed = 0;
  const normal = (rows: number, columns: number, std = 0.02): TfVariable =>
    variable(numbers(rows * columns, seed++, std * Math.sqrt(12)), rows, columns);
  /** Between -bound and bound. */
  const uniform = (bound: number, ...shape: number[]): TfVariable =>
    variable(
      numbers(
        shape.reduce((a, b) => a * b, 1),
        seed++,
        2 * bound,
      ),
      ...shape,
    );
  const filled = (n: number, value: number): TfVariable => variable(new Float32Array(n).fill(value), n);
  const norm = (width: number): Pair => [filled(width, 1), filled(width, 0)];
  const linear = (inputs: number, outputs: number, std?: number): Pair => [
    normal(inputs, outputs, std),
    filled(outputs, 0),
  ];
  /** `residual`: deviation of the weights of layers whose results are added. */
  const block = (C: number, residual?: number): Block => ({
    norm1: norm(C),
    norm2: norm(C),
    qkv: linear(C, 3 * C),
    project: linear(C, C, residual),
    widen: linear(C, 4 * C),
    narrow: linear(4 * C, C, residual),
  });
  return { all, normal, uniform, norm, linear, block };
}

/** Layers over rows. */
export function layersOf(tf: TfModule) {
  // The backend's fast path takes plain matrices only: its own gradients, which transpose by flags, are far slower.
  const product = tf.customGrad((a, b, save) => {
    save([a, b]);
    const gradFunc = (dy: TfTensor, [x, W]: TfTensor[]): TfTensor[] => [
      tf.matMul(dy, tf.transpose(W, [1, 0])),
      tf.matMul(tf.transpose(x, [1, 0]), dy),
    ];
    return { value: tf.matMul(a, b), gradFunc };
  });
  const linear = (x: TfTensor, [weight, bias]: Pair): TfTensor => tf.add(product(x, weight), bias);
  const norm = (x: TfTensor, [gain, shift]: Pair): TfTensor => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, 1e-5))), gain), shift);
  };
  return { product, linear, norm };
}

export function blocksOf(tf: TfModule, { heads, width: C, batch: B, T }: Sizes, isCausal: boolean) {
  const { linear, norm } = layersOf(tf);
  const hidden = future(T);
  const masked = (scores: TfTensor): TfTensor =>
    isCausal ? tf.add(scores, tf.tensor(hidden, [T, T])) : scores;
  const exact = (x: TfTensor): TfTensor => tf.erf(tf.mul(x, Math.SQRT1_2));
  const approximate = (x: TfTensor): TfTensor => {
    const cube = tf.mul(tf.square(x), x);
    return tf.tanh(tf.mul(tf.add(x, tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI)));
  };
  const split = (x: TfTensor): TfTensor =>
    tf.transpose(tf.reshape(x, [B, T, heads, C / heads]), [0, 2, 1, 3]); // (B, H, T, D)

  function attention(x: TfTensor): TfTensor {
    const [q, k, v] = tf.split(x, 3, -1).map(split);
    const scores = tf.matMul(tf.mul(q, Math.sqrt(heads / C)), k, false, true); // (B, H, T, T)
    const y = tf.matMul(tf.softmax(masked(scores), -1), v);
    return tf.reshape(tf.transpose(y, [0, 2, 1, 3]), [B * T, C]);
  }

  function block(x: TfTensor, p: Block, inner: (x: TfTensor) => TfTensor): TfTensor {
    const middle = tf.add(x, linear(attention(linear(norm(x, p.norm1), p.qkv)), p.project));
    const wide = linear(norm(middle, p.norm2), p.widen);
    const activated = tf.mul(tf.mul(wide, 0.5), tf.add(inner(wide), 1));
    return tf.add(middle, linear(activated, p.narrow));
  }

  /** x (B T, C) through all of them; causal ones have GPT-2's approximate gelu. */
  return (x: TfTensor, blocks: readonly Block[]): TfTensor =>
    blocks.reduce((y, one) => block(y, one, isCausal ? approximate : exact), x);
}

export function oneHot(tf: TfModule, ids: readonly number[], classes: number): TfTensor {
  return tf.tensor(oneHotRows(ids, classes), [ids.length, classes]);
}
