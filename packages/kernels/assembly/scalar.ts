// exp, log, sin and cos of one f64 by + - * / and integer operations alone, so that schedules give the same
// bits on every machine (JavaScript's Math may differ between engines). Algorithms and coefficients: fdlibm
// (Sun Microsystems, 1993), e_exp.c, e_log.c, k_sin.c, k_cos.c, e_rem_pio2.c; errors below 1 ULP.

const LN2_HI: f64 = 0.6931471803691238;
const LN2_LO: f64 = 1.9082149292705877e-10;
// biome-ignore lint/suspicious/noApproximativeNumericConstant: there is no Math in a kernel
const INV_LN2: f64 = 1.4426950408889634;

/** e^x. */
export function exp_f64(x: f64): f64 {
  if (!(x == x)) return x;
  if (x > 709.782712893384) return f64.POSITIVE_INFINITY;
  if (x < -745.1332191019411) return 0.0;
  const k = nearest<f64>(x * INV_LN2);
  const hi = x - k * LN2_HI;
  const lo = k * LN2_LO;
  const r = hi - lo;
  const t = r * r;
  const p4 = -1.6533902205465252e-6 + t * 4.1381367970572385e-8;
  const p3 = 6.613756321437934e-5 + t * p4;
  const p2 = -0.0027777777777015593 + t * p3;
  const c = r - t * (0.16666666666666602 + t * p2);
  const y = 1.0 + ((r * c) / (2.0 - c) - lo + hi);
  // 2^k in two halves, so that subnormal and the largest results are rounded once.
  const half = <i64>k >> 1;
  const first = reinterpret<f64>((half + 1023) << 52);
  const second = reinterpret<f64>((<i64>k - half + 1023) << 52);
  return y * first * second;
}

/** ln x; -Infinity at 0, NaN below. */
export function log_f64(x: f64): f64 {
  if (!(x >= 0.0)) return f64.NaN;
  if (x == 0.0) return f64.NEGATIVE_INFINITY;
  if (x == f64.POSITIVE_INFINITY) return x;
  const tiny = x < 2.2250738585072014e-308;
  const bits = reinterpret<i64>(tiny ? x * 18014398509481984.0 : x);
  // x = 2^k * (1 + f), 1 + f in [sqrt(1/2), sqrt(2)).
  const exponent = (bits - 0x3fe6a09e00000000) >> 52;
  const f = reinterpret<f64>(bits - (exponent << 52)) - 1.0;
  const k = <f64>(exponent - (tiny ? 54 : 0));
  const s = f / (2.0 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  const odd7 = 0.1818357216161805 + w * 0.14798198605116586;
  const odd = z * (0.6666666666666735 + w * (0.2857142874366239 + w * odd7));
  const square = 0.5 * f * f;
  return k * LN2_HI - (square - (s * (square + even + odd) + k * LN2_LO) - f);
}

/** sin(x + turns*pi/2) for |x| < 2^20 pi/2, else NaN. */
function trig(x: f64, turns: i64): f64 {
  if (!(abs<f64>(x) < 1647099.0)) return f64.NaN;
  const q = nearest<f64>(x * 0.6366197723675814);
  // pi/2 in parts of 33 bits, whose products with q are exact: x - q*pi/2 = r - w to 118 bits of pi, and to
  // 151 bits where x is so near a multiple of pi/2 that the first step cancels.
  let t = x - q * 1.5707963267341256;
  let w = q * 6.077100506303966e-11;
  let r = t - w;
  w = q * 2.0222662487959506e-21 - (t - r - w);
  if (abs<f64>(r - w) < abs<f64>(x) * 1.8e-15) {
    t = r;
    w = q * 2.0222662487111665e-21;
    r = t - w;
    w = q * 8.4784276603689e-32 - (t - r - w);
  }
  const y = r - w;
  const tail = r - y - w;
  const n = <i64>q + turns;
  const v = n & 1 ? cos_kernel(y, tail) : sin_kernel(y, tail);
  return n & 2 ? -v : v;
}

/** sin(x + tail), |x| <= pi/4. */
function sin_kernel(x: f64, tail: f64): f64 {
  const z = x * x;
  const v = z * x;
  const p6 = -2.5050760253406863e-8 + z * 1.58969099521155e-10;
  const p4 = -0.0001984126982985795 + z * (2.7557313707070068e-6 + z * p6);
  const r = 0.00833333333332249 + z * p4;
  return x - (z * (0.5 * tail - v * r) - tail - v * -0.16666666666666632);
}

/** cos(x + tail), |x| <= pi/4. */
function cos_kernel(x: f64, tail: f64): f64 {
  const z = x * x;
  const p5 = 2.087572321298175e-9 + z * -1.1359647557788195e-11;
  const p3 = 2.480158728947673e-5 + z * (-2.7557314351390663e-7 + z * p5);
  const r = z * (0.0416666666666666 + z * (-0.001388888888887411 + z * p3));
  const half = 0.5 * z;
  const w = 1.0 - half;
  return w + (1.0 - w - half + (z * r - x * tail));
}

/** cos x for |x| < 1.6e6; NaN beyond. */
export function cos_f64(x: f64): f64 {
  return trig(x, 1);
}

/** sin x for |x| < 1.6e6; NaN beyond. */
export function sin_f64(x: f64): f64 {
  return x == 0.0 ? x : trig(x, 0);
}
