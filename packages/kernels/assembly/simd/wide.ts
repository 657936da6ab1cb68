// Transcendental functions on two f64 lanes that hold f32 numbers: relative errors around 2^-40, so that one
// rounding to f32 is all that is left. Minimax coefficients: tools/oracle/polynomials.py. Literature: fdlibm
// (Sun Microsystems, 1993) e_log.c, s_expm1.c, s_atan.c for the reductions; Shepherd and Laframboise, Chebyshev
// approximation of (1 + 2x) exp(x^2) erfc x (1981). NaN passes through; f32 subnormals are normal numbers here.
import { madd64 } from "./madd";

/** 1.5 * 2^52: rounds an f64 to an integer that stands in the low bits. */
const ROUND64: f64 = 6755399441055744.0;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: there is no Math in a kernel
const LOG2_E: f64 = 1.4426950408889634;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: there is no Math in a kernel
const LN2: f64 = 0.6931471805599453;
/** ln 2 in two parts; products of the first with exponents are exact. */
const LN2_HI: f64 = 0.6931471803691238;
const LN2_LO: f64 = 1.9082149292705877e-10;
const PI: f64 = 3.141592653589793;
const SIGN64: i64 = i64.MIN_VALUE;

// @ts-expect-error: decorator
@inline
export function f64s(c: f64): v128 {
  return f64x2.splat(c);
}

/** c ? a : b. */
// @ts-expect-error: decorator
@inline
export function choose2(c: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, c);
}

/** The magnitude of `a` with the sign bit of `x`. */
// @ts-expect-error: decorator
@inline
export function copysign2(a: v128, x: v128): v128 {
  return v128.bitselect(x, a, i64x2.splat(SIGN64));
}

/**
 * e^x - one; one = 1 loses nothing near 0. Below -708.7 exactly -one (2^n is the number 0 there), above 700 as at
 * 700, which is infinite in f32.
 */
// @ts-expect-error: decorator
@inline
export function exp_minus2(x: v128, one: v128): v128 {
  const z = f64x2.pmax(f64x2.pmin(x, f64s(700.0)), f64s(-709.4));
  const t = madd64(z, f64s(LOG2_E), f64s(ROUND64));
  const n = f64x2.sub(t, f64s(ROUND64));
  const r = madd64(n, f64s(-LN2_LO), madd64(n, f64s(-LN2_HI), z));
  let p = madd64(f64s(2.763265872945074e-6), r, f64s(2.486788530700649e-5));
  p = madd64(p, r, f64s(0.0001984119287362061));
  p = madd64(p, r, f64s(0.0013888839087507444));
  p = madd64(p, r, f64s(0.008333333363255768));
  p = madd64(p, r, f64s(0.041666666786350205));
  p = madd64(p, r, f64s(0.16666666666633984));
  p = madd64(p, r, f64s(0.49999999999955064));
  p = madd64(f64x2.mul(r, r), p, r);
  const scale = i64x2.shl(i64x2.add(t, i64x2.splat(1023)), 52);
  return madd64(p, scale, f64x2.sub(scale, one));
}

/** ln(x + shift), shift = 0 or 1: -Infinity at 0, NaN below. What x + 1 rounds away is added again. */
// @ts-expect-error: decorator
@inline
export function log_shifted2(x: v128, shift: v128): v128 {
  const u = f64x2.add(x, shift);
  // u = 2^k * (1 + f), 1 + f in [sqrt(1/2), sqrt(2)); s = f / (2 + f).
  const exponent = i64x2.shr_s(i64x2.sub(u, i64x2.splat(0x3fe6a09e00000000)), 52);
  const f = f64x2.sub(i64x2.sub(u, i64x2.shl(exponent, 52)), f64s(1.0));
  const k = f64x2.sub(i64x2.add(exponent, f64s(ROUND64)), f64s(ROUND64));
  const s = f64x2.div(f, f64x2.add(f, f64s(2.0)));
  const z = f64x2.mul(s, s);
  let p = madd64(f64s(0.19587192530787798), z, f64s(0.22175991448201013));
  p = madd64(p, z, f64s(0.28572113518855247));
  p = madd64(p, z, f64s(0.39999995584381254));
  p = madd64(p, z, f64s(0.6666666667589912));
  const lost = f64x2.div(f64x2.sub(x, f64x2.sub(u, shift)), u);
  let y = madd64(k, f64s(LN2), madd64(f64x2.mul(s, z), p, f64x2.add(s, s)));
  y = f64x2.add(y, lost);
  y = choose2(f64x2.eq(x, f64s(0.0)), x, y);
  y = choose2(f64x2.eq(u, f64s(f64.POSITIVE_INFINITY)), u, y);
  y = choose2(f64x2.eq(u, f64s(0.0)), f64s(f64.NEGATIVE_INFINITY), y);
  return choose2(f64x2.ge(u, f64s(0.0)), y, f64s(f64.NaN));
}

/** ln(1 + x). */
// @ts-expect-error: decorator
@inline
export function log1p2(x: v128): v128 {
  return log_shifted2(x, f64s(1.0));
}

