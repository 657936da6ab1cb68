// Transcendental functions on four f32 lanes: branch-free range reduction and minimax polynomials
// (coefficients from tools/oracle/polynomials.py), accurate in both builds to the ceilings of
// docs/accuracy.md, which `npm run ulp` checks. Literature: Cody and Waite, Software Manual for the
// Elementary Functions (reduction by a split constant); Juffa's erff (exp of a polynomial); Cody 1969
// (rational erfc). -0, infinities, NaN and subnormals behave as PyTorch's. These inline functions are the
// one definition of every activation: elementwise kernels, the GEMM epilogue, softmax and the losses share
// them, so fused and unfused agree bit for bit.
import { madd, nmadd } from "./madd";

const LOG2_E: f32 = 1.44269504;
/** ln 2 in two parts; the first has 16 bits, so n * LN2_HI is exact for every exponent n. */
const LN2_HI: f32 = 0.693145752;
const LN2_LO: f32 = 1.42860677e-6;
/** 1.5 * 2^23: adding it rounds to an integer and leaves that integer in the low bits of the sum. */
const ROUND: f32 = 12582912.0;
const SIGN: i32 = i32.MIN_VALUE;

// @ts-expect-error: decorator
@inline
function f32s(c: f32): v128 {
  return f32x4.splat(c);
}

/** 1, 0 or -1; 0 for NaN, as PyTorch. */
// @ts-expect-error: decorator
@inline
export function sign4(x: v128): v128 {
  const one = f32s(1.0);
  const positive = v128.and(one, f32x4.gt(x, f32s(0.0)));
  return f32x4.sub(positive, v128.and(one, f32x4.lt(x, f32s(0.0))));
}

/** The magnitude of `a` with the sign bit of `x`. */
// @ts-expect-error: decorator
@inline
function copysign4(a: v128, x: v128): v128 {
  return v128.bitselect(x, a, i32x4.splat(SIGN));
}

/** e^r for |r| <= ln(2)/2, relative error 2^-28. */
// @ts-expect-error: decorator
@inline
function exp_polynomial4(r: v128): v128 {
  let p = madd(f32s(0.0013818742), r, f32s(0.00836872123));
  p = madd(p, r, f32s(0.0416682921));
  p = madd(p, r, f32s(0.166665211));
  p = madd(p, r, f32s(0.49999994));
  p = madd(p, r, f32s(1.0));
  return madd(p, r, f32s(1.0));
}

/** e^-s for |s| <= ln(2)/2: the same polynomial. */
// @ts-expect-error: decorator
@inline
function exp_minus_polynomial4(s: v128): v128 {
  let p = nmadd(f32s(0.0013818742), s, f32s(0.00836872123));
  p = nmadd(p, s, f32s(0.0416682921));
  p = nmadd(p, s, f32s(0.166665211));
  p = nmadd(p, s, f32s(0.49999994));
  p = nmadd(p, s, f32s(1.0));
  return nmadd(p, s, f32s(1.0));
}

/** x - n*ln(2) for t = ROUND + bias + n. */
// @ts-expect-error: decorator
@inline
function exp_remainder4(x: v128, t: v128, round: f32): v128 {
  const n = f32x4.sub(t, f32s(round));
  return nmadd(n, f32s(LN2_LO), nmadd(n, f32s(LN2_HI), x));
}

/** e^x, subnormal results included. 2^n is applied in two halves: 2^-151 and 2^128 are no f32 numbers. */
// @ts-expect-error: decorator
@inline
export function exp4(x: v128): v128 {
  // The low bits of t hold 254 + n: half of that is a biased exponent.
  const z = f32x4.pmax(f32x4.pmin(x, f32s(89.0)), f32s(-104.5));
  const t = madd(z, f32s(LOG2_E), f32s(ROUND + 254.0));
  const p = exp_polynomial4(exp_remainder4(z, t, ROUND + 254.0));
  const half = i32x4.shr_u(t, 1);
  const first = i32x4.shl(half, 23);
  const second = i32x4.shl(i32x4.sub(t, half), 23);
  return f32x4.mul(f32x4.mul(p, first), second);
}

/**
 * e^x for x <= 0 (softmax, logsumexp): results below 2^-126 are 0, so e^-Infinity is exactly 0. NaN stays
 * NaN.
 */
