// The row loops of softmax, log-softmax and cross entropy. exp(v), v <= 0, is taken as 2^(v * log2(e)): its
// error, relative to the largest exponential of the row, is below 3 * 2^-24 without a split reduction, and it
// needs few enough constants to keep them in registers (constants.ts). Exponentials are summed like every row
// (rows.ts): 8 lanes over blocks of 128 in f32, the blocks in f64.

import { hold, runtime_zero } from "./constants";
import { madd } from "./madd";
import {
  dense_offset, fold64, lane_mask, load_lanes, row_start, scale_dense, store_lanes, sum_dense, top_dense, widen_add,
  zero_dense,
} from "./rows";

export const LOG2_E: f64 = 1.4426950408889634;
/**
 * 1.5 * 2^23 rounds to an integer when added; the exponent's bias on top leaves a biased exponent in the low
 * bits.
 */
export const ROUND: f32 = 12582912.0 + 127.0;
/** 2^-127 and everything below is 0: the biased exponent is. */
export const LOWEST: f32 = -127.0;
// 2^f = 1 + f * (C1 + f * (C2 + …)) on [-1/2, 1/2], relative error 2^-28.3 (minimax, rounded one by one)
export const C1: f32 = 0.693147182;
export const C2: f32 = 0.240226477;
export const C3: f32 = 0.0555035993;
export const C4: f32 = 0.00961850584;
export const C5: f32 = 0.00133908063;
export const C6: f32 = 0.000153264715;
/** Steps of 8 elements per f32 block. */
const BLOCK: i32 = 16;
/** softmax_f32's `causal` for the softmax of whole rows; everything else is the softmax of attention. */
const WHOLE: i32 = -1;

/**
 * 2^t for t <= 0: exactly 1 at 0, 0 below -126.5 and at -Infinity; NaN stays NaN. round … one: ROUND, LOWEST,
 * C1 … 1.
 */
// @ts-expect-error: decorator
@inline
export function exp2_nonpositive4(
  t: v128, round: v128, lowest: v128, c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128, one: v128,
): v128 {
  t = f32x4.pmax(t, lowest);
  const u = f32x4.add(t, round);
  const f = f32x4.sub(t, f32x4.sub(u, round));
  let p = madd(c6, f, c5);
  p = madd(p, f, c4);
  p = madd(p, f, c3);
  p = madd(p, f, c2);
  p = madd(p, f, c1);
  p = madd(p, f, one);
  return f32x4.mul(p, i32x4.shl(u, 23));
}

// Sum of 2^(s * (x - top)) over n elements, all s * (x - top) <= 0 up to rounding; y, if not 0, gets the
// terms.
// @ts-expect-error: decorator
@inline
function exponentials(
  y: usize, x: usize, n: i32, top: v128, s: v128, round: v128, lowest: v128,
  c1: v128, c2: v128, c3: v128, c4: v128, c5: v128, c6: v128, one: v128,
): f64 {
  let total = f64x2.splat(0);
  while (n >= 8) {
    let k = min(n >> 3, BLOCK);
    n -= k << 3;
    let a = f32x4.splat(0), b = a;
    for (; k > 0; --k) {
      const t0 = f32x4.mul(f32x4.sub(v128.load(x), top), s);
      const t1 = f32x4.mul(f32x4.sub(v128.load(x, 16), top), s);
      const e0 = exp2_nonpositive4(t0, round, lowest, c1, c2, c3, c4, c5, c6, one);
      const e1 = exp2_nonpositive4(t1, round, lowest, c1, c2, c3, c4, c5, c6, one);
      a = f32x4.add(a, e0);
      b = f32x4.add(b, e1);
      if (y) {
        v128.store(y, e0);
        v128.store(y, e1, 16);
        y += 32;
      }
      x += 32;
    }
    total = widen_add(total, f32x4.add(a, b));
  }
  for (; n > 0; n -= 4) {
    const t = f32x4.mul(f32x4.sub(load_lanes(x, n), top), s);
    const e = v128.and(exp2_nonpositive4(t, round, lowest, c1, c2, c3, c4, c5, c6, one), lane_mask(n));
    total = widen_add(total, e);
    if (y) {
      store_lanes(y, e, n);
      y += 16;
    }
    x += 16;
  }
  return fold64(total);
}

/** Sum of exp(x - top) over n elements, x <= top up to rounding; y, if not 0, gets the terms and may be x. */
export function exp_row(y: usize, x: usize, n: i32, top: f32): f64 {
  const zero = runtime_zero(n);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  const s = f32x4.splat(<f32>LOG2_E);
  return exponentials(y, x, n, f32x4.splat(top), s, round, lowest, c1, c2, c3, c4, c5, c6, one);
}

/** True when scale * x is -Infinity throughout: a maximum alone passes over NaN. */
function sees_nothing(x: usize, n: i32, scale: f32): bool {
  return scale * <f32>sum_dense(x, n) == -Infinity;
}

