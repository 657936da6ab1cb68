// Rounding. Layout operands: out, x. out may be x when their strides are the same. begin, end: flat output elements; a
// split may fall anywhere.

import { formula } from "./simd/formula";
import { Frac, Round, Sign } from "./simd/formula_ops";
import { F32Ptr, Index, LayoutPtr } from "./types";

/** out = a multiple of down / up: the nearest for which = 0, ties to even; below for 1, above for 2, toward 0 for 3. */
export function round_f32(
  out: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  up: f64,
  down: f64,
  which: f64,
  begin: Index,
  end: Index,
): void {
  formula<Round>(out, x, layout, up, down, which, begin, end);
}

/** out = x - trunc(x). */
export function frac_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  formula<Frac>(out, x, layout, 0, 0, 0, begin, end);
}

/** out = 1, 0 or -1; 0 for NaN. */
export function sign_f32(out: F32Ptr, x: F32Ptr, layout: LayoutPtr, begin: Index, end: Index): void {
  formula<Sign>(out, x, layout, 0, 0, 0, begin, end);
}