// @ts-expect-error: decorator
@inline
export function exp_nonpositive4(x: v128): v128 {
  const t = madd(x, f32s(LOG2_E), f32s(ROUND + 127.0));
  const p = exp_polynomial4(exp_remainder4(x, t, ROUND + 127.0));
  const y = f32x4.mul(p, i32x4.shl(t, 23));
  return v128.andnot(y, f32x4.lt(x, f32s(-87.3365)));
}

/** ln x: -Infinity at 0, NaN below. x = 2^k * (1 + f), 1 + f in [sqrt(1/2), sqrt(2)). */
// @ts-expect-error: decorator
@inline
export function log4(x: v128): v128 {
  const tiny = f32x4.lt(x, f32s(1.17549435e-38));
  const scaled = f32x4.mul(x, i32x4.add(f32s(1.0), v128.and(tiny, i32x4.splat(23 << 23))));
  const exponent = i32x4.shr_s(i32x4.sub(scaled, i32x4.splat(0x3f3504f3)), 23);
  const f = f32x4.sub(i32x4.sub(scaled, i32x4.shl(exponent, 23)), f32s(1.0));
  const k = f32x4.convert_i32x4_s(i32x4.sub(exponent, v128.and(tiny, i32x4.splat(23))));
  let p = madd(f32s(-0.0763639957), f, f32s(0.127621993));
  p = madd(p, f, f32s(-0.131596133));
  p = madd(p, f, f32s(0.142015815));
  p = madd(p, f, f32s(-0.166234091));
  p = madd(p, f, f32s(0.200012416));
  p = madd(p, f, f32s(-0.250008196));
  p = madd(p, f, f32s(0.333333313));
  const square = f32x4.mul(f, f);
  let y = f32x4.mul(p, f32x4.mul(f, square));
  y = madd(k, f32s(LN2_LO), y);
  y = f32x4.add(nmadd(f32s(0.5), square, y), f);
  y = madd(k, f32s(LN2_HI), y);
  y = v128.bitselect(x, y, f32x4.eq(x, f32s(f32.POSITIVE_INFINITY)));
  y = v128.bitselect(f32s(f32.NEGATIVE_INFINITY), y, f32x4.eq(x, f32s(0.0)));
  return v128.bitselect(y, f32s(f32.NaN), f32x4.ge(x, f32s(0.0)));
}

/** tanh x = -e / (e + 2), e = expm1(-2|x|): one formula, exact in the limit of small x. */
// @ts-expect-error: decorator
@inline
export function tanh4(x: v128): v128 {
  const z = f32x4.pmax(f32x4.mul(f32x4.abs(x), f32s(-2.0)), f32s(-20.0));
  const t = madd(z, f32s(LOG2_E), f32s(ROUND + 127.0));
  const r = exp_remainder4(z, t, ROUND + 127.0);
  let q = madd(f32s(0.00138705515), r, f32s(0.00836645346));
  q = madd(q, r, f32s(0.041667439));
  q = madd(q, r, f32s(0.16666545));
  q = madd(q, r, f32s(0.49999997));
  const scale = i32x4.shl(t, 23);
  const rs = f32x4.mul(r, scale);
  const e = f32x4.add(madd(rs, f32x4.mul(q, r), rs), f32x4.sub(scale, f32s(1.0)));
  return copysign4(f32x4.div(e, f32x4.add(e, f32s(2.0))), x);
}

/** erf x: x + x*P(x^2) below 1, 1 - exp(Q(|x|)) above. */
// @ts-expect-error: decorator
@inline
export function erf4(x: v128): v128 {
  const a = f32x4.abs(x);
  const s = f32x4.mul(a, a);
  let p = madd(f32s(7.80690316e-5), s, f32s(-0.00079978531));
  p = madd(p, s, f32s(0.0051871622));
  p = madd(p, s, f32s(-0.0268533472));
  p = madd(p, s, f32s(0.112835787));
  p = madd(p, s, f32s(-0.37612626));
  p = madd(p, s, f32s(0.128379166));
  const small = madd(p, x, x);
  const b = f32x4.pmin(a, f32s(4.0));
  let q = madd(f32s(0.000186379577), b, f32s(-0.00294764899));
  q = madd(q, b, f32s(0.021838));
  q = madd(q, b, f32s(-0.10310661));
  q = madd(q, b, f32s(-0.63814497));
  q = madd(q, b, f32s(-1.12708914));
  q = madd(q, b, f32s(-0.000341523089));
  const t = madd(q, f32s(LOG2_E), f32s(ROUND + 127.0));
  const e = exp_polynomial4(exp_remainder4(q, t, ROUND + 127.0));
  const large = f32x4.sub(f32s(1.0), f32x4.mul(e, i32x4.shl(t, 23)));
  return v128.bitselect(copysign4(large, x), small, f32x4.ge(a, f32s(1.0)));
}

