// Weights of few bits in panels of 8 columns, made from f32 panels [k][8] (pack.ts) and widened to them.
//
// F16, BF16: per k four words; word j holds column j in its low half and column j + 4 in its high half, so that a shift
//   and a mask widen a row. F16 is kept times 2^10: of a weight below 64 not even a subnormal stays one then, and the bits
//   of exponent and fraction reach their places in an f32 by one more shift, times 2^-112.
// INT8: groups of `group` steps: [step / 4][8 columns][4 steps] bytes, then 8 scales (f32), then 8 times -64 times the sum
//   of a column's bytes (i32), with which the product of activations + 64 begins.
// INT4: groups: [step / 8][8 columns][4] bytes of step i and, in the high half, i + 4, each as q + 8; then 8 scales.
// Whole groups: behind K stand zeros.

export const F16: i32 = 1;
export const BF16: i32 = 2;
export const INT8: i32 = 3;
export const INT4: i32 = 4;

/** 2^102 takes what widen_f16 leaves to its size: 2^112 by the bias, 2^-10 by which weights are kept larger. */
export const F16_SCALE: f32 = 5070602400912917605986812821504.0;

/** Bytes of one group of a panel. */
// @ts-expect-error: decorator
@inline
export function group_bytes(format: i32, group: i32): usize {
  return format == INT8 ? <usize>(8 * group + 64) : <usize>(4 * group + 32);
}

/** Bytes of a panel of K steps. */
export function format_panel_bytes(format: i32, group: i32, K: i32): usize {
  if (format < INT8) return (<usize>K) << 4;
  return <usize>((K + group - 1) / group) * group_bytes(format, group);
}

// 16 bits ---------------------------------------------------------------------------------------------------

/** Upper halves: v rounded to bf16, ties to even; NaN stays one. */
// @ts-expect-error: decorator
@inline
function bf16_high(v: v128): v128 {
  const odd = v128.and(i32x4.shr_u(v, 16), i32x4.splat(1));
  const rounded = i32x4.add(v, i32x4.add(i32x4.splat(0x7fff), odd));
  return v128.bitselect(rounded, v128.or(v, i32x4.splat(0x400000)), f32x4.eq(v, v));
}

/** Upper halves: v, below 64, rounded to f16, ties to even, times 2^10. Below 2^-14 f16 has multiples of 2^-24. */
// @ts-expect-error: decorator
@inline
function f16_high(v: v128): v128 {
  const sign = v128.and(v, i32x4.splat(i32.MIN_VALUE));
  const a = v128.xor(v, sign);
  const odd = v128.and(i32x4.shr_u(a, 13), i32x4.splat(1));
  const normal = v128.and(i32x4.add(a, i32x4.add(i32x4.splat(0xfff), odd)), i32x4.splat(-8192));
  const tiny = f32x4.sub(f32x4.add(a, f32x4.splat(0.75)), f32x4.splat(0.75));
  const rounded = v128.bitselect(tiny, normal, f32x4.lt(a, f32x4.splat(6.103515625e-5)));
  const r = f32x4.mul(rounded, f32x4.splat(1024));
  const bits = i32x4.shl(i32x4.sub(r, i32x4.splat(112 << 23)), 3);
  return v128.or(sign, v128.and(bits, f32x4.ne(r, f32x4.splat(0))));
}

/** K rows [8] of f32 as 16 bits. */
export function narrow_halves(out: usize, panel: usize, K: i32, format: i32): void {
  for (; K > 0; --K) {
    const v0 = v128.load(panel), v1 = v128.load(panel, 16);
    const low = format == F16 ? f16_high(v0) : bf16_high(v0);
    const high = format == F16 ? f16_high(v1) : bf16_high(v1);
    v128.store(out, v128.or(i32x4.shr_u(low, 16), v128.and(high, i32x4.splat(-65536))));
    panel += 32;
    out += 16;
  }
}

/** f16 bits in the upper halves as f32, 2^102 times too small; what is in the lower halves goes. */
// @ts-expect-error: decorator
@inline
export function widen_f16(v: v128, mask: v128): v128 {
  return v128.and(i32x4.shr_s(v, 3), mask);
}

/** What widen_f16 keeps: sign, exponent and fraction. */
export const F16_BITS: i32 = <i32>0x8fffe000;

