// The register tile of the matrix product: MR rows of A times one panel of 8 columns of B, a rank-1 update
// per k-step (Goto & van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008; BLIS'
// micro-kernel). The loop does exactly ONE k-step: unrolled, V8 runs the updates of one accumulator back to
// back (a latency chain) and spills the rest. 6x8 takes 12 accumulators + 2 B + 1 A of 16 registers when the
// multiply-add is one instruction; with a separate product (plain build) only 4x8 stays in registers.
// Every element is the same chain acc = madd(a[k], b[k], acc), k ascending, in each tile and in each build's
// matvec.

import { madd } from "./madd";

/** Rows of the main tile; what does not divide goes to strips of four (see main_strips in pack.ts). */
export const MR: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;
/** k-steps of one chain of multiply-adds; longer sums are made of such blocks, added in order. */
export const KC: i32 = 256;

/**
 * Places that tiles of few rows touch in turn, see rows6. Weights that come from memory keep tiles waiting: a core fetches
 * ahead only some lines of what is read in order, and nothing while other strips go over a panel already here. So tiles
 * also read what is needed soon, and drop it: with many strips a few lines of the next panel before each; with few, which
 * memory cannot keep up with, from several panels at once, spread over the k-steps.
 */
export const STREAMS: i32 = 8;
/** Bytes of a cache line. */
export const LINE: i32 = 64;

/** One row of a finished tile: out = alpha * (c0, c1) (+ add) (+ bias). Multiplying by alpha = 1 changes no bit. */
// @ts-expect-error: decorator
@inline
function put(out: usize, add: usize, adds: i32, bias: usize, c0: v128, c1: v128, alpha: v128): void {
  let v0 = f32x4.mul(c0, alpha);
  let v1 = f32x4.mul(c1, alpha);
  if (adds) {
    v0 = f32x4.add(v128.load(add), v0);
    v1 = f32x4.add(v128.load(add, 16), v1);
  }
  if (bias) {
    v0 = f32x4.add(v0, v128.load(bias));
    v1 = f32x4.add(v1, v128.load(bias, 16));
  }
  v128.store(out, v0);
  v128.store(out, v1, 16);
}

/**
 * out[6 count][8] = alpha * a^T b[kc][8] (+ add if adds) (+ bias[8] if not 0) for `count` strips a[kc][6], `strip` BYTES
 * apart. Rows of out and add are ldo and lda BYTES apart; add may be out. Before each strip `lines` lines from `next` on
 * are touched. Or, if `spread`, k-step k touches next + (k % STREAMS)*apart, and `next` moves on by `pace` after STREAMS of
 * them, of which kc is a multiple.
 */
// @ts-expect-error: decorator
@inline
function rows6(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, lines: i32, spread: bool, apart: usize, pace: usize,
): void {
  const s = f32x4.splat(alpha);
  for (; count != 0; --count) {
    for (let n = lines; n != 0; --n) {
      load<u8>(next);
      next += LINE;
    }
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00;
    let c30 = c00, c31 = c00, c40 = c00, c41 = c00, c50 = c00, c51 = c00;
    let left = a, right = b;
    for (let k = kc; k != 0; ) {
      const steps = spread ? STREAMS : k;
      for (let n = steps, soon = next; n != 0; --n) {
        if (spread) {
          load<u8>(soon);
          soon += apart;
        }
        const b0 = v128.load(right);
        const b1 = v128.load(right, 16);
        let x = v128.load32_splat(left);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.load32_splat(left, 4);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.load32_splat(left, 8);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.load32_splat(left, 12);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        x = v128.load32_splat(left, 16);
        c40 = madd(x, b0, c40);
        c41 = madd(x, b1, c41);
        x = v128.load32_splat(left, 20);
        c50 = madd(x, b0, c50);
        c51 = madd(x, b1, c51);
        left += 24;
        right += 32;
      }
      if (spread) next += pace;
      k -= steps;
    }
    put(out, add, adds, bias, c00, c01, s);
    put(out + ldo, add + lda, adds, bias, c10, c11, s);
    put(out + 2 * ldo, add + 2 * lda, adds, bias, c20, c21, s);
    put(out + 3 * ldo, add + 3 * lda, adds, bias, c30, c31, s);
    put(out + 4 * ldo, add + 4 * lda, adds, bias, c40, c41, s);
    put(out + 5 * ldo, add + 5 * lda, adds, bias, c50, c51, s);
    out += 6 * ldo;
    add += 6 * lda;
    a += strip;
  }
}

/** rows6 with strips of four rows. */
// @ts-expect-error: decorator
@inline
function rows4(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, lines: i32, spread: bool, apart: usize, pace: usize,
): void {
  const s = f32x4.splat(alpha);
  for (; count != 0; --count) {
    for (let n = lines; n != 0; --n) {
      load<u8>(next);
      next += LINE;
    }
    let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let left = a, right = b;
    for (let k = kc; k != 0; ) {
      const steps = spread ? STREAMS : k;
      for (let n = steps, soon = next; n != 0; --n) {
        if (spread) {
          load<u8>(soon);
          soon += apart;
        }
        const b0 = v128.load(right);
        const b1 = v128.load(right, 16);
        let x = v128.load32_splat(left);
        c00 = madd(x, b0, c00);
        c01 = madd(x, b1, c01);
        x = v128.load32_splat(left, 4);
        c10 = madd(x, b0, c10);
        c11 = madd(x, b1, c11);
        x = v128.load32_splat(left, 8);
        c20 = madd(x, b0, c20);
        c21 = madd(x, b1, c21);
        x = v128.load32_splat(left, 12);
        c30 = madd(x, b0, c30);
        c31 = madd(x, b1, c31);
        left += 16;
        right += 32;
      }
      if (spread) next += pace;
      k -= steps;
    }
    put(out, add, adds, bias, c00, c01, s);
    put(out + ldo, add + lda, adds, bias, c10, c11, s);
    put(out + 2 * ldo, add + 2 * lda, adds, bias, c20, c21, s);
    put(out + 3 * ldo, add + 3 * lda, adds, bias, c30, c31, s);
    out += 4 * ldo;
    add += 4 * lda;
    a += strip;
  }
}

function tiles6(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, lines: i32,
): void {
  rows6(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, lines, false, 0, 0);
}

function tiles4(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, lines: i32,
): void {
  rows4(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, lines, false, 0, 0);
}

function touching_tiles6(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, apart: usize, pace: usize,
): void {
  rows6(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, 0, true, apart, pace);
}

function touching_tiles4(
  count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, apart: usize, pace: usize,
): void {
  rows4(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, 0, true, apart, pace);
}

/** `count` strips of six rows or four, which touch lines: see rows6. */
// @ts-expect-error: decorator
@inline
export function tiles(
  height: i32, count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, lines: i32,
): void {
  if (MR == 6 && height == 6) tiles6(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, lines);
  else tiles4(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, lines);
}

/** tiles that touch places spread over their k-steps. */
// @ts-expect-error: decorator
@inline
export function touching_tiles(
  height: i32, count: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize, a: usize,
  strip: usize, b: usize, kc: i32, alpha: f32, next: usize, apart: usize, pace: usize,
): void {
  if (MR == 6 && height == 6)
    touching_tiles6(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, apart, pace);
  else touching_tiles4(count, out, ldo, add, lda, adds, bias, a, strip, b, kc, alpha, next, apart, pace);
}
