// Gathering and scattering by index, and lists of the places where a mask is true. Indices are checked before any of
// these runs. Gathers walk the elements of their output. Scatters own whole lines of theirs and go along each in order,
// so repeated indices meet in one order however the work is cut; the last one wins where nothing is combined.

import { columns_of, stride_of } from "./simd/layout";
import { count_true, list_true, search } from "./simd/listing";
import { Fold, pick, put, SetByte, SetWord, TakeAway } from "./simd/meet";
import { AddF32, AddI32, MaximumF32, MaximumI32, MinimumF32, MinimumI32, MulF32, MulI32 } from "./simd/ops";
import { find_outside_signed } from "./simd/rows";
import { element, gather4, scatter4 } from "./simd/strided";
import { BytePtr, Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr, Stride, U8Ptr } from "./types";

/** Mask elements per unit of mask_count_i32 and mask_list_i32. */
const BLOCK: i32 = 4096;

/** Position of the first of n indices outside -size ... size-1, -1 if all are in range. */
export function index_check_signed_i32(index: I32Ptr, n: Count, size: Count): i32 {
  return find_outside_signed(index, n, size);
}

/**
 * place = index * step (+ place if acc), where a negative index counts from `size`. layout: place, index. Units:
 * elements.
 */
export function index_place_i32(
  place: I32Ptr,
  index: I32Ptr,
  layout: LayoutPtr,
  size: Count,
  step: Stride,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const n = columns_of(layout);
  const sp = stride_of(layout, 0);
  const si = stride_of(layout, 1);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let p = element(place, layout, 0, row, column, 2);
    let q = element(index, layout, 1, row, column, 2);
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      let v = gather4(q, si, lanes);
      v = i32x4.add(v, v128.and(i32x4.shr_s(v, 31), i32x4.splat(size)));
      v = i32x4.mul(v, i32x4.splat(step));
      if (acc) v = i32x4.add(v, gather4(p, sp, lanes));
      scatter4(p, sp, lanes, v);
      p += (<usize>sp) << 4;
      q += (<usize>si) << 4;
    }
  }
}

/** out[i] = x[offset of i + index[i] * step], 4-byte elements. layout: out, index, x. Units: elements of out. */
export function gather_b4(
  out: BytePtr,
  x: BytePtr,
  index: I32Ptr,
  layout: LayoutPtr,
  step: Stride,
  begin: Index,
  end: Index,
): void {
  pick<SetWord>(out, x, index, layout, step, 2, begin, end);
}

/** gather_b4 of bytes. */
export function gather_b1(
  out: BytePtr,
  x: BytePtr,
  index: I32Ptr,
  layout: LayoutPtr,
  step: Stride,
  begin: Index,
  end: Index,
): void {
  pick<SetByte>(out, x, index, layout, step, 0, begin, end);
}

/** out[i] += x[offset of i + index[i] * step]; as gather_b4. */
export function gather_add_f32(
  out: F32Ptr,
  x: F32Ptr,
  index: I32Ptr,
  layout: LayoutPtr,
  step: Stride,
  begin: Index,
  end: Index,
): void {
  pick<Fold<AddF32>>(out, x, index, layout, step, 2, begin, end);
}

/**
 * out[offset of line + index[j] * out_step] = src[j] for j = 0 ... N-1 along each line, 4-byte elements. lines: out, src,
 * index, one element per line. Lines share no place in out; out does not overlap src. Units: lines.
 */
