// x^p for a fixed exponent, from ops that are there: small whole exponents by multiplication, all others as e^(p log x),
// which is accurate to about |p log x| roundings.
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./binary.ts";
import { eq } from "./compare.ts";
import { exp, log, sqrt, square } from "./unary.ts";
import { maskedFill } from "./where.ts";

/** x^p; NaN where x < 0 and p is no whole number. */
export function power(x: Tensor, p: number): Tensor {
  return scope(() => {
    if (p === 1) return x;
    if (p === 0.5) return sqrt(x);
    if (!Number.isInteger(p) || p < 1 || p > 16) return byLogarithm(x, p);
    const half = square(power(x, Math.floor(p / 2) || 1));
    return p % 2 === 0 ? half : mul(half, x);
  });
}

/** e^(p log x), with a gradient of 0 where x is 0. */
function byLogarithm(x: Tensor, p: number): Tensor {
  const zero = eq(x, 0);
  const atZero = p > 0 ? 0 : p === 0 ? 1 : Infinity;
  return maskedFill(exp(mul(log(maskedFill(x, zero, 1)), p)), zero, atZero);
}
