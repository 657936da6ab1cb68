// Bounding gradients before a step. torch.nn.utils.clip_grad_norm_, clip_grad_value_
import { type F64Ptr, SaccadeError } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { maximum, minimum } from "../ops/binary.ts";
import { amax } from "../ops/extrema.ts";
import { copy_, mul_ } from "../ops/inplace.ts";
import { abs, exp, log } from "../ops/unary.ts";
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

/** The p-norm of one tensor, by ops; the 2-norm has a kernel of its own. */
function powerSum(x: Tensor, p: number): number {
  if (p === 2) return sumOfSquares(x);
  if (x.numel === 0) return 0;
  return noGrad(() => scope(() => (p === 1 ? abs(x).sum() : exp(log(abs(x)).mul(p)).sum()).item()));
}

function largest(x: Tensor): number {
  return x.numel === 0 ? 0 : noGrad(() => scope(() => amax(abs(x)).item()));
}

function normOf(gradients: readonly Tensor[], p: number): number {
  if (p === Number.POSITIVE_INFINITY) return gradients.reduce((top, x) => Math.max(top, largest(x)), 0);
  const total = gradients.reduce((sum, x) => sum + powerSum(x, p), 0);
  return p === 2 ? Math.sqrt(total) : p === 1 ? total : power(total, 1 / p);
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
  if (!(maxNorm >= 0)) {
    throw new SaccadeError("argument", `clipGradNorm: maxNorm is ${maxNorm}, it must be a number >= 0`);
  }
  if (!(normType > 0)) {
    throw new SaccadeError("argument", `clipGradNorm: normType is ${normType}, it must be above 0`);
  }
  const gradients = gradientsOf(params);
  const norm = normOf(gradients, normType);
  if (errorIfNonfinite && !Number.isFinite(norm)) {
    throw new SaccadeError("argument", `clipGradNorm: the norm of the gradients is ${norm}`);
  }
  const coefficient = maxNorm / (norm + 1e-6);
  if (!(coefficient >= 1)) noGrad(() => gradients.map((gradient) => mul_(gradient, coefficient)));
  return norm;
}

/** Clamps every element of the gradients to ±clipValue. torch.nn.utils.clip_grad_value_ */
export function clipGradValue(params: readonly Tensor[], clipValue: number): void {
  if (!(clipValue >= 0)) {
    throw new SaccadeError("argument", `clipGradValue: clipValue is ${clipValue}, it must be a number >= 0`);
  }
  noGrad(() =>
    scope(() => {
      for (const gradient of gradientsOf(params))
        copy_(gradient, minimum(maximum(gradient, -clipValue), clipValue));
    }),
  );
}

function gradientsOf(params: readonly Tensor[]): Tensor[] {
  return params.flatMap(({ grad }) => (grad === null ? [] : [grad]));
}
