// Register stripes of the row-times-matrix product: a few columns of y, all of k. Lanes are columns, so each
// element is the chain of the tile (simd/tile.ts), whichever way B lies in memory. Strides are in BYTES; x
// element k at x + k*xs.

import { finish4 } from "./finish";
import { madd } from "./madd";
import { KC } from "./tile";

/** Finishes the vector that starts at column `at` of a stripe of `columns`, if it has any. */
// @ts-expect-error: decorator
@inline
export function put(
  y: usize, sum: v128, at: i32, columns: i32, bias: usize, alpha: v128, act: i32, acc: i32,
): void {
  if (at < columns) {
    const offset = <usize>at << 2;
    finish4(y + offset, sum, columns - at, bias ? bias + offset : 0, alpha, act, acc);
  }
}

/** put for the eight vectors of 32 columns. */
// @ts-expect-error: decorator
@inline
export function put32(
  y: usize, s0: v128, s1: v128, s2: v128, s3: v128, s4: v128, s5: v128, s6: v128, s7: v128, columns: i32,
  bias: usize, alpha: v128, act: i32, acc: i32,
): void {
  put(y, s0, 0, columns, bias, alpha, act, acc);
  put(y, s1, 4, columns, bias, alpha, act, acc);
  put(y, s2, 8, columns, bias, alpha, act, acc);
  put(y, s3, 12, columns, bias, alpha, act, acc);
  put(y, s4, 16, columns, bias, alpha, act, acc);
  put(y, s5, 20, columns, bias, alpha, act, acc);
  put(y, s6, 24, columns, bias, alpha, act, acc);
  put(y, s7, 28, columns, bias, alpha, act, acc);
}

/**
 * 32 columns in four groups of 8, chains of `depth` k-steps: group g of row k at b + g*jump + k*step. Four
 * packed panels (jump = panel, step = 32) or a dense row (jump = 32, step = row).
 */
export function stripe32(
  y: usize, x: usize, xs: usize, b: usize, jump: usize, step: usize, columns: i32, K: i32, depth: i32,
  bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  let d = b + jump, e = d + jump, f = e + jump;
  let k = 0;
  do {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0, c5 = c0, c6 = c0, c7 = c0;
    for (let n = min(depth, K - k); n > 0; --n) {
      const v = v128.load32_splat(x);
      c0 = madd(v, v128.load(b), c0);
      c1 = madd(v, v128.load(b, 16), c1);
      c2 = madd(v, v128.load(d), c2);
      c3 = madd(v, v128.load(d, 16), c3);
      c4 = madd(v, v128.load(e), c4);
      c5 = madd(v, v128.load(e, 16), c5);
      c6 = madd(v, v128.load(f), c6);
      c7 = madd(v, v128.load(f, 16), c7);
      x += xs;
      b += step;
      d += step;
      e += step;
      f += step;
    }
    s0 = k ? f32x4.add(s0, c0) : c0;
    s1 = k ? f32x4.add(s1, c1) : c1;
    s2 = k ? f32x4.add(s2, c2) : c2;
    s3 = k ? f32x4.add(s3, c3) : c3;
    s4 = k ? f32x4.add(s4, c4) : c4;
    s5 = k ? f32x4.add(s5, c5) : c5;
    s6 = k ? f32x4.add(s6, c6) : c6;
    s7 = k ? f32x4.add(s7, c7) : c7;
    k += depth;
  } while (k < K);
  put32(y, s0, s1, s2, s3, s4, s5, s6, s7, columns, bias, f32x4.splat(alpha), act, acc);
}

/** 8 columns, chains of `depth` k-steps: row k at b + k*step. */
export function stripe8(
  y: usize, x: usize, xs: usize, b: usize, step: usize, columns: i32, K: i32, depth: i32,
  bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  let s0 = f32x4.splat(0), s1 = s0;
  let k = 0;
  do {
    let c0 = f32x4.splat(0), c1 = c0;
    for (let n = min(depth, K - k); n > 0; --n) {
      const v = v128.load32_splat(x);
      c0 = madd(v, v128.load(b), c0);
      c1 = madd(v, v128.load(b, 16), c1);
      x += xs;
      b += step;
    }
    s0 = k ? f32x4.add(s0, c0) : c0;
    s1 = k ? f32x4.add(s1, c1) : c1;
    k += depth;
  } while (k < K);
  const scale = f32x4.splat(alpha);
  put(y, s0, 0, columns, bias, scale, act, acc);
  put(y, s1, 4, columns, bias, scale, act, acc);
}