/**
 * y = softmax(scale * x) over rows begin … end; arguments as softmax_f32. The constants are made once for all
 * rows.
 */
export function softmax_rows(
  y: usize, x: usize, D1: i32, N: i32, s0: i32, s1: i32, scale: f32, causal: i32, begin: i32, end: i32,
): void {
  const zero = runtime_zero(N);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  const s = f32x4.splat(<f32>(<f64>scale * LOG2_E));
  const sign = scale < 0 ? i32.MIN_VALUE : 0;
  for (let r = begin; r < end; ++r) {
    const source = x + row_start(r, D1, s0, s1);
    const out = y + dense_offset(r, N);
    const n = causal < 0 ? N : min(N, causal + r % D1 + 1);
    // the extremum that makes scale * (x - top) <= 0; subtracting before scaling keeps large scores exact
    const top = v128.xor(f32x4.splat(top_dense(source, n, sign)), i32x4.splat(sign));
    if (causal != WHOLE && scale * f32x4.extract_lane(top, 0) == -Infinity && sees_nothing(source, n, scale)) {
      zero_dense(out, N);
      continue;
    }
    const sum = exponentials(out, source, n, top, s, round, lowest, c1, c2, c3, c4, c5, c6, one);
    scale_dense(out, n, <f32>(1.0 / sum));
    zero_dense(out + (<usize>n << 2), N - n);
  }
}

/** y += c * exp(x - top) over n elements, x <= top up to rounding. */
export function exp_add_row(y: usize, x: usize, n: i32, top: f32, c: f32): void {
  const zero = runtime_zero(n);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  const s = f32x4.splat(<f32>LOG2_E);
  const m = f32x4.splat(top);
  const factor = f32x4.splat(c);
  for (; n > 0; n -= 4) {
    const t = f32x4.mul(f32x4.sub(load_lanes(x, n), m), s);
    const e = exp2_nonpositive4(t, round, lowest, c1, c2, c3, c4, c5, c6, one);
    store_lanes(y, f32x4.add(load_lanes(y, n), f32x4.mul(e, factor)), n);
    x += 16;
    y += 16;
  }
}

/** y = (x - top) - log over n elements. y may be x. */
export function subtract_row(y: usize, x: usize, n: i32, top: f32, log: f32): void {
  const t = f32x4.splat(top);
  const l = f32x4.splat(log);
  for (; n >= 8; n -= 8) {
    const v0 = f32x4.sub(f32x4.sub(v128.load(x), t), l);
    const v1 = f32x4.sub(f32x4.sub(v128.load(x, 16), t), l);
    v128.store(y, v0);
    v128.store(y, v1, 16);
    x += 32;
    y += 32;
  }
  for (; n > 0; n -= 4) {
    store_lanes(y, f32x4.sub(f32x4.sub(load_lanes(x, n), t), l), n);
    x += 16;
    y += 16;
  }
}

/** dx = scale * y * (dy - dot) (+ dx) over n elements. */
export function softmax_backward_row(
  dx: usize, dy: usize, y: usize, n: i32, dot: f32, scale: f32, acc: i32,
): void {
  const d = f32x4.splat(dot);
  const s = f32x4.splat(scale);
  for (; n >= 8; n -= 8) {
    let v0 = f32x4.mul(s, f32x4.mul(v128.load(y), f32x4.sub(v128.load(dy), d)));
    let v1 = f32x4.mul(s, f32x4.mul(v128.load(y, 16), f32x4.sub(v128.load(dy, 16), d)));
    if (acc) {
      v0 = f32x4.add(v128.load(dx), v0);
      v1 = f32x4.add(v128.load(dx, 16), v1);
    }
    v128.store(dx, v0);
    v128.store(dx, v1, 16);
    y += 32;
    dy += 32;
    dx += 32;
  }
  for (; n > 0; n -= 4) {
    let v = f32x4.mul(s, f32x4.mul(load_lanes(y, n), f32x4.sub(load_lanes(dy, n), d)));
    if (acc) v = f32x4.add(load_lanes(dx, n), v);
    store_lanes(dx, v, n);
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** dx = dy - exp(y) * sum (+ dx) over n elements, y <= 0. */
export function log_softmax_backward_row(
  dx: usize, dy: usize, y: usize, n: i32, sum: f32, acc: i32,
): void {
  const zero = runtime_zero(n);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  const log2e = f32x4.splat(<f32>LOG2_E);
  const s = f32x4.splat(sum);
  for (; n > 0; n -= 4) {
    const t = f32x4.mul(load_lanes(y, n), log2e);
    const e = exp2_nonpositive4(t, round, lowest, c1, c2, c3, c4, c5, c6, one);
    let v = f32x4.sub(load_lanes(dy, n), f32x4.mul(e, s));
    if (acc) v = f32x4.add(load_lanes(dx, n), v);
    store_lanes(dx, v, n);
    y += 16;
    dy += 16;
    dx += 16;
  }
}
