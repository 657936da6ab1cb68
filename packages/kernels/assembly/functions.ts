// Transcendental functions beyond those of unary.ts, computed in f64 lanes. Layout operands: out, x. out may be x when
// their strides are the same. begin, end: flat output elements; a split may fall anywhere. Errors: docs/accuracy.md.

import { formula, wide } from "./simd/formula";
import { Tan } from "./simd/formula_ops";
import { Arc, Area, Erfc, Exponential, Hyperbolic, Logarithm } from "./simd/wide_ops";
import { F32Ptr, Index, LayoutPtr } from "./types";

/** out = e^(rate x) - one. */
export function exponential_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  rate: f64,
  one: f64,
  begin: Index,
  end: Index,
): void {
  wide<Exponential>(out, x, layout, rate, one, 0, begin, end);
}

/** out = unit ln(x + shift), shift 0 or 1. */
export function logarithm_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  shift: f64,
  unit: f64,
  begin: Index,
  end: Index,
): void {
  wide<Logarithm>(out, x, layout, shift, unit, 0, begin, end);
}

/** out = sinh x for other = 1, one = 0; cosh x for other = -1, one = 1. */
export function hyperbolic_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  other: f64,
  one: f64,
  begin: Index,
  end: Index,
): void {
  wide<Hyperbolic>(out, x, layout, other, one, 0, begin, end);
}

/** out = 1 - erf x, without its cancellation. */
export function erfc_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  wide<Erfc>(out, x, layout, 0, 0, 0, begin, end);
}

/** out = tan x. */
export function tan_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  formula<Tan>(out, x, layout, 0, 0, 0, begin, end);
}

/** out = factor times asinh x for which = 0, acosh x for 1, twice atanh x for 2; NaN where there is none. */
export function area_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  which: f64,
  factor: f64,
  begin: Index,
  end: Index,
): void {
  wide<Area>(out, x, layout, which, factor, 0, begin, end);
}

/** out = asin x for which = 0, acos x for 1, atan x for 2; NaN where there is none. */
export function arc_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  which: f64,
  begin: Index,
  end: Index,
): void {
  wide<Arc>(out, x, layout, which, 0, 0, begin, end);
}
