// softmax(scale q kᵀ + mask) v, from "Attention Is All You Need" (arXiv 1706.03762).
// torch.nn.functional.scaled_dot_product_attention. Composed of two batched products and a masked softmax; q, k and v are
// read where the projection left them, and the result lies in memory as (B, T, H, D), so merging heads copies nothing.
// The time and the memory of the weights are quadratic in the sequence length.
import { SaccadeError } from "@saccade/kernels";
import { scope } from "../scope.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { optionalTensor, optionsArgument, tensorArgument } from "./arguments.ts";
import { add, mul } from "./binary.ts";
import { logicalNot } from "./compare.ts";
import { dropout } from "./dropout.ts";
import { matmul, matmulStrided } from "./matmul.ts";
import { attentionSoftmax } from "./softmax.ts";
import { transpose } from "./views.ts";
import { maskedFill } from "./where.ts";

export interface AttentionOptions {
  /** bool: true takes part; f32: added to the scaled scores. Broadcasts to (B, H, T, S). */
  readonly mask?: Tensor | null;
  /** Query t sees keys 0 … past + t. */
  readonly isCausal?: boolean;
  /** Keys that came before the first query (a KV cache); only for `isCausal`. */
  readonly past?: number;
  readonly dropoutP?: number;
  /** 1 / sqrt(D) by default. */
  readonly scale?: number;
}

/** Weights (…, T, S) of the scores q kᵀ. */
export function attentionWeights(
  scores: Tensor,
  options: Omit<AttentionOptions, "dropoutP"> & { scale: number },
): Tensor {
  const { mask = null, isCausal = false, past = 0, scale } = optionsArgument("attentionWeights", options);
  tensorArgument("attentionWeights", "scores", scores);
  optionalTensor("attentionWeights", "mask", mask);
  if (mask === null) return attentionSoftmax(scores, { scale, causal: isCausal, past });
  return scope(() => {
    const scaled = mul(scores, scale);
    const masked =
      mask.dtype === "bool" ? maskedFill(scaled, logicalNot(mask), -Infinity) : add(scaled, mask);
    return attentionSoftmax(masked, { causal: isCausal, past });
  });
}

/** The weights applied to v (…, S, D) → (…, T, D), stored as (…, T, heads, D). */
export function attend(weights: Tensor, v: Tensor): Tensor {
  if (
    tensorArgument("attend", "weights", weights).rank !== 4 ||
    tensorArgument("attend", "v", v).rank !== 4
  ) {
    return matmul(weights, v);
  }
  const [H, T, D] = [Math.max(weights.size(-3), v.size(-3)), weights.size(-2), v.size(-1)];
  return matmulStrided(weights, v, [H * T * D, D, H * D, 1]);
}

/** q (…, T, D), k (…, S, D), v (…, S, Dv) → (…, T, Dv); leading axes are batch and heads. */
export function scaledDotProductAttention(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions = {},
): Tensor {
  for (const [name, x] of Object.entries({ q, k, v })) tensorArgument("scaledDotProductAttention", name, x);
  checkShapes(q, k, v);
  const given = optionsArgument("scaledDotProductAttention", options);
  const { dropoutP = 0, scale = 1 / Math.sqrt(q.size(-1)), ...rest } = given;
  return scope(() => {
    const scores = matmul(q, transpose(k, -2, -1));
    const weights = attentionWeights(scores, { ...rest, scale });
    return attend(dropout(weights, dropoutP), v);
  });
}

function checkShapes(q: Tensor, k: Tensor, v: Tensor): void {
  const shown = (): string =>
    `q ${formatShape(q.shape)}, k ${formatShape(k.shape)}, v ${formatShape(v.shape)}`;
  if (q.rank < 2 || k.rank < 2 || v.rank < 2) {
    throw new SaccadeError("shape", `scaledDotProductAttention: ${shown()}: each needs at least two axes`);
  }
  if (q.size(-1) !== k.size(-1)) {
    throw new SaccadeError("shape", `scaledDotProductAttention: ${shown()}: q and k have different widths`);
  }
  if (k.size(-2) !== v.size(-2)) {
    throw new SaccadeError("shape", `scaledDotProductAttention: ${shown()}: k and v have different lengths`);
  }
}
