// Lanes along one row: partial vectors, gathers, and the folds that softmax, norms, losses and reductions
// share. Sums take 16 lanes (4 vectors) over blocks of 256 elements in f32 and add the blocks up in f64
// (blocked summation: Higham, "The accuracy of floating point summation", 1993), so at most 18 roundings meet
// any element and |error| <= 2 * 2^-24 * (2 + log2 n) * sum|x| for every n. Element e of a block always meets
// lane e mod 16, whether it was loaded from a dense row, gathered with a stride or padded in a tail: one
// arithmetic for all of them.

import { madd, madd64 } from "./madd";

/** Steps of 16 elements per f32 block. */
const BLOCK: i32 = 16;

/** Byte offset of row r among D0*D1 rows whose starts are s0 and s1 elements apart. */
// @ts-expect-error: decorator
@inline
export function row_start(r: i32, D1: i32, s0: i32, s1: i32): usize {
  const i = <i32>(<u32>r / <u32>D1);
  return <usize>(i * s0 + (r - i * D1) * s1) << 2;
}

/** Byte offset of row r of a dense (rows, N) array of 4-byte elements. */
// @ts-expect-error: decorator
@inline
export function dense_offset(r: i32, N: i32): usize {
  return (<usize>r * <usize>N) << 2;
}

/** The first 1 to 3 lanes at p over `pad`. */
// @ts-expect-error: decorator
@inline
export function load_part(p: usize, lanes: i32, pad: v128): v128 {
  let v = v128.load_lane<f32>(p, pad, 0);
  if (lanes > 1) v = v128.load_lane<f32>(p, v, 1, 4);
  if (lanes > 2) v = v128.load_lane<f32>(p, v, 2, 8);
  return v;
}

/** Stores the first 1 to 3 lanes of v. */
// @ts-expect-error: decorator
@inline
export function store_part(p: usize, v: v128, lanes: i32): void {
  v128.store_lane<f32>(p, v, 0);
  if (lanes > 1) v128.store_lane<f32>(p, v, 1, 4);
  if (lanes > 2) v128.store_lane<f32>(p, v, 2, 8);
}

/** Four lanes, or the first `lanes` of them over zeros. */
// @ts-expect-error: decorator
@inline
export function load_lanes(p: usize, lanes: i32): v128 {
  return lanes < 4 ? load_part(p, lanes, i32x4.splat(0)) : v128.load(p);
}

// @ts-expect-error: decorator
@inline
export function store_lanes(p: usize, v: v128, lanes: i32): void {
  if (lanes < 4) store_part(p, v, lanes);
  else v128.store(p, v);
}

/** All bits set in the first `lanes` lanes. */
// @ts-expect-error: decorator
@inline
export function lane_mask(lanes: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
}

/** Four elements `step` bytes apart; `dense` is a constant that says step = 4. */
// @ts-expect-error: decorator
@inline
export function load4(p: usize, step: usize, dense: bool): v128 {
  if (dense) return v128.load(p);
  let v = v128.load32_zero(p);
  v = v128.load_lane<f32>(p + step, v, 1);
  v = v128.load_lane<f32>(p + step * 2, v, 2);
  return v128.load_lane<f32>(p + step * 3, v, 3);
}

/** The first 1 to 3 of four elements `step` bytes apart over `pad`. */
// @ts-expect-error: decorator
@inline
export function load4_part(p: usize, step: usize, lanes: i32, pad: v128): v128 {
  let v = v128.load_lane<f32>(p, pad, 0);
  if (lanes > 1) v = v128.load_lane<f32>(p + step, v, 1);
  if (lanes > 2) v = v128.load_lane<f32>(p + step * 2, v, 2);
  return v;
}

/** Lanes 0 and 1 of an f32x4, then 2 and 3, added to two f64 sums. */
// @ts-expect-error: decorator
@inline
export function widen_add(t: v128, s: v128): v128 {
  const high = f64x2.promote_low_f32x4(v128.shuffle<i32>(s, s, 2, 3, 2, 3));
  return f64x2.add(t, f64x2.add(f64x2.promote_low_f32x4(s), high));
}

