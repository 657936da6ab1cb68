// Row times matrix at the speed of memory: B is read from end to end, whichever axis is dense, in an order of
// summation chosen for that alone. (A stripe of columns of a wide B takes a few bytes from each of many
// pages, and columns whose distance is a multiple of 4 KB share one set of the cache.) Strides are in BYTES.

import { finish4 } from "./finish";
import { madd } from "./madd";
import { load_lanes, store_lanes } from "./rows";
import { put } from "./stripe";

/** The sums of the four lanes of each of r0..r3. */
// @ts-expect-error: decorator
@inline
function row_sums(r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const p = f32x4.add(v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), v128.shuffle<f32>(r0, r1, 2, 6, 3, 7));
  const q = f32x4.add(v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), v128.shuffle<f32>(r2, r3, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(p, q, 0, 2), v128.shuffle<f64>(p, q, 1, 3));
}

/** x[k] b[k] summed over k into four lanes, by eight chains of four lanes each. */
function dot_lanes(x: usize, b: usize, K: i32): v128 {
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
  for (; K >= 32; K -= 32) {
    c0 = madd(v128.load(x), v128.load(b), c0);
    c1 = madd(v128.load(x, 16), v128.load(b, 16), c1);
    c2 = madd(v128.load(x, 32), v128.load(b, 32), c2);
    c3 = madd(v128.load(x, 48), v128.load(b, 48), c3);
    c4 = madd(v128.load(x, 64), v128.load(b, 64), c4);
    c5 = madd(v128.load(x, 80), v128.load(b, 80), c5);
    c6 = madd(v128.load(x, 96), v128.load(b, 96), c6);
    c7 = madd(v128.load(x, 112), v128.load(b, 112), c7);
    x += 128;
    b += 128;
  }
  for (; K > 0; K -= 4) {
    c0 = madd(load_lanes(x, K), load_lanes(b, K), c0);
    x += 16;
    b += 16;
  }
  c0 = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
  c4 = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
  return f32x4.add(c0, c4);
}

/** 1 to 4 columns, each dense along k, x dense too: the columns are read from end to end, one by one. */
export function dot_rows4(
  y: usize, x: usize, b: usize, cs: usize, columns: i32, K: i32, bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  const s0 = dot_lanes(x, b, K);
  const s1 = columns > 1 ? dot_lanes(x, b + cs, K) : s0;
  const s2 = columns > 2 ? dot_lanes(x, b + 2 * cs, K) : s0;
  const s3 = columns > 3 ? dot_lanes(x, b + 3 * cs, K) : s0;
  put(y, row_sums(s0, s1, s2, s3), 0, columns, bias, f32x4.splat(alpha), act, acc);
}

/**
 * Rows stream_rows reads side by side, the k-steps of its chains: a stripe of this depth has the same bits.
 */
export const STREAM: i32 = 8;

/** y = sum, or y + sum: one vector of columns of a running sum. */
// @ts-expect-error: decorator
@inline
function gain(y: usize, lanes: i32, first: bool, sum: v128): void {
  store_lanes(y, first ? sum : f32x4.add(load_lanes(y, lanes), sum), lanes);
}

/** One vector of columns of eight rows, a chain from 0. */
// @ts-expect-error: decorator
@inline
function eight_rows(
  b: usize, rs: usize, lanes: i32,
  x0: v128, x1: v128, x2: v128, x3: v128, x4: v128, x5: v128, x6: v128, x7: v128,
): v128 {
  let c = madd(x0, load_lanes(b, lanes), f32x4.splat(0));
  c = madd(x1, load_lanes(b + rs, lanes), c);
  c = madd(x2, load_lanes(b + 2 * rs, lanes), c);
  c = madd(x3, load_lanes(b + 3 * rs, lanes), c);
  c = madd(x4, load_lanes(b + 4 * rs, lanes), c);
  c = madd(x5, load_lanes(b + 5 * rs, lanes), c);
  c = madd(x6, load_lanes(b + 6 * rs, lanes), c);
  return madd(x7, load_lanes(b + 7 * rs, lanes), c);
}

/**
 * Dense rows of B read from end to end, eight at a time, y the running sum: wide rows lie pages apart, where
 * a stripe of columns would wait for each. Chains of STREAM k-steps instead of KC; y is finished in place.
 */
export function stream_rows(
  y: usize, x: usize, xs: usize, b: usize, rs: usize, columns: i32, K: i32, bias: usize, alpha: f32, act: i32,
): void {
  const whole = columns & ~3;
  const rest = columns - whole;
  const end = <usize>whole << 2;
  let k = 0;
  for (; k + 8 <= K; k += 8) {
    const first = k == 0;
    const x0 = v128.load32_splat(x), x1 = v128.load32_splat(x + xs);
    const x2 = v128.load32_splat(x + 2 * xs), x3 = v128.load32_splat(x + 3 * xs);
    const x4 = v128.load32_splat(x + 4 * xs), x5 = v128.load32_splat(x + 5 * xs);
    const x6 = v128.load32_splat(x + 6 * xs), x7 = v128.load32_splat(x + 7 * xs);
    for (let at: usize = 0; at != end; at += 16) {
      gain(y + at, 4, first, eight_rows(b + at, rs, 4, x0, x1, x2, x3, x4, x5, x6, x7));
    }
    if (rest) gain(y + end, rest, first, eight_rows(b + end, rs, rest, x0, x1, x2, x3, x4, x5, x6, x7));
    x += 8 * xs;
    b += 8 * rs;
  }
  for (let n = 0; k < K && n < columns; n += 4) {
    const lanes = columns - n;
    let from = b + (<usize>n << 2);
    let c = f32x4.splat(0);
    for (let i = k; i < K; ++i) {
      c = madd(v128.load32_splat(x + <usize>(i - k) * xs), load_lanes(from, lanes), c);
      from += rs;
    }
    gain(y + (<usize>n << 2), lanes, k == 0, c);
  }
  const scale = f32x4.splat(alpha);
  for (let n = 0; n < columns; n += 4) {
    const to = y + (<usize>n << 2);
    finish4(to, load_lanes(to, columns - n), columns - n, bias ? bias + (<usize>n << 2) : 0, scale, act, 0);
  }
}
