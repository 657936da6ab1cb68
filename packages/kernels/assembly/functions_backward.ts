// Gradients of functions.ts. Layout operands: dx, dy, then what the forward saved: y its value or x its argument.
// acc = 1 adds to dx. dx may be dy or the saved operand when their strides are the same. begin, end: flat elements of dx.

import { formula2, wide2 } from "./simd/formula";
import { ExponentialBackward, LogarithmBackward, TanBackward } from "./simd/formula_ops";
import { RatioBackward, RootBackward } from "./simd/wide_ops";
import { F32Ptr, Flag, Index, LayoutPtr } from "./types";

/** dx = dy rate (y + one). */
export function exponential_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  rate: f64,
  one: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<ExponentialBackward>(dx, dy, y, layout, rate, one, 0, acc, begin, end);
}

/** dx = dy unit / (x + shift). */
export function logarithm_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  shift: f64,
  unit: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<LogarithmBackward>(dx, dy, x, layout, shift, unit, 0, acc, begin, end);
}

/** dx = dy (1 + y^2). */
export function tan_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<TanBackward>(dx, dy, y, layout, 0, 0, 0, acc, begin, end);
}

/** dx = dy / (constant + square x^2). */
export function ratio_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  constant: f64,
  square: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<RatioBackward>(dx, dy, x, layout, constant, square, 0, acc, begin, end);
}

/** dx = sign dy / sqrt(constant + square x^2). */
export function root_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  constant: f64,
  square: f64,
  sign: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<RootBackward>(dx, dy, x, layout, constant, square, sign, acc, begin, end);
}
