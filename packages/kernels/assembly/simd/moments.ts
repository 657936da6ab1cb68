// Products, sums and sums of squares in f64, along one row or down four columns. f64 holds the product of two f32
// exactly, so these are right to the last f32 digit for any length that fits in memory.
import { narrow, put4 } from "./columns";
import { columns_of, leading_offset, rows_of, stride_of } from "./layout";
import { fold64, load_lanes } from "./rows";

// @ts-expect-error: decorator
@inline
function promote_high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i32>(v, v, 2, 3, 2, 3));
}

/** Product of the elements of one output. */
export function product_row(x: usize, reduced: usize): f64 {
  const runs = rows_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let a = f64x2.splat(1);
  let b = a;
  let rest: f64 = 1;
  for (let q = 0; q < runs; ++q) {
    let p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    let n = columns_of(reduced);
    if (step == 4) {
      for (; n >= 4; n -= 4) {
        a = f64x2.mul(a, f64x2.promote_low_f32x4(v128.load64_zero(p)));
        b = f64x2.mul(b, f64x2.promote_low_f32x4(v128.load64_zero(p, 8)));
        p += 16;
      }
    }
    for (; n > 0; --n) {
      rest *= <f64>load<f32>(p);
      p += step;
    }
  }
  a = f64x2.mul(a, b);
  return f64x2.extract_lane(a, 0) * f64x2.extract_lane(a, 1) * rest;
}

/** Sums of d and d^2 of one output, d = x - centre, as two f64 lanes. */
export function moments_row(x: usize, reduced: usize, centre: f64): v128 {
  const runs = rows_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  const c = f64x2.splat(centre);
  let s0 = f64x2.splat(0);
  let s1 = s0, q0 = s0, q1 = s0;
  let sum: f64 = 0;
  let squares: f64 = 0;
  for (let q = 0; q < runs; ++q) {
    let p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    let n = columns_of(reduced);
    if (step == 4) {
      for (; n >= 4; n -= 4) {
        const a = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p)), c);
        const b = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(p, 8)), c);
        s0 = f64x2.add(s0, a);
        s1 = f64x2.add(s1, b);
        q0 = f64x2.add(q0, f64x2.mul(a, a));
        q1 = f64x2.add(q1, f64x2.mul(b, b));
        p += 16;
      }
    }
    for (; n > 0; --n) {
      const d = <f64>load<f32>(p) - centre;
      sum += d;
      squares += d * d;
      p += step;
    }
  }
  return f64x2(fold64(f64x2.add(s0, s1)) + sum, fold64(f64x2.add(q0, q1)) + squares);
}

/** Products of 1 to 4 neighbouring columns. */
export function product_columns4(out: usize, out_step: usize, x: usize, reduced: usize, lanes: i32): void {
  const runs = rows_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let low = f64x2.splat(1);
  let high = low;
  for (let q = 0; q < runs; ++q) {
    let p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    for (let n = columns_of(reduced); n > 0; --n) {
      const v = load_lanes(p, lanes);
      low = f64x2.mul(low, f64x2.promote_low_f32x4(v));
      high = f64x2.mul(high, promote_high(v));
      p += step;
    }
  }
  put4(out, out_step, narrow(low, high), lanes, 0);
}

/** (q - s^2 / n) / dof, or its root. */
// @ts-expect-error: decorator
@inline
function spread(q: v128, s: v128, n: f64, dof: f64, root: i32): v128 {
  const rest = f64x2.max(f64x2.sub(q, f64x2.div(f64x2.mul(s, s), f64x2.splat(n))), f64x2.splat(0));
  const v = f64x2.div(rest, f64x2.splat(dof));
  return root ? f64x2.sqrt(v) : v;
}

/** The mean after a pass; the second one finds no number next to an infinite mean, which stays. */
// @ts-expect-error: decorator
@inline
function moved(centre: v128, s: v128, n: f64, pass: i32): v128 {
  const c = f64x2.add(centre, f64x2.div(s, f64x2.splat(n)));
  return pass ? v128.bitselect(c, centre, f64x2.eq(c, c)) : c;
}

/**
 * Sum of squared deviations / dof of 1 to 4 neighbouring columns, and their means if `mean` is no null pointer; else
 * the sum of squares / dof. The second pass corrects itself for the rounding of the mean (Chan, Golub, LeVeque, 1983).
 */
export function spread_columns4(
  out: usize, mean: usize, out_step: usize, x: usize, reduced: usize, dof: f64, root: i32, lanes: i32,
): void {
  const runs = rows_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  const n = <f64>runs * <f64>columns_of(reduced);
  const zero = f64x2.splat(0);
  let c0 = zero, c1 = zero, s0 = zero, s1 = zero, q0 = zero, q1 = zero;
  for (let pass = mean ? 0 : 1; pass < 2; ++pass) {
    s0 = zero; s1 = zero; q0 = zero; q1 = zero;
    for (let q = 0; q < runs; ++q) {
      let p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
      for (let k = columns_of(reduced); k > 0; --k) {
        const v = load_lanes(p, lanes);
        const a = f64x2.sub(f64x2.promote_low_f32x4(v), c0);
        const b = f64x2.sub(promote_high(v), c1);
        s0 = f64x2.add(s0, a);
        s1 = f64x2.add(s1, b);
        q0 = f64x2.add(q0, f64x2.mul(a, a));
        q1 = f64x2.add(q1, f64x2.mul(b, b));
        p += step;
      }
    }
    if (mean) {
      c0 = moved(c0, s0, n, pass);
      c1 = moved(c1, s1, n, pass);
    }
  }
  if (mean) put4(mean, out_step, narrow(c0, c1), lanes, 0);
  else s0 = s1 = zero;
  put4(out, out_step, narrow(spread(q0, s0, n, dof, root), spread(q1, s1, n, dof, root)), lanes, 0);
}

/** The same for one output. */
export function spread_row(out: usize, mean: usize, x: usize, reduced: usize, dof: f64, root: i32): void {
  const n = <f64>rows_of(reduced) * <f64>columns_of(reduced);
  let centre: f64 = 0;
  if (mean) centre = f64x2.extract_lane(moments_row(x, reduced, 0), 0) / n;
  const m = moments_row(x, reduced, centre);
  const s = mean ? f64x2.extract_lane(m, 0) : 0;
  if (mean) {
    const c = moved(f64x2.splat(centre), f64x2.splat(s), n, 1);
    store<f32>(mean, <f32>f64x2.extract_lane(c, 0));
  }
  const v = spread(f64x2.splat(f64x2.extract_lane(m, 1)), f64x2.splat(s), n, dof, root);
  store<f32>(out, <f32>f64x2.extract_lane(v, 0));
}
