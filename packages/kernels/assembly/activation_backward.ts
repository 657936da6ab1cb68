// Gradients of activation.ts. Layout operands: dx, dy, then what the forward saved: y its value or x its argument.
// acc = 1 adds to dx. dx may be dy or the saved operand when their strides are the same. begin, end: flat elements of dx.

import { formula2, wide2 } from "./simd/formula";
import { BetweenBackward, HardSwishBackward, InsideBackward, LeakyReluBackward } from "./simd/formula_ops";
import { EluBackward, MishBackward, SoftplusBackward } from "./simd/wide_ops";
import { F32Ptr, Flag, Index, LayoutPtr } from "./types";

/** dx = low <= x <= high ? slope dy : 0. */
export function inside_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  low: f64,
  high: f64,
  slope: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<InsideBackward>(dx, dy, x, layout, low, high, slope, acc, begin, end);
}

/** dx = x <= low or x >= high ? 0 : dy. */
export function between_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  low: f64,
  high: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<BetweenBackward>(dx, dy, x, layout, low, high, 0, acc, begin, end);
}

/** dx = x > 0 ? dy : slope dy. */
export function leaky_relu_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  slope: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<LeakyReluBackward>(dx, dy, x, layout, slope, 0, 0, acc, begin, end);
}

/** dx = x <= -3 ? 0 : x < 3 ? dy (x/3 + 1/2) : dy. */
export function hard_swish_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<HardSwishBackward>(dx, dy, x, layout, 0, 0, 0, acc, begin, end);
}

/** dx = x <= 0 ? dy low rate e^(rate x) : dy high. */
export function elu_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  low: f64,
  high: f64,
  rate: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<EluBackward>(dx, dy, x, layout, low, high, rate, acc, begin, end);
}

/** dx = dy sigmoid(beta x); dy where beta x > limit. */
export function softplus_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  beta: f64,
  limit: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<SoftplusBackward>(dx, dy, x, layout, beta, limit, 0, acc, begin, end);
}

/** dx = dy (t + x (1 - t^2) sigmoid(x)), t = tanh(ln(1 + e^x)). */
export function mish_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<MishBackward>(dx, dy, x, layout, 0, 0, 0, acc, begin, end);
}
