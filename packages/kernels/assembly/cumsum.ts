// Running sums along lines of any stride. One f64 total per line, rounded to f32 at each element, so the error of an
// element is half an ULP however long the line is.
import { line_start } from "./simd/layout";
import { Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr, Stride } from "./types";

/**
 * y[i] = x[0] + … + x[i] (+ y[i] if acc) along each line of N elements, or x[i] + … + x[N-1] if `reverse`, which is the
 * gradient. lines: operands y, x, one element per line; y_step, x_step: along a line. y may be x. Units: lines.
 */
export function cumsum_f32(
  y: F32Ptr,
  x: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  reverse: Flag,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const first = reverse ? N - 1 : 0;
  const way = reverse ? -1 : 1;
  for (let r = begin; r < end; ++r) {
    let from = x + ((<usize>(line_start(lines, 1, r) + first * x_step)) << 2);
    let to = y + ((<usize>(line_start(lines, 0, r) + first * y_step)) << 2);
    let total: f64 = 0;
    for (let i = 0; i < N; ++i) {
      total += <f64>load<f32>(from);
      const sum = <f32>total;
      store<f32>(to, acc ? load<f32>(to) + sum : sum);
      from += (<usize>(way * x_step)) << 2;
      to += (<usize>(way * y_step)) << 2;
    }
  }
}

/** y[i] = x[0] + … + x[i] along each line, wrapping at 32 bits; arguments as cumsum_f32. Units: lines. */
export function cumsum_i32(
  y: I32Ptr,
  x: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const from = x + ((<usize>line_start(lines, 1, r)) << 2);
    const to = y + ((<usize>line_start(lines, 0, r)) << 2);
    let total: i32 = 0;
    for (let i = 0; i < N; ++i) {
      total += load<i32>(from + ((<usize>(i * x_step)) << 2));
      store<i32>(to + ((<usize>(i * y_step)) << 2), total);
    }
  }
}