/** The angle of the point (x, y) in (-pi, pi], with the signs of atan2; infinite coordinates count as equal. */
// @ts-expect-error: decorator
@inline
export function angle2(y: v128, x: v128): v128 {
  const ay = f64x2.pmin(f64x2.abs(y), f64s(1e300));
  const ax = f64x2.pmin(f64x2.abs(x), f64s(1e300));
  const low = f64x2.min(ax, ay); // NaN if either is
  const high = f64x2.pmax(f64x2.pmax(ax, ay), f64s(1e-300));
  // Above tan(pi/8) the angle is taken from pi/4: q = (low - high) / (low + high).
  const upper = f64x2.gt(low, f64x2.mul(high, f64s(0.41421356237309503)));
  const q = f64x2.div(
    f64x2.sub(low, v128.and(high, upper)),
    choose2(upper, f64x2.add(low, high), high),
  );
  const z = f64x2.mul(q, q);
  let p = madd64(f64s(-0.03795725848569088), z, f64s(0.06993176167073151));
  p = madd64(p, z, f64s(-0.08997295464376205));
  p = madd64(p, z, f64s(0.1110405593623067));
  p = madd64(p, z, f64s(-0.14285426631659176));
  p = madd64(p, z, f64s(0.19999994406332025));
  p = madd64(p, z, f64s(-0.3333333329643422));
  let angle = madd64(f64x2.mul(q, z), p, q);
  angle = f64x2.add(angle, v128.and(f64s(PI / 4.0), upper));
  angle = choose2(f64x2.gt(ay, ax), f64x2.sub(f64s(PI / 2.0), angle), angle);
  angle = choose2(i64x2.shr_s(x, 63), f64x2.sub(f64s(PI), angle), angle);
  return copysign2(angle, y);
}

/** sqrt(1 - x^2); NaN beyond 1. */
// @ts-expect-error: decorator
@inline
export function leg2(x: v128): v128 {
  return f64x2.sqrt(f64x2.mul(f64x2.sub(f64s(1.0), x), f64x2.add(f64s(1.0), x)));
}

/** erfc x = exp(-x^2) P(u) / (1 + 2x) for x >= 0, u = (x - 3) / (x + 3); 2 - erfc(-x) below. */
// @ts-expect-error: decorator
@inline
export function erfc2(x: v128): v128 {
  const a = f64x2.pmin(f64x2.abs(x), f64s(10.2));
  const u = f64x2.div(f64x2.sub(a, f64s(3.0)), f64x2.add(a, f64s(3.0)));
  let p = madd64(f64s(3.520488330686091e-5), u, f64s(-0.0001830634597664252));
  p = madd64(p, u, f64s(-0.0007416196261822245));
  p = madd64(p, u, f64s(0.0019504150249782391));
  p = madd64(p, u, f64s(0.0025298266759276266));
  p = madd64(p, u, f64s(-0.023787751722805964));
  p = madd64(p, u, f64s(0.06830594020717405));
  p = madd64(p, u, f64s(-0.11927162064058436));
  p = madd64(p, u, f64s(0.12964541506446424));
  p = madd64(p, u, f64s(-0.04756238427506068));
  p = madd64(p, u, f64s(-0.13562111270401206));
  p = madd64(p, u, f64s(1.253008058946523));
  const bell = exp_minus2(f64x2.neg(f64x2.mul(a, a)), f64s(0.0));
  const y = f64x2.div(f64x2.mul(bell, p), madd64(a, f64s(2.0), f64s(1.0)));
  return choose2(f64x2.lt(x, f64s(0.0)), f64x2.sub(f64s(2.0), y), y);
}

/** a^b from ln|a|, by the rules of IEEE 754: 1 for b = 0 and for a = 1, NaN for a < 0 unless b is whole. */
// @ts-expect-error: decorator
@inline
export function power2(a: v128, b: v128, log: v128): v128 {
  const none = f64x2.eq(log, f64s(0.0));
  let y = exp_minus2(v128.andnot(f64x2.mul(b, log), none), f64s(0.0));
  y = choose2(f64x2.eq(b, f64s(0.0)), f64s(1.0), y);
  const whole = f64x2.eq(f64x2.trunc(b), b);
  const half = f64x2.mul(b, f64s(0.5));
  const odd = v128.andnot(whole, f64x2.eq(f64x2.trunc(half), half));
  y = v128.xor(y, v128.and(v128.and(a, odd), i64x2.splat(SIGN64)));
  const negative = v128.and(f64x2.lt(a, f64s(0.0)), f64x2.gt(a, f64s(f64.NEGATIVE_INFINITY)));
  return choose2(v128.andnot(negative, whole), f64s(f64.NaN), y);
}

/**
 * The remainder of a / b with the sign of a, exact for f32 operands: each round takes 28 bits of the quotient, whose
 * product with b is exact, until the rest is smaller than b. `b` is positive and finite, NaN or 0 (result NaN).
 */
// @ts-expect-error: decorator
@inline
export function modulo2(a: v128, b: v128): v128 {
  let rest = a;
  do {
    const quotient = v128.and(f64x2.trunc(f64x2.div(rest, b)), i64x2.splat(~0x1ffffff));
    rest = f64x2.sub(rest, f64x2.mul(quotient, b));
  } while (v128.any_true(f64x2.ge(f64x2.abs(rest), b)));
  // A quotient that was rounded up leaves a small rest of the other sign.
  const over = f64x2.lt(f64x2.mul(rest, copysign2(f64s(1.0), a)), f64s(0.0));
  rest = f64x2.add(rest, v128.and(copysign2(b, a), over));
  return copysign2(rest, a);
}
