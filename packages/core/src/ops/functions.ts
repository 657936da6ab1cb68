// Exponential, logarithmic, circular and hyperbolic functions beyond those of unary.ts; all but tan are computed in f64,
// so they are correctly rounded but for one in some thousand results. Integers give f32.

import { empty, type Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { elementwise } from "./elementwise.ts";
import { composedSlope, formula } from "./formula.ts";
import { neg } from "./unary.ts";

/** e^(rate x) − one; its derivative is rate (y + one). */
const exponential = (name: string, rate: number, one: number) => {
  const op = formula(name, "exponential_f32", { kernel: "exponential_backward_f32", saves: "y" });
  return (x: Tensor): Tensor => op(x, [rate, one]);
};

/** unit ln(x + shift); its derivative is unit / (x + shift). A shift of −0 leaves the sign of a zero to the latter. */
const logarithm = (name: string, shift: number, unit: number) => {
  const op = formula(name, "logarithm_f32", { kernel: "logarithm_backward_f32", saves: "x" });
  return (x: Tensor): Tensor => op(x, [shift, unit]);
};

/** A function with the derivative sign / sqrt(constant + square x²). */
const rooted = (
  name: string,
  kernel: "area_f32" | "arc_f32",
  parameters: readonly number[],
  constant: number,
  square: number,
  sign = 1,
) => {
  const op = formula(name, kernel, { kernel: "root_backward_f32", saves: "x" });
  return (x: Tensor): Tensor => op(x, parameters, [constant, square, sign]);
};

/** A function with the derivative 1 / (1 + square x²). */
const rational = (
  name: string,
  kernel: "area_f32" | "arc_f32",
  parameters: readonly number[],
  square: number,
) => {
  const op = formula(name, kernel, { kernel: "ratio_backward_f32", saves: "x" });
  return (x: Tensor): Tensor => op(x, parameters, [1, square]);
};

/** e^x − 1, without loss near 0. torch.expm1 */
export const expm1 = exponential("expm1", 1, 1);
/** 2^x. torch.exp2 */
export const exp2 = exponential("exp2", Math.LN2, 0);
/** ln(1 + x), without loss near 0. torch.log1p */
export const log1p = logarithm("log1p", 1, 1);
/** Logarithm to base 2. torch.log2 */
export const log2 = logarithm("log2", -0, 1 / Math.LN2);
/** Logarithm to base 10. torch.log10 */
export const log10 = logarithm("log10", -0, 1 / Math.LN10);

const tangent = formula("tan", "tan_f32", { kernel: "tan_backward_f32", saves: "y" });
/** Tangent of x radians. torch.tan */
export function tan(x: Tensor): Tensor {
  return tangent(x);
}

/** Arc sine in radians; NaN beyond ±1. torch.asin */
export const asin = rooted("asin", "arc_f32", [0], 1, -1);
/** Arc cosine in radians; NaN beyond ±1. torch.acos */
export const acos = rooted("acos", "arc_f32", [1], 1, -1, -1);
/** Arc tangent in radians. torch.atan */
export const atan = rational("atan", "arc_f32", [2], 1);
/** Inverse of sinh. torch.asinh */
export const asinh = rooted("asinh", "area_f32", [0, 1], 1, 1);
/** Inverse of cosh; NaN below 1. torch.acosh */
export const acosh = rooted("acosh", "area_f32", [1, 1], -1, 1);
/** Inverse of tanh; NaN beyond ±1. torch.atanh */
export const atanh = rational("atanh", "area_f32", [2, 0.5], -1);

const sinhOp = composedSlope("sinh", "hyperbolic_f32", (dy, x) => mul(dy, cosh(x)));
const coshOp = composedSlope("cosh", "hyperbolic_f32", (dy, x) => mul(dy, sinh(x)));

/** Hyperbolic sine. torch.sinh */
export function sinh(x: Tensor): Tensor {
  return sinhOp(x, [1, 0]);
}

/** Hyperbolic cosine. torch.cosh */
export function cosh(x: Tensor): Tensor {
  return coshOp(x, [-1, 1]);
}

/** −dy · erf'(x) */
function complementSlope(dy: Tensor, x: Tensor): Tensor {
  const dx = empty(x.shape);
  elementwise("erf_backward_f32", dx, [neg(dy), x], 0);
  return dx;
}

const erfcOp = composedSlope("erfc", "erfc_f32", complementSlope);

/** 1 − erf(x), without loss where erf is near 1. torch.erfc */
export function erfc(x: Tensor): Tensor {
  return erfcOp(x);
}