function widen_halves(panel: usize, x: usize, K: i32, format: i32): void {
  const mask = i32x4.splat(F16_BITS);
  const scale = f32x4.splat(F16_SCALE);
  for (; K > 0; --K) {
    const v = v128.load(x);
    let low = i32x4.shl(v, 16);
    let high = v128.and(v, i32x4.splat(-65536));
    if (format == F16) {
      low = f32x4.mul(widen_f16(low, mask), scale);
      high = f32x4.mul(widen_f16(high, mask), scale);
    }
    v128.store(panel, low);
    v128.store(panel, high, 16);
    x += 16;
    panel += 32;
  }
}

// 8 and 4 bits ----------------------------------------------------------------------------------------------

/** The lowest bytes of four vectors side by side: lane j gets those of its lane j. */
// @ts-expect-error: decorator
@inline
function bytes_of(a: v128, b: v128, c: v128, d: v128): v128 {
  const m = i32x4.splat(255);
  const low = v128.or(v128.and(a, m), i32x4.shl(v128.and(b, m), 8));
  return v128.or(low, v128.or(i32x4.shl(v128.and(c, m), 16), i32x4.shl(d, 24)));
}

/** Row k of a half panel times `inverse`, rounded to integers of [low, high]. */
// @ts-expect-error: decorator
@inline
function integers(panel: usize, k: i32, inverse: v128, low: i32, high: i32): v128 {
  const v = f32x4.nearest(f32x4.mul(v128.load(panel + ((<usize>k) << 5)), inverse));
  return i32x4.max_s(i32x4.min_s(i32x4.trunc_sat_f32x4_s(v), i32x4.splat(high)), i32x4.splat(low));
}

/** 1 / x, 0 for 0. */
// @ts-expect-error: decorator
@inline
function inverse_of(x: v128): v128 {
  return v128.andnot(f32x4.div(f32x4.splat(1), x), f32x4.eq(x, f32x4.splat(0)));
}

/** Four columns of a group of INT8; the largest weight becomes 127 or -127. */
function narrow_int8(out: usize, scales: usize, panel: usize, group: i32): void {
  let top = f32x4.splat(0);
  for (let k = 0; k < group; ++k) top = f32x4.pmax(top, f32x4.abs(v128.load(panel + ((<usize>k) << 5))));
  const scale = f32x4.div(top, f32x4.splat(127));
  const inverse = inverse_of(scale);
  let sum = i32x4.splat(0);
  for (let k = 0; k < group; k += 4) {
    const a = integers(panel, k, inverse, -127, 127), b = integers(panel, k + 1, inverse, -127, 127);
    const c = integers(panel, k + 2, inverse, -127, 127), d = integers(panel, k + 3, inverse, -127, 127);
    sum = i32x4.add(sum, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)));
    v128.store(out, bytes_of(a, b, c, d));
    out += 32;
  }
  v128.store(scales, scale);
  v128.store(scales, i32x4.mul(sum, i32x4.splat(-64)), 32);
}

/** Four columns of a group of INT4; the weight of largest magnitude becomes -8. */
function narrow_int4(out: usize, scales: usize, panel: usize, group: i32): void {
  let top = f32x4.splat(0), bottom = top;
  for (let k = 0; k < group; ++k) {
    const v = v128.load(panel + ((<usize>k) << 5));
    top = f32x4.pmax(top, v);
    bottom = f32x4.pmin(bottom, v);
  }
  const extreme = v128.bitselect(bottom, top, f32x4.gt(f32x4.neg(bottom), top));
  const scale = f32x4.div(extreme, f32x4.splat(-8));
  const inverse = inverse_of(scale);
  const eight = i32x4.splat(8);
  for (let k = 0; k < group; k += 8) {
    let low = i32x4.splat(0), high = low;
    for (let i = 3; i >= 0; --i) {
      low = v128.or(i32x4.shl(low, 8), i32x4.add(integers(panel, k + i, inverse, -8, 7), eight));
      high = v128.or(i32x4.shl(high, 8), i32x4.add(integers(panel, k + i + 4, inverse, -8, 7), eight));
    }
    v128.store(out, v128.or(low, i32x4.shl(high, 4)));
    out += 32;
  }
  v128.store(scales, scale);
}

/** Both halves of a panel, group by group; the f32 panel holds whole groups. */
export function narrow_groups(out: usize, panel: usize, K: i32, format: i32, group: i32): void {
  const scales = group_bytes(format, group) - (format == INT8 ? 64 : 32);
  for (let k = 0; k < K; k += group) {
    for (let half: usize = 0; half < 32; half += 16) {
      if (format == INT8) narrow_int8(out + half, out + scales + half, panel + half, group);
      else narrow_int4(out + half, out + scales + half, panel + half, group);
    }
    out += group_bytes(format, group);
    panel += (<usize>group) << 5;
  }
}

