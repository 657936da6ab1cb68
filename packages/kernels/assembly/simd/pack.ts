// Copies that lay the operands of the matrix product out in the order the tile reads them: A in strips
// [k][MR], B in panels [k][8] (Goto & van de Geijn 2008, "packing"). Strides in this file are in BYTES. A
// dense side is moved by vectors (4x4 transposes in registers); anything else element by element.

import { MR } from "./tile";

/** Columns of a panel. */
export const NR: i32 = 8;

/**
 * How many strips of MR rows, then of 4, cover `rows`: 7 = 4 + 4, 8 = 4 + 4, 9 = 6 + 4, 11 = 6 + 6 (1 row
 * padded).
 */
// @ts-expect-error: decorator
@inline
export function main_strips(rows: i32): i32 {
  const rest = rows % MR;
  const whole = rows / MR;
  if (MR == 4) return whole + i32(rest > 0);
  if (rest == 5) return whole + 1;
  return rest == 1 || rest == 2 ? max(whole - 1, 0) : whole;
}

/** Rows the strips cover, padding included. */
// @ts-expect-error: decorator
@inline
export function strip_rows(rows: i32): i32 {
  const covered = main_strips(rows) * MR;
  return covered + ((max(rows - covered, 0) + 3) & ~3);
}

/** Stores the transpose of the 4x4 block of rows r0..r3: four vectors, `step` bytes apart. */
// @ts-expect-error: decorator
@inline
function store_transposed(out: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5); // r0[0] r1[0] r0[1] r1[1]
  const b = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const c = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<f64>(a, b, 0, 2));
  v128.store(out + step, v128.shuffle<f64>(a, b, 1, 3));
  v128.store(out + 2 * step, v128.shuffle<f64>(c, d, 0, 2));
  v128.store(out + 3 * step, v128.shuffle<f64>(c, d, 1, 3));
}

/** Four k-steps of a strip from rows dense along k, k = 0..3 at each row pointer. */
// @ts-expect-error: decorator
@inline
function strip_from_rows(
  out: usize, six: i32, a0: usize, a1: usize, a2: usize, a3: usize, a4: usize, a5: usize,
): void {
  store_transposed(out, six ? 24 : 16, v128.load(a0), v128.load(a1), v128.load(a2), v128.load(a3));
  if (six) {
    const lo = v128.shuffle<f32>(v128.load(a4), v128.load(a5), 0, 4, 1, 5);
    const hi = v128.shuffle<f32>(v128.load(a4), v128.load(a5), 2, 6, 3, 7);
    v128.store64_lane(out, lo, 0, 16);
    v128.store64_lane(out, lo, 1, 40);
    v128.store64_lane(out, hi, 0, 64);
    v128.store64_lane(out, hi, 1, 88);
  }
}

/**
 * out[kc][height] = the first `rows` rows of A; A element (m,k) at a + m*rs + k*cs. A padded row repeats the
 * last one: what comes of it is never stored.
 */
function pack_strip(out: usize, a: usize, rows: i32, height: i32, kc: i32, rs: usize, cs: usize): void {
  const last = rows - 1;
  const six = i32(height == 6);
  let k = 0;
  if (cs == 4) {
    const a1 = a + <usize>min(1, last) * rs;
    const a2 = a + <usize>min(2, last) * rs;
    const a3 = a + <usize>min(3, last) * rs;
    const a4 = a + <usize>min(4, last) * rs;
    const a5 = a + <usize>min(5, last) * rs;
    const step = <usize>height << 4;
    for (; k + 4 <= kc; k += 4) {
      const at = <usize>k << 2;
      strip_from_rows(out, six, a + at, a1 + at, a2 + at, a3 + at, a4 + at, a5 + at);
      out += step;
    }
  } else if (rs == 4 && rows == height) {
    let from = a;
    const step = <usize>height << 2;
    for (; k < kc; ++k) {
      v128.store(out, v128.load(from));
      if (six) store<u64>(out, load<u64>(from, 16), 16);
      from += cs;
      out += step;
    }
  }
  for (; k < kc; ++k) {
    for (let i = 0; i < height; ++i) {
      store<f32>(out, load<f32>(a + <usize>min(i, last) * rs + <usize>k * cs));
      out += 4;
    }
  }
}

/** Rows of A dense along m are packed this many k-steps at a time: strips share their cache lines. */
const STRIP_DEPTH: i32 = 64;

