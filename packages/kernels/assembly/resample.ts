// Resampling along one axis by a table of weights: average pooling, interpolation of every kind, and with the transposed
// table the gradients of both. Images are resampled one axis after the other (separable filters).
import { weighted_columns, weighted_rows } from "./simd/taps";
import { Count, F32Ptr, Flag, I32Ptr, Index } from "./types";

/** Rows of a unit when the axis is the last one. */
const ROWS: i32 = 4;

/**
 * y[o] = sum over k < count[o] of weights[at[o] + k] * x[first[o] + k] (+ y[o] if acc) along the middle axis of x (outer,
 * L, inner) and y (outer, O, inner), both dense. table: O first elements, O counts, O places in `weights`. Units: rows
 * of y, outer * O of them; blocks of 4 of the `outer` lines if inner is 1.
 */
export function resample_f32(
  y: F32Ptr,
  x: F32Ptr,
  table: I32Ptr,
  weights: F32Ptr,
  outer: Count,
  L: Count,
  O: Count,
  inner: Count,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const counts = table + ((<usize>O) << 2);
  const places = counts + ((<usize>O) << 2);
  for (let u = begin; u < end; ++u) {
    if (inner == 1) {
      const r = u * ROWS;
      const rows = min(outer - r, ROWS);
      const line = x + ((<usize>(r * L)) << 2);
      let to = y + ((<usize>(r * O)) << 2);
      for (let o: usize = 0; o < (<usize>O) << 2; o += 4) {
        const from = line + ((<usize>load<i32>(table + o)) << 2);
        const w = weights + ((<usize>load<i32>(places + o)) << 2);
        weighted_columns(to, from, w, load<i32>(counts + o), (<usize>O) << 2, (<usize>L) << 2, rows, acc);
        to += 4;
      }
    } else {
      const plane = u / O;
      const o = (<usize>(u - plane * O)) << 2;
      const from = x + ((<usize>((plane * L + load<i32>(table + o)) * inner)) << 2);
      const w = weights + ((<usize>load<i32>(places + o)) << 2);
      weighted_rows(y + ((<usize>(u * inner)) << 2), from, w, load<i32>(counts + o), inner, acc);
    }
  }
}
