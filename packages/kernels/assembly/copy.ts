// Copies, fills and casts. Layout operands: out, then x. begin, end: flat output elements; a split may fall
// anywhere.

import { columns_of, stride_of } from "./simd/layout";
import { bytes, compare, fill1, fill4, unary, widen } from "./simd/loop";
import { FloatOfInt, IntOfFloat, NonZeroF32, NonZeroI32, Same, SameByte } from "./simd/ops";
import { element } from "./simd/strided";
import { BAND, transpose_band } from "./simd/transpose";
import { BytePtr, F32Ptr, I32Ptr, Index, LayoutPtr, Stride, U8Ptr } from "./types";

/** Stride of an operand along the last leading axis; 0 without leading axes. */
function row_stride(layout: LayoutPtr, operand: i32): Stride {
  const leading = load<i32>(layout);
  if (leading == 0) return 0;
  return load<i32>(layout + ((<usize>(1 + 2 * leading + operand * (leading + 1))) << 2));
}

/** out = x, bit copies of 4-byte elements; transposes go block by block. out and x do not overlap. */
export function copy_b4(out: BytePtr, x: BytePtr, layout: LayoutPtr, begin: Index, end: Index): void {
  const n = columns_of(layout);
  if (stride_of(layout, 0) != 1 || stride_of(layout, 1) == 1 || row_stride(layout, 1) != 1) {
    unary<Same>(out, x, layout, begin, end);
    return;
  }
  let row = begin / n + i32(begin % n != 0);
  const lastRow = end / n;
  if (row >= lastRow) {
    unary<Same>(out, x, layout, begin, end);
    return;
  }
  unary<Same>(out, x, layout, begin, row * n);
  const size = load<i32>(layout + ((<usize>(1 + load<i32>(layout))) << 2));
  while (row < lastRow) {
    // A band ends with the last leading axis: behind it the rows start anew elsewhere.
    const rows = min<i32>(min<i32>(BAND, lastRow - row), size - (row % size));
    const from = element(x, layout, 1, row, 0, 2);
    transpose_band(
      element(out, layout, 0, row, 0, 2),
      row_stride(layout, 0),
      from,
      stride_of(layout, 1),
      rows,
      n,
    );
    row += rows;
  }
  unary<Same>(out, x, layout, lastRow * n, end);
}

/** out = x, bit copies of bytes. out and x do not overlap. */
export function copy_b1(out: BytePtr, x: BytePtr, layout: LayoutPtr, begin: Index, end: Index): void {
  bytes<SameByte>(out, x, x, 1, layout, begin, end);
}

/** out = bits, 4-byte elements. Layout operand: out. */
export function fill_b4(out: BytePtr, layout: LayoutPtr, bits: i32, begin: Index, end: Index): void {
  fill4(out, layout, bits, begin, end);
}

/** out = the low byte of bits. Layout operand: out. */
export function fill_b1(out: BytePtr, layout: LayoutPtr, bits: i32, begin: Index, end: Index): void {
  fill1(out, layout, bits, begin, end);
}

/** out = f32(x), rounded to nearest even. */
export function cast_i32_f32(out: F32Ptr, x: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<FloatOfInt>(out, x, layout, begin, end);
}

/** out = i32(x): truncates; saturates beyond the range of i32; 0 for NaN. */
export function cast_f32_i32(out: I32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<IntOfFloat>(out, x, layout, begin, end);
}

/** out = f32(x) of bytes 0 … 255. */
export function cast_u8_f32(out: F32Ptr, x: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  widen<FloatOfInt>(out, x, layout, begin, end);
}

/** out = i32(x) of bytes 0 … 255. */
export function cast_u8_i32(out: I32Ptr, x: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  widen<Same>(out, x, layout, begin, end);
}

/** out = x != 0 as 0 or 1; NaN is 1. */
export function cast_f32_u8(out: U8Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<NonZeroF32>(out, x, x, 1, layout, begin, end);
}

/** out = x != 0 as 0 or 1. */
export function cast_i32_u8(out: U8Ptr, x: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<NonZeroI32>(out, x, x, 1, layout, begin, end);
}
