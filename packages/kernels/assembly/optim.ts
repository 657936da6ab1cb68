// Optimizer steps in place, in PyTorch's order of operations (torch/optim/*.py, single-tensor form). Scalars come as
// f64, are combined in f64 and rounded to f32 once, as PyTorch does. All but SGD: first g <- grad_scale g + l2 p and
// p <- decay p; p, g and the states hold n elements and do not overlap; g is only read. begin, end: elements.
import {
  Adadelta,
  Adagrad,
  Adam,
  Adamax,
  Lion,
  lerp_base,
  lerp_weight,
  NAdam,
  optimize,
  RAdam,
  RMSprop,
  sgd_step,
} from "./simd/optimizer";
import { Count, F32Ptr, Flag, Index } from "./types";

/**
 * Adam (Kingma and Ba, 1412.6980) and AdamW (1711.05101): m, v <- averages of g and g^2; p <- p - lr/bias1 m /
 * (sqrt(v)/sqrt(bias2) + eps), bias1 = 1 - beta1^t, bias2 = 1 - beta2^t. largest != 0: AMSGrad, with the largest v.
 */
export function adam_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  v: F32Ptr,
  largest: F32Ptr,
  n: Count,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  bias1: f64,
  bias2: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<Adam>(
    p,
    g,
    m,
    v,
    largest,
    decay,
    l2,
    grad_scale,
    lerp_weight(beta1),
    lerp_base(beta1),
    f32x4.splat(<f32>beta2),
    f32x4.splat(<f32>(1.0 - beta2)),
    f32x4.splat(<f32>sqrt<f64>(bias2)),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>(lr / bias1)),
    none,
    none,
    begin,
    end,
  );
}

/**
 * NAdam (Dozat, 2016): as Adam, with steps of `along_g` along the gradient and `along_m` along its average.
 */
export function nadam_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  v: F32Ptr,
  n: Count,
  beta1: f64,
  beta2: f64,
  eps: f64,
  bias2: f64,
  along_g: f64,
  along_m: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<NAdam>(
    p,
    g,
    m,
    v,
    0,
    decay,
    l2,
    grad_scale,
    lerp_weight(beta1),
    lerp_base(beta1),
    f32x4.splat(<f32>beta2),
    f32x4.splat(<f32>(1.0 - beta2)),
    f32x4.splat(<f32>bias2),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>along_g),
    f32x4.splat(<f32>along_m),
    none,
    begin,
    end,
  );
}

/**
 * RAdam (1908.03265): p <- p - lr m/bias1 sqrt(bias2) rectification / (sqrt(v) + eps), or p - lr m/bias1 while the
 * variance is not tractable (rectification = 0).
 */
export function radam_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  v: F32Ptr,
  n: Count,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  bias1: f64,
  bias2: f64,
  rectification: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  optimize<RAdam>(
    p,
    g,
    m,
    v,
    0,
    decay,
    l2,
    grad_scale,
    lerp_weight(beta1),
    lerp_base(beta1),
    f32x4.splat(<f32>beta2),
    f32x4.splat(<f32>(1.0 - beta2)),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>bias1),
    f32x4.splat(<f32>lr),
    f32x4.splat(<f32>(sqrt<f64>(bias2) * rectification)),
    i32x4.splat(rectification > 0 ? -1 : 0),
    begin,
    end,
  );
}

/** Adamax (1412.6980, section 7): u <- max(beta2 u, |g| + eps); p <- p - lr/bias1 m / u. */
export function adamax_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  u: F32Ptr,
  n: Count,
  lr: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  bias1: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<Adamax>(
    p,
    g,
    m,
    u,
    0,
    decay,
    l2,
    grad_scale,
    lerp_weight(beta1),
    lerp_base(beta1),
    f32x4.splat(<f32>beta2),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>(lr / bias1)),
    none,
    none,
    none,
    none,
    begin,
    end,
  );
}

/** Adagrad (Duchi et al., 2011): sum <- sum + g^2; p <- p - lr g / (sqrt(sum) + eps). */
export function adagrad_f32(
  p: F32Ptr,
  g: F32Ptr,
  sum: F32Ptr,
  n: Count,
  lr: f64,
  eps: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<Adagrad>(
    p,
    g,
    sum,
    0,
    0,
    decay,
    l2,
    grad_scale,
    f32x4.splat(<f32>lr),
    f32x4.splat(<f32>eps),
    none,
    none,
    none,
    none,
    none,
    none,
    none,
    begin,
    end,
  );
}

/**
 * Adadelta (1212.5701): squares <- average of g^2; delta = sqrt(deltas + eps) / sqrt(squares + eps) g; deltas <- average
 * of delta^2; p <- p - lr delta.
 */
export function adadelta_f32(
  p: F32Ptr,
  g: F32Ptr,
  squares: F32Ptr,
  deltas: F32Ptr,
  n: Count,
  lr: f64,
  rho: f64,
  eps: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<Adadelta>(
    p,
    g,
    squares,
    deltas,
    0,
    decay,
    l2,
    grad_scale,
    f32x4.splat(<f32>rho),
    f32x4.splat(<f32>(1.0 - rho)),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>lr),
    none,
    none,
    none,
    none,
    none,
    begin,
    end,
  );
}

/**
 * RMSprop (Hinton, lecture 6e): squares <- average of g^2, less the square of `averages` (!= 0: centered); p <- p - lr g /
 * (sqrt + eps), through a momentum buffer if there is one.
 */
export function rmsprop_f32(
  p: F32Ptr,
  g: F32Ptr,
  squares: F32Ptr,
  buffer: F32Ptr,
  averages: F32Ptr,
  n: Count,
  lr: f64,
  alpha: f64,
  eps: f64,
  momentum: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<RMSprop>(
    p,
    g,
    squares,
    buffer,
    averages,
    decay,
    l2,
    grad_scale,
    f32x4.splat(<f32>alpha),
    f32x4.splat(<f32>(1.0 - alpha)),
    f32x4.splat(<f32>eps),
    f32x4.splat(<f32>lr),
    f32x4.splat(<f32>momentum),
    lerp_weight(alpha),
    lerp_base(alpha),
    none,
    none,
    begin,
    end,
  );
}

/** Lion (2302.06675): p <- p - lr sign(beta1 m + (1 - beta1) g); m <- beta2 m + (1 - beta2) g. */
export function lion_f32(
  p: F32Ptr,
  g: F32Ptr,
  m: F32Ptr,
  n: Count,
  lr: f64,
  beta1: f64,
  beta2: f64,
  decay: f64,
  l2: f64,
  grad_scale: f32,
  begin: Index,
  end: Index,
): void {
  const none = i32x4.splat(0);
  optimize<Lion>(
    p,
    g,
    m,
    0,
    0,
    decay,
    l2,
    grad_scale,
    f32x4.splat(<f32>beta1),
    f32x4.splat(<f32>(1.0 - beta1)),
    f32x4.splat(<f32>beta2),
    f32x4.splat(<f32>(1.0 - beta2)),
    f32x4.splat(<f32>lr),
    none,
    none,
    none,
    none,
    begin,
    end,
  );
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
