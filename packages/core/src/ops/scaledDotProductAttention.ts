// softmax(softCap(scale q kᵀ) + bias + mask) v, from "Attention Is All You Need" (arXiv 1706.03762).
// torch.nn.functional.scaled_dot_product_attention. q, k and v are read where the projection left them, and the result lies
// in memory as (B, T, H, D), so merging heads copies nothing. One kernel (fusedAttention.ts) unless the weights are asked
// for, positions are relative, or shapes broadcast: then two batched products and a masked softmax, whose weights take
// memory quadratic in the sequence length.
import { scope } from "../scope.ts";
import { broadcastShapes, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkBroadcast,
  fail,
  integerArgument,
  numberArgument,
  optionalTensor,
  optionsArgument,
  rangeArgument,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, mul } from "./binary.ts";
import { to } from "./cast.ts";
import { dropout } from "./dropout.ts";
import { fusedAttention, fusesAttention, fusesMask } from "./fusedAttention.ts";
import { matmul, matmulStrided } from "./matmul.ts";
import { relativeScores, relativeValues } from "./relativePositions.ts";
import { attentionSoftmax } from "./softmax.ts";
import { tanh } from "./unary.ts";
import { reshape, transpose, unsqueeze } from "./views.ts";
import { where } from "./where.ts";

/** What becomes of scores before the softmax. */
export interface AttentionMasking {
  /** bool: true takes part; f32: added, as bias is. Broadcasts to the scores (…, T, S). A row of nothing gives zeros. */
  readonly mask?: Tensor | null;
  /** f32, added to the scaled scores, with a gradient: relative positions, ALiBi. Broadcasts to the scores. */
  readonly bias?: Tensor | null;
  /** Query t sees keys 0 … past + t: without `past` the upper left triangle, whatever S is, as in PyTorch. */
  readonly isCausal?: boolean;
  /** Keys that came before the first query (a KV cache): S − T of them. For isCausal and relative positions. */
  readonly past?: number;
  /** cap · tanh(score / cap), before bias and masks (Gemma 2). */
  readonly softCap?: number | null;
}

export interface AttentionOptions extends AttentionMasking {
  /** PyTorch's name of `mask`. */
  readonly attnMask?: Tensor | null;
  /** Probability with which a weight is dropped; also under PyTorch's name dropoutP. */
  readonly dropout?: number;
  readonly dropoutP?: number;
  /** 1 / sqrt(D) by default. */
  readonly scale?: number | null;
  /** k and v may have fewer heads than q: each serves a group of neighbouring heads. */
  readonly enableGqa?: boolean;
  /** Tables (2k+1, D) or (H, 2k+1, D) of relative positions for keys and values, see relativeScores. */
  readonly relativeKeys?: Tensor | null;
  readonly relativeValues?: Tensor | null;
  /** Returns the weights after dropout, too. */
  readonly needWeights?: boolean;
}

export interface AttentionResult {
  /** (…, T, Dv) */
  readonly output: Tensor;
  /** (…, T, S) */
  readonly weights: Tensor;
}

interface Relative {
  readonly relativeKeys?: Tensor | null;
  readonly relativeValues?: Tensor | null;
  readonly past?: number;
}

const headsOf = (x: Tensor): number => (x.rank < 3 ? 1 : x.size(-3));

/** left (…, H, M, K) times right (…, G, K, N), each head of `right` serving H / G of `left` from where it lies. */
function grouped(
  left: Tensor,
  right: Tensor,
  product: (a: Tensor, b: Tensor, axes: number) => Tensor,
): Tensor {
  const [H, G] = [headsOf(left), headsOf(right)];
  if (H === G || G <= 1 || H % G !== 0) return product(left, right, 1);
  const apart = reshape(left, [...left.shape.slice(0, -3), G, H / G, ...left.shape.slice(-2)]);
  const y = product(apart, unsqueeze(right, -3), 2);
  return reshape(y, [...y.shape.slice(0, -4), H, ...y.shape.slice(-2)]);
}

