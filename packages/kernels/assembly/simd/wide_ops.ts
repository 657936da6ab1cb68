// The operations computed in two f64 lanes, one class each (loops: formula.ts, functions: wide.ts). Parameters
// p, q, r are what the kernels' own names say; comments here give the formula where it is not one call.
import { Formula, Formula2 } from "./formula";
import {
  angle2, choose2, copysign2, erfc2, exp_minus2, f64s, leg2, log1p2, log_shifted2, modulo2, power2,
} from "./wide";

/** e^(p x) - q; the zero of q = 1 keeps its sign. */
@unmanaged export class Exponential extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const y = exp_minus2(f64x2.mul(x, p), q);
    return choose2(v128.and(f64x2.eq(y, f64s(0.0)), f64x2.eq(q, f64s(1.0))), x, y);
  }
}
@unmanaged export class Logarithm extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return f64x2.mul(log_shifted2(x, p), q); }
}
/** e = expm1|x|: sinh = (e + e/(e + 1)) / 2 with the sign of x, cosh = (e - e/(e + 1)) / 2 + 1. */
@unmanaged export class Hyperbolic extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const e = exp_minus2(f64x2.abs(x), f64s(1.0));
    const other = f64x2.mul(p, f64x2.div(e, f64x2.add(e, f64s(1.0))));
    const y = f64x2.add(f64x2.mul(f64x2.add(e, other), f64s(0.5)), q);
    return choose2(f64x2.eq(q, f64s(0.0)), copysign2(y, x), y);
  }
}
/** Whether a parameter, the same in both lanes, is `value`. */
// @ts-expect-error: decorator
@inline
function is(p: v128, value: f64): bool {
  return f64x2.extract_lane(p, 0) == value;
}
/**
 * The inverse hyperbolic functions as ln(1 + u), u >= 0 but for arguments that have no value. p = 0, asinh: u = a + a^2
 * / (1 + sqrt(1 + a^2)), a = |x|; p = 1, acosh: u = t + sqrt(t) sqrt(t + 2), t = x - 1; p = 2, atanh: half of it with
 * u = 2a / (1 - a).
 */
@unmanaged export class Area extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const one = f64s(1.0);
    const a = f64x2.abs(x);
    let u: v128;
    if (is(p, 0.0)) {
      const square = f64x2.mul(a, a);
      const rise = f64x2.div(square, f64x2.add(f64x2.sqrt(f64x2.add(square, one)), one));
      u = choose2(f64x2.eq(a, f64s(f64.POSITIVE_INFINITY)), a, f64x2.add(a, rise));
    } else if (is(p, 1.0)) {
      const t = f64x2.sub(x, one);
      u = f64x2.add(t, f64x2.mul(f64x2.sqrt(t), f64x2.sqrt(f64x2.add(t, f64s(2.0)))));
    } else {
      u = f64x2.div(f64x2.add(a, a), f64x2.sub(one, a));
    }
    const y = log1p2(u);
    return copysign2(f64x2.mul(y, q), choose2(f64x2.eq(p, one), y, x));
  }
}
/** The angle of (sqrt(1 - x^2), x) for p = 0, asin; of (x, sqrt(1 - x^2)) for p = 1, acos; of (1, x) for p = 2, atan. */
@unmanaged export class Arc extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const other = is(p, 2.0) ? f64s(1.0) : leg2(x);
    const turned = f64x2.eq(p, f64s(1.0));
    return angle2(choose2(turned, other, x), choose2(turned, x, other));
  }
}
@unmanaged export class Erfc extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return erfc2(x); }
}
/** p (e^(r x) - 1) for x <= 0, q x above. */
@unmanaged export class Elu extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const low = f64x2.mul(p, exp_minus2(f64x2.mul(x, r), f64s(1.0)));
    return choose2(f64x2.le(x, f64s(0.0)), low, f64x2.mul(x, q));
  }
}
/** (max(z, 0) + ln(1 + e^-|z|)) / p, z = p x; x itself where z > q. */
@unmanaged export class Softplus extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const z = f64x2.mul(x, p);
    const tail = log1p2(exp_minus2(f64x2.neg(f64x2.abs(z)), f64s(0.0)));
    const y = f64x2.div(f64x2.add(f64x2.pmax(z, f64s(0.0)), tail), p);
    return choose2(f64x2.gt(z, q), x, y);
  }
}
/** x n / (n + 2) = x tanh(ln(1 + e^x)), n = e^x (e^x + 2). */
@unmanaged export class Mish extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const e = exp_minus2(f64x2.pmin(x, f64s(300.0)), f64s(0.0));
    const n = f64x2.mul(e, f64x2.add(e, f64s(2.0)));
    return f64x2.mul(x, f64x2.div(n, f64x2.add(n, f64s(2.0))));
  }
}
/** p = 0: a^b; 1: its derivative by a, b a^(b - 1), 0 where b is; 2: by b, a^b ln a, 0 at a = 0 for b >= 0. */
@unmanaged export class Power extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const log = log_shifted2(f64x2.abs(a), f64s(0.0));
    const byBase = is(p, 1.0);
    const y = power2(a, byBase ? f64x2.sub(b, f64s(1.0)) : b, log);
    if (is(p, 0.0)) return y;
    const flat = f64x2.eq(byBase ? b : a, f64s(0.0));
    if (byBase) return v128.andnot(f64x2.mul(b, y), flat);
    const slope = choose2(f64x2.lt(a, f64s(0.0)), f64s(f64.NaN), f64x2.mul(y, log));
    return v128.andnot(slope, v128.and(flat, f64x2.ge(b, f64s(0.0))));
  }
}
@unmanaged export class Atan2 extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 { return angle2(a, b); }
}
/** d atan2(a, b) / da = b / (a^2 + b^2); 0 at the origin. */
@unmanaged export class Atan2Slope extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const square = f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b));
    return f64x2.div(b, f64x2.pmax(square, f64s(1e-300)));
  }
}
/** p = 0: the remainder with the sign of a; 1: with that of b; 2: floor(a / b), a / 0 as it is. */
@unmanaged export class Modulo extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    // An infinite divisor is only larger than every a.
    const size = f64x2.pmin(f64x2.abs(b), f64s(1e300));
    const signed = copysign2(size, b);
    let rest = modulo2(a, size);
    if (is(p, 0.0)) return rest;
    const other = f64x2.lt(f64x2.mul(rest, copysign2(f64s(1.0), b)), f64s(0.0));
    rest = f64x2.add(rest, v128.and(signed, other));
    if (is(p, 1.0)) return rest;
    const whole = f64x2.div(f64x2.sub(a, rest), signed);
    return choose2(f64x2.eq(b, f64s(0.0)), f64x2.div(a, b), whole);
  }
}

