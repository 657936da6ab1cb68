// Softmax and log-softmax over rows, forward and backward. The maximum is subtracted first, every exponential
// is taken once, written, summed (simd/rows.ts: f32 blocks, f64 totals) and scaled. A row that is -Infinity
// throughout, or holds +Infinity or NaN, gives NaN as in PyTorch: -Infinity - (-Infinity) is NaN and spreads
// through the sum.

import { log4 } from "./simd/math";
import { dense_offset, dot_dense, row_start, sum_dense, top_dense } from "./simd/rows";
import {
  exp_row,
  log_softmax_backward_row,
  softmax_backward_row,
  softmax_rows,
  subtract_row,
} from "./simd/softmax";
import { Count, F32Ptr, Flag, Index, Stride } from "./types";

/**
 * y = softmax(scale * x) over each row. Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense
 * (D0, D1, N). causal -1: whole rows; causal >= 0: row (i, j) keeps its first min(N, causal + j + 1)
 * entries, the rest of y is 0 and the rest of x is not read; causal -2: whole rows. But for -1, a row of which
 * all is -Infinity gives zeros, as in PyTorch's attention. y may be x where the rows coincide. Units: rows.
 */
export function softmax_f32(
  y: F32Ptr,
  x: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  x_s0: Stride,
  x_s1: Stride,
  scale: f32,
  causal: i32,
  begin: Index,
  end: Index,
): void {
  softmax_rows(y, x, D1, N, x_s0, x_s1, scale, causal, begin, end);
}

/**
 * dx = scale * y * (dy - sum(dy * y)) (+ dx if acc). y, dy dense (D0, D1, N); row (i, j) of dx starts at
 * dx + i*dx_s0 + j*dx_s1. dx may be dy or y where the rows coincide. Units: rows.
 */
export function softmax_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  dx_s0: Stride,
  dx_s1: Stride,
  scale: f32,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const row = dense_offset(r, N);
    const dot = <f32>dot_dense(dy + row, y + row, N);
    softmax_backward_row(dx + row_start(r, D1, dx_s0, dx_s1), dy + row, y + row, N, dot, scale, acc);
  }
}

/**
 * y = x - logsumexp(x) over each row. Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense
 * (D0, D1, N). y may be x where the rows coincide. Units: rows.
 */
export function log_softmax_f32(
  y: F32Ptr,
  x: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  x_s0: Stride,
  x_s1: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const source = x + row_start(r, D1, x_s0, x_s1);
    const top = top_dense(source, N, 0);
    const log = f32x4.extract_lane(log4(f32x4.splat(<f32>exp_row(0, source, N, top))), 0);
    subtract_row(y + dense_offset(r, N), source, N, top, log);
  }
}

/**
 * dx = dy - exp(y) * sum(dy) (+ dx if acc), y = log_softmax(x). y, dy dense (D0, D1, N); row (i, j) of dx
 * starts at dx + i*dx_s0 + j*dx_s1. dx may be dy or y where the rows coincide. Units: rows.
 */
export function log_softmax_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  dx_s0: Stride,
  dx_s1: Stride,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const row = dense_offset(r, N);
    const sum = <f32>sum_dense(dy + row, N);
    log_softmax_backward_row(dx + row_start(r, D1, dx_s0, dx_s1), dy + row, y + row, N, sum, acc);
  }
}
