// Embedding: gathering rows of a table, and adding gradients back into them. Indices are checked once, by
// index_check_i32, before anything else runs.

import { add_dense, copy_dense, find_outside } from "./simd/rows";
import { Count, F32Ptr, I32Ptr, Index, Stride } from "./types";

/** Columns per unit of embedding_backward_f32. */
const COLUMNS: i32 = 16;

/** Position of the first of n indices that is negative or >= limit, -1 if all are in range. */
export function index_check_i32(index: I32Ptr, n: Count, limit: Count): i32 {
  return find_outside(index, n, limit);
}

/** out[i] = table[index[i]]: out dense (n, C), rows of table `table_stride` apart. Units: rows of out. */
export function embedding_f32(
  out: F32Ptr,
  table: F32Ptr,
  index: I32Ptr,
  n: Count,
  C: Count,
  table_stride: Stride,
  begin: Index,
  end: Index,
): void {
  for (let i = begin; i < end; ++i) {
    const row = load<i32>(index + ((<usize>i) << 2));
    const source = table + ((<usize>row * <usize>table_stride) << 2);
    copy_dense(out + ((<usize>i * <usize>C) << 2), source, C);
  }
}

/**
 * dtable[index[i]] += dy[i], in the order of i, except for index `padding`: dy dense (n, C), rows of dtable
 * `table_stride` apart. Always adds. Units: blocks of 16 columns, ceil(C / 16) of them; each passes over all n rows.
 */
export function embedding_backward_f32(
  dtable: F32Ptr,
  dy: F32Ptr,
  index: I32Ptr,
  n: Count,
  C: Count,
  table_stride: Stride,
  padding: Index,
  begin: Index,
  end: Index,
): void {
  const first = begin * COLUMNS;
  const count = min(end * COLUMNS, C) - first;
  for (let i = 0; i < n; ++i) {
    const row = load<i32>(index + ((<usize>i) << 2));
    if (row == padding) continue;
    const sum = dtable + ((<usize>row * <usize>table_stride + <usize>first) << 2);
    add_dense(sum, dy + ((<usize>i * <usize>C + <usize>first) << 2), count);
  }
}
