// Activations beyond those of unary.ts. Layout operands: out, x. out may be x when their strides are the same. begin,
// end: flat output elements; a split may fall anywhere. Errors of the transcendental ones: docs/accuracy.md.

import { formula, wide } from "./simd/formula";
import {
  Clamp,
  HardShrink,
  HardSigmoid,
  HardSwish,
  LeakyRelu,
  SoftShrink,
  Threshold,
} from "./simd/formula_ops";
import { Elu, Mish, Softplus } from "./simd/wide_ops";
import { F32Ptr, Index, LayoutPtr } from "./types";

/** out = min(max(x, low), high); NaN if any is. */
export function clamp_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  low: f64,
  high: f64,
  begin: Index,
  end: Index,
): void {
  formula<Clamp>(out, x, layout, low, high, 0, begin, end);
}

/** out = x > 0 ? x : slope x. */
export function leaky_relu_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  slope: f64,
  begin: Index,
  end: Index,
): void {
  formula<LeakyRelu>(out, x, layout, slope, 0, 0, begin, end);
}

/** out = x <= limit ? value : x. */
export function threshold_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  limit: f64,
  value: f64,
  begin: Index,
  end: Index,
): void {
  formula<Threshold>(out, x, layout, limit, value, 0, begin, end);
}

/** out = min(max(x + 3, 0), 6) / 6. */
export function hard_sigmoid_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  formula<HardSigmoid>(out, x, layout, 0, 0, 0, begin, end);
}

/** out = x min(max(x + 3, 0), 6) / 6. */
export function hard_swish_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  formula<HardSwish>(out, x, layout, 0, 0, 0, begin, end);
}

/** out = x moved toward 0 by width, 0 within it. */
export function soft_shrink_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  width: f64,
  begin: Index,
  end: Index,
): void {
  formula<SoftShrink>(out, x, layout, width, 0, 0, begin, end);
}

/** out = |x| <= width ? 0 : x. */
export function hard_shrink_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  width: f64,
  begin: Index,
  end: Index,
): void {
  formula<HardShrink>(out, x, layout, width, 0, 0, begin, end);
}

/** out = x <= 0 ? low (e^(rate x) - 1) : high x. */
export function elu_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  low: f64,
  high: f64,
  rate: f64,
  begin: Index,
  end: Index,
): void {
  wide<Elu>(out, x, layout, low, high, rate, begin, end);
}

/** out = ln(1 + e^(beta x)) / beta; x where beta x > limit. */
export function softplus_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  beta: f64,
  limit: f64,
  begin: Index,
  end: Index,
): void {
  wide<Softplus>(out, x, layout, beta, limit, 0, begin, end);
}

/** out = x tanh(ln(1 + e^x)). */
export function mish_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  wide<Mish>(out, x, layout, 0, 0, 0, begin, end);
}
