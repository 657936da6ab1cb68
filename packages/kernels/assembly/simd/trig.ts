// Sine and cosine of four f32 lanes through f64 lanes: n = round(2x/pi), Cody-Waite remainder, the minimax
// kernels of FreeBSD's k_sinf.c and k_cosf.c (Bruce Evans), which are f64 polynomials of single accuracy.
// Beyond 2^20 the remainder comes from Payne and Hanek's method in 64-bit integers (Radian reduction for
// trigonometric functions, 1983).
import { madd64 } from "./madd";

/** 1.5 * 2^52: rounds an f64 to an integer that stands in the low bits. */
const ROUND64: f64 = 6755399441055744.0;
const TWO_OVER_PI: f64 = 0.6366197723675814;
/** pi/2 in two parts; the first has 33 bits, so its products with n < 2^20 are exact. */
const PIO2_HI: f64 = 1.5707963267341256;
const PIO2_LO: f64 = 6.077100506506192e-11;
const REDUCTION_LIMIT: f32 = 1048576.0;
const TANGENT: i64 = 2;

// @ts-expect-error: decorator
@inline
function f64s(c: f64): v128 {
  return f64x2.splat(c);
}

/** 64 bits of 2/pi = 0.A2F9836E4E441529... that begin `at` bits behind the point, 0 <= at < 192. */
function two_over_pi_bits(at: i32): u64 {
  const word = at >> 6;
  const shift: u64 = at & 63;
  const high: u64 = word == 0 ? 0xa2f9836e4e441529 : word == 1 ? 0xfc2757d1f534ddc0 : 0xdb6295993c439041;
  const low: u64 = word == 0 ? 0xfc2757d1f534ddc0 : word == 1 ? 0xdb6295993c439041 : 0xfe5163abdebbc561;
  return shift == 0 ? high : (high << shift) | (low >> (64 - shift));
}

/**
 * The remainder of a finite |x| >= 2^20: lane 0 = x - n*pi/2 (f64, in [-pi/4, pi/4]), lane 1 = n mod 4
 * (i64). x = m * 2^e; the bits of 2/pi whose weight in the product is 4 or more only add whole turns and
 * are skipped.
 */
function reduce_large(x: f32): v128 {
  const bits = reinterpret<u32>(x);
  const exponent = <i32>((bits >> 23) & 255) - 150;
  const m: u64 = (bits & 0x7fffff) | 0x800000;
  // The first kept bit has weight 2 in m * 2^e * 2^-(at + 1): at = e - 2 (from -5 up, as e >= -3).
  const at = exponent - 2;
  const first = at < 0 ? two_over_pi_bits(0) >> <u64>(-at) : two_over_pi_bits(at);
  const second = two_over_pi_bits(at + 64) >> 32;
  // Quarter turns as a fixed-point number with 2 bits before the point.
  const turn = m * first + ((m * second) >> 32);
  const n = (turn + (<u64>1 << 61)) >> 62;
  const rest = <f64>(<i64>(turn - (n << 62))) * 2.168404344971009e-19 * 1.5707963267948966;
  const negative = (bits >> 31) != 0;
  const pair = f64x2.splat(negative ? -rest : rest);
  return i64x2.replace_lane(pair, 1, negative ? <i64>(4 - n) : <i64>n);
}

/** sin(x + shift*pi/2) of two f64 lanes x = n*pi/2 + r: r in f64 lanes, n in the low bits of i64 lanes. */
// @ts-expect-error: decorator
@inline
function sin_of_remainder2(r: v128, n: v128): v128 {
  const z = f64x2.mul(r, r);
  let s = madd64(f64s(2.718311493989822e-6), z, f64s(-0.00019839334836096632));
  s = madd64(s, z, f64s(0.008333329385889463));
  s = madd64(s, z, f64s(-0.16666666641626524));
  s = f64x2.mul(madd64(s, z, f64s(1.0)), r);
  let c = madd64(f64s(2.439044879627741e-5), z, f64s(-0.001388676377460993));
  c = madd64(c, z, f64s(0.04166662332373906));
  c = madd64(c, z, f64s(-0.499999997251031));
  c = madd64(c, z, f64s(1.0));
  // n odd: cosine; n & 2: the sign turns.
  const odd = i64x2.neg(v128.and(n, i64x2.splat(1)));
  const sign = i64x2.shl(v128.and(n, i64x2.splat(2)), 62);
  return v128.xor(v128.bitselect(c, s, odd), sign);
}

