// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as
// easy as 1, 2, 3" (SC 2011). A block of four numbers depends only on its counter and key, so any element
// of any split can be drawn by itself. The lanes of one v128 are the four words of a block.
import { Index } from "../types";
import { madd } from "./madd";
import { log4 } from "./math";
import { transpose_block } from "./transpose";

/** The multipliers of a round and the Weyl increments of the key. */
const M0: i32 = 0xd2511f53;
const M1: i32 = 0xcd9e8d57;
const W0: i32 = 0x9e3779b9;
const W1: i32 = 0xbb67ae85;

/** The key as lanes (seed_lo, 0, seed_hi, 0). */
// @ts-expect-error: decorator
@inline
export function philox_key(seed_lo: i32, seed_hi: i32): v128 {
  return i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, seed_lo), 2, seed_hi);
}

/** The counter of element i as lanes (i / 4, 0, stream_lo, stream_hi). */
// @ts-expect-error: decorator
@inline
export function philox_counter(i: Index, stream: v128): v128 {
  return i32x4.replace_lane(stream, 0, i >>> 2);
}

/** Ten rounds: (c0, c1, c2, c3) <- (hi(M1 c2) ^ c1 ^ k0, lo(M1 c2), hi(M0 c0) ^ c3 ^ k1, lo(M0 c0)). */
// @ts-expect-error: decorator
@inline
export function philox4(counter: v128, key: v128): v128 {
  const multipliers = i32x4(M0, M1, 0, 0);
  const increment = i32x4(W0, 0, W1, 0);
  let c = counter;
  let k = key;
  for (let round = 0; round < 10; round++) {
    const product = i64x2.extmul_low_i32x4_u(v128.shuffle<i32>(c, c, 0, 2, 0, 2), multipliers);
    c = v128.xor(v128.xor(v128.shuffle<i32>(product, product, 3, 2, 1, 0), i64x2.shr_u(c, 32)), k);
    k = i32x4.add(k, increment);
  }
  return c;
}

/** The same for four blocks, of counters (low, high, stream_lo, stream_hi): word w of each to lanes at out + w * step. */
export function philox_blocks(
  out: usize, step: usize, low: v128, high: v128, seed_lo: i32, seed_hi: i32, stream_lo: i32, stream_hi: i32,
): void {
  const m0 = i32x4.splat(M0), m1 = i32x4.splat(M1), w0 = i32x4.splat(W0), w1 = i32x4.splat(W1);
  let k0 = i32x4.splat(seed_lo), k1 = i32x4.splat(seed_hi);
  let c0 = low, c1 = high, c2 = i32x4.splat(stream_lo), c3 = i32x4.splat(stream_hi);
  for (let round = 0; round < 10; round++) {
    const a = i64x2.extmul_low_i32x4_u(c0, m0), b = i64x2.extmul_high_i32x4_u(c0, m0);
    const c = i64x2.extmul_low_i32x4_u(c2, m1), d = i64x2.extmul_high_i32x4_u(c2, m1);
    c0 = v128.xor(v128.xor(v128.shuffle<i32>(c, d, 1, 3, 5, 7), c1), k0);
    c1 = v128.shuffle<i32>(c, d, 0, 2, 4, 6);
    c2 = v128.xor(v128.xor(v128.shuffle<i32>(a, b, 1, 3, 5, 7), c3), k1);
    c3 = v128.shuffle<i32>(a, b, 0, 2, 4, 6);
    k0 = i32x4.add(k0, w0);
    k1 = i32x4.add(k1, w1);
  }
  v128.store(out, c0);
  v128.store(out + step, c1);
  v128.store(out + step * 2, c2);
  v128.store(out + step * 3, c3);
}

/** The words of elements i to i + 15, i a multiple of 4. */
export function philox16(out: usize, i: Index, seed_lo: i32, seed_hi: i32, stream_lo: i32, stream_hi: i32): void {
  const low = i32x4.add(i32x4.splat(i >>> 2), i32x4(0, 1, 2, 3));
  philox_blocks(out, 16, low, i32x4.splat(0), seed_lo, seed_hi, stream_lo, stream_hi);
  transpose_block(out, 16, out, 16);
}

/** Uniform numbers in [0, 1), multiples of 2^-24. */
// @ts-expect-error: decorator
@inline
export function uniform4(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

/**
 * Standard normal numbers by Box and Muller: words (a, b) give r cos t and r sin t, r = sqrt(-2 ln u), u =
 * (a + 1/2) / 2^32, t = 2 pi b / 2^32. Quarter turns are added in integers, where they cost no accuracy;
 * the cosine is a sine turned.
 */
// @ts-expect-error: decorator
@inline
export function normal4(words: v128): v128 {
  const a = f32x4.convert_i32x4_u(v128.shuffle<i32>(words, words, 0, 0, 2, 2));
  const u = f32x4.add(f32x4.mul(a, f32x4.splat(2.3283064365386963e-10)), f32x4.splat(1.1641532182693481e-10));
  const radius = f32x4.sqrt(f32x4.mul(log4(u), f32x4.splat(-2.0)));
  const turns = i32x4.add(v128.shuffle<i32>(words, words, 1, 1, 3, 3), i32x4(0x40000000, 0, 0x40000000, 0));
  const t = f32x4.mul(f32x4.convert_i32x4_s(turns), f32x4.splat(2.3283064365386963e-10));
  return f32x4.mul(radius, sin_of_turns4(t));
}

/** sin(2 pi t) for |t| <= 1/2, folded to |t| <= 1/4. */
// @ts-expect-error: decorator
@inline
function sin_of_turns4(t: v128): v128 {
  const magnitude = f32x4.abs(t);
  const folded = f32x4.pmin(magnitude, f32x4.sub(f32x4.splat(0.5), magnitude));
  const s = f32x4.mul(folded, folded);
  let p = madd(f32x4.splat(40.8759117), s, f32x4.splat(-76.7279816));
  p = madd(p, s, f32x4.splat(81.6086349));
  p = madd(p, s, f32x4.splat(-41.3417664));
  p = madd(p, s, f32x4.splat(6.28318548));
  const y = f32x4.mul(p, folded);
  return v128.bitselect(t, y, i32x4.splat(i32.MIN_VALUE));
}
