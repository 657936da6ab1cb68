// Down the columns of layer normalisation: the gradients of weight and bias. Blocks of 16 rows are summed in
// pairs in f32, the blocks in f64, in row order (columns.ts); 16 columns or up to 4 at a time with the same
// arithmetic per lane.

import { add_high, add_low, narrow } from "./columns";
import { madd } from "./madd";
import { load_lanes, store_lanes } from "./rows";

/** Rows per f32 block. */
const BLOCK: i32 = 16;

/** (x - mean) * rstd of four columns of one row. */
// @ts-expect-error: decorator
@inline
function xhat4(x: v128, mean: v128, rstd: v128): v128 {
  return f32x4.mul(f32x4.sub(x, mean), rstd);
}

/** out = v (+ out) for up to four lanes; out 0: not needed. */
// @ts-expect-error: decorator
@inline
function put(out: usize, offset: usize, v: v128, lanes: i32, acc: i32): void {
  if (out) store_lanes(out + offset, acc ? f32x4.add(load_lanes(out + offset, lanes), v) : v, lanes);
}

/**
 * dweight = sum of dy * xhat, dbias = sum of dy over D0 * D1 rows of 16 columns (+ what is there). Rows of dy
 * are `row` BYTES apart; x steps by `step1` within D1 rows and by `step0` more after each D1 of them.
 * Long, because every accumulator has to be a local of its own to stay in a register.
 */
export function norm_columns16(
  dweight: usize, dbias: usize, dy: usize, x: usize, mean: usize, rstd: usize, D0: i32, D1: i32,
  row: usize, step0: usize, step1: usize, acc_weight: i32, acc_bias: i32,
): void {
  const zero = f32x4.splat(0);
  let w0 = f64x2.splat(0);
  let w1 = w0, w2 = w0, w3 = w0, w4 = w0, w5 = w0, w6 = w0, w7 = w0;
  let b0 = w0, b1 = w0, b2 = w0, b3 = w0, b4 = w0, b5 = w0, b6 = w0, b7 = w0;
  let j = D1;
  for (let n = D0 * D1; n > 0; n -= BLOCK) {
    let s0 = zero, s1 = zero, s2 = zero, s3 = zero;
    let t0 = zero, t1 = zero, t2 = zero, t3 = zero;
    for (let k = min(n, BLOCK); k > 0; k -= 2) {
      let m = v128.load32_splat(mean);
      let r = v128.load32_splat(rstd);
      let g0 = v128.load(dy);
      let g1 = v128.load(dy, 16);
      let g2 = v128.load(dy, 32);
      let g3 = v128.load(dy, 48);
      let h0 = f32x4.mul(g0, xhat4(v128.load(x), m, r));
      let h1 = f32x4.mul(g1, xhat4(v128.load(x, 16), m, r));
      let h2 = f32x4.mul(g2, xhat4(v128.load(x, 32), m, r));
      let h3 = f32x4.mul(g3, xhat4(v128.load(x, 48), m, r));
      dy += row;
      x += step1;
      if (--j == 0) {
        j = D1;
        x += step0;
      }
      if (k > 1) {
        m = v128.load32_splat(mean, 4);
        r = v128.load32_splat(rstd, 4);
        let g = v128.load(dy);
        h0 = madd(g, xhat4(v128.load(x), m, r), h0);
        g0 = f32x4.add(g0, g);
        g = v128.load(dy, 16);
        h1 = madd(g, xhat4(v128.load(x, 16), m, r), h1);
        g1 = f32x4.add(g1, g);
        g = v128.load(dy, 32);
        h2 = madd(g, xhat4(v128.load(x, 32), m, r), h2);
        g2 = f32x4.add(g2, g);
        g = v128.load(dy, 48);
        h3 = madd(g, xhat4(v128.load(x, 48), m, r), h3);
        g3 = f32x4.add(g3, g);
        dy += row;
        x += step1;
        if (--j == 0) {
          j = D1;
          x += step0;
        }
      }
      mean += 8;
      rstd += 8;
      s0 = f32x4.add(s0, h0);
      s1 = f32x4.add(s1, h1);
      s2 = f32x4.add(s2, h2);
      s3 = f32x4.add(s3, h3);
      t0 = f32x4.add(t0, g0);
      t1 = f32x4.add(t1, g1);
      t2 = f32x4.add(t2, g2);
      t3 = f32x4.add(t3, g3);
    }
    w0 = add_low(w0, s0);
    w1 = add_high(w1, s0);
    w2 = add_low(w2, s1);
    w3 = add_high(w3, s1);
    w4 = add_low(w4, s2);
    w5 = add_high(w5, s2);
    w6 = add_low(w6, s3);
    w7 = add_high(w7, s3);
    b0 = add_low(b0, t0);
    b1 = add_high(b1, t0);
    b2 = add_low(b2, t1);
    b3 = add_high(b3, t1);
    b4 = add_low(b4, t2);
    b5 = add_high(b5, t2);
    b6 = add_low(b6, t3);
    b7 = add_high(b7, t3);
  }
  put(dweight, 0, narrow(w0, w1), 4, acc_weight);
  put(dweight, 16, narrow(w2, w3), 4, acc_weight);
  put(dweight, 32, narrow(w4, w5), 4, acc_weight);
  put(dweight, 48, narrow(w6, w7), 4, acc_weight);
  put(dbias, 0, narrow(b0, b1), 4, acc_bias);
  put(dbias, 16, narrow(b2, b3), 4, acc_bias);
  put(dbias, 32, narrow(b4, b5), 4, acc_bias);
  put(dbias, 48, narrow(b6, b7), 4, acc_bias);
}

/** The same for 1 to 4 columns. */
export function norm_columns4(
  dweight: usize, dbias: usize, dy: usize, x: usize, mean: usize, rstd: usize, D0: i32, D1: i32,
  row: usize, step0: usize, step1: usize, acc_weight: i32, acc_bias: i32, lanes: i32,
): void {
  let w0 = f64x2.splat(0);
  let w1 = w0, b0 = w0, b1 = w0;
  let j = D1;
  for (let n = D0 * D1; n > 0; n -= BLOCK) {
    let s = f32x4.splat(0), t = s, pair_s = s, pair_t = s;
    for (let k = min(n, BLOCK); k > 0; --k) {
      const g = load_lanes(dy, lanes);
      const h = xhat4(load_lanes(x, lanes), v128.load32_splat(mean), v128.load32_splat(rstd));
      dy += row;
      mean += 4;
      rstd += 4;
      x += step1;
      if (--j == 0) {
        j = D1;
        x += step0;
      }
      // rows 0, 2, … of the block open a pair, rows 1, 3, … and the last one close it
      const opens = ((min(n, BLOCK) - k) & 1) == 0;
      pair_s = opens ? f32x4.mul(g, h) : madd(g, h, pair_s);
      pair_t = opens ? g : f32x4.add(pair_t, g);
      if (!opens || k == 1) {
        s = f32x4.add(s, pair_s);
        t = f32x4.add(t, pair_t);
      }
    }
    w0 = add_low(w0, s);
    w1 = add_high(w1, s);
    b0 = add_low(b0, t);
    b1 = add_high(b1, t);
  }
  put(dweight, 0, narrow(w0, w1), lanes, acc_weight);
  put(dbias, 0, narrow(b0, b1), lanes, acc_bias);
}
