// The row loops of layer normalisation. Sums as in rows.ts: 16 lanes, f32 blocks of 256, f64 totals.

import { madd, nmadd } from "./madd";
import { fold4, lane_mask, load_lanes, row_start, store_lanes, widen_add } from "./rows";

/** Steps of 16 elements per f32 block. */
const BLOCK: i32 = 16;

/** Elements of a row that can wait in a cache for their turn. */
const NEAR: i32 = 8192;

/**
 * Bytes from row r to the next, for a loop that reads one word of each cache line of it while it has other work: what
 * comes from memory is there when its turn comes (norms beyond the caches: 1.2 times as fast). 0, which is the row
 * itself, at the end and for long rows. Loads may trap, so compilers keep them.
 */
export function row_ahead(r: i32, end: i32, D1: i32, s0: i32, s1: i32, N: i32): usize {
  if (r + 1 >= end || N > NEAR) return 0;
  return row_start(r + 1, D1, s0, s1) - row_start(r, D1, s0, s1);
}

/** (sum of the lanes of s, sum of the lanes of t) for two f64x2. */
// @ts-expect-error: decorator
@inline
function pair64(s: v128, t: v128): v128 {
  return f64x2.add(v128.shuffle<i64>(s, t, 0, 2), v128.shuffle<i64>(s, t, 1, 3));
}

/** (sum of x - center, sum of its square) over n elements, as f64x2. */
export function moments(x: usize, n: i32, center: f32): v128 {
  const zero = f32x4.splat(0);
  const m = f32x4.splat(center);
  let s = f64x2.splat(0), t = s;
  while (n >= 16) {
    let k = min(n >> 4, BLOCK);
    n -= k << 4;
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    for (; k > 0; --k) {
      const d0 = f32x4.sub(v128.load(x), m);
      const d1 = f32x4.sub(v128.load(x, 16), m);
      const d2 = f32x4.sub(v128.load(x, 32), m);
      const d3 = f32x4.sub(v128.load(x, 48), m);
      x += 64;
      s0 = f32x4.add(s0, d0);
      s1 = f32x4.add(s1, d1);
      s2 = f32x4.add(s2, d2);
      s3 = f32x4.add(s3, d3);
      t0 = madd(d0, d0, t0);
      t1 = madd(d1, d1, t1);
      t2 = madd(d2, d2, t2);
      t3 = madd(d3, d3, t3);
    }
    s = widen_add(s, fold4(s0, s1, s2, s3));
    t = widen_add(t, fold4(t0, t1, t2, t3));
  }
  for (; n > 0; n -= 4) {
    const d = v128.and(f32x4.sub(load_lanes(x, n), m), lane_mask(n));
    s = widen_add(s, d);
    t = widen_add(t, f32x4.mul(d, d));
    x += 16;
  }
  return pair64(s, t);
}

/** ((x - m) * r + s) * w + b of one vector; without `centred` x * r * w + b. The last three are constants. */
// @ts-expect-error: decorator
@inline
function affine4(
  x: v128, m: v128, r: v128, s: v128, w: usize, b: usize, centred: bool, weighted: bool, biased: bool,
): v128 {
  const v = centred ? madd(f32x4.sub(x, m), r, s) : f32x4.mul(x, r);
  if (weighted && biased) return madd(v, v128.load(w), v128.load(b));
  if (weighted) return f32x4.mul(v, v128.load(w));
  return biased ? f32x4.add(v, v128.load(b)) : v;
}

// @ts-expect-error: decorator
@inline
function affine_row(
  y: usize, x: usize, n: i32, m: v128, r: v128, s: v128, weight: usize, bias: usize, ahead: usize,
  centred: bool, weighted: bool, biased: bool,
): void {
  for (; n >= 16; n -= 16) {
    load<i32>(x + ahead);
    v128.store(y, affine4(v128.load(x), m, r, s, weight, bias, centred, weighted, biased));
    v128.store(y, affine4(v128.load(x, 16), m, r, s, weight + 16, bias + 16, centred, weighted, biased), 16);
    v128.store(y, affine4(v128.load(x, 32), m, r, s, weight + 32, bias + 32, centred, weighted, biased), 32);
    v128.store(y, affine4(v128.load(x, 48), m, r, s, weight + 48, bias + 48, centred, weighted, biased), 48);
    x += 64;
    y += 64;
    if (weighted) weight += 64;
    if (biased) bias += 64;
  }
  for (; n > 0; n -= 4) {
    const d = centred ? madd(f32x4.sub(load_lanes(x, n), m), r, s) : f32x4.mul(load_lanes(x, n), r);
    let v = d;
    if (weighted && biased) v = madd(d, load_lanes(weight, n), load_lanes(bias, n));
    else if (weighted) v = f32x4.mul(d, load_lanes(weight, n));
    else if (biased) v = f32x4.add(d, load_lanes(bias, n));
    store_lanes(y, v, n);
    x += 16;
    y += 16;
    if (weighted) weight += 16;
    if (biased) bias += 16;
  }
}

/**
 * y = ((x - center) * rstd - shift * rstd) * weight + bias over n elements; weight, bias may be 0. y may be x.
 * What lies `ahead` bytes on is asked for.
 */
