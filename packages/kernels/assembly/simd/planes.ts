// The row loops of normalisation by channels: like those of norm.ts, but weight and bias are one number per row.
import { madd } from "./madd";
import { load_lanes, store_lanes } from "./rows";

/** y = (x - center) * scale + bias over n elements. y may be x. */
export function affine_plane(y: usize, x: usize, n: i32, center: f32, scale: f32, bias: f32): void {
  const m = f32x4.splat(center);
  const c = f32x4.splat(scale);
  const b = f32x4.splat(bias);
  for (; n >= 16; n -= 16) {
    v128.store(y, madd(f32x4.sub(v128.load(x), m), c, b));
    v128.store(y, madd(f32x4.sub(v128.load(x, 16), m), c, b), 16);
    v128.store(y, madd(f32x4.sub(v128.load(x, 32), m), c, b), 32);
    v128.store(y, madd(f32x4.sub(v128.load(x, 48), m), c, b), 48);
    x += 64;
    y += 64;
  }
  for (; n > 0; n -= 4) {
    store_lanes(y, madd(f32x4.sub(load_lanes(x, n), m), c, b), n);
    x += 16;
    y += 16;
  }
}

// @ts-expect-error: decorator
@inline
function slope4(dy: v128, x: v128, m: v128, r: v128, w: v128, a: v128, b: v128): v128 {
  const xhat = f32x4.mul(f32x4.sub(x, m), r);
  // b comes negated
  return f32x4.mul(r, madd(xhat, b, f32x4.sub(f32x4.mul(dy, w), a)));
}

/** dx = rstd * (dy * weight - a - (x - mean) * rstd * b) (+ dx if acc) over n elements. */
export function slope_plane(
  dx: usize, dy: usize, x: usize, n: i32, mean: f32, rstd: f32, weight: f32, a: f32, b: f32, acc: i32,
): void {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rstd);
  const w = f32x4.splat(weight);
  const va = f32x4.splat(a);
  const vb = f32x4.splat(-b);
  for (; n >= 8; n -= 8) {
    let v0 = slope4(v128.load(dy), v128.load(x), m, r, w, va, vb);
    let v1 = slope4(v128.load(dy, 16), v128.load(x, 16), m, r, w, va, vb);
    if (acc) {
      v0 = f32x4.add(v128.load(dx), v0);
      v1 = f32x4.add(v128.load(dx, 16), v1);
    }
    v128.store(dx, v0);
    v128.store(dx, v1, 16);
    dx += 32;
    dy += 32;
    x += 32;
  }
  for (; n > 0; n -= 4) {
    let v = slope4(load_lanes(dy, n), load_lanes(x, n), m, r, w, va, vb);
    if (acc) v = f32x4.add(load_lanes(dx, n), v);
    store_lanes(dx, v, n);
    dx += 16;
    dy += 16;
    x += 16;
  }
}
