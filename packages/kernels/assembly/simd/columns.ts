// Lanes down the columns: every lane folds one column of a strided block, 16 columns (one cache line) or up
// to 4 at a time. Rows are taken in pairs and in blocks of 16: a block is summed in f32, the blocks in f64,
// in row order; a lane does the same arithmetic whichever of the two widths it is in.

import { columns_of, leading_offset, rows_of, stride_of } from "./layout";
import { load_lanes, store_lanes } from "./rows";

/** Rows per f32 block. */
const BLOCK: i32 = 16;

/** Two f64x2 as one f32x4. */
// @ts-expect-error: decorator
@inline
export function narrow(low: v128, high: v128): v128 {
  return v128.shuffle<i32>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 1, 4, 5);
}

/** Lanes 0 and 1 of s added to a sum of two f64 lanes. */
// @ts-expect-error: decorator
@inline
export function add_low(t: v128, s: v128): v128 {
  return f64x2.add(t, f64x2.promote_low_f32x4(s));
}

/** Lanes 2 and 3 of s added to a sum of two f64 lanes. */
// @ts-expect-error: decorator
@inline
export function add_high(t: v128, s: v128): v128 {
  return f64x2.add(t, f64x2.promote_low_f32x4(v128.shuffle<i32>(s, s, 2, 3, 2, 3)));
}

/** out = v (+ out) for the first `lanes` of four elements `step` bytes apart. */
// @ts-expect-error: decorator
@inline
export function put4(out: usize, step: usize, v: v128, lanes: i32, acc: i32): void {
  if (step == 4) {
    store_lanes(out, acc ? f32x4.add(load_lanes(out, lanes), v) : v, lanes);
    return;
  }
  for (let i = 0; i < lanes; ++i) {
    const y = f32x4.extract_lane(v, 0);
    store<f32>(out, acc ? load<f32>(out) + y : y);
    v = v128.shuffle<i32>(v, v, 1, 2, 3, 0);
    out += step;
  }
}

/** Sums of 16 columns. */
export function sum_columns16(out: usize, out_step: usize, x: usize, reduced: usize, acc: i32): void {
  const zero = f32x4.splat(0);
  let t0 = f64x2.splat(0);
  let t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0, t7 = t0;
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << 2;
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << 2);
    for (let n = columns_of(reduced); n > 0; n -= BLOCK) {
      let k = min(n, BLOCK);
      let a = zero, b = zero, c = zero, d = zero;
      for (; k > 1; k -= 2) {
        const s = p + step;
        a = f32x4.add(a, f32x4.add(v128.load(p), v128.load(s)));
        b = f32x4.add(b, f32x4.add(v128.load(p, 16), v128.load(s, 16)));
        c = f32x4.add(c, f32x4.add(v128.load(p, 32), v128.load(s, 32)));
        d = f32x4.add(d, f32x4.add(v128.load(p, 48), v128.load(s, 48)));
        p = s + step;
      }
      if (k) {
        a = f32x4.add(a, v128.load(p));
        b = f32x4.add(b, v128.load(p, 16));
        c = f32x4.add(c, v128.load(p, 32));
        d = f32x4.add(d, v128.load(p, 48));
      }
      t0 = add_low(t0, a);
      t1 = add_high(t1, a);
      t2 = add_low(t2, b);
      t3 = add_high(t3, b);
      t4 = add_low(t4, c);
      t5 = add_high(t5, c);
      t6 = add_low(t6, d);
      t7 = add_high(t7, d);
    }
  }
  put4(out, out_step, narrow(t0, t1), 4, acc);
  put4(out + out_step * 4, out_step, narrow(t2, t3), 4, acc);
  put4(out + out_step * 8, out_step, narrow(t4, t5), 4, acc);
  put4(out + out_step * 12, out_step, narrow(t6, t7), 4, acc);
}

