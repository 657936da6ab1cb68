// The operations of formula.ts on four f32 or i32 lanes, one class each. Parameters p, q, r are what the kernels'
// own names say. Comparisons are written so that NaN does what it does in PyTorch.
import { Formula, Formula2 } from "./formula";
import { sign4 } from "./math";
import { tan4 } from "./trig";

// @ts-expect-error: decorator
@inline
function f32s(c: f32): v128 {
  return f32x4.splat(c);
}

/** c ? a : b. */
// @ts-expect-error: decorator
@inline
function choose4(c: v128, a: v128, b: v128): v128 {
  return v128.bitselect(a, b, c);
}

/** p <= x <= q. */
// @ts-expect-error: decorator
@inline
function inside4(x: v128, p: v128, q: v128): v128 {
  return v128.and(f32x4.ge(x, p), f32x4.le(x, q));
}

/** To whole multiples of q / p: the nearest for r = 0, ties to even; below for 1, above for 2, toward 0 for 3. */
@unmanaged export class Round extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const which = f32x4.extract_lane(r, 0);
    let y = f32x4.div(f32x4.mul(x, p), q);
    if (which == 0.0) y = f32x4.nearest(y);
    else if (which == 1.0) y = f32x4.floor(y);
    else if (which == 2.0) y = f32x4.ceil(y);
    else y = f32x4.trunc(y);
    return f32x4.div(f32x4.mul(y, q), p);
  }
}
@unmanaged export class Sign extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return sign4(x); }
}
@unmanaged export class Frac extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return f32x4.sub(x, f32x4.trunc(x)); }
}
@unmanaged export class Tan extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return tan4(x); }
}
@unmanaged export class Clamp extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return f32x4.min(f32x4.max(x, p), q); }
}
@unmanaged export class LeakyRelu extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    return choose4(f32x4.gt(x, f32s(0.0)), x, f32x4.mul(x, p));
  }
}
@unmanaged export class Threshold extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return choose4(f32x4.le(x, p), q, x); }
}
/** min(max(x + 3, 0), 6). */
// @ts-expect-error: decorator
@inline
function ramp4(x: v128): v128 {
  return f32x4.min(f32x4.max(f32x4.add(x, f32s(3.0)), f32s(0.0)), f32s(6.0));
}
@unmanaged export class HardSigmoid extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 { return f32x4.div(ramp4(x), f32s(6.0)); }
}
@unmanaged export class HardSwish extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    return f32x4.mul(x, f32x4.div(ramp4(x), f32s(6.0)));
  }
}
@unmanaged export class SoftShrink extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    const low = choose4(f32x4.lt(x, f32x4.neg(p)), f32x4.add(x, p), f32x4.mul(x, f32s(0.0)));
    return choose4(f32x4.gt(x, p), f32x4.sub(x, p), low);
  }
}
@unmanaged export class HardShrink extends Formula {
  @inline apply(x: v128, p: v128, q: v128, r: v128): v128 {
    return v128.andnot(x, inside4(x, f32x4.neg(p), p));
  }
}

// Derivatives, each times dy.

@unmanaged export class ExponentialBackward extends Formula2 {
  @inline apply(dy: v128, y: v128, p: v128, q: v128, r: v128): v128 {
    return f32x4.mul(dy, f32x4.mul(p, f32x4.add(y, q)));
  }
}
@unmanaged export class LogarithmBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    return f32x4.div(f32x4.mul(dy, q), f32x4.add(x, p));
  }
}
@unmanaged export class TanBackward extends Formula2 {
  @inline apply(dy: v128, y: v128, p: v128, q: v128, r: v128): v128 {
    return f32x4.mul(dy, f32x4.add(f32x4.mul(y, y), f32s(1.0)));
  }
}
/** dy r within [p, q], else 0. */
@unmanaged export class InsideBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    return v128.and(f32x4.mul(dy, r), inside4(x, p, q));
  }
}
/** 0 at and beyond p and q, else dy. */
@unmanaged export class BetweenBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    return v128.andnot(dy, v128.or(f32x4.le(x, p), f32x4.ge(x, q)));
  }
}
@unmanaged export class LeakyReluBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    return choose4(f32x4.gt(x, f32s(0.0)), dy, f32x4.mul(dy, p));
  }
}
/** 0 up to -3, dy from 3 on, dy (x/3 + 1/2) between. */
@unmanaged export class HardSwishBackward extends Formula2 {
  @inline apply(dy: v128, x: v128, p: v128, q: v128, r: v128): v128 {
    const slope = f32x4.mul(dy, f32x4.add(f32x4.div(x, f32s(3.0)), f32s(0.5)));
    return v128.andnot(choose4(f32x4.lt(x, f32s(3.0)), slope, dy), f32x4.le(x, f32s(-3.0)));
  }
}

// Integers. A quotient of two i32 in f64 is never rounded across a whole number, so its floor is exact.

/** The quotients of the first two lanes as f64, cut to whole numbers or rounded down. */
// @ts-expect-error: decorator
@inline
function quotient2(a: v128, b: v128, down: bool): v128 {
  const exact = f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b));
  return i32x4.trunc_sat_f64x2_s_zero(down ? f64x2.floor(exact) : exact);
}
/** p = 0: the remainder with the sign of a; 1: with that of b; 2: floor(a / b). */
@unmanaged export class ModuloI32 extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const which = f32x4.extract_lane(p, 0);
    const down = which != 0.0;
    const high = quotient2(v128.shuffle<i64>(a, a, 1, 0), v128.shuffle<i64>(b, b, 1, 0), down);
    const quotient = v128.shuffle<i64>(quotient2(a, b, down), high, 0, 2);
    return which == 2.0 ? quotient : i32x4.sub(a, i32x4.mul(quotient, b));
  }
}
/** a^b by squaring, wrapping; for b < 0 the whole part of it: 1 for a = 1, +-1 for a = -1, else 0. */
@unmanaged export class PowerI32 extends Formula2 {
  @inline apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128 {
    const one = i32x4.splat(1);
    // A unit is its own inverse; anything else stands for the 0 it is cut to.
    const unit = v128.or(i32x4.eq(a, one), i32x4.eq(a, i32x4.splat(-1)));
    let base = v128.andnot(a, v128.andnot(i32x4.shr_s(b, 31), unit));
    let rest = i32x4.abs(b);
    let y = one;
    while (v128.any_true(rest)) {
      const bit = i32x4.neg(v128.and(rest, one));
      y = choose4(bit, i32x4.mul(y, base), y);
      base = i32x4.mul(base, base);
      rest = i32x4.shr_u(rest, 1);
    }
    return y;
  }
}
