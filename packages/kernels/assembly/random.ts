// Random numbers and dropout from Philox4x32-10 (simd/philox.ts). Element i draws word i % 4 of the block
// whose counter is (i / 4, 0, stream_lo, stream_hi) under the key (seed_lo, seed_hi): nothing is stored,
// any split draws the same numbers, and a backward pass repeats the forward's call to get its mask back.
import { lanes_from, store_lanes } from "./simd/dense";
import { drop16 } from "./simd/drop";
import { columns_of, stride_of } from "./simd/layout";
import { normal4, philox_counter, philox_key, philox4, philox16, uniform4 } from "./simd/philox";
import { element, gather4, scatter4 } from "./simd/strided";
import { Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr } from "./types";

/** out[i] = low + u * (high - low), u uniform in [0, 1) with 24 bits; n elements. begin, end: elements. */
export function philox_uniform_f32(
  out: F32Ptr,
  n: Count,
  seed_lo: i32,
  seed_hi: i32,
  stream_lo: i32,
  stream_hi: i32,
  low: f32,
  high: f32,
  begin: Index,
  end: Index,
): void {
  const key = philox_key(seed_lo, seed_hi);
  const stream = i32x4(0, 0, stream_lo, stream_hi);
  const offset = f32x4.splat(low);
  const width = f32x4.splat(high - low);
  for (let i = begin; i < end; ) {
    const to = out + ((<usize>i) << 2);
    if (end - i >= 16 && (i & 3) == 0) {
      philox16(to, i, seed_lo, seed_hi, stream_lo, stream_hi);
      for (let at: usize = 0; at < 64; at += 16) {
        const u = uniform4(v128.load(to + at));
        v128.store(to + at, f32x4.add(f32x4.mul(u, width), offset));
      }
      i += 16;
      continue;
    }
    const lanes = min<i32>(4 - (i & 3), end - i);
    const u = uniform4(philox4(philox_counter(i, stream), key));
    const y = f32x4.add(f32x4.mul(u, width), offset);
    store_lanes(to, lanes, lanes_from(y, i & 3));
    i += lanes;
  }
}

/** out[i] = mean + z * std, z standard normal; n elements. begin, end: elements. */
export function philox_normal_f32(
  out: F32Ptr,
  n: Count,
  seed_lo: i32,
  seed_hi: i32,
  stream_lo: i32,
  stream_hi: i32,
  mean: f32,
  std: f32,
  begin: Index,
  end: Index,
): void {
  const key = philox_key(seed_lo, seed_hi);
  const stream = i32x4(0, 0, stream_lo, stream_hi);
  const center = f32x4.splat(mean);
  const scale = f32x4.splat(std);
  for (let i = begin; i < end; ) {
    const to = out + ((<usize>i) << 2);
    if (end - i >= 16 && (i & 3) == 0) {
      philox16(to, i, seed_lo, seed_hi, stream_lo, stream_hi);
      for (let at: usize = 0; at < 64; at += 16) {
        const z = normal4(v128.load(to + at));
        v128.store(to + at, f32x4.add(f32x4.mul(z, scale), center));
      }
      i += 16;
      continue;
    }
    const lanes = min<i32>(4 - (i & 3), end - i);
    const z = normal4(philox4(philox_counter(i, stream), key));
    const y = f32x4.add(f32x4.mul(z, scale), center);
    store_lanes(to, lanes, lanes_from(y, i & 3));
    i += lanes;
  }
}

/**
 * out[i] = low + floor(word * span / 2^32): integers in [low, low + span), each as likely as any other up to 2^-32;
 * span is unsigned, n elements. begin, end: elements.
 */
export function philox_integers_i32(
  out: I32Ptr,
  n: Count,
  seed_lo: i32,
  seed_hi: i32,
  stream_lo: i32,
  stream_hi: i32,
  low: i32,
  span: i32,
  begin: Index,
  end: Index,
): void {
  const key = philox_key(seed_lo, seed_hi);
  const stream = i32x4(0, 0, stream_lo, stream_hi);
  const offset = i32x4.splat(low);
  const width = i32x4.splat(span);
  for (let i = begin; i < end; ) {
    const lanes = min<i32>(4 - (i & 3), end - i);
    const words = philox4(philox_counter(i, stream), key);
    const first = i64x2.extmul_low_i32x4_u(words, width);
    const second = i64x2.extmul_high_i32x4_u(words, width);
    const y = i32x4.add(v128.shuffle<i32>(first, second, 1, 3, 5, 7), offset);
    store_lanes(out + ((<usize>i) << 2), lanes, lanes_from(y, i & 3));
    i += lanes;
  }
}

/**
 * y = x / (1 - p) where u >= p, else x * 0; u is the uniform number of the element's flat index. acc = 1
 * adds to y. Layout operands: y, x; y may be x when their strides are the same. The gradient is the same
 * call on dy. begin, end: flat elements.
 */
export function dropout_f32(
  y: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  p: f32,
  seed_lo: i32,
  seed_hi: i32,
  stream_lo: i32,
  stream_hi: i32,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const key = philox_key(seed_lo, seed_hi);
  const stream = i32x4(0, 0, stream_lo, stream_hi);
  const threshold = f32x4.splat(p);
  const scale = f32x4.splat(1.0 / (1.0 - p));
  const n = columns_of(layout);
  const sy = stride_of(layout, 0);
  const sx = stride_of(layout, 1);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    const stop = min<i32>(i + n - column, end);
    let py = element(y, layout, 0, row, column, 2);
    let px = element(x, layout, 1, row, column, 2);
    while (i < stop) {
      if (sx == 1 && sy == 1 && stop - i >= 16 && (i & 3) == 0) {
        drop16(py, px, i, seed_lo, seed_hi, stream_lo, stream_hi, threshold, scale, acc);
        py += 64;
        px += 64;
        i += 16;
        continue;
      }
      const lanes = min<i32>(4 - (i & 3), stop - i);
      const u = lanes_from(uniform4(philox4(philox_counter(i, stream), key)), i & 3);
      const factor = v128.and(scale, f32x4.ge(u, threshold));
      let v = f32x4.mul(gather4(px, sx, lanes), factor);
      if (acc) v = f32x4.add(gather4(py, sy, lanes), v);
      scatter4(py, sy, lanes, v);
      py += (<usize>(sy * lanes)) << 2;
      px += (<usize>(sx * lanes)) << 2;
      i += lanes;
    }
  }
}