/** (a, b) as f64x2 folded to one number. */
// @ts-expect-error: decorator
@inline
export function fold64(t: v128): f64 {
  return f64x2.extract_lane(t, 0) + f64x2.extract_lane(t, 1);
}

/** Sum of the four vectors of one block. */
// @ts-expect-error: decorator
@inline
export function fold4(a: v128, b: v128, c: v128, d: v128): v128 {
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

// @ts-expect-error: decorator
@inline
function sum_of(x: usize, n: i32, step: usize, dense: bool): f64 {
  const zero = f32x4.splat(0);
  let total = f64x2.splat(0);
  while (n >= 16) {
    let k = min(n >> 4, BLOCK);
    n -= k << 4;
    let a = zero, b = zero, c = zero, d = zero;
    for (; k > 0; --k) {
      a = f32x4.add(a, load4(x, step, dense));
      b = f32x4.add(b, load4(x + step * 4, step, dense));
      c = f32x4.add(c, load4(x + step * 8, step, dense));
      d = f32x4.add(d, load4(x + step * 12, step, dense));
      x += step * 16;
    }
    total = widen_add(total, fold4(a, b, c, d));
  }
  if (n > 0) {
    let a = zero;
    for (; n >= 4; n -= 4) {
      a = f32x4.add(a, load4(x, step, dense));
      x += step * 4;
    }
    if (n > 0) a = f32x4.add(a, load4_part(x, step, n, zero));
    total = widen_add(total, a);
  }
  return fold64(total);
}

/** Sum of n dense elements. */
export function sum_dense(x: usize, n: i32): f64 {
  return sum_of(x, n, 4, true);
}

/** Sum of n elements `step` bytes apart: the same bits as if they were dense. */
export function sum_strided(x: usize, n: i32, step: usize): f64 {
  return sum_of(x, n, step, false);
}

// Sum of x*y over n dense elements; of x*x if `squares` (a constant).
// @ts-expect-error: decorator
@inline
function dot_of(x: usize, y: usize, n: i32, squares: bool): f64 {
  const zero = f32x4.splat(0);
  let total = f64x2.splat(0);
  while (n >= 16) {
    let k = min(n >> 4, BLOCK);
    n -= k << 4;
    let a = zero, b = zero, c = zero, d = zero;
    for (; k > 0; --k) {
      const v0 = v128.load(x), v1 = v128.load(x, 16), v2 = v128.load(x, 32), v3 = v128.load(x, 48);
      a = madd(v0, squares ? v0 : v128.load(y), a);
      b = madd(v1, squares ? v1 : v128.load(y, 16), b);
      c = madd(v2, squares ? v2 : v128.load(y, 32), c);
      d = madd(v3, squares ? v3 : v128.load(y, 48), d);
      x += 64;
      if (!squares) y += 64;
    }
    total = widen_add(total, fold4(a, b, c, d));
  }
  if (n > 0) {
    let a = zero;
    for (; n > 0; n -= 4) {
      const v = load_lanes(x, n);
      a = madd(v, squares ? v : load_lanes(y, n), a);
      x += 16;
      if (!squares) y += 16;
    }
    total = widen_add(total, a);
  }
  return fold64(total);
}

/** Sum of x*y over n dense elements. */
export function dot_dense(x: usize, y: usize, n: i32): f64 {
  return dot_of(x, y, n, false);
}

/** Sum of squares of n dense elements. */
export function squares_dense(x: usize, n: i32): f64 {
  return dot_of(x, x, n, true);
}

/** Sum of squares of n dense elements, all in f64: no overflow, no underflow. */
export function sum_squares(x: usize, n: i32): f64 {
  let a = f64x2.splat(0);
  let b = a, c = a, d = a;
  for (; n >= 8; n -= 8) {
    const v0 = f64x2.promote_low_f32x4(v128.load64_zero(x));
    const v1 = f64x2.promote_low_f32x4(v128.load64_zero(x, 8));
    const v2 = f64x2.promote_low_f32x4(v128.load64_zero(x, 16));
    const v3 = f64x2.promote_low_f32x4(v128.load64_zero(x, 24));
    x += 32;
    a = madd64(v0, v0, a);
    b = madd64(v1, v1, b);
    c = madd64(v2, v2, c);
    d = madd64(v3, v3, d);
  }
  for (; n > 0; n -= 2) {
    const v = f64x2.promote_low_f32x4(n < 2 ? v128.load32_zero(x) : v128.load64_zero(x));
    a = madd64(v, v, a);
    x += 8;
  }
  return fold64(f64x2.add(f64x2.add(a, b), f64x2.add(c, d)));
}

// Maximum of x ^ sign, NaN passed over (pmax is one instruction, f32x4.max about eight); -Infinity if there
// is nothing else. With `watch` (a constant) a NaN anywhere makes the result NaN.
// @ts-expect-error: decorator
@inline
function top_of(x: usize, n: i32, step: usize, sign: v128, dense: bool, watch: bool): f32 {
  let a = f32x4.splat(-Infinity);
  let b = a, c = a, d = a;
  let nan = i32x4.splat(0);
  for (; n >= 16; n -= 16) {
    const v0 = load4(x, step, dense);
    const v1 = load4(x + step * 4, step, dense);
    const v2 = load4(x + step * 8, step, dense);
    const v3 = load4(x + step * 12, step, dense);
    x += step * 16;
    a = f32x4.pmax(a, v128.xor(v0, sign));
    b = f32x4.pmax(b, v128.xor(v1, sign));
    c = f32x4.pmax(c, v128.xor(v2, sign));
    d = f32x4.pmax(d, v128.xor(v3, sign));
    if (watch) {
      nan = v128.or(nan, v128.or(unordered(v0, v1), unordered(v2, v3)));
    }
  }
  for (; n > 0; n -= 4) {
    const v = n < 4 ? load4_part(x, step, n, v128.load32_splat(x)) : load4(x, step, dense);
    x += step * 4;
    a = f32x4.pmax(a, v128.xor(v, sign));
    if (watch) nan = v128.or(nan, f32x4.ne(v, v));
  }
  if (watch) {
    if (v128.any_true(nan)) return NaN;
  }
  a = f32x4.pmax(f32x4.pmax(a, b), f32x4.pmax(c, d));
  a = f32x4.pmax(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
  return f32x4.extract_lane(f32x4.pmax(a, v128.shuffle<i32>(a, a, 1, 0, 3, 2)), 0);
}

/** Lanes where a or b is NaN. */
// @ts-expect-error: decorator
@inline
function unordered(a: v128, b: v128): v128 {
  return v128.or(f32x4.ne(a, a), f32x4.ne(b, b));
}

/** Maximum of x ^ sign over n dense elements, NaN passed over. */
export function top_dense(x: usize, n: i32, sign: i32): f32 {
  return top_of(x, n, 4, i32x4.splat(sign), true, false);
}

/** Maximum of x ^ sign over n dense elements, NaN if there is one. */
export function maximum_dense(x: usize, n: i32, sign: i32): f32 {
  return top_of(x, n, 4, i32x4.splat(sign), true, true);
}

/** Maximum of x ^ sign over n elements `step` bytes apart, NaN if there is one. */
export function maximum_strided(x: usize, n: i32, step: usize, sign: i32): f32 {
  return top_of(x, n, step, i32x4.splat(sign), false, true);
}

/**
 * Position of the first element whose x ^ sign equals top (the first NaN if top is NaN), -1 if there is none.
 */
export function find_first(x: usize, n: i32, step: usize, sign: i32, top: f32): i32 {
  const s = i32x4.splat(sign);
  const t = f32x4.splat(top);
  const wanted_nan = i32x4.splat(top != top ? -1 : 0);
  for (let i = 0; i < n; i += 4) {
    const left = n - i;
    let v: v128;
    if (left < 4) v = load4_part(x, step, left, v128.load32_splat(x));
    else v = step == 4 ? v128.load(x) : load4(x, step, false);
    v = v128.xor(v, s);
    const hit = i32x4.bitmask(v128.or(f32x4.eq(v, t), v128.and(wanted_nan, f32x4.ne(v, v))));
    if (hit) return i + ctz(hit);
    x += step * 4;
  }
  return -1;
}

/** y = c * y over n dense elements. */
export function scale_dense(y: usize, n: i32, c: f32): void {
  const factor = f32x4.splat(c);
  for (; n >= 16; n -= 16) {
    v128.store(y, f32x4.mul(v128.load(y), factor));
    v128.store(y, f32x4.mul(v128.load(y, 16), factor), 16);
    v128.store(y, f32x4.mul(v128.load(y, 32), factor), 32);
    v128.store(y, f32x4.mul(v128.load(y, 48), factor), 48);
    y += 64;
  }
  for (; n > 0; n -= 4) {
    store_lanes(y, f32x4.mul(load_lanes(y, n), factor), n);
    y += 16;
  }
}

/** y = y + c over n dense elements. */
export function shift_dense(y: usize, n: i32, c: f32): void {
  const term = f32x4.splat(c);
  for (; n > 0; n -= 4) {
    store_lanes(y, f32x4.add(load_lanes(y, n), term), n);
    y += 16;
  }
}

/** y = 0 over n dense elements. */
export function zero_dense(y: usize, n: i32): void {
  for (; n > 0; n -= 4) {
    store_lanes(y, i32x4.splat(0), n);
    y += 16;
  }
}

/** y = c over n dense elements (+ y if acc). */
export function fill_dense(y: usize, n: i32, c: f32, acc: i32): void {
  const v = f32x4.splat(c);
  for (; n > 0; n -= 4) {
    store_lanes(y, acc ? f32x4.add(load_lanes(y, n), v) : v, n);
    y += 16;
  }
}

/** y = x over n dense elements. */
export function copy_dense(y: usize, x: usize, n: i32): void {
  for (; n >= 16; n -= 16) {
    v128.store(y, v128.load(x));
    v128.store(y, v128.load(x, 16), 16);
    v128.store(y, v128.load(x, 32), 32);
    v128.store(y, v128.load(x, 48), 48);
    x += 64;
    y += 64;
  }
  for (; n > 0; n -= 4) {
    store_lanes(y, load_lanes(x, n), n);
    x += 16;
    y += 16;
  }
}

/** y += x over n dense elements. */
export function add_dense(y: usize, x: usize, n: i32): void {
  for (; n >= 16; n -= 16) {
    v128.store(y, f32x4.add(v128.load(y), v128.load(x)));
    v128.store(y, f32x4.add(v128.load(y, 16), v128.load(x, 16)), 16);
    v128.store(y, f32x4.add(v128.load(y, 32), v128.load(x, 32)), 32);
    v128.store(y, f32x4.add(v128.load(y, 48), v128.load(x, 48)), 48);
    x += 64;
    y += 64;
  }
  for (; n > 0; n -= 4) {
    store_lanes(y, f32x4.add(load_lanes(y, n), load_lanes(x, n)), n);
    x += 16;
    y += 16;
  }
}

/**
 * Position of the first of n i32 that, taken as unsigned, is >= limit; -1 if there is none. (Padding is 0:
 * never first.)
 */
export function find_outside(index: usize, n: i32, limit: i32): i32 {
  return find_shifted(index, n, 0, limit);
}

/** Position of the first of n i32 outside -size ... size-1, -1 if there is none. */
export function find_outside_signed(index: usize, n: i32, size: i32): i32 {
  return find_shifted(index, n, size, size << 1);
}

/** The first i32 that, with `shift` added and taken as unsigned, is >= limit. */
// @ts-expect-error: decorator
@inline
function find_shifted(index: usize, n: i32, shift: i32, limit: i32): i32 {
  const s = i32x4.splat(shift);
  const l = i32x4.splat(limit);
  for (let i = 0; i < n; i += 4) {
    const hit = i32x4.bitmask(i32x4.ge_u(i32x4.add(load_lanes(index, n - i), s), l));
    if (hit) return i + ctz(hit);
    index += 16;
  }
  return -1;
}