/** The function that `shift` names: 0 the sine, 1 the cosine, TANGENT their quotient. */
// @ts-expect-error: decorator
@inline
function function_of_remainder2(r: v128, n: v128, shift: i64): v128 {
  if (shift != TANGENT) return sin_of_remainder2(r, i64x2.add(n, i64x2.splat(shift)));
  return f64x2.div(sin_of_remainder2(r, n), sin_of_remainder2(r, i64x2.add(n, i64x2.splat(1))));
}

/** The function of two f64 lanes, |x| < 2^20; NaN for +-Infinity. */
// @ts-expect-error: decorator
@inline
function trig2(x: v128, shift: i64): v128 {
  const t = f64x2.add(f64x2.mul(x, f64s(TWO_OVER_PI)), f64s(ROUND64));
  const n = f64x2.sub(t, f64s(ROUND64));
  const r = madd64(n, f64s(-PIO2_LO), madd64(n, f64s(-PIO2_HI), x));
  return f32x4.demote_f64x2_zero(function_of_remainder2(r, t, shift));
}

/** The function of a finite |x| >= 2^20. */
function trig_large(x: f32, shift: i64): f32 {
  const reduced = reduce_large(x);
  const n = v128.shuffle<i64>(reduced, reduced, 1, 1);
  const y = function_of_remainder2(reduced, n, shift);
  return f32x4.extract_lane(f32x4.demote_f64x2_zero(y), 0);
}

/** y with the lanes of `lanes` (a bit mask) computed anew from large arguments. */
function replace_large(y: v128, x: v128, lanes: i32, shift: i64): v128 {
  let v = y;
  if (lanes & 1) v = f32x4.replace_lane(v, 0, trig_large(f32x4.extract_lane(x, 0), shift));
  if (lanes & 2) v = f32x4.replace_lane(v, 1, trig_large(f32x4.extract_lane(x, 1), shift));
  if (lanes & 4) v = f32x4.replace_lane(v, 2, trig_large(f32x4.extract_lane(x, 2), shift));
  if (lanes & 8) v = f32x4.replace_lane(v, 3, trig_large(f32x4.extract_lane(x, 3), shift));
  return v;
}

/** The function on four f32 lanes. +-Infinity gives NaN. */
// @ts-expect-error: decorator
@inline
function trig4(x: v128, shift: i64): v128 {
  const low = trig2(f64x2.promote_low_f32x4(x), shift);
  const high = trig2(f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0)), shift);
  const y = v128.shuffle<i32>(low, high, 0, 1, 4, 5);
  const magnitude = f32x4.abs(x);
  const finite = f32x4.lt(magnitude, f32x4.splat(f32.POSITIVE_INFINITY));
  const large = v128.and(f32x4.ge(magnitude, f32x4.splat(REDUCTION_LIMIT)), finite);
  if (v128.any_true(large)) return replace_large(y, x, i32x4.bitmask(large), shift);
  return y;
}

/** sin x. */
// @ts-expect-error: decorator
@inline
export function sin4(x: v128): v128 {
  return trig4(x, 0);
}

/** cos x. */
// @ts-expect-error: decorator
@inline
export function cos4(x: v128): v128 {
  return trig4(x, 1);
}

/** tan x. */
// @ts-expect-error: decorator
@inline
export function tan4(x: v128): v128 {
  return trig4(x, TANGENT);
}

/** 1 / sqrt(x) in f64 lanes: two f32 roundings would miss by 1.5 ULP. */
// @ts-expect-error: decorator
@inline
export function rsqrt4(x: v128): v128 {
  const x0 = f64x2.promote_low_f32x4(x);
  const x1 = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
  const low = f32x4.demote_f64x2_zero(f64x2.div(f64s(1.0), f64x2.sqrt(x0)));
  const high = f32x4.demote_f64x2_zero(f64x2.div(f64s(1.0), f64x2.sqrt(x1)));
  return v128.shuffle<i32>(low, high, 0, 1, 4, 5);
}
