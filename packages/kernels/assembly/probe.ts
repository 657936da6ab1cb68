// What this machine can do at most, measured by the same compiler in the same run: figures of kernels are
// quoted as ratios to these, because absolute GFLOP/s move with the neighbours on the machine.

import { function_sum } from "./simd/function_sum";
import { madd } from "./simd/madd";
import { Count, F32Ptr } from "./types";

/**
 * Register-only multiply-adds: 12 independent chains of 4 lanes, one step of each per iteration (a chain
 * waits 4 cycles for itself, so 8 saturate two units). flops = iterations * 12 * 4 * 2. Returns a value that
 * depends on all. x and y trade places so that they are variables of the loop: V8 rebuilds a constant vector
 * at each of its uses.
 */
export function fma_peak_f32(iterations: Count): f32 {
  let x = f32x4.splat(0.5);
  let y = f32x4.splat(0.25);
  let c0 = f32x4.splat(0);
  let c1 = f32x4.splat(1);
  let c2 = f32x4.splat(2);
  let c3 = f32x4.splat(3);
  let c4 = f32x4.splat(4);
  let c5 = f32x4.splat(5);
  let c6 = f32x4.splat(6);
  let c7 = f32x4.splat(7);
  let c8 = f32x4.splat(8);
  let c9 = f32x4.splat(9);
  let c10 = f32x4.splat(10);
  let c11 = f32x4.splat(11);
  for (; iterations > 0; --iterations) {
    c0 = madd(c0, x, y);
    c1 = madd(c1, x, y);
    c2 = madd(c2, x, y);
    c3 = madd(c3, x, y);
    c4 = madd(c4, x, y);
    c5 = madd(c5, x, y);
    c6 = madd(c6, x, y);
    c7 = madd(c7, x, y);
    c8 = madd(c8, x, y);
    c9 = madd(c9, x, y);
    c10 = madd(c10, x, y);
    c11 = madd(c11, x, y);
    const z = x;
    x = y;
    y = z;
  }
  c0 = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
  c4 = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
  c8 = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  c0 = f32x4.add(f32x4.add(c0, c4), c8);
  return (
    f32x4.extract_lane(c0, 0) +
    f32x4.extract_lane(c0, 1) +
    f32x4.extract_lane(c0, 2) +
    f32x4.extract_lane(c0, 3)
  );
}

/**
 * Sum of x (n), n a multiple of 32 (the rest is not read): 8 vectors per step, as fast as memory gives them.
 */
export function stream_read_f32(x: F32Ptr, n: Count): f32 {
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  for (let i = n >> 5; i > 0; --i) {
    s0 = f32x4.add(s0, v128.load(x));
    s1 = f32x4.add(s1, v128.load(x, 16));
    s2 = f32x4.add(s2, v128.load(x, 32));
    s3 = f32x4.add(s3, v128.load(x, 48));
    s4 = f32x4.add(s4, v128.load(x, 64));
    s5 = f32x4.add(s5, v128.load(x, 80));
    s6 = f32x4.add(s6, v128.load(x, 96));
    s7 = f32x4.add(s7, v128.load(x, 112));
    x += 128;
  }
  s0 = f32x4.add(f32x4.add(s0, s1), f32x4.add(s2, s3));
  s4 = f32x4.add(f32x4.add(s4, s5), f32x4.add(s6, s7));
  s0 = f32x4.add(s0, s4);
  return (
    f32x4.extract_lane(s0, 0) +
    f32x4.extract_lane(s0, 1) +
    f32x4.extract_lane(s0, 2) +
    f32x4.extract_lane(s0, 3)
  );
}

/** y = x (n each), n a multiple of 16 (the rest is not written): the traffic of an op with one operand. */
export function stream_copy_f32(y: F32Ptr, x: F32Ptr, n: Count): void {
  for (let i = n >> 4; i > 0; --i) {
    v128.store(y, v128.load(x));
    v128.store(y, v128.load(x, 16), 16);
    v128.store(y, v128.load(x, 32), 32);
    v128.store(y, v128.load(x, 48), 48);
    x += 64;
    y += 64;
  }
}

/** z = x + s y (n each), n a multiple of 8 (the rest is not written): the traffic of an op with two operands. */
export function stream_triad_f32(z: F32Ptr, x: F32Ptr, y: F32Ptr, s: f32, n: Count): void {
  const scale = f32x4.splat(s);
  for (let i = n >> 3; i > 0; --i) {
    v128.store(z, madd(v128.load(y), scale, v128.load(x)));
    v128.store(z, madd(v128.load(y, 16), scale, v128.load(x, 16)), 16);
    x += 32;
    y += 32;
    z += 32;
  }
}

/**
 * Sum of f over x (n), n a multiple of 8 (the rest is not read): its polynomial alone, when x is in cache.
 * f: 0 exp, 1 sigmoid, 2 tanh, 3 gelu (erf), 4 silu.
 */
export function function_loop_f32(x: F32Ptr, n: Count, f: i32): f32 {
  if (f == 0) return function_sum(x, n, 0);
  if (f == 1) return function_sum(x, n, 1);
  if (f == 2) return function_sum(x, n, 2);
  if (f == 3) return function_sum(x, n, 3);
  return function_sum(x, n, 4);
}