export function layernorm_row(
  y: usize, x: usize, n: i32, center: f32, shift: f32, rstd: f32, weight: usize, bias: usize, ahead: usize,
): void {
  const m = f32x4.splat(center);
  const r = f32x4.splat(rstd);
  const s = f32x4.splat(-shift * rstd);
  if (weight && bias) affine_row(y, x, n, m, r, s, weight, bias, ahead, true, true, true);
  else if (weight) affine_row(y, x, n, m, r, s, weight, 0, ahead, true, true, false);
  else if (bias) affine_row(y, x, n, m, r, s, 0, bias, ahead, true, false, true);
  else affine_row(y, x, n, m, r, s, 0, 0, ahead, true, false, false);
}

/** y = x * rstd * weight + bias over n elements, the same otherwise. */
export function rmsnorm_row(y: usize, x: usize, n: i32, rstd: f32, weight: usize, bias: usize, ahead: usize): void {
  const r = f32x4.splat(rstd);
  if (weight && bias) affine_row(y, x, n, r, r, r, weight, bias, ahead, false, true, true);
  else if (weight) affine_row(y, x, n, r, r, r, weight, 0, ahead, false, true, false);
  else if (bias) affine_row(y, x, n, r, r, r, 0, bias, ahead, false, false, true);
  else affine_row(y, x, n, r, r, r, 0, 0, ahead, false, false, false);
}

/** (sum of g, sum of g * xhat) over n elements as f64x2: g = dy * weight, xhat = (x - mean) * rstd. */
export function layernorm_backward_sums(
  dy: usize, x: usize, weight: usize, n: i32, mean: f32, rstd: f32,
): v128 {
  const zero = f32x4.splat(0);
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rstd);
  let s = f64x2.splat(0), t = s;
  while (n >= 16) {
    let k = min(n >> 4, BLOCK);
    n -= k << 4;
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    for (; k > 0; --k) {
      let g0 = v128.load(dy);
      let g1 = v128.load(dy, 16);
      let g2 = v128.load(dy, 32);
      let g3 = v128.load(dy, 48);
      if (weight) {
        g0 = f32x4.mul(g0, v128.load(weight));
        g1 = f32x4.mul(g1, v128.load(weight, 16));
        g2 = f32x4.mul(g2, v128.load(weight, 32));
        g3 = f32x4.mul(g3, v128.load(weight, 48));
        weight += 64;
      }
      s0 = f32x4.add(s0, g0);
      s1 = f32x4.add(s1, g1);
      s2 = f32x4.add(s2, g2);
      s3 = f32x4.add(s3, g3);
      t0 = madd(g0, f32x4.mul(f32x4.sub(v128.load(x), m), r), t0);
      t1 = madd(g1, f32x4.mul(f32x4.sub(v128.load(x, 16), m), r), t1);
      t2 = madd(g2, f32x4.mul(f32x4.sub(v128.load(x, 32), m), r), t2);
      t3 = madd(g3, f32x4.mul(f32x4.sub(v128.load(x, 48), m), r), t3);
      dy += 64;
      x += 64;
    }
    s = widen_add(s, fold4(s0, s1, s2, s3));
    t = widen_add(t, fold4(t0, t1, t2, t3));
  }
  for (; n > 0; n -= 4) {
    let g = load_lanes(dy, n);
    if (weight) {
      g = f32x4.mul(g, load_lanes(weight, n));
      weight += 16;
    }
    s = widen_add(s, g);
    const xhat = v128.and(f32x4.mul(f32x4.sub(load_lanes(x, n), m), r), lane_mask(n));
    t = widen_add(t, f32x4.mul(g, xhat));
    dy += 16;
    x += 16;
  }
  return pair64(s, t);
}

/** dx = rstd * (g - a - xhat * b) (+ dx) over n elements, g and xhat as above. */
export function layernorm_backward_row(
  dx: usize, dy: usize, x: usize, weight: usize, n: i32, mean: f32, rstd: f32, a: f32, b: f32, acc: i32,
): void {
  const m = f32x4.splat(mean);
  const r = f32x4.splat(rstd);
  const va = f32x4.splat(a);
  const vb = f32x4.splat(b);
  for (; n >= 8; n -= 8) {
    let g0 = v128.load(dy);
    let g1 = v128.load(dy, 16);
    if (weight) {
      g0 = f32x4.mul(g0, v128.load(weight));
      g1 = f32x4.mul(g1, v128.load(weight, 16));
      weight += 32;
    }
    const xhat0 = f32x4.mul(f32x4.sub(v128.load(x), m), r);
    const xhat1 = f32x4.mul(f32x4.sub(v128.load(x, 16), m), r);
    let v0 = f32x4.mul(r, nmadd(xhat0, vb, f32x4.sub(g0, va)));
    let v1 = f32x4.mul(r, nmadd(xhat1, vb, f32x4.sub(g1, va)));
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
    let g = load_lanes(dy, n);
    if (weight) {
      g = f32x4.mul(g, load_lanes(weight, n));
      weight += 16;
    }
    const xhat = f32x4.mul(f32x4.sub(load_lanes(x, n), m), r);
    let v = f32x4.mul(r, nmadd(xhat, vb, f32x4.sub(g, va)));
    if (acc) v = f32x4.add(load_lanes(dx, n), v);
    store_lanes(dx, v, n);
    dx += 16;
    dy += 16;
    x += 16;
  }
}