export function scatter_b4(
  out: BytePtr,
  src: BytePtr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<SetWord>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** scatter_b4 of bytes. */
export function scatter_b1(
  out: BytePtr,
  src: BytePtr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<SetByte>(out, src, index, lines, N, out_step, src_step, index_step, 0, begin, end);
}

/** out += src at the places of the index, in the order of j; as scatter_b4. */
export function scatter_add_f32(
  out: F32Ptr,
  src: F32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<AddF32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out *= src; as scatter_add_f32. */
export function scatter_mul_f32(
  out: F32Ptr,
  src: F32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MulF32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out = max(out, src), NaN if one is; as scatter_add_f32. */
export function scatter_max_f32(
  out: F32Ptr,
  src: F32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MaximumF32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out = min(out, src), NaN if one is; as scatter_add_f32. */
export function scatter_min_f32(
  out: F32Ptr,
  src: F32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MinimumF32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out += src, wrapping at 32 bits; as scatter_add_f32. */
export function scatter_add_i32(
  out: I32Ptr,
  src: I32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<AddI32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out *= src, wrapping at 32 bits; as scatter_add_f32. */
export function scatter_mul_i32(
  out: I32Ptr,
  src: I32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MulI32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out = max(out, src); as scatter_add_f32. */
export function scatter_max_i32(
  out: I32Ptr,
  src: I32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MaximumI32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/** out = min(out, src); as scatter_add_f32. */
export function scatter_min_i32(
  out: I32Ptr,
  src: I32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  put<Fold<MinimumI32>>(out, src, index, lines, N, out_step, src_step, index_step, 2, begin, end);
}

/**
 * The gradient of scatter_b4: src[j] += out[place of j], out there = 0, for j = N-1 ... 0. So of several that wrote to one
 * place only the last has a gradient, and what out held before has none. Arguments as scatter_b4; src is written, too.
 */
export function scatter_take_f32(
  out: F32Ptr,
  src: F32Ptr,
  index: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  src_step: Stride,
  index_step: Stride,
  begin: Index,
  end: Index,
): void {
  const last_src = src + ((<usize>((N - 1) * src_step)) << 2);
  const last_index = index + ((<usize>((N - 1) * index_step)) << 2);
  put<TakeAway>(out, last_src, last_index, lines, N, out_step, -src_step, -index_step, 2, begin, end);
}

/** out = floor(out / count) in place, 1 where count is 0: the mean of integers. Units: elements. */
export function floor_mean_i32(out: I32Ptr, count: I32Ptr, begin: Index, end: Index): void {
  for (let i = begin; i < end; ++i) {
    const at = (<usize>i) << 2;
    const divisor = max<i32>(load<i32>(count + at), 1);
    const total = load<i32>(out + at);
    const quotient = total / divisor;
    store<i32>(out + at, quotient - i32(total - quotient * divisor < 0));
  }
}

/** counts[b] = how many of the b-th 4096 bytes of the mask (n) are not 0. Units: blocks, ceil(n / 4096) of them. */
export function mask_count_i32(counts: I32Ptr, mask: U8Ptr, n: Count, begin: Index, end: Index): void {
  for (let b = begin; b < end; ++b) {
    const first = b * BLOCK;
    store<i32>(counts + ((<usize>b) << 2), count_true(mask + <usize>first, min(n - first, BLOCK)));
  }
}

/**
 * out = positions of the bytes that are not 0, ascending; ends: running sums of mask_count_i32. Units: blocks.
 */
export function mask_list_i32(
  out: I32Ptr,
  mask: U8Ptr,
  ends: I32Ptr,
  n: Count,
  begin: Index,
  end: Index,
): void {
  for (let b = begin; b < end; ++b) {
    const first = b * BLOCK;
    const before = b ? load<i32>(ends + ((<usize>(b - 1)) << 2)) : 0;
    list_true(out + ((<usize>before) << 2), mask + <usize>first, min(n - first, BLOCK), first);
  }
}

/** out[i * out_step] = position[i] / divisor % size: one axis of row-major positions. Units: elements. */
export function unravel_i32(
  out: I32Ptr,
  out_step: Stride,
  position: I32Ptr,
  divisor: Count,
  size: Count,
  begin: Index,
  end: Index,
): void {
  for (let i = begin; i < end; ++i) {
    const at = load<i32>(position + ((<usize>i) << 2));
    store<i32>(out + ((<usize>i * <usize>out_step) << 2), (at / divisor) % size);
  }
}

/**
 * out[i] = how many of the sorted row (N) lie before value[i]: those below it, or not above it if `right`. Row i / M of
 * `sorted`, rows `row_step` apart; NaN lies behind everything. Units: values.
 */
export function searchsorted_f32(
  out: I32Ptr,
  sorted: F32Ptr,
  value: F32Ptr,
  N: Count,
  M: Count,
  row_step: Stride,
  right: Flag,
  begin: Index,
  end: Index,
): void {
  search<f32>(out, sorted, value, N, M, row_step, right, begin, end);
}

/** searchsorted_f32 of integers. */
export function searchsorted_i32(
  out: I32Ptr,
  sorted: I32Ptr,
  value: I32Ptr,
  N: Count,
  M: Count,
  row_step: Stride,
  right: Flag,
  begin: Index,
  end: Index,
): void {
  search<i32>(out, sorted, value, N, M, row_step, right, begin, end);
}