/** One k-step of four columns anywhere. */
// @ts-expect-error: decorator
@inline
function gather(b0: usize, b1: usize, b2: usize, b3: usize): v128 {
  const v = v128.load32_lane(b1, v128.load32_zero(b0), 1);
  return v128.load32_lane(b3, v128.load32_lane(b2, v, 2), 3);
}

/**
 * 1 to 4 columns with any strides, chains of `depth` k-steps: element (k, n) at b + k*rs + n*cs. A missing
 * column repeats the last one.
 */
export function stripe4(
  y: usize, x: usize, xs: usize, b: usize, rs: usize, cs: usize, columns: i32, K: i32, depth: i32,
  bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  let b1 = b + <usize>min(1, columns - 1) * cs;
  let b2 = b + <usize>min(2, columns - 1) * cs;
  let b3 = b + <usize>min(3, columns - 1) * cs;
  let s = f32x4.splat(0);
  let k = 0;
  do {
    let c = f32x4.splat(0);
    for (let n = min(depth, K - k); n > 0; --n) {
      c = madd(v128.load32_splat(x), gather(b, b1, b2, b3), c);
      x += xs;
      b += rs;
      b1 += rs;
      b2 += rs;
      b3 += rs;
    }
    s = k ? f32x4.add(s, c) : c;
    k += depth;
  } while (k < K);
  put(y, s, 0, columns, bias, f32x4.splat(alpha), act, acc);
}

/** c of four columns dense along k, after k-steps 0..3 with x0..x3: a 4x4 transpose, then the chain. */
// @ts-expect-error: decorator
@inline
function steps4(b: usize, cs: usize, x: usize, xs: usize, c: v128): v128 {
  const r0 = v128.load(b);
  const r1 = v128.load(b + cs);
  const r2 = v128.load(b + 2 * cs);
  const r3 = v128.load(b + 3 * cs);
  const p = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const q = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  c = madd(v128.load32_splat(x), v128.shuffle<f64>(p, q, 0, 2), c);
  c = madd(v128.load32_splat(x + xs), v128.shuffle<f64>(p, q, 1, 3), c);
  const u = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const w = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  c = madd(v128.load32_splat(x + 2 * xs), v128.shuffle<f64>(u, w, 0, 2), c);
  return madd(v128.load32_splat(x + 3 * xs), v128.shuffle<f64>(u, w, 1, 3), c);
}

/** 16 columns, each dense along k (B is the transpose of a row-major matrix): column n at b + n*cs. */
export function stripe_rows16(
  y: usize, x: usize, xs: usize, b: usize, cs: usize, K: i32, bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  const group: usize = 4 * cs;
  let k = 0;
  do {
    let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0;
    let n = min(KC, K - k);
    for (; n >= 4; n -= 4) {
      c0 = steps4(b, cs, x, xs, c0);
      c1 = steps4(b + group, cs, x, xs, c1);
      c2 = steps4(b + 2 * group, cs, x, xs, c2);
      c3 = steps4(b + 3 * group, cs, x, xs, c3);
      x += 4 * xs;
      b += 16;
    }
    for (; n > 0; --n) {
      const v = v128.load32_splat(x);
      c0 = madd(v, gather(b, b + cs, b + 2 * cs, b + 3 * cs), c0);
      let g = b + group;
      c1 = madd(v, gather(g, g + cs, g + 2 * cs, g + 3 * cs), c1);
      g += group;
      c2 = madd(v, gather(g, g + cs, g + 2 * cs, g + 3 * cs), c2);
      g += group;
      c3 = madd(v, gather(g, g + cs, g + 2 * cs, g + 3 * cs), c3);
      x += xs;
      b += 4;
    }
    s0 = k ? f32x4.add(s0, c0) : c0;
    s1 = k ? f32x4.add(s1, c1) : c1;
    s2 = k ? f32x4.add(s2, c2) : c2;
    s3 = k ? f32x4.add(s3, c3) : c3;
    k += KC;
  } while (k < K);
  const scale = f32x4.splat(alpha);
  put(y, s0, 0, 16, bias, scale, act, acc);
  put(y, s1, 4, 16, bias, scale, act, acc);
  put(y, s2, 8, 16, bias, scale, act, acc);
  put(y, s3, 12, 16, bias, scale, act, acc);
}