/** All strips of `rows` rows; the strip that starts at row i starts at out + i*kc*4. */
export function pack_strips(out: usize, a: usize, rows: i32, kc: i32, rs: usize, cs: usize): void {
  const main = main_strips(rows) * MR;
  const depth = cs == 4 ? kc : STRIP_DEPTH;
  for (let k = 0; k < kc; k += depth) {
    const from = a + <usize>k * cs;
    for (let i = 0, height = MR; i < rows; i += height) {
      height = i < main ? MR : 4;
      const to = out + (<usize>(i * kc + k * height) << 2);
      pack_strip(to, from + <usize>i * rs, min(height, rows - i), height, min(depth, kc - k), rs, cs);
    }
  }
}

/** Columns of B dense along k are packed so many k-steps at a time: 2 KB of panel, visited twice. */
const PANEL_DEPTH: i32 = 64;

/** out[kc][8] = the first `columns` columns of B, the others zero; B element (k,n) at b + k*rs + n*cs. */
export function pack_panel(out: usize, b: usize, columns: i32, kc: i32, rs: usize, cs: usize): void {
  let k = 0;
  if (columns == NR && cs == 4) {
    for (; k < kc; ++k) {
      v128.store(out, v128.load(b));
      v128.store(out, v128.load(b, 16), 16);
      b += rs;
      out += 32;
    }
  } else if (columns == NR && rs == 4) {
    // Four columns at a time: eight whose distance is a multiple of 4 KB would share one set of the
    // first-level cache.
    const whole = kc & ~3;
    for (; k < whole; k += PANEL_DEPTH) {
      const end = min(k + PANEL_DEPTH, whole);
      for (let half = 0; half < 2; ++half) {
        let from = b + <usize>(4 * half) * cs + (<usize>k << 2);
        let to = out + (<usize>k << 5) + (<usize>half << 4);
        for (let i = k; i < end; i += 4) {
          const r2 = v128.load(from + 2 * cs);
          const r3 = v128.load(from + 3 * cs);
          store_transposed(to, 32, v128.load(from), v128.load(from + cs), r2, r3);
          from += 16;
          to += 128;
        }
      }
    }
    k = whole;
    b += <usize>k << 2;
    out += <usize>k << 5;
  }
  for (; k < kc; ++k) {
    for (let n = 0; n < NR; ++n) {
      store<f32>(out, n < columns ? load<f32>(b + <usize>n * cs) : 0);
      out += 4;
    }
    b += rs;
  }
}

/** The inverse of pack_panel: B's `columns` columns from the panel. */
export function unpack_panel(b: usize, panel: usize, columns: i32, kc: i32, rs: usize, cs: usize): void {
  let k = 0;
  if (columns == NR && rs == 4) {
    for (; k + 4 <= kc; k += 4) {
      const r0 = v128.load(panel), r1 = v128.load(panel, 32), r2 = v128.load(panel, 64), r3 = v128.load(panel, 96);
      const s0 = v128.load(panel, 16), s1 = v128.load(panel, 48), s2 = v128.load(panel, 80);
      store_transposed(b, cs, r0, r1, r2, r3);
      store_transposed(b + 4 * cs, cs, s0, s1, s2, v128.load(panel, 112));
      b += 16;
      panel += 128;
    }
  }
  for (; k < kc; ++k) {
    if (columns == NR && cs == 4) {
      v128.store(b, v128.load(panel));
      v128.store(b, v128.load(panel, 16), 16);
    } else {
      for (let n = 0; n < columns; ++n) store<f32>(b + <usize>n * cs, load<f32>(panel + (<usize>n << 2)));
    }
    b += rs;
    panel += 32;
  }
}

/** Dense rows of B are packed this many at a time, side by side; dense columns from end to end. */
export const PACK_DEPTH: i32 = 16;

/** Panels [begin, end) of B (K, N). */
export function pack_panels(
  packed: usize, b: usize, K: i32, N: i32, rs: usize, cs: usize, begin: i32, end: i32,
): void {
  const depth = cs == 4 ? PACK_DEPTH : K;
  for (let k = 0; k < K; k += depth) {
    for (let p = begin; p < end; ++p) {
      const panel = packed + ((<usize>p * <usize>K + <usize>k) << 5);
      const from = b + <usize>k * rs + <usize>(p * NR) * cs;
      pack_panel(panel, from, min(NR, N - p * NR), min(depth, K - k), rs, cs);
    }
  }
}
