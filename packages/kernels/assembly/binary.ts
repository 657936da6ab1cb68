// Binary kernels with broadcasting. Layout operands: out, a, b. acc = 1 adds to out. out may be a or b when
// their strides are the same. begin, end: flat output elements; a split may fall anywhere.

import { binary } from "./simd/loop";
import {
  AddF32,
  AddI32,
  DivF32,
  MaximumF32,
  MaximumI32,
  MinimumF32,
  MinimumI32,
  MulF32,
  MulI32,
  SubF32,
  SubI32,
} from "./simd/ops";
import { F32Ptr, Flag, I32Ptr, Index, LayoutPtr } from "./types";

/** out = a + b. */
export function add_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<AddF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = a - b. */
export function sub_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SubF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = a * b. */
export function mul_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MulF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = a / b. */
export function div_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<DivF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = the larger; NaN if either is. */
export function maximum_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MaximumF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = the smaller; NaN if either is. */
export function minimum_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MinimumF32, f32>(out, a, b, layout, acc, begin, end);
}

/** out = a + b, wrapping. */
export function add_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<AddI32, i32>(out, a, b, layout, acc, begin, end);
}

/** out = a - b, wrapping. */
export function sub_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SubI32, i32>(out, a, b, layout, acc, begin, end);
}

/** out = a * b, wrapping. */
export function mul_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MulI32, i32>(out, a, b, layout, acc, begin, end);
}

/** out = the larger. */
export function maximum_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MaximumI32, i32>(out, a, b, layout, acc, begin, end);
}

/** out = the smaller. */
export function minimum_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<MinimumI32, i32>(out, a, b, layout, acc, begin, end);
}