// Derivatives, each times dy.

/** dy / (p + q x^2). */
@unmanaged export class RatioBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    return f64x2.div(dy, f64x2.add(p, f64x2.mul(q, f64x2.mul(x, x))));
  }
}
/** dy r / sqrt(p + q x^2). */
@unmanaged export class RootBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    const square = f64x2.add(p, f64x2.mul(q, f64x2.mul(x, x)));
    return f64x2.div(f64x2.mul(dy, r), f64x2.sqrt(square));
  }
}
/** Elu's: dy p r e^(r x) for x <= 0, dy q above. */
@unmanaged export class EluBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    const low = f64x2.mul(f64x2.mul(p, r), exp_minus2(f64x2.mul(x, r), f64s(0.0)));
    return f64x2.mul(dy, choose2(f64x2.le(x, f64s(0.0)), low, q));
  }
}
/** Softplus's: dy / (1 + e^-z), z = p x; dy where z > q. */
@unmanaged export class SoftplusBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    const z = f64x2.mul(x, p);
    const slope = f64x2.div(dy, f64x2.add(exp_minus2(f64x2.neg(z), f64s(0.0)), f64s(1.0)));
    return choose2(f64x2.gt(z, q), dy, slope);
  }
}
/** Mish's: t + x (1 - t^2) s, t = n / (n + 2), 1 - t^2 = 4 (n + 1) / (n + 2)^2, s = e / (e + 1). */
@unmanaged export class MishBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    const one = f64s(1.0);
    const e = exp_minus2(f64x2.pmin(x, f64s(300.0)), f64s(0.0));
    const n = f64x2.mul(e, f64x2.add(e, f64s(2.0)));
    const n2 = f64x2.add(n, f64s(2.0));
    const rise = f64x2.div(f64x2.mul(f64x2.add(n, one), f64s(4.0)), f64x2.mul(n2, n2));
    const slope = f64x2.mul(x, f64x2.mul(rise, f64x2.div(e, f64x2.add(e, one))));
    return f64x2.mul(dy, f64x2.add(f64x2.div(n, n2), slope));
  }
}
/** p = 0: -b ln a - (1 - b) ln(1 - a), logarithms >= -100; 1: its derivative (a - b) / max(a (1 - a), 1e-12). */
@unmanaged export class ProbabilityLoss extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const one = f64s(1.0);
    if (is(p, 1.0)) {
      const spread = f64x2.max(f64x2.mul(a, f64x2.sub(one, a)), f64s(1e-12));
      return f64x2.div(f64x2.sub(a, b), spread);
    }
    const least = f64s(-100.0);
    const yes = f64x2.max(log_shifted2(a, f64s(0.0)), least);
    const no = f64x2.max(log1p2(f64x2.neg(a)), least);
    return f64x2.sub(f64x2.mul(f64x2.sub(b, one), no), f64x2.mul(b, yes));
  }
}
/** -b ln s - (1 - b) ln(1 - s), s = 1 / (1 + e^-a): (1 - b) max(a, 0) + b max(-a, 0) + ln(1 + e^-|a|), all >= 0. */
@unmanaged export class LogitLoss extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const zero = f64s(0.0);
    const tail = log1p2(exp_minus2(f64x2.neg(f64x2.abs(a)), zero));
    const over = f64x2.mul(f64x2.sub(f64s(1.0), b), f64x2.max(a, zero));
    const under = f64x2.mul(b, f64x2.max(f64x2.neg(a), zero));
    return f64x2.add(f64x2.add(over, under), tail);
  }
}
