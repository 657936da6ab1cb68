// Bounding gradients before a step. torch.nn.utils.clip_grad_norm_, clip_grad_value_

import type { F64Ptr } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { finiteArgument, rangeArgument, refuse } from "../ops/arguments.ts";
import { clamp } from "../ops/clamp.ts";
import { copy_, mul_ } from "../ops/inplace.ts";
import { norm } from "../ops/norm.ts";
import { pow as power } from "../scalarMath.ts";
import { scope } from "../scope.ts";
import { Storage } from "../storage.ts";
import { f32, type Tensor } from "../tensor.ts";

const BLOCK = 4096;

/** Sum of squares in float64: blocks by the kernel, their sum here in order. */
function sumOfSquares(x: Tensor): number {
  const blocks = Math.ceil(x.numel / BLOCK);
  if (blocks === 0) return 0;
  const running = engine();
  const out = new Storage(blocks * 8);
  running.run("sum_squares_f64", blocks, 0, out.ptr as F64Ptr, f32(x), x.numel);
  const total = running.heap.f64(out.ptr, blocks).reduce((sum, block) => sum + block, 0);
  out.release();
  return total;
}

/** The p-norm of all tensors together; the 2-norm has a kernel of its own. */
function normOf(gradients: readonly Tensor[], p: number): number {
  if (p === 2) return Math.sqrt(gradients.reduce((total, x) => total + sumOfSquares(x), 0));
  const full = gradients.filter((x) => x.numel > 0);
  const norms = noGrad(() => scope(() => full.map((x) => norm(x, p).item())));
  if (p === Infinity) return Math.max(0, ...norms);
  const total = norms.reduce((sum, x) => sum + power(x, p), 0);
  return p === 1 ? total : power(total, 1 / p);
}

/**
 * Scales all gradients so that their common norm is at most `maxNorm`; returns the norm before. `normType` is the p of
 * the p-norm, Infinity the largest magnitude; with `errorIfNonfinite` a norm that is no number is an error, and nothing
 * is scaled. torch.nn.utils.clip_grad_norm_
 */
export function clipGradNorm(
  params: readonly Tensor[],
  maxNorm: number,
  options: { normType?: number; errorIfNonfinite?: boolean } = {},
): number {
  const { normType = 2, errorIfNonfinite = false } = options;
  rangeArgument("clipGradNorm", "maxNorm", maxNorm, 0);
  if (!(normType > 0)) refuse("clipGradNorm", "normType", "a number > 0", normType);
  const gradients = gradientsOf(params);
  const total = normOf(gradients, normType);
  if (errorIfNonfinite) finiteArgument("clipGradNorm", "the norm of the gradients", total);
  const coefficient = maxNorm / (total + 1e-6);
  if (!(coefficient >= 1)) noGrad(() => gradients.map((gradient) => mul_(gradient, coefficient)));
  return total;
}

/** Clamps every element of the gradients to ±clipValue. torch.nn.utils.clip_grad_value_ */
export function clipGradValue(params: readonly Tensor[], clipValue: number): void {
  rangeArgument("clipGradValue", "clipValue", clipValue, 0);
  noGrad(() =>
    scope(() => {
      for (const gradient of gradientsOf(params)) copy_(gradient, clamp(gradient, -clipValue, clipValue));
    }),
  );
}

function gradientsOf(params: readonly Tensor[]): Tensor[] {
  return params.flatMap(({ grad }) => (grad === null ? [] : [grad]));
}
