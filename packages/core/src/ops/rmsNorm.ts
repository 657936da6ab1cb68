// y = x / sqrt(mean(x²) + eps) * weight over the last axes. Root Mean Square Layer Normalization, arXiv 1910.07467;
// torch.nn.functional.rms_norm. The kernels are those of layerNorm with a mean of 0.
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { normaliseRows } from "./layerNorm.ts";

/** Distance from 1 to the next f32: what PyTorch takes when no eps is given. */
const EPSILON = 2 ** -23;

/** Divides by the root mean square over the last axes, whose sizes are `normalizedShape`. torch.nn.functional.rms_norm */
export function rmsNorm(
  x: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null = null,
  eps: number | null = EPSILON,
): Tensor {
  return normaliseRows("rmsNorm", x, normalizedShape, { weight, bias: null }, eps ?? EPSILON, false);
}
