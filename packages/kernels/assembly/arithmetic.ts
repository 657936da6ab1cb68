// Powers, remainders and angles of two operands, with broadcasting; the f32 ones are computed in f64 lanes. Layout
// operands: out, a, b. acc = 1 adds to an f32 out. out may be a or b when their strides are the same. begin, end: flat
// output elements; a split may fall anywhere.

import { formula2, wide2 } from "./simd/formula";
import { ModuloI32, PowerI32 } from "./simd/formula_ops";
import { Atan2, Atan2Slope, LogitLoss, Modulo, Power, ProbabilityLoss } from "./simd/wide_ops";
import { F32Ptr, Flag, I32Ptr, Index, LayoutPtr } from "./types";

/** out = a^b for which = 0, its derivative by a for 1, by b for 2. */
export function pow_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  which: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<Power>(out, a, b, layout, which, 0, 0, acc, begin, end);
}

/** out = the exact remainder of a / b with the sign of a for which = 0, of b for 1; floor(a / b) for 2. */
export function modulo_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  which: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<Modulo>(out, a, b, layout, which, 0, 0, acc, begin, end);
}

/** out = the angle of the point (b, a). */
export function atan2_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<Atan2>(out, a, b, layout, 0, 0, 0, acc, begin, end);
}

/** out = b / (a^2 + b^2), the derivative of atan2 by a; 0 at the origin. */
export function atan2_slope_f32(
  out: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<Atan2Slope>(out, a, b, layout, 0, 0, 0, acc, begin, end);
}

/** out = a^b, wrapping; cut to a whole number where b < 0. */
export function pow_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<PowerI32>(out, a, b, layout, 0, 0, 0, acc, begin, end);
}

/** out as of modulo_f32; b is nowhere 0. */
export function modulo_i32(
  out: I32Ptr,
  a: I32Ptr,
  b: I32Ptr,
  layout: LayoutPtr,
  which: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  formula2<ModuloI32>(out, a, b, layout, which, 0, 0, acc, begin, end);
}

/** out = -t ln x - (1 - t) ln(1 - x) with logarithms >= -100 for which = 0, its derivative by x for 1. */
export function probability_loss_f32(
  out: F32Ptr,
  x: F32Ptr,
  t: F32Ptr,
  layout: LayoutPtr,
  which: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<ProbabilityLoss>(out, x, t, layout, which, 0, 0, acc, begin, end);
}

/** out = the same of the probability 1 / (1 + e^-x). */
export function logit_loss_f32(
  out: F32Ptr,
  x: F32Ptr,
  t: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  wide2<LogitLoss>(out, x, t, layout, 0, 0, 0, acc, begin, end);
}
