// Unary kernels. Layout operands: out, x. out may be x when their strides are the same. begin, end: flat
// output elements; a split may fall anywhere. Errors of the transcendental ones: docs/accuracy.md.

import { unary } from "./simd/loop";
import {
  Abs,
  Cos,
  Erf,
  Exp,
  Gelu,
  GeluTanh,
  Log,
  Neg,
  Reciprocal,
  Relu,
  Rsqrt,
  Sigmoid,
  Silu,
  Sin,
  Sqrt,
  Square,
  Tanh,
} from "./simd/ops";
import { F32Ptr, Index, LayoutPtr } from "./types";

/** out = -x. */
export function neg_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Neg>(out, x, layout, begin, end);
}

/** out = |x|. */
export function abs_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Abs>(out, x, layout, begin, end);
}

/** out = e^x. */
export function exp_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Exp>(out, x, layout, begin, end);
}

/** out = ln x; -Infinity at 0, NaN below. */
export function log_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Log>(out, x, layout, begin, end);
}

/** out = sqrt(x). */
export function sqrt_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Sqrt>(out, x, layout, begin, end);
}

/** out = 1 / sqrt(x). */
export function rsqrt_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Rsqrt>(out, x, layout, begin, end);
}

/** out = 1 / x. */
export function reciprocal_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Reciprocal>(out, x, layout, begin, end);
}

/** out = x * x. */
export function square_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Square>(out, x, layout, begin, end);
}

/** out = sin x. */
export function sin_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Sin>(out, x, layout, begin, end);
}

/** out = cos x. */
export function cos_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Cos>(out, x, layout, begin, end);
}

/** out = tanh x. */
export function tanh_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Tanh>(out, x, layout, begin, end);
}

/** out = erf x. */
export function erf_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Erf>(out, x, layout, begin, end);
}

/** out = 1 / (1 + e^-x). */
export function sigmoid_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Sigmoid>(out, x, layout, begin, end);
}

/** out = max(x, 0), NaN stays. */
export function relu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Relu>(out, x, layout, begin, end);
}

/** out = x / (1 + e^-x). */
export function silu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Silu>(out, x, layout, begin, end);
}

/** out = x * Phi(x), erfc form. */
export function gelu_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<Gelu>(out, x, layout, begin, end);
}

/** out = 0.5 x (1 + tanh(sqrt(2/pi)(x + 0.044715 x^3))). */
export function gelu_tanh_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  unary<GeluTanh>(out, x, layout, begin, end);
}
