// Every elementwise operation, one class and a line of lane arithmetic each. The loops are in loop.ts,
// the functions worth a name in math.ts and trig.ts; elementwise.ts gives each its export.
import { Bytes, Compare, HeavyBinary, HeavyUnary, LightBinary, LightUnary } from "./loop";
import {
  erf4, erf_backward4, exp4, gelu4, gelu_backward4, gelu_tanh4, gelu_tanh_backward4, log4, relu4,
  relu_backward4, sigmoid4, sigmoid_backward4, sign4, silu4, silu_backward4, tanh4, tanh_backward4,
} from "./math";
import { cos4, rsqrt4, sin4 } from "./trig";

@unmanaged export class Neg extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.neg(x); }
}
@unmanaged export class Abs extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.abs(x); }
}
@unmanaged export class Exp extends HeavyUnary {
  @inline apply(x: v128): v128 { return exp4(x); }
}
@unmanaged export class Log extends HeavyUnary {
  @inline apply(x: v128): v128 { return log4(x); }
}
@unmanaged export class Sqrt extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.sqrt(x); }
}
@unmanaged export class Rsqrt extends LightUnary {
  @inline apply(x: v128): v128 { return rsqrt4(x); }
}
@unmanaged export class Reciprocal extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.div(f32x4.splat(1.0), x); }
}
@unmanaged export class Square extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.mul(x, x); }
}
@unmanaged export class Sin extends HeavyUnary {
  @inline apply(x: v128): v128 { return sin4(x); }
}
@unmanaged export class Cos extends HeavyUnary {
  @inline apply(x: v128): v128 { return cos4(x); }
}
@unmanaged export class Tanh extends HeavyUnary {
  @inline apply(x: v128): v128 { return tanh4(x); }
}
@unmanaged export class Erf extends HeavyUnary {
  @inline apply(x: v128): v128 { return erf4(x); }
}
@unmanaged export class Sigmoid extends HeavyUnary {
  @inline apply(x: v128): v128 { return sigmoid4(x); }
}
@unmanaged export class Relu extends LightUnary {
  @inline apply(x: v128): v128 { return relu4(x); }
}
@unmanaged export class Silu extends HeavyUnary {
  @inline apply(x: v128): v128 { return silu4(x); }
}
@unmanaged export class Gelu extends HeavyUnary {
  @inline apply(x: v128): v128 { return gelu4(x); }
}
@unmanaged export class GeluTanh extends HeavyUnary {
  @inline apply(x: v128): v128 { return gelu_tanh4(x); }
}
@unmanaged export class FloatOfInt extends LightUnary {
  @inline apply(x: v128): v128 { return f32x4.convert_i32x4_s(x); }
}
@unmanaged export class IntOfFloat extends LightUnary {
  @inline apply(x: v128): v128 { return i32x4.trunc_sat_f32x4_s(x); }
}
@unmanaged export class Same extends LightUnary {
  @inline apply(x: v128): v128 { return x; }
}
@unmanaged export class AddF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.add(a, b); }
}
@unmanaged export class SubF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.sub(a, b); }
}
@unmanaged export class MulF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.mul(a, b); }
}
@unmanaged export class DivF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.div(a, b); }
}
@unmanaged export class MaximumF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.max(a, b); }
}
@unmanaged export class MinimumF32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return f32x4.min(a, b); }
}
@unmanaged export class AddI32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return i32x4.add(a, b); }
}
@unmanaged export class SubI32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return i32x4.sub(a, b); }
}
@unmanaged export class MulI32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return i32x4.mul(a, b); }
}
@unmanaged export class MaximumI32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return i32x4.max_s(a, b); }
}
@unmanaged export class MinimumI32 extends LightBinary {
  @inline apply(a: v128, b: v128): v128 { return i32x4.min_s(a, b); }
}
// Derivatives: lanes of dy and of what the forward saved, its value y or its argument x.

@unmanaged export class ExpBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return f32x4.mul(dy, y); }
}
@unmanaged export class LogBackward extends LightBinary {
  @inline apply(dy: v128, x: v128): v128 { return f32x4.div(dy, x); }
}
@unmanaged export class SqrtBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return f32x4.div(dy, f32x4.add(y, y)); }
}
@unmanaged export class TanhBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return tanh_backward4(dy, y); }
}
@unmanaged export class SigmoidBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return sigmoid_backward4(dy, y); }
}
@unmanaged export class ReluBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return relu_backward4(dy, y); }
}
@unmanaged export class SiluBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return silu_backward4(dy, x); }
}
@unmanaged export class GeluBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return gelu_backward4(dy, x); }
}
@unmanaged export class GeluTanhBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return gelu_tanh_backward4(dy, x); }
}
@unmanaged export class ErfBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return erf_backward4(dy, x); }
}
@unmanaged export class AbsBackward extends LightBinary {
  @inline apply(dy: v128, x: v128): v128 { return f32x4.mul(dy, sign4(x)); }
}
@unmanaged export class RsqrtBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 {
    return f32x4.mul(f32x4.mul(dy, f32x4.splat(-0.5)), f32x4.mul(f32x4.mul(y, y), y));
  }
}
@unmanaged export class ReciprocalBackward extends LightBinary {
  @inline apply(dy: v128, y: v128): v128 { return f32x4.mul(f32x4.neg(dy), f32x4.mul(y, y)); }
}
@unmanaged export class SquareBackward extends LightBinary {
  @inline apply(dy: v128, x: v128): v128 { return f32x4.mul(dy, f32x4.add(x, x)); }
}
@unmanaged export class SinBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return f32x4.mul(dy, cos4(x)); }
}
@unmanaged export class CosBackward extends HeavyBinary {
  @inline apply(dy: v128, x: v128): v128 { return f32x4.mul(f32x4.neg(dy), sin4(x)); }
}
@unmanaged export class EqualF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.eq(a, b); }
}
@unmanaged export class EqualI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.eq(a, b); }
}
@unmanaged export class NotEqualF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.ne(a, b); }
}
@unmanaged export class NotEqualI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.ne(a, b); }
}
@unmanaged export class LessF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.lt(a, b); }
}
@unmanaged export class LessI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.lt_s(a, b); }
}
@unmanaged export class LessEqualF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.le(a, b); }
}
@unmanaged export class LessEqualI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.le_s(a, b); }
}
@unmanaged export class GreaterF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.gt(a, b); }
}
@unmanaged export class GreaterI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.gt_s(a, b); }
}
@unmanaged export class GreaterEqualF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.ge(a, b); }
}
@unmanaged export class GreaterEqualI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.ge_s(a, b); }
}
@unmanaged export class NonZeroF32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return f32x4.ne(a, f32x4.splat(0.0)); }
}
@unmanaged export class NonZeroI32 extends Compare {
  @inline apply(a: v128, b: v128): v128 { return i32x4.ne(a, i32x4.splat(0)); }
}
@unmanaged export class And extends Bytes {
  @inline apply(a: v128, b: v128): v128 { return v128.and(a, b); }
}
@unmanaged export class Or extends Bytes {
  @inline apply(a: v128, b: v128): v128 { return v128.or(a, b); }
}
@unmanaged export class Xor extends Bytes {
  @inline apply(a: v128, b: v128): v128 { return v128.xor(a, b); }
}
@unmanaged export class Not extends Bytes {
  @inline apply(a: v128, b: v128): v128 { return v128.xor(a, i8x16.splat(1)); }
}
@unmanaged export class SameByte extends Bytes {
  @inline apply(a: v128, b: v128): v128 { return a; }
}
