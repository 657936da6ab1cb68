// Comparisons, logic on bool tensors (one byte per element, 0 or 1) and where. Layout operands: out, then
// the inputs in argument order. begin, end: flat output elements; a split may fall anywhere.

import { bytes, compare, where } from "./simd/loop";
import {
  And,
  EqualF32,
  EqualI32,
  GreaterEqualF32,
  GreaterEqualI32,
  GreaterF32,
  GreaterI32,
  LessEqualF32,
  LessEqualI32,
  LessF32,
  LessI32,
  Not,
  NotEqualF32,
  NotEqualI32,
  Or,
  Xor,
} from "./simd/ops";
import { F32Ptr, Flag, I32Ptr, Index, LayoutPtr, U8Ptr } from "./types";

/** out = a == b; false for NaN. */
export function eq_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<EqualF32>(out, a, b, 2, layout, begin, end);
}

/** out = a != b; true for NaN. */
export function ne_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<NotEqualF32>(out, a, b, 2, layout, begin, end);
}

/** out = a < b; false for NaN. */
export function lt_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<LessF32>(out, a, b, 2, layout, begin, end);
}

/** out = a <= b; false for NaN. */
export function le_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<LessEqualF32>(out, a, b, 2, layout, begin, end);
}

/** out = a > b; false for NaN. */
export function gt_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<GreaterF32>(out, a, b, 2, layout, begin, end);
}

/** out = a >= b; false for NaN. */
export function ge_f32(out: U8Ptr, a: F32Ptr, b: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<GreaterEqualF32>(out, a, b, 2, layout, begin, end);
}

/** out = a == b. */
export function eq_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<EqualI32>(out, a, b, 2, layout, begin, end);
}

/** out = a != b. */
export function ne_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<NotEqualI32>(out, a, b, 2, layout, begin, end);
}

/** out = a < b. */
export function lt_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<LessI32>(out, a, b, 2, layout, begin, end);
}

/** out = a <= b. */
export function le_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<LessEqualI32>(out, a, b, 2, layout, begin, end);
}

/** out = a > b. */
export function gt_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<GreaterI32>(out, a, b, 2, layout, begin, end);
}

/** out = a >= b. */
export function ge_i32(out: U8Ptr, a: I32Ptr, b: I32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  compare<GreaterEqualI32>(out, a, b, 2, layout, begin, end);
}

/** out = a and b. out may be a or b when their strides are the same. */
export function and_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  bytes<And>(out, a, b, 2, layout, begin, end);
}

/** out = a or b. out may be a or b when their strides are the same. */
export function or_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  bytes<Or>(out, a, b, 2, layout, begin, end);
}

/** out = either a or b. out may be a or b when their strides are the same. */
export function xor_bool(out: U8Ptr, a: U8Ptr, b: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  bytes<Xor>(out, a, b, 2, layout, begin, end);
}

/** out = not a. out may be a when their strides are the same. */
export function not_bool(out: U8Ptr, a: U8Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  bytes<Not>(out, a, a, 1, layout, begin, end);
}

/** out = cond ? a : b; acc = 1 adds to out. out may be a or b when their strides are the same. */
export function where_f32(
  out: F32Ptr,
  cond: U8Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  where(out, cond, a, b, layout, acc, begin, end);
}

/** out = cond ? a : b. out may be a or b when their strides are the same. */
export function where_i32(
  out: I32Ptr,
  cond: U8Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  where(out, cond, a, b, layout, 0, begin, end);
}
