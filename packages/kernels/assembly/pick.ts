// Elements of lines at given places, and their gradient: what turns the indices of a sort or an extreme into values.
import { line_start } from "./simd/layout";
import { BytePtr, Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr, Stride } from "./types";

/**
 * y[i] = x[at[i]] along each line of N places, for elements of 4 bytes. lines: operands y, x, at, one element per line;
 * steps: along a line. The places must be valid. Units: lines.
 */
export function pick_b4(
  y: BytePtr,
  x: BytePtr,
  at: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  at_step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    let to = y + ((<usize>line_start(lines, 0, r)) << 2);
    const from = x + ((<usize>line_start(lines, 1, r)) << 2);
    let place = at + ((<usize>line_start(lines, 2, r)) << 2);
    for (let i = 0; i < N; ++i) {
      store<i32>(to, load<i32>(from + ((<usize>(load<i32>(place) * x_step)) << 2)));
      to += (<usize>y_step) << 2;
      place += (<usize>at_step) << 2;
    }
  }
}

/**
 * dx[j] = sum of dy[i] over the i with at[i] = j (+ dx[j] if acc), j < M. Neighbours of one place are added in f64. lines:
 * operands dx, dy, at. Units: lines.
 */
export function pick_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  at: I32Ptr,
  lines: LayoutPtr,
  M: Count,
  N: Count,
  dx_step: Stride,
  dy_step: Stride,
  at_step: Stride,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = dx + ((<usize>line_start(lines, 0, r)) << 2);
    let given = dy + ((<usize>line_start(lines, 1, r)) << 2);
    let place = at + ((<usize>line_start(lines, 2, r)) << 2);
    if (!acc) {
      for (let j = 0; j < M; ++j) store<f32>(to + ((<usize>(j * dx_step)) << 2), 0);
    }
    for (let i = 0; i < N; ) {
      const j = load<i32>(place);
      let total: f64 = 0;
      do {
        total += <f64>load<f32>(given);
        given += (<usize>dy_step) << 2;
        place += (<usize>at_step) << 2;
      } while (++i < N && load<i32>(place) == j);
      const d = to + ((<usize>(j * dx_step)) << 2);
      store<f32>(d, load<f32>(d) + <f32>total);
    }
  }
}
