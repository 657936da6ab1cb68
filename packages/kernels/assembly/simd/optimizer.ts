// Optimizer steps over whole vectors and a tail. A method is a class without fields whose inlined `apply` maps the old
// parameters and the gradient to the new parameters and updates up to three states in place; scalars come as splats.
import { Count, F32Ptr, Flag, Index } from "../types";
import { load_lanes, store_lanes } from "./dense";
import { madd, nmadd } from "./madd";

@unmanaged
export abstract class Method {
  abstract apply(
    p: v128, g: v128, a: F32Ptr, b: F32Ptr, c: F32Ptr, lanes: Count,
    s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128, s8: v128,
  ): v128;
}

/** p <- method(decay p, grad_scale g + l2 p). States that are absent have address 0. */
export function optimize<M extends Method>(
  p: F32Ptr, g: F32Ptr, a: F32Ptr, b: F32Ptr, c: F32Ptr, decay: f64, l2: f64, grad_scale: f32,
  s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128, s8: v128,
  begin: Index, end: Index,
): void {
  const method = changetype<M>(0);
  const keep = f32x4.splat(<f32>decay);
  const pull = f32x4.splat(<f32>l2);
  const scale = f32x4.splat(grad_scale);
  for (let i = begin; i < end; i += 4) {
    const lanes = min<i32>(end - i, 4);
    const at = (<usize>i) << 2;
    const old = load_lanes(p + at, lanes);
    const gradient = madd(old, pull, f32x4.mul(load_lanes(g + at, lanes), scale));
    const pa = a ? a + at : 0;
    const pb = b ? b + at : 0;
    const pc = c ? c + at : 0;
    const moved = method.apply(f32x4.mul(old, keep), gradient, pa, pb, pc, lanes, s0, s1, s2, s3, s4, s5, s6, s7, s8);
    store_lanes(p + at, lanes, moved);
  }
}

// An exponential average is torch.lerp's: base + weight (g - m), where base is m for a small step and g for a large one.

/** The factor of g - m in an average with decay `beta`. */
// @ts-expect-error: decorator
@inline
export function lerp_weight(beta: f64): v128 {
  const rest = 1.0 - beta;
  return f32x4.splat(<f32>(rest < 0.5 ? rest : -beta));
}

/** All ones where the base is m. */
// @ts-expect-error: decorator
@inline
export function lerp_base(beta: f64): v128 {
  return i32x4.splat(1.0 - beta < 0.5 ? -1 : 0);
}

/** m <- the average of m and g; returned as well. */
// @ts-expect-error: decorator
@inline
function average(m: F32Ptr, g: v128, lanes: Count, weight: v128, from_m: v128): v128 {
  const old = load_lanes(m, lanes);
  const mean = madd(f32x4.sub(g, old), weight, v128.bitselect(old, g, from_m));
  store_lanes(m, lanes, mean);
  return mean;
}

/** v <- beta v + rest g^2; returned as well. */
// @ts-expect-error: decorator
@inline
function average_square(v: F32Ptr, g: v128, lanes: Count, beta: v128, rest: v128): v128 {
  const mean = madd(load_lanes(v, lanes), beta, f32x4.mul(f32x4.mul(g, rest), g));
  store_lanes(v, lanes, mean);
  return mean;
}

/** p - step x / d. */
// @ts-expect-error: decorator
@inline
function minus_quotient(p: v128, step: v128, x: v128, d: v128): v128 {
  return f32x4.sub(p, f32x4.div(f32x4.mul(step, x), d));
}

/** m, v, largest v or 0; lerp weight, lerp base, beta2, 1 - beta2, sqrt(bias2), eps, lr / bias1. */
@unmanaged
export class Adam extends Method {
  @inline
  apply(
    p: v128, g: v128, m: F32Ptr, v: F32Ptr, largest: F32Ptr, lanes: Count, weight: v128, base: v128,
    beta2: v128, rest2: v128, root: v128, eps: v128, step: v128, _7: v128, _8: v128,
  ): v128 {
    const mean = average(m, g, lanes, weight, base);
    let variance = average_square(v, g, lanes, beta2, rest2);
    if (largest) {
      variance = f32x4.max(load_lanes(largest, lanes), variance);
      store_lanes(largest, lanes, variance);
    }
    return minus_quotient(p, step, mean, f32x4.add(f32x4.div(f32x4.sqrt(variance), root), eps));
  }
}

/** m, v; lerp weight, lerp base, beta2, 1 - beta2, bias2, eps, the steps along g and along m. */
@unmanaged
export class NAdam extends Method {
  @inline
  apply(
    p: v128, g: v128, m: F32Ptr, v: F32Ptr, _c: F32Ptr, lanes: Count, weight: v128, base: v128,
    beta2: v128, rest2: v128, bias2: v128, eps: v128, along_g: v128, along_m: v128, _8: v128,
  ): v128 {
    const mean = average(m, g, lanes, weight, base);
    const variance = f32x4.div(average_square(v, g, lanes, beta2, rest2), bias2);
    const denominator = f32x4.add(f32x4.sqrt(variance), eps);
    return minus_quotient(minus_quotient(p, along_g, g, denominator), along_m, mean, denominator);
  }
}

