// Bounding gradients before a step. torch.nn.utils.clip_grad_norm_
import type { F64Ptr } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { mul_ } from "../ops/inplace.ts";
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

/** Scales all gradients so that their common 2-norm is at most `maxNorm`; returns the norm before. */
export function clipGradNorm(params: readonly Tensor[], maxNorm: number): number {
  const gradients = params.flatMap(({ grad }) => (grad === null ? [] : [grad]));
  const norm = Math.sqrt(gradients.reduce((sum, gradient) => sum + sumOfSquares(gradient), 0));
  const coefficient = maxNorm / (norm + 1e-6);
  if (coefficient < 1) noGrad(() => gradients.map((gradient) => mul_(gradient, coefficient)));
  return norm;
}
