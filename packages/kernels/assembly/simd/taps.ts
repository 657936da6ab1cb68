// Weighted sums of a few neighbours along an axis: the loops of resampling. Sums of up to 16 terms stay in f32, longer
// ones are taken in blocks of 16 that are added up in f64. Every lane is computed in the same order.
import { add_high, add_low, narrow } from "./columns";
import { madd } from "./madd";
import { dot_dense, load_lanes, store_lanes } from "./rows";

const BLOCK: i32 = 16;

/** w[0] x[0] + … + w[n-1] x[n-1] for up to four columns of x, whose rows are `step` bytes apart; 1 <= n <= 16. */
// @ts-expect-error: decorator
@inline
function block4(x: usize, step: usize, w: usize, n: i32, lanes: i32): v128 {
  let s = f32x4.mul(load_lanes(x, lanes), v128.load32_splat(w));
  for (; n > 1; --n) {
    x += step;
    w += 4;
    s = madd(load_lanes(x, lanes), v128.load32_splat(w), s);
  }
  return s;
}

/** The same for any n. */
function sum4(x: usize, step: usize, w: usize, n: i32, lanes: i32): v128 {
  if (n <= 0) return f32x4.splat(0);
  if (n <= BLOCK) return block4(x, step, w, n, lanes);
  let low = f64x2.splat(0), high = low;
  for (; n > 0; n -= BLOCK) {
    const s = block4(x, step, w, min(n, BLOCK), lanes);
    low = add_low(low, s);
    high = add_high(high, s);
    x += step * BLOCK;
    w += 4 * BLOCK;
  }
  return narrow(low, high);
}

/** y = v (+ y) for up to four lanes. */
// @ts-expect-error: decorator
@inline
function put(y: usize, v: v128, lanes: i32, acc: i32): void {
  store_lanes(y, acc ? f32x4.add(load_lanes(y, lanes), v) : v, lanes);
}

/** y = w[0] x[0] + … + w[n-1] x[n-1] (+ y if acc), where x[k] is a row of `inner` elements. */
export function weighted_rows(y: usize, x: usize, w: usize, n: i32, inner: i32, acc: i32): void {
  const step = (<usize>inner) << 2;
  if (n > 0 && n <= BLOCK) {
    for (; inner >= 16; inner -= 16) {
      let p = x, q = w;
      let c = v128.load32_splat(q);
      let s0 = f32x4.mul(v128.load(p), c);
      let s1 = f32x4.mul(v128.load(p, 16), c);
      let s2 = f32x4.mul(v128.load(p, 32), c);
      let s3 = f32x4.mul(v128.load(p, 48), c);
      for (let k = n; k > 1; --k) {
        p += step;
        q += 4;
        c = v128.load32_splat(q);
        s0 = madd(v128.load(p), c, s0);
        s1 = madd(v128.load(p, 16), c, s1);
        s2 = madd(v128.load(p, 32), c, s2);
        s3 = madd(v128.load(p, 48), c, s3);
      }
      put(y, s0, 4, acc);
      put(y + 16, s1, 4, acc);
      put(y + 32, s2, 4, acc);
      put(y + 48, s3, 4, acc);
      x += 64;
      y += 64;
    }
  }
  for (; inner > 0; inner -= 4) {
    put(y, sum4(x, step, w, n, inner), inner, acc);
    x += 16;
    y += 16;
  }
}

/** Four elements, `d1`, `d2`, `d3` bytes behind the first. */
// @ts-expect-error: decorator
@inline
function gather(p: usize, d1: usize, d2: usize, d3: usize): v128 {
  let v = v128.load_lane<f32>(p + d1, v128.load32_zero(p), 1);
  v = v128.load_lane<f32>(p + d2, v, 2);
  return v128.load_lane<f32>(p + d3, v, 3);
}

/**
 * One output of each of 1 to 4 rows, xs and ys bytes apart: y = w[0] x[0] + … + w[n-1] x[n-1] (+ y if acc). Lanes without
 * a row do the last one's work again.
 */
export function weighted_columns(
  y: usize, x: usize, w: usize, n: i32, ys: usize, xs: usize, rows: i32, acc: i32,
): void {
  if (n > BLOCK) {
    for (; rows > 0; --rows) {
      const s = <f32>dot_dense(x, w, n);
      store<f32>(y, acc ? load<f32>(y) + s : s);
      x += xs;
      y += ys;
    }
    return;
  }
  let s = f32x4.splat(0);
  if (n > 0) {
    const d1 = rows > 1 ? xs : 0, d2 = rows > 2 ? xs * 2 : d1, d3 = rows > 3 ? xs * 3 : d2;
    s = f32x4.mul(gather(x, d1, d2, d3), v128.load32_splat(w));
    for (; n > 1; --n) {
      x += 4;
      w += 4;
      s = madd(gather(x, d1, d2, d3), v128.load32_splat(w), s);
    }
  }
  if (acc) {
    const d1 = rows > 1 ? ys : 0, d2 = rows > 2 ? ys * 2 : d1, d3 = rows > 3 ? ys * 3 : d2;
    s = f32x4.add(gather(y, d1, d2, d3), s);
  }
  v128.store_lane<f32>(y, s, 0);
  if (rows > 1) v128.store_lane<f32>(y + ys, s, 1);
  if (rows > 2) v128.store_lane<f32>(y + ys * 2, s, 2);
  if (rows > 3) v128.store_lane<f32>(y + ys * 3, s, 3);
}
