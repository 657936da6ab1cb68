// Rotary position embedding (Su et al., arXiv 2104.09864): pairs of features turned by an angle that grows with the
// position. Angles, sines and cosines are taken in f64 (scalar.ts) once per table and rounded once; turning works on rows
// of any stride, and its gradient is the turn the other way.
import { cos_f64, sin_f64 } from "./scalar";
import { line_start } from "./simd/layout";
import { turn_halves, turn_pairs } from "./simd/rotary";
import { add_dense, copy_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr, Stride } from "./types";

/**
 * Sines and cosines of position * frequency, row r being position positions[r], or first + r where positions is 0: the
 * i-th of the first `sines` frequencies to y[r*row + sin_at + i*step], and so for cosines, all times factor. A frequency
 * is the sum of frequencies[i] and frequencies[F + i]. Angles must lie below 1.6e6. Units: rows.
 */
export function angle_table_f32(
  y: F32Ptr,
  frequencies: F32Ptr,
  positions: I32Ptr,
  first: i32,
  F: Count,
  sines: Count,
  cosines: Count,
  row: Stride,
  sin_at: Stride,
  cos_at: Stride,
  step: Stride,
  factor: f32,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const position: f64 = <f64>(positions ? load<i32>(positions + ((<usize>r) << 2)) : first + r);
    const out = y + ((<usize>r * <usize>row) << 2);
    for (let i = 0; i < F; ++i) {
      const at = frequencies + ((<usize>i) << 2);
      const angle = position * (<f64>load<f32>(at) + <f64>load<f32>(at + ((<usize>F) << 2)));
      const place = out + ((<usize>(i * step)) << 2);
      if (i < sines) store<f32>(place + ((<usize>sin_at) << 2), <f32>(<f64>factor * sin_f64(angle)));
      if (i < cosines) store<f32>(place + ((<usize>cos_at) << 2), <f32>(<f64>factor * cos_f64(angle)));
    }
  }
}

/**
 * (a, b) -> (a cos - b sin, b cos + a sin) for `half` pairs of each row of D elements (+ y if acc): elements 2i and
 * 2i+1 if `interleaved`, else i and half+i; the rest of a row is copied. `reverse` turns the other way, which is the
 * gradient. rows: operands y, x, table, one element per row; a row of the table holds half cosines, then half sines.
 * y may be x. Units: rows.
 */
export function rotary_f32(
  y: F32Ptr,
  x: F32Ptr,
  table: F32Ptr,
  rows: LayoutPtr,
  D: Count,
  half: Count,
  interleaved: Flag,
  reverse: Flag,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const sign = reverse ? i32.MIN_VALUE : 0;
  const turned = (<usize>half) << 3;
  const rest = D - 2 * half;
  for (let r = begin; r < end; ++r) {
    const to = y + ((<usize>line_start(rows, 0, r)) << 2);
    const from = x + ((<usize>line_start(rows, 1, r)) << 2);
    const angles = table + ((<usize>line_start(rows, 2, r)) << 2);
    if (interleaved) turn_pairs(to, from, angles, half, sign, acc);
    else turn_halves(to, from, angles, half, sign, acc);
    if (acc) add_dense(to + turned, from + turned, rest);
    else copy_dense(to + turned, from + turned, rest);
  }
}
