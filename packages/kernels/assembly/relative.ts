// Between relative and absolute positions (Shaw et al., arXiv 1803.02155): 2k+1 values per query, one for each distance
// key - query in -k … k, laid along the keys, distances beyond k counting as k. The two kernels are each other's gradient.
// Query r sits at position past + r % T.
import { line_start } from "./simd/layout";
import { add_dense, copy_dense, fill_dense, sum_dense, zero_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, Index, LayoutPtr } from "./types";

/** How many of S keys lie `distance` or less behind a query at `position`. */
function keys_to(position: i32, distance: i32, S: i32): i32 {
  return min<i32>(max<i32>(position + distance + 1, 0), S);
}

/**
 * y[s] = x[k + clamp(s - position, -k, k)] for S keys (+ y if acc). rows: operands y, x, one element per row, T
 * queries innermost. Rows are dense. Units: rows.
 */
export function relative_spread_f32(
  y: F32Ptr,
  x: F32Ptr,
  rows: LayoutPtr,
  T: Count,
  S: Count,
  k: Count,
  past: i32,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const position = past + (r % T);
    const to = y + ((<usize>line_start(rows, 0, r)) << 2);
    const from = x + ((<usize>line_start(rows, 1, r)) << 2);
    const near = keys_to(position, -k, S);
    const far = max<i32>(keys_to(position, k - 1, S), near);
    const middle = from + ((<usize>(near - position + k)) << 2);
    fill_dense(to, near, load<f32>(from), acc);
    if (acc) add_dense(to + ((<usize>near) << 2), middle, far - near);
    else copy_dense(to + ((<usize>near) << 2), middle, far - near);
    fill_dense(to + ((<usize>far) << 2), S - far, load<f32>(from + ((<usize>k) << 3)), acc);
  }
}

/**
 * y[k + d] = sum of x[s] over the S keys at clamped distance d (+ y if acc). rows as relative_spread_f32. Units:
 * rows.
 */
export function relative_sum_f32(
  y: F32Ptr,
  x: F32Ptr,
  rows: LayoutPtr,
  T: Count,
  S: Count,
  k: Count,
  past: i32,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const position = past + (r % T);
    const to = y + ((<usize>line_start(rows, 0, r)) << 2);
    const from = x + ((<usize>line_start(rows, 1, r)) << 2);
    const near = keys_to(position, -k, S);
    const far = max<i32>(keys_to(position, k - 1, S), near);
    if (!acc) zero_dense(to, 2 * k + 1);
    add_dense(to + ((<usize>(near - position + k)) << 2), from + ((<usize>near) << 2), far - near);
    const last = to + ((<usize>k) << 3);
    store<f32>(to, load<f32>(to) + <f32>sum_dense(from, near));
    store<f32>(last, load<f32>(last) + <f32>sum_dense(from + ((<usize>far) << 2), S - far));
  }
}