/**
 * 2^-32 where x has its sign bit set, else 1: keeps scale * (1 + e^-x) a normal number wherever x / (1 +
 * e^-x) is one.
 */
// @ts-expect-error: decorator
@inline
function logistic_scale4(x: v128): v128 {
  return i32x4.sub(f32s(1.0), v128.and(i32x4.shr_s(x, 31), i32x4.splat(32 << 23)));
}

/** scale * (1 + e^-x); Infinity below -110.6, where every quotient by it rounds to 0. */
// @ts-expect-error: decorator
@inline
function logistic_denominator4(x: v128, scale: v128): v128 {
  const z = f32x4.pmax(f32x4.pmin(x, f32s(87.0)), f32s(-111.2));
  const t = madd(z, f32s(LOG2_E), f32s(ROUND));
  const p = exp_minus_polynomial4(exp_remainder4(z, t, ROUND));
  return madd(p, i32x4.sub(scale, i32x4.shl(t, 23)), scale);
}

/** 1 / (1 + e^-x). */
// @ts-expect-error: decorator
@inline
export function sigmoid4(x: v128): v128 {
  const scale = logistic_scale4(x);
  return f32x4.div(scale, logistic_denominator4(x, scale));
}

/** x / (1 + e^-x); NaN at -Infinity, as PyTorch. */
// @ts-expect-error: decorator
@inline
export function silu4(x: v128): v128 {
  const scale = logistic_scale4(x);
  return f32x4.mul(f32x4.div(x, logistic_denominator4(x, scale)), scale);
}

/** max(x, 0); NaN and -0 stay. */
// @ts-expect-error: decorator
@inline
export function relu4(x: v128): v128 {
  return f32x4.pmax(x, f32s(0.0));
}

/**
 * 2^25 * exp(-a^2/2) for a >= 0, exactly 0 above 14.5. The rounding error of a^2 is carried along: a = high
 * + low.
 */
// @ts-expect-error: decorator
@inline
function gauss_scaled4(a: v128): v128 {
  const b = f32x4.pmin(a, f32s(14.5));
  const high = v128.and(b, i32x4.splat(0xfffff000));
  const u = f32x4.mul(f32x4.mul(high, high), f32s(-0.5));
  const v = f32x4.mul(f32x4.mul(f32x4.sub(b, high), f32x4.add(b, high)), f32s(-0.5));
  const t = madd(f32x4.add(u, v), f32s(LOG2_E), f32s(ROUND + 152.0));
  const r = f32x4.add(exp_remainder4(u, t, ROUND + 152.0), v);
  return f32x4.mul(exp_polynomial4(r), i32x4.shl(t, 23));
}

/**
 * Mills' ratio of the normal distribution: Phi(-a) / exp(-a^2/2) for a >= 0, as P(a)/Q(a), relative error
 * 2^-27.
 */
// @ts-expect-error: decorator
@inline
function mills4(a: v128): v128 {
  const b = f32x4.pmin(a, f32s(14.5));
  let p = madd(f32s(0.00400951412), b, f32s(0.0399208516));
  p = madd(p, b, f32s(0.181134924));
  p = madd(p, b, f32s(0.435483634));
  p = madd(p, b, f32s(0.5));
  let q = madd(f32s(0.0100502232), b, f32s(0.100074001));
  q = madd(q, b, f32s(0.463923663));
  q = madd(q, b, f32s(1.19381714));
  q = madd(q, b, f32s(1.66885221));
  q = madd(q, b, f32s(1.0));
  return f32x4.div(p, q);
}

/**
 * x * Phi(x) = max(x, 0) - |x| * Phi(-|x|): no cancellation on the left, where 0.5x(1 + erf) loses
 * everything. NaN at both infinities, as PyTorch's vector code (its scalar code has Infinity at +Infinity).
 */
