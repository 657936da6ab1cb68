// One row times a matrix of few bits (formats.ts), read once. 16-bit weights are widened in registers. For the others the
// row was rounded to bytes, group by group (quantize_group), so that 16 products are one instruction: integers, exact and
// the same in both builds; a group ends with its scales.

import { F16, F16_BITS, F16_SCALE, INT8, widen_f16 } from "./formats";
import { madd } from "./madd";
import { load_lanes } from "./rows";
import { put, put32 } from "./stripe";

/** c + sums of four neighbouring products: a signed bytes, b bytes of 0 to 127. */
// @ts-expect-error: decorator
@inline
function dot4(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(a, b, c);
  } else {
    const low = i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(a), i16x8.extend_low_i8x16_s(b));
    const high = i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(a), i16x8.extend_high_i8x16_s(b));
    const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    return i32x4.add(c, i32x4.add(even, v128.shuffle<i32>(low, high, 1, 3, 5, 7)));
  }
}

// @ts-expect-error: decorator
@inline
function low_half(w: v128, mask: v128, half: bool): v128 {
  const v = i32x4.shl(w, 16);
  return half ? widen_f16(v, mask) : v;
}

// @ts-expect-error: decorator
@inline
function high_half(w: v128, mask: v128, half: bool): v128 {
  return half ? widen_f16(w, mask) : v128.and(w, mask);
}

// 32 columns in four panels `jump` bytes apart; `half` is a constant: f16 or bf16.
// @ts-expect-error: decorator
@inline
function halves(
  y: usize, x: usize, b: usize, jump: usize, columns: i32, K: i32, bias: usize, act: i32, acc: i32, half: bool,
): void {
  const mask = i32x4.splat(half ? F16_BITS : -65536);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
  let d = b + jump, e = d + jump, f = e + jump;
  for (; K > 0; --K) {
    const v = v128.load32_splat(x);
    const w0 = v128.load(b);
    s0 = madd(v, low_half(w0, mask, half), s0);
    s1 = madd(v, high_half(w0, mask, half), s1);
    const w1 = v128.load(d);
    s2 = madd(v, low_half(w1, mask, half), s2);
    s3 = madd(v, high_half(w1, mask, half), s3);
    const w2 = v128.load(e);
    s4 = madd(v, low_half(w2, mask, half), s4);
    s5 = madd(v, high_half(w2, mask, half), s5);
    const w3 = v128.load(f);
    s6 = madd(v, low_half(w3, mask, half), s6);
    s7 = madd(v, high_half(w3, mask, half), s7);
    x += 4;
    b += 16;
    d += 16;
    e += 16;
    f += 16;
  }
  put32(y, s0, s1, s2, s3, s4, s5, s6, s7, columns, bias, f32x4.splat(half ? F16_SCALE : 1), act, acc);
}

/** y = act(x B + bias), or y += x B, for 32 columns of a 16-bit B, or, with a `jump` of 0, for those of one panel. */
export function stripe_halves(
  y: usize, x: usize, b: usize, jump: usize, columns: i32, K: i32, format: i32, bias: usize, act: i32, acc: i32,
): void {
  if (format == F16) halves(y, x, b, jump, columns, K, bias, act, acc, true);
  else halves(y, x, b, jump, columns, K, bias, act, acc, false);
}

/** Bytes of a group of a row in bytes: its elements, a scale (f32), their sum (i32). */
// @ts-expect-error: decorator
@inline
export function row_group_bytes(group: i32): usize {
  return <usize>(group + 8);
}

/**
 * The first `count` elements of a group of x in bytes, the others 0: for INT8 weights as 64 + q, q in -63 ... 63, for INT4
 * weights as q in -127 ... 127. A NaN or an Infinity makes the scale one.
 */
export function quantize_group(out: usize, x: usize, count: i32, format: i32, group: i32): void {
  let top = f32x4.splat(0);
  for (let k = 0; k < count; k += 4) {
    top = f32x4.max(top, f32x4.abs(load_lanes(x + ((<usize>k) << 2), count - k)));
  }
  top = f32x4.max(top, v128.shuffle<i32>(top, top, 2, 3, 0, 1));
  const largest = f32x4.extract_lane(f32x4.max(top, v128.shuffle<i32>(top, top, 1, 0, 3, 2)), 0);
  const levels: f32 = format == INT8 ? 63 : 127;
  const offset = format == INT8 ? 64 : 0;
  const inverse = f32x4.splat(largest > 0 && largest < Infinity ? levels / largest : 0);
  let sum = 0;
  for (let k = 0; k < group; k += 4) {
    const v = k < count ? load_lanes(x + ((<usize>k) << 2), count - k) : f32x4.splat(0);
    const q = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v, inverse)));
    const u = i32x4.add(q, i32x4.splat(offset));
    const shorts = i16x8.narrow_i32x4_s(u, u);
    store<i32>(out + <usize>k, i32x4.extract_lane(i8x16.narrow_i16x8_s(shorts, shorts), 0));
    sum += i32x4.extract_lane(q, 0) + i32x4.extract_lane(q, 1) + i32x4.extract_lane(q, 2) + i32x4.extract_lane(q, 3);
  }
  store<f32>(out + <usize>group, largest / levels);
  store<i32>(out + <usize>group, sum, 4);
}