/** m, v; lerp weight, lerp base, beta2, 1 - beta2, eps, bias1, lr, sqrt(bias2) rectification, all ones if rectified. */
@unmanaged
export class RAdam extends Method {
  @inline
  apply(
    p: v128, g: v128, m: F32Ptr, v: F32Ptr, _c: F32Ptr, lanes: Count, weight: v128, base: v128,
    beta2: v128, rest2: v128, eps: v128, bias1: v128, lr: v128, root: v128, rectified: v128,
  ): v128 {
    const mean = average(m, g, lanes, weight, base);
    const variance = average_square(v, g, lanes, beta2, rest2);
    const adaptive = f32x4.div(root, f32x4.add(f32x4.sqrt(variance), eps));
    const factor = v128.bitselect(adaptive, f32x4.splat(1), rectified);
    return nmadd(f32x4.mul(f32x4.div(mean, bias1), lr), factor, p);
  }
}

/** m, the decayed largest |g|; lerp weight, lerp base, beta2, eps, lr / bias1. */
@unmanaged
export class Adamax extends Method {
  @inline
  apply(
    p: v128, g: v128, m: F32Ptr, u: F32Ptr, _c: F32Ptr, lanes: Count, weight: v128, base: v128,
    beta2: v128, eps: v128, step: v128, _5: v128, _6: v128, _7: v128, _8: v128,
  ): v128 {
    const mean = average(m, g, lanes, weight, base);
    const largest = f32x4.max(f32x4.mul(load_lanes(u, lanes), beta2), f32x4.add(f32x4.abs(g), eps));
    store_lanes(u, lanes, largest);
    return minus_quotient(p, step, mean, largest);
  }
}

/** sum of g^2; lr, eps. */
@unmanaged
export class Adagrad extends Method {
  @inline
  apply(
    p: v128, g: v128, sum: F32Ptr, _b: F32Ptr, _c: F32Ptr, lanes: Count, lr: v128, eps: v128,
    _2: v128, _3: v128, _4: v128, _5: v128, _6: v128, _7: v128, _8: v128,
  ): v128 {
    const total = madd(g, g, load_lanes(sum, lanes));
    store_lanes(sum, lanes, total);
    return minus_quotient(p, lr, g, f32x4.add(f32x4.sqrt(total), eps));
  }
}

/** averages of g^2 and of delta^2; rho, 1 - rho, eps, lr. */
@unmanaged
export class Adadelta extends Method {
  @inline
  apply(
    p: v128, g: v128, squares: F32Ptr, deltas: F32Ptr, _c: F32Ptr, lanes: Count, rho: v128, rest: v128,
    eps: v128, lr: v128, _4: v128, _5: v128, _6: v128, _7: v128, _8: v128,
  ): v128 {
    const std = f32x4.sqrt(f32x4.add(average_square(squares, g, lanes, rho, rest), eps));
    const before = f32x4.sqrt(f32x4.add(load_lanes(deltas, lanes), eps));
    const delta = f32x4.mul(f32x4.div(before, std), g);
    average_square(deltas, delta, lanes, rho, rest);
    return nmadd(delta, lr, p);
  }
}

/** average of g^2, momentum buffer or 0, average of g or 0; alpha, 1 - alpha, eps, lr, momentum, lerp weight, lerp base. */
@unmanaged
export class RMSprop extends Method {
  @inline
  apply(
    p: v128, g: v128, squares: F32Ptr, buffer: F32Ptr, averages: F32Ptr, lanes: Count, alpha: v128, rest: v128,
    eps: v128, lr: v128, momentum: v128, weight: v128, base: v128, _7: v128, _8: v128,
  ): v128 {
    let variance = average_square(squares, g, lanes, alpha, rest);
    if (averages) {
      const mean = average(averages, g, lanes, weight, base);
      variance = nmadd(mean, mean, variance);
    }
    const denominator = f32x4.add(f32x4.sqrt(variance), eps);
    if (!buffer) return minus_quotient(p, lr, g, denominator);
    const moving = madd(load_lanes(buffer, lanes), momentum, f32x4.div(g, denominator));
    store_lanes(buffer, lanes, moving);
    return nmadd(moving, lr, p);
  }
}

/** m; beta1, 1 - beta1, beta2, 1 - beta2, lr. */
@unmanaged
export class Lion extends Method {
  @inline
  apply(
    p: v128, g: v128, m: F32Ptr, _b: F32Ptr, _c: F32Ptr, lanes: Count, beta1: v128, rest1: v128,
    beta2: v128, rest2: v128, lr: v128, _5: v128, _6: v128, _7: v128, _8: v128,
  ): v128 {
    const old = load_lanes(m, lanes);
    const c = madd(old, beta1, f32x4.mul(g, rest1));
    store_lanes(m, lanes, madd(old, beta2, f32x4.mul(g, rest2)));
    const unit = v128.or(v128.and(c, f32x4.splat(-0.0)), f32x4.splat(1));
    const sign = v128.bitselect(unit, c, f32x4.gt(f32x4.abs(c), f32x4.splat(0)));
    return nmadd(sign, lr, p);
  }
}

/** SGD; buffer 0 = no momentum, first = the buffer is still empty. */
// @ts-expect-error: decorator
@inline
export function sgd_step(
  p: F32Ptr, g: F32Ptr, buffer: F32Ptr, lanes: Count, minus_lr: v128, momentum: v128, keep: v128,
  weight_decay: v128, nesterov: Flag, first: Flag, grad_scale: v128,
): void {
  const old = load_lanes(p, lanes);
  let d = madd(old, weight_decay, f32x4.mul(load_lanes(g, lanes), grad_scale));
  if (buffer) {
    const moving = first ? d : madd(load_lanes(buffer, lanes), momentum, f32x4.mul(d, keep));
    store_lanes(buffer, lanes, moving);
    d = nesterov ? madd(moving, momentum, d) : moving;
  }
  store_lanes(p, lanes, madd(d, minus_lr, old));
}
