// The one place that knows which build this is: a*b + c is one fused instruction in the relaxed build and two
// rounded ones in the plain build. Everything that multiplies and adds goes through here, so an element's
// arithmetic is the same in every tile, tail and split of one build.

/** a*b + c on four f32 lanes. */
// @ts-expect-error: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_madd(a, b, c);
  } else {
    return f32x4.add(f32x4.mul(a, b), c);
  }
}

/** c - a*b on four f32 lanes. */
// @ts-expect-error: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f32x4.relaxed_nmadd(a, b, c);
  } else {
    return f32x4.sub(c, f32x4.mul(a, b));
  }
}

/** a*b + c on two f64 lanes. */
// @ts-expect-error: decorator
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return f64x2.relaxed_madd(a, b, c);
  } else {
    return f64x2.add(f64x2.mul(a, b), c);
  }
}

/** 1 in the relaxed build, 0 in the plain one. */
// @ts-expect-error: decorator
@inline
export function relaxedBuild(): i32 {
  return ASC_FEATURE_RELAXED_SIMD ? 1 : 0;
}