// 16 columns in two panels `jump` bytes apart; x in bytes.
// @ts-expect-error: decorator
@inline
function groups8(
  y: usize, x: usize, b: usize, jump: usize, columns: i32, groups: i32, group: i32, bias: usize, act: i32, acc: i32,
): void {
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; groups > 0; --groups) {
    const end = b + ((<usize>group) << 3);
    const other = end + jump;
    let c0 = v128.load(end, 32), c1 = v128.load(end, 48), c2 = v128.load(other, 32), c3 = v128.load(other, 48);
    let d = b + jump;
    for (; b != end; b += 32) {
      const v = v128.load32_splat(x);
      c0 = dot4(v128.load(b), v, c0);
      c1 = dot4(v128.load(b, 16), v, c1);
      c2 = dot4(v128.load(d), v, c2);
      c3 = dot4(v128.load(d, 16), v, c3);
      d += 32;
      x += 4;
    }
    const scale = v128.load32_splat(x);
    s0 = madd(f32x4.convert_i32x4_s(c0), f32x4.mul(v128.load(end), scale), s0);
    s1 = madd(f32x4.convert_i32x4_s(c1), f32x4.mul(v128.load(end, 16), scale), s1);
    s2 = madd(f32x4.convert_i32x4_s(c2), f32x4.mul(v128.load(other), scale), s2);
    s3 = madd(f32x4.convert_i32x4_s(c3), f32x4.mul(v128.load(other, 16), scale), s3);
    b = end + 64;
    x += 8;
  }
  finish(y, s0, s1, s2, s3, columns, bias, act, acc);
}

/** Panels to come that groups4 touches, a quarter of each: tile.ts says why. (Wider weights gain nothing by it.) */
export const TOUCHED: i32 = 8;

/** groups8 for half bytes; if `next`, touches TOUCHED panels from there on. */
// @ts-expect-error: decorator
@inline
function groups4(
  y: usize, x: usize, b: usize, jump: usize, columns: i32, groups: i32, group: i32, bias: usize, act: i32, acc: i32,
  next: usize,
): void {
  const nibble = i8x16.splat(15);
  let s0 = f32x4.splat(0), s1 = s0, s2 = s0, s3 = s0;
  for (; groups > 0; --groups) {
    const end = b + ((<usize>group) << 2);
    let c0 = i32x4.mul(v128.load32_splat(x + <usize>group, 4), i32x4.splat(-8)), c1 = c0, c2 = c0, c3 = c0;
    let d = b + jump;
    for (; b != end; b += 32) {
      const low = v128.load32_splat(x), high = v128.load32_splat(x, 4);
      const w0 = v128.load(b), w1 = v128.load(b, 16), w2 = v128.load(d), w3 = v128.load(d, 16);
      c0 = dot4(low, v128.and(w0, nibble), c0);
      c1 = dot4(low, v128.and(w1, nibble), c1);
      c2 = dot4(low, v128.and(w2, nibble), c2);
      c3 = dot4(low, v128.and(w3, nibble), c3);
      c0 = dot4(high, v128.and(i16x8.shr_u(w0, 4), nibble), c0);
      c1 = dot4(high, v128.and(i16x8.shr_u(w1, 4), nibble), c1);
      c2 = dot4(high, v128.and(i16x8.shr_u(w2, 4), nibble), c2);
      c3 = dot4(high, v128.and(i16x8.shr_u(w3, 4), nibble), c3);
      d += 32;
      x += 8;
    }
    const scale = v128.load32_splat(x);
    s0 = madd(f32x4.convert_i32x4_s(c0), f32x4.mul(v128.load(end), scale), s0);
    s1 = madd(f32x4.convert_i32x4_s(c1), f32x4.mul(v128.load(end, 16), scale), s1);
    s2 = madd(f32x4.convert_i32x4_s(c2), f32x4.mul(v128.load(d), scale), s2);
    s3 = madd(f32x4.convert_i32x4_s(c3), f32x4.mul(v128.load(d, 16), scale), s3);
    b = end + 32;
    x += 8;
    if (next) {
      for (let i = TOUCHED, soon = next; i > 0; --i) {
        load<u8>(soon);
        soon += jump;
      }
      next += <usize>(group + 8);
    }
  }
  finish(y, s0, s1, s2, s3, columns, bias, act, acc);
}

// @ts-expect-error: decorator
@inline
function finish(
  y: usize, s0: v128, s1: v128, s2: v128, s3: v128, columns: i32, bias: usize, act: i32, acc: i32,
): void {
  const one = f32x4.splat(1);
  put(y, s0, 0, columns, bias, one, act, acc);
  put(y, s1, 4, columns, bias, one, act, acc);
  put(y, s2, 8, columns, bias, one, act, acc);
  put(y, s3, 12, columns, bias, one, act, acc);
}

/**
 * y = act(x B + bias), or y += x B, for 16 columns of B in bytes or half bytes, or with a `jump` of 0 8; x in bytes. If
 * `next`, may touch a quarter of each of TOUCHED panels from there on.
 */
export function stripe_groups(
  y: usize, x: usize, b: usize, jump: usize, columns: i32, groups: i32, format: i32, group: i32, bias: usize,
  act: i32, acc: i32, next: usize,
): void {
  if (format == INT8) groups8(y, x, b, jump, columns, groups, group, bias, act, acc);
  else groups4(y, x, b, jump, columns, groups, group, bias, act, acc, next);
}
