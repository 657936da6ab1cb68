// One vector of an optimizer step. `lanes` is 4 in the main loop and what is left in the tail.
import { Count, F32Ptr, Flag } from "../types";
import { load_lanes, store_lanes } from "./dense";
import { madd } from "./madd";

/** AdamW; the scalars are splats. m <- base + weight (g - m), base = m or g: torch.lerp's two forms. */
// @ts-ignore: decorator
@inline
export function adamw_step(
  p: F32Ptr, g: F32Ptr, m: F32Ptr, v: F32Ptr, lanes: Count, decay: v128, weight: v128, from_m: v128,
  beta2: v128, rest2: v128, root: v128, eps: v128, step: v128, grad_scale: v128,
): void {
  const gradient = f32x4.mul(load_lanes(g, lanes), grad_scale);
  const old = load_lanes(m, lanes);
  const mean = madd(f32x4.sub(gradient, old), weight, v128.bitselect(old, gradient, from_m));
  const square = f32x4.mul(f32x4.mul(gradient, gradient), rest2);
  const variance = madd(load_lanes(v, lanes), beta2, square);
  const denominator = f32x4.add(f32x4.div(f32x4.sqrt(variance), root), eps);
  const decayed = f32x4.mul(load_lanes(p, lanes), decay);
  store_lanes(p, lanes, f32x4.sub(decayed, f32x4.div(f32x4.mul(step, mean), denominator)));
  store_lanes(m, lanes, mean);
  store_lanes(v, lanes, variance);
}

/** SGD; buffer 0 = no momentum, first = the buffer is still empty. */
// @ts-ignore: decorator
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
