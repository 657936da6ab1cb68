// Which weights of an attention are dropped: as dropout_f32 (random.ts) does with the matrix of weights (B, H, T, S)
// that is never made. Queries are lanes, so four queries draw four blocks of random numbers at a time, for four keys.

import { panel_bytes } from "./attention_panels";
import { AttentionShape } from "./attention_shape";
import { philox_blocks, uniform4 } from "./philox";

/** Rows behind those asked for that drop_factors writes. */
export const SPARE: i32 = 8;

/** Index of query t and key `key` among all weights. */
// @ts-expect-error: decorator
@inline
function weight_index(s: AttentionShape, b: i32, h: i32, t: i32, key: i32): i64 {
  return (<i64>(b * s.H + h) * s.T + t) * s.S + key;
}

/** The lanes' element of four rows, each from the row that `first` says, 0 to 3. */
// @ts-expect-error: decorator
@inline
function from_row(rows: usize, first: v128): v128 {
  const one = i32x4.eq(first, i32x4.splat(1)), two = i32x4.eq(first, i32x4.splat(2));
  const low = v128.bitselect(v128.load(rows, 32), v128.load(rows), one);
  const high = v128.bitselect(v128.load(rows, 64), v128.load(rows, 96), two);
  return v128.bitselect(high, low, i32x4.gt_s(first, i32x4.splat(1)));
}

/** Four lanes of drop_factors: queries t to t + 3. */
function lane_factors(out: usize, s: AttentionShape, b: i32, h: i32, t: i32, key: i32, n: i32): void {
  const step = <i64>s.S;
  const i0 = weight_index(s, b, h, t, key), i1 = i0 + step, i2 = i1 + step, i3 = i2 + step;
  let low = i32x4(<i32>(i0 >> 2), <i32>(i1 >> 2), <i32>(i2 >> 2), <i32>(i3 >> 2));
  const high = i32x4(<i32>(i0 >> 34), <i32>(i1 >> 34), <i32>(i2 >> 34), <i32>(i3 >> 34));
  const first = v128.and(i32x4(<i32>i0, <i32>i1, <i32>i2, <i32>i3), i32x4.splat(3));
  const starts = v128.any_true(first) ? 3 : 0;
  for (let j = 0; j < n + starts; j += 4) {
    philox_blocks(out + panel_bytes(j), 32, low, high, s.seed_lo, s.seed_hi, s.stream_lo, s.stream_hi);
    low = i32x4.add(low, i32x4.splat(1));
  }
  const threshold = f32x4.splat(s.drop);
  const scale = f32x4.splat(1.0 / (1.0 - s.drop));
  for (; n > 0; --n) {
    const words = starts ? from_row(out, first) : v128.load(out);
    v128.store(out, v128.and(scale, f32x4.ge(uniform4(words), threshold)));
    out += 32;
  }
}

/**
 * 1 / (1 - drop), or 0 for what is dropped, for n keys from `key` and eight queries from t: rows [key][8 queries], and
 * SPARE rows more are written.
 */
export function drop_factors(out: usize, s: AttentionShape, b: i32, h: i32, t: i32, key: i32, n: i32): void {
  lane_factors(out, s, b, h, t, key, n);
  lane_factors(out + 16, s, b, h, t + 4, key, n);
}
