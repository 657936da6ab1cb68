// What the Transformers trained in jax-js share: their parameters as a flat list, and a block with the norms before each part.
import { numbers } from "../data.ts";
import { oneHotRows } from "./characters.ts";
import type { JaxArray, JaxModule } from "./libraries.ts";

/** Parameters of a block: gains and shifts of two norms, then weight and bias of four linear layers. */
const PER_BLOCK = 12;

export interface Sizes {
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly batch: number;
  /** Positions. */
  readonly T: number;
}

/** Parameters as a model is made of them. */
export function makersOf({ numpy: np }: JaxModule) {
  let seed = 0;
  const normal = (rows: number, columns: number, std = 0.02): JaxArray =>
    np.array(numbers(rows * columns, seed++, std * Math.sqrt(12))).reshape([rows, columns]);
  const filled = (n: number, value: number): JaxArray => np.array(new Float32Array(n).fill(value));
  const norm = (width: number): JaxArray[] => [filled(width, 1), filled(width, 0)];
  const linear = (inputs: number, outputs: number, std?: number): JaxArray[] => [
    normal(inputs, outputs, std),
    filled(outputs, 0),
  ];
  /** `residual`: deviation of the weights of layers whose results are added. */
  const block = (C: number, residual?: number): JaxArray[] => [
    ...norm(C),
    ...norm(C),
    ...linear(C, 3 * C),
    ...linear(C, C, residual),
    ...linear(C, 4 * C),
    ...linear(4 * C, C, residual),
  ];
  return { normal, norm, linear, block };
}

export function layersOf({ numpy: np, nn }: JaxModule, { layers, heads, width: C, batch: B, T }: Sizes) {
  const mean = (x: JaxArray): JaxArray => np.mean(x, -1, { keepdims: true });
  const norm = (x: JaxArray, gain: JaxArray, shift: JaxArray): JaxArray => {
    const centred = x.ref.sub(mean(x));
    const deviation = np.sqrt(mean(np.square(centred.ref)).add(1e-5));
    return centred.div(deviation).mul(gain).add(shift);
  };
  const linear = (x: JaxArray, weight: JaxArray, bias: JaxArray): JaxArray => np.matmul(x, weight).add(bias);

  function block(x: JaxArray, p: readonly JaxArray[], isCausal: boolean, approximate: boolean): JaxArray {
    const [gain1, shift1, gain2, shift2, qkvW, qkvB, projectW, projectB, wideW, wideB, narrowW, narrowB] = p;
    const qkv = linear(norm(x.ref, gain1, shift1), qkvW, qkvB); // (B, T, 3 C)
    const [q, k, v] = np.split(qkv, 3, -1).map((part) => part.reshape([B, T, heads, C / heads]));
    const y = nn.dotProductAttention(q, k, v, { isCausal }).reshape([B, T, C]);
    const middle = x.add(linear(y, projectW, projectB));
    const hidden = nn.gelu(linear(norm(middle.ref, gain2, shift2), wideW, wideB), { approximate });
    return middle.add(linear(hidden, narrowW, narrowB));
  }

  /** All blocks, whose parameters follow one another. */
  function blocks(
    x: JaxArray,
    parameters: readonly JaxArray[],
    isCausal: boolean,
    approximate: boolean,
  ): JaxArray {
    let y = x;
    for (let i = 0; i < layers; i++)
      y = block(y, parameters.slice(i * PER_BLOCK, (i + 1) * PER_BLOCK), isCausal, approximate);
    return y;
  }

  /** The mean cross-entropy of one-hot `targets` (N, V) behind `logits` (N, V). */
  const crossEntropy = (logits: JaxArray, targets: JaxArray, N: number): JaxArray =>
    np.sum(nn.logSoftmax(logits, -1).mul(targets)).mul(-1 / N);

  return { norm, linear, blocks, crossEntropy };
}

/** Rows of zeros with a one at each id. */
export function oneHot({ numpy: np }: JaxModule, ids: readonly number[], classes: number): JaxArray {
  return np.array(oneHotRows(ids, classes)).reshape([ids.length, classes]);
}