/** Byte `i` of each lane, signed, as f32. */
// @ts-expect-error: decorator
@inline
function byte4(words: v128, i: i32): v128 {
  return f32x4.convert_i32x4_s(i32x4.shr_s(i32x4.shl(words, 24 - 8 * i), 24));
}

/** Half byte `i` (4 and more: the high ones of bytes i - 4) of each lane, less 8, as f32. */
// @ts-expect-error: decorator
@inline
function nibble4(words: v128, i: i32): v128 {
  const at = i < 4 ? 8 * i : 8 * i - 28;
  const u = v128.and(i32x4.shr_u(words, at), i32x4.splat(15));
  return f32x4.convert_i32x4_s(i32x4.sub(u, i32x4.splat(8)));
}

/** Step `i` of the words of four columns. */
// @ts-expect-error: decorator
@inline
function step4(words: v128, i: i32, scale: v128, format: i32): v128 {
  return f32x4.mul(format == INT8 ? byte4(words, i) : nibble4(words, i), scale);
}

/** The first `steps` steps of four columns of a group, rows 32 bytes apart; `format` is a constant. */
// @ts-expect-error: decorator
@inline
function widen_half(panel: usize, x: usize, steps: i32, scale: v128, format: i32): void {
  const block = format == INT8 ? 4 : 8;
  for (; steps > 0; steps -= block) {
    const words = v128.load(x);
    v128.store(panel, step4(words, 0, scale, format));
    if (steps > 1) v128.store(panel, step4(words, 1, scale, format), 32);
    if (steps > 2) v128.store(panel, step4(words, 2, scale, format), 64);
    if (steps > 3) v128.store(panel, step4(words, 3, scale, format), 96);
    if (format == INT4) {
      if (steps > 4) v128.store(panel, step4(words, 4, scale, format), 128);
      if (steps > 5) v128.store(panel, step4(words, 5, scale, format), 160);
      if (steps > 6) v128.store(panel, step4(words, 6, scale, format), 192);
      if (steps > 7) v128.store(panel, step4(words, 7, scale, format), 224);
    }
    x += 32;
    panel += (<usize>block) << 5;
  }
}

/** The first `steps` steps of a group as rows [8] of f32. */
function widen_group(panel: usize, x: usize, steps: i32, format: i32, group: i32): void {
  const scales = x + group_bytes(format, group) - (format == INT8 ? 64 : 32);
  for (let half: usize = 0; half < 32; half += 16) {
    const scale = v128.load(scales + half);
    if (format == INT8) widen_half(panel + half, x + half, steps, scale, INT8);
    else widen_half(panel + half, x + half, steps, scale, INT4);
  }
}

/** A panel of K steps as rows [8] of f32. */
export function widen_panel(panel: usize, x: usize, K: i32, format: i32, group: i32): void {
  if (format < INT8) {
    widen_halves(panel, x, K, format);
    return;
  }
  for (let k = 0; k < K; k += group) {
    widen_group(panel + ((<usize>k) << 5), x, min(group, K - k), format, group);
    x += group_bytes(format, group);
  }
}

/** Element k of column `lane` of a panel. */
export function widen_element(x: usize, k: i32, lane: i32, format: i32, group: i32): f32 {
  const half = (<usize>(lane & 4)) << 2;
  const at = (<usize>(lane & 3)) << 2;
  if (format < INT8) {
    const word = load<i32>(x + ((<usize>k) << 4) + at);
    const bits = lane & 4 ? word & -65536 : word << 16;
    return format == BF16 ? reinterpret<f32>(bits) : reinterpret<f32>((bits >> 3) & F16_BITS) * F16_SCALE;
  }
  const from = x + <usize>(k / group) * group_bytes(format, group);
  const scale = load<f32>(from + group_bytes(format, group) - (format == INT8 ? 64 : 32) + half + at);
  const i = k % group;
  if (format == INT8) return scale * <f32>load<i8>(from + half + at + ((<usize>(i >> 2)) << 5) + <usize>(i & 3));
  const byte = <i32>load<u8>(from + half + at + ((<usize>(i >> 3)) << 5) + <usize>(i & 3));
  return scale * <f32>((i & 4 ? byte >> 4 : byte & 15) - 8);
}
