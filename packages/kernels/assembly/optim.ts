// Optimizer steps in place, in PyTorch's order of operations (torch/optim/adamw.py and sgd.py,
// single-tensor form). Scalars come as f64, are combined in f64 and rounded to f32 once, as PyTorch does.
import { adamw_step, sgd_step } from "./simd/optimizer";
import { Count, F32Ptr, Flag, Index } from "./types";

/**
 * AdamW (Loshchilov and Hutter, 1711.05101): g <- g * grad_scale; p <- p (1 - lr weight_decay); m <- m + (1
 * - beta1)(g - m); v <- beta2 v + (1 - beta2) g^2; p <- p - lr/bias1 m / (sqrt(v)/sqrt(bias2) + eps). bias1
 * = 1 - beta1^t, bias2 = 1 - beta2^t. p, g, m, v hold n elements and do not overlap; g is only read. begin,
 * end: elements.
 */
export function adamw_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  v: F32Ptr,
  n: Count,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weight_decay: f64,
  bias1: f64,
  bias2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const rest1 = 1.0 - beta1;
  const decay = f32x4.splat(<f32>(1.0 - lr * weight_decay));
  const weight = f32x4.splat(<f32>(rest1 < 0.5 ? rest1 : -beta1));
  const fromM = i32x4.splat(rest1 < 0.5 ? -1 : 0);
  const b2 = f32x4.splat(<f32>beta2);
  const rest2 = f32x4.splat(<f32>(1.0 - beta2));
  const root = f32x4.splat(<f32>sqrt<f64>(bias2));
  const e = f32x4.splat(<f32>eps);
  const step = f32x4.splat(<f32>(lr / bias1));
  const scale = f32x4.splat(grad_scale);
  let i = (<usize>begin) << 2;
  let left = end - begin;
  for (; left >= 4; left -= 4) {
    adamw_step(p + i, g + i, m + i, v + i, 4, decay, weight, fromM, b2, rest2, root, e, step, scale);
    i += 16;
  }
  if (left > 0)
    adamw_step(p + i, g + i, m + i, v + i, left, decay, weight, fromM, b2, rest2, root, e, step, scale);
}

/**
 * SGD: d = grad_scale g + weight_decay p; with a buffer (momentum != 0): buffer <- first ? d : momentum
 * buffer + (1 - dampening) d, and d <- nesterov ? d + momentum buffer : buffer; p <- p - lr d. buffer = 0:
 * none. p, g, buffer hold n elements and do not overlap; g is only read. begin, end: elements.
 */
export function sgd_f32(
  p: F32Ptr,
  g: F32Ptr,
  buffer: F32Ptr,
  n: Count,
  lr: f64,
  momentum: f64,
  dampening: f64,
  weight_decay: f64,
  nesterov: Flag,
  first: Flag,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const minusLr = f32x4.splat(<f32>-lr);
  const mu = f32x4.splat(<f32>momentum);
  const keep = f32x4.splat(<f32>(1.0 - dampening));
  const wd = f32x4.splat(<f32>weight_decay);
  const scale = f32x4.splat(grad_scale);
  let i = (<usize>begin) << 2;
  let left = end - begin;
  for (; left >= 4; left -= 4) {
    sgd_step(p + i, g + i, buffer ? buffer + i : 0, 4, minusLr, mu, keep, wd, nesterov, first, scale);
    i += 16;
  }
  if (left > 0)
    sgd_step(p + i, g + i, buffer ? buffer + i : 0, left, minusLr, mu, keep, wd, nesterov, first, scale);
}
