// A function's polynomial and nothing else: what the elementwise kernels are measured by (probe.ts).

import { Count, F32Ptr } from "../types";
import { exp4, gelu4, sigmoid4, silu4, tanh4 } from "./math";

// @ts-expect-error: decorator
@inline
function function4(x: v128, f: i32): v128 {
  if (f == 0) return exp4(x);
  if (f == 1) return sigmoid4(x);
  if (f == 2) return tanh4(x);
  if (f == 3) return gelu4(x);
  return silu4(x);
}

/** The sum of function f (see probe.ts), a constant, over x. */
// @ts-expect-error: decorator
@inline
export function function_sum(x: F32Ptr, n: Count, f: i32): f32 {
  let s0 = f32x4.splat(0), s1 = s0;
  for (let i = n >> 3; i > 0; --i) {
    s0 = f32x4.add(s0, function4(v128.load(x), f));
    s1 = f32x4.add(s1, function4(v128.load(x, 16), f));
    x += 32;
  }
  const s = f32x4.add(s0, s1);
  return (
    f32x4.extract_lane(s, 0) + f32x4.extract_lane(s, 1) + f32x4.extract_lane(s, 2) + f32x4.extract_lane(s, 3)
  );
}