/** Sums of 1 to 4 columns. */
export function sum_columns4(
  out: usize, out_step: usize, x: usize, reduced: usize, acc: i32, lanes: i32,
): void {
  let t0 = f64x2.splat(0);
  let t1 = t0;
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << 2;
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << 2);
    for (let n = columns_of(reduced); n > 0; n -= BLOCK) {
      let k = min(n, BLOCK);
      let a = f32x4.splat(0);
      for (; k > 1; k -= 2) {
        a = f32x4.add(a, f32x4.add(load_lanes(p, lanes), load_lanes(p + step, lanes)));
        p += step * 2;
      }
      if (k) a = f32x4.add(a, load_lanes(p, lanes));
      t0 = add_low(t0, a);
      t1 = add_high(t1, a);
    }
  }
  put4(out, out_step, narrow(t0, t1), lanes, acc);
}

/** x ^ sign of four columns where it is not NaN, the maxima so far where it is or where they are larger. */
// @ts-expect-error: decorator
@inline
function keep_top(top: v128, v: v128, sign: v128): v128 {
  return f32x4.pmax(top, v128.xor(v, sign));
}

/** The extremum, or NaN where one was seen. */
// @ts-expect-error: decorator
@inline
function settle(top: v128, nan: v128, sign: v128): v128 {
  return v128.bitselect(f32x4.splat(NaN), v128.xor(top, sign), nan);
}

/** Maxima of x ^ sign, ^ sign again, of 16 columns; NaN where there is one. */
export function extreme_columns16(out: usize, out_step: usize, x: usize, reduced: usize, sign: i32): void {
  const s = i32x4.splat(sign);
  let a = f32x4.splat(-Infinity);
  let b = a, c = a, d = a;
  let na = i32x4.splat(0);
  let nb = na, nc = na, nd = na;
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << 2;
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << 2);
    for (let n = columns_of(reduced); n > 0; --n) {
      const v0 = v128.load(p);
      const v1 = v128.load(p, 16);
      const v2 = v128.load(p, 32);
      const v3 = v128.load(p, 48);
      p += step;
      a = keep_top(a, v0, s);
      b = keep_top(b, v1, s);
      c = keep_top(c, v2, s);
      d = keep_top(d, v3, s);
      na = v128.or(na, f32x4.ne(v0, v0));
      nb = v128.or(nb, f32x4.ne(v1, v1));
      nc = v128.or(nc, f32x4.ne(v2, v2));
      nd = v128.or(nd, f32x4.ne(v3, v3));
    }
  }
  put4(out, out_step, settle(a, na, s), 4, 0);
  put4(out + out_step * 4, out_step, settle(b, nb, s), 4, 0);
  put4(out + out_step * 8, out_step, settle(c, nc, s), 4, 0);
  put4(out + out_step * 12, out_step, settle(d, nd, s), 4, 0);
}

/** The same of 1 to 4 columns. */
export function extreme_columns4(
  out: usize, out_step: usize, x: usize, reduced: usize, sign: i32, lanes: i32,
): void {
  const s = i32x4.splat(sign);
  let top = f32x4.splat(-Infinity);
  let nan = i32x4.splat(0);
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << 2;
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << 2);
    for (let n = columns_of(reduced); n > 0; --n) {
      const v = load_lanes(p, lanes);
      p += step;
      top = keep_top(top, v, s);
      nan = v128.or(nan, f32x4.ne(v, v));
    }
  }
  put4(out, out_step, settle(top, nan, s), lanes, 0);
}

/**
 * Flat indices (over the reduced axes) of the first maxima of x ^ sign in 1 to 4 columns of T = f32 or i32; the first
 * NaN wins.
 */
export function arg_columns4<T>(
  out: usize, out_step: usize, x: usize, reduced: usize, sign: i32, lanes: i32,
): void {
  const s = i32x4.splat(sign);
  const one = i32x4.splat(1);
  let top = v128.xor(load_lanes(x, lanes), s);
  let at = i32x4.splat(0);
  let i = at;
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << 2;
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << 2);
    for (let n = columns_of(reduced); n > 0; --n) {
      const v = v128.xor(load_lanes(p, lanes), s);
      p += step;
      // not (v <= top) is "larger, or NaN"; a top that is NaN already stays
      let better = i32x4.gt_s(v, top);
      if (isFloat<T>()) better = v128.andnot(f32x4.eq(top, top), f32x4.le(v, top));
      top = v128.bitselect(v, top, better);
      at = v128.bitselect(i, at, better);
      i = i32x4.add(i, one);
    }
  }
  put4(out, out_step, at, lanes, 0);
}