// @ts-expect-error: decorator
@inline
export function gelu4(x: v128): v128 {
  const a = f32x4.abs(x);
  const tail = f32x4.mul(f32x4.mul(a, mills4(a)), gauss_scaled4(a));
  return nmadd(tail, f32s(2.98023224e-8), f32x4.pmax(x, f32s(-0.0)));
}

/** 2*sqrt(2/pi) * (x + 0.044715 x^3), the logistic argument of gelu_tanh. */
// @ts-expect-error: decorator
@inline
function gelu_tanh_argument4(x: v128): v128 {
  const square = f32x4.mul(x, x);
  return f32x4.mul(x, madd(square, f32s(0.0713548162), f32s(1.59576912)));
}

/** 0.5 x (1 + tanh(sqrt(2/pi)(x + 0.044715 x^3))) = x * sigmoid(2 sqrt(2/pi)(...)). */
// @ts-expect-error: decorator
@inline
export function gelu_tanh4(x: v128): v128 {
  const z = gelu_tanh_argument4(x);
  const scale = logistic_scale4(x);
  return f32x4.mul(f32x4.div(x, logistic_denominator4(z, scale)), scale);
}

// Derivatives, each times the incoming gradient dy. "y" is the function's value, "x" its argument.

/** d silu = s + x s (1 - s), s = sigmoid(x); 1 - s is formed without cancellation. */
// @ts-expect-error: decorator
@inline
export function silu_backward4(dy: v128, x: v128): v128 {
  const e = exp_nonpositive4(f32x4.neg(f32x4.abs(x)));
  const near = f32x4.div(f32s(1.0), f32x4.add(e, f32s(1.0)));
  const far = f32x4.mul(e, near);
  const s = v128.bitselect(far, near, f32x4.lt(x, f32s(0.0)));
  return f32x4.mul(dy, madd(f32x4.mul(near, far), x, s));
}

/** d gelu = Phi(x) + x exp(-x^2/2) / sqrt(2 pi). */
// @ts-expect-error: decorator
@inline
export function gelu_backward4(dy: v128, x: v128): v128 {
  const a = f32x4.abs(x);
  const density = f32x4.mul(gauss_scaled4(a), f32s(2.98023224e-8));
  const tail = f32x4.mul(mills4(a), density);
  const phi = v128.bitselect(tail, f32x4.sub(f32s(1.0), tail), f32x4.lt(x, f32s(0.0)));
  return f32x4.mul(dy, madd(f32x4.mul(x, f32s(0.398942280)), density, phi));
}

/** d gelu_tanh = s + x z' s (1 - s), s = sigmoid(z), z = 2 sqrt(2/pi)(x + 0.044715 x^3). */
// @ts-expect-error: decorator
@inline
export function gelu_tanh_backward4(dy: v128, x: v128): v128 {
  const e = exp_nonpositive4(f32x4.neg(f32x4.abs(gelu_tanh_argument4(x))));
  const near = f32x4.div(f32s(1.0), f32x4.add(e, f32s(1.0)));
  const far = f32x4.mul(e, near);
  const s = v128.bitselect(far, near, f32x4.lt(x, f32s(0.0)));
  const slope = f32x4.mul(x, madd(f32x4.mul(x, x), f32s(0.214064449), f32s(1.59576912)));
  return f32x4.mul(dy, madd(f32x4.mul(near, far), slope, s));
}

/** d erf = 2/sqrt(pi) exp(-x^2). */
// @ts-expect-error: decorator
@inline
export function erf_backward4(dy: v128, x: v128): v128 {
  const a = f32x4.mul(f32x4.abs(x), f32s(1.41421356));
  return f32x4.mul(dy, f32x4.mul(gauss_scaled4(a), f32s(3.36283197e-8)));
}

/** d tanh = 1 - y^2. */
// @ts-expect-error: decorator
@inline
export function tanh_backward4(dy: v128, y: v128): v128 {
  return f32x4.mul(dy, nmadd(y, y, f32s(1.0)));
}

/** d sigmoid = y (1 - y). */
// @ts-expect-error: decorator
@inline
export function sigmoid_backward4(dy: v128, y: v128): v128 {
  return f32x4.mul(dy, f32x4.mul(f32x4.sub(f32s(1.0), y), y));
}

/** d relu = 0 where y <= 0; a NaN lets dy through, as PyTorch. */
// @ts-expect-error: decorator
@inline
export function relu_backward4(dy: v128, y: v128): v128 {
  return v128.andnot(dy, f32x4.le(y, f32s(0.0)));
}