/** q kᵀ, not yet scaled: q (…, H, T, D), k (…, H or fewer, S, D) → (…, H, T, S); with a table, plus relativeScores. */
export function attentionScores(
  q: Tensor,
  k: Tensor,
  options: Omit<Relative, "relativeValues"> = {},
): Tensor {
  const op = "attentionScores";
  const { relativeKeys, past } = optionsArgument(op, options);
  checkMatrices(op, { q, k });
  const table = optionalTensor(op, "relativeKeys", relativeKeys);
  if (q.size(-1) !== k.size(-1)) misfit(op, { q, k }, "q and k have different widths");
  return scope(() => {
    const scores = grouped(q, transpose(k, -2, -1), (a, b) => matmul(a, b));
    return table === null ? scores : add(scores, relativeScores(q, table, k.size(-2), { past }));
  });
}

/** Weights (…, T, S) of the scores q kᵀ, which are scaled here. */
export function attentionWeights(
  scores: Tensor,
  options: AttentionMasking & { scale?: number } = {},
): Tensor {
  const op = "attentionWeights";
  const { isCausal = false, past = 0, scale = 1, softCap = null, ...rest } = optionsArgument(op, options);
  tensorArgument(op, "scores", scores);
  numberArgument(op, "scale", scale);
  checkCap(op, softCap);
  const mask = maskArgument(op, "mask", rest.mask, scores.shape);
  const bias = maskArgument(op, "bias", rest.bias, scores.shape);
  if (bias?.dtype === "bool") fail("dtype", `${op}: bias is bool; pass it as mask`);
  return scope(() => {
    let masked = scores;
    let factor = scale;
    if (softCap !== null) {
      masked = mul(tanh(mul(scores, scale / softCap)), softCap);
      factor = 1;
    }
    const added = [bias, mask].filter((x) => x?.dtype === "f32") as Tensor[];
    // -Infinity is to stay what it is: what is masked is scaled by more than 0 afterwards, or before.
    if (factor !== 1 && (added.length > 0 || (mask !== null && factor <= 0))) {
      masked = mul(masked, factor);
      factor = 1;
    }
    for (const x of added) masked = add(masked, x);
    if (mask?.dtype === "bool") masked = where(mask, masked, -Infinity);
    return attentionSoftmax(masked, { scale: factor, causal: Boolean(isCausal), past });
  });
}

/** weights (…, H, T, S) applied to v (…, H or fewer, S, D) → (…, H, T, D), in memory (B, T, H, D). */
export function attend(weights: Tensor, v: Tensor, options: Omit<Relative, "relativeKeys"> = {}): Tensor {
  const { relativeValues: given, past } = optionsArgument("attend", options);
  checkMatrices("attend", { weights, v });
  const table = optionalTensor("attend", "relativeValues", given);
  return scope(() => {
    const output = grouped(to(weights, "f32"), to(v, "f32"), headsInside);
    return table === null ? output : add(output, relativeValues(weights, table, { past }));
  });
}

/** a · b, which with a batch before the `axes` axes of heads lies in memory as (batch, T, heads, D). */
function headsInside(a: Tensor, b: Tensor, axes: number): Tensor {
  if (a.rank !== axes + 3 || b.rank !== axes + 3) return matmul(a, b);
  const heads = broadcastShapes("attend", a.shape.slice(0, -2), b.shape.slice(0, -2)).slice(1);
  const [T, D] = [a.size(-2), b.size(-1)];
  const row = heads.reduce((n, size) => n * size, D);
  const strides = heads.map((_, axis) => heads.slice(axis + 1).reduce((n, size) => n * size, D));
  return matmulStrided(a, b, [T * row, ...strides, row, 1]);
}

/**
 * q (…, T, D), k (…, S, D), v (…, S, Dv) → (…, T, Dv); leading axes are batch and heads and broadcast. A query that sees no
 * key gives zeros, as in PyTorch.
 */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions & { needWeights: true },
): AttentionResult;
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options?: AttentionOptions & { needWeights?: false },
): Tensor;
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor | AttentionResult {
  const op = "scaledDotProductAttention";
  checkMatrices(op, { q, k, v });
  const { needWeights = false, ...given } = optionsArgument(op, options);
  checkShapes(op, q, k, v, Boolean(given.enableGqa));
  const { past, relativeKeys, attnMask, mask = attnMask, isCausal, bias, softCap = null } = given;
  const { dropoutP = 0, dropout: p = dropoutP } = given;
  // Without features all scores are 0.
  const scale = given.scale ?? (q.size(-1) === 0 ? 1 : 1 / Math.sqrt(q.size(-1)));
  return scope(() => {
    const plain = !needWeights && !relativeKeys && !given.relativeValues;
    if (plain && fusesAttention(q, k, v)) {
      const added = addedMask(op, mask, bias, [...q.shape.slice(0, -1), k.size(-2)]);
      const before = integerArgument(op, "past", past ?? 0, 0, 2 ** 31 - 1);
      checkCap(op, softCap);
      const attrs = {
        scale: numberArgument(op, "scale", scale),
        past: isCausal ? before : -1,
        softCap: softCap ?? 0,
        drop: rangeArgument(op, "dropout", p, 0, 1),
      };
      if (fusesMask(q, k, added)) return fusedAttention([q, k, v, added], attrs);
    }
    const scores = attentionScores(q, k, { relativeKeys, past });
    const weights = dropout(attentionWeights(scores, { mask, bias, isCausal, past, softCap, scale }), p);
    const output = attend(weights, v, { relativeValues: given.relativeValues, past });
    return needWeights ? { output, weights } : output;
  });
}

// -- checks ----------------------------------------------------------------------------------------------------

function misfit(op: string, tensors: Record<string, Tensor>, what: string): never {
  const shown = Object.entries(tensors).map(([name, x]) => `${name} ${formatShape(x.shape)}`);
  return fail("shape", `${op}: ${shown.join(", ")}: ${what}`);
}

function checkMatrices(op: string, tensors: Record<string, Tensor>): void {
  for (const [name, x] of Object.entries(tensors)) rankedTensor(op, name, x, 2, Infinity);
}

function checkShapes(op: string, q: Tensor, k: Tensor, v: Tensor, enableGqa: boolean): void {
  const tensors = { q, k, v };
  if (q.size(-1) !== k.size(-1)) misfit(op, tensors, "q and k have different widths");
  if (k.size(-2) !== v.size(-2)) misfit(op, tensors, "k and v have different lengths");
  for (const x of [k, v]) {
    const [H, G] = [headsOf(q), headsOf(x)];
    if (H === G || G === 1 || H === 1) continue;
    if (!enableGqa) misfit(op, tensors, `${H} heads and ${G}: set enableGqa for grouped queries`);
    if (G === 0 || H % G !== 0) misfit(op, tensors, `${G} heads do not divide ${H}`);
  }
  const batch = (x: Tensor): Shape => x.shape.slice(0, -3);
  broadcastShapes(op, broadcastShapes(op, batch(q), batch(k)), batch(v));
}

/** Bias and mask as one mask. */
function addedMask(op: string, mask: unknown, bias: unknown, scores: Shape): Tensor | null {
  const [m, b] = [maskArgument(op, "mask", mask, scores), maskArgument(op, "bias", bias, scores)];
  if (b?.dtype === "bool") fail("dtype", `${op}: bias is bool; pass it as mask`);
  if (m === null || b === null) return m ?? b;
  return m.dtype === "bool" ? where(m, b, -Infinity) : add(b, m);
}

/** A mask or bias that broadcasts to the scores, adding no axis and no size. */
function maskArgument(op: string, name: string, given: unknown, scores: Shape): Tensor | null {
  const x = optionalTensor(op, name, given);
  if (x === null) return null;
  if (x.dtype === "i32") refuse(op, name, "bool (true takes part) or f32 (added)", x, "dtype");
  checkBroadcast(op, name, x, scores);
  return x;
}

function checkCap(op: string, softCap: unknown): void {
  if (softCap === null) return;
  const cap = typeof softCap === "number" ? Math.fround(softCap) : 0;
  if (!(cap > 0 && cap < Infinity)) refuse(op, "softCap", "a number > 0 of f32, or null", softCap);
}
