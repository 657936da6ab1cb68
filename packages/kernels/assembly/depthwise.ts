// Depthwise convolution: one channel of the image per group, so a matrix product would have next to nothing to
// multiply. Each plane is copied once into a frame, then outputs stay in registers over the taps. The gradient of the
// input is the same loop over dy spread out by the stride, with the weight turned around. Flat images (depth 1) only,
// but for the weights.

import { correlate } from "./simd/correlate";
import { correlate_weight, TAPS, weight_total } from "./simd/correlate_weight";
import { fill_frame, first_element, frame_bytes, plan_frame, row_bytes, taps_table } from "./simd/frame";
import { copy_dense } from "./simd/rows";
import { ceil_div } from "./simd/units";
import {
  at,
  DILATION_HEIGHT,
  DILATION_WIDTH,
  GROUPS,
  HEIGHT,
  KERNEL_HEIGHT,
  KERNEL_WIDTH,
  OUT_CHANNELS,
  OUT_DEPTH,
  OUT_HEIGHT,
  OUT_WIDTH,
  PADDING_HEIGHT,
  PADDING_WIDTH,
  plane_of,
  STRIDE_HEIGHT,
  STRIDE_WIDTH,
  taps_of,
  WIDTH,
  word,
} from "./simd/window";
import { Count, F32Ptr, Index, WindowPtr, WorkPtr } from "./types";

/**
 * frame (rows, columns) = 0 but at (top + i * down, left + j * right), where it is element (i, j) of the plane
 * (H, W).
 */
function enframe(
  frame: usize,
  rows: Count,
  columns: Count,
  plane: usize,
  H: Count,
  W: Count,
  top: i32,
  left: i32,
  down: i32,
  right: i32,
): void {
  memory.fill(frame, 0, (<usize>rows * <usize>columns) << 2);
  const j0 = left < 0 ? (right - 1 - left) / right : 0;
  const j1 = columns <= left ? 0 : min(W, (columns - left + right - 1) / right);
  if (j0 >= j1) return;
  for (let i = 0; i < H; ++i) {
    const row = top + i * down;
    if (u32(row) >= u32(rows)) continue;
    const from = at(plane, i * W + j0);
    const to = at(frame + ((<usize>row * <usize>columns) << 2), left + j0 * right);
    if (right == 1) {
      copy_dense(to, from, j1 - j0);
    } else {
      for (let j = 0; j < j1 - j0; ++j) store<f32>(at(to, j * right), load<f32>(at(from, j)));
    }
  }
}

/** Bytes of `work` of depthwise_f32. Unsigned. */
export function depthwise_work_f32(window: WindowPtr): i32 {
  return frame_bytes(window, 1, word(window, OUT_HEIGHT), word(window, OUT_WIDTH));
}

/**
 * y (N, groups * O, OH, OW) = weight (groups * O, 1, KH, KW) over x (N, groups, H, W), plus bias (groups * O) or
 * 0. Units: planes of y.
 */
export function depthwise_f32(
  y: F32Ptr,
  x: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  window: WindowPtr,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const O = word(window, OUT_CHANNELS);
  const OH = word(window, OUT_HEIGHT);
  const OW = word(window, OUT_WIDTH);
  const taps = taps_of(window);
  let framed = -1;
  plan_frame(work, window, OH, OW);
  for (let plane = begin; plane < end; ++plane) {
    const item = plane / O;
    if (item != framed) fill_frame(work, at(x, item * plane_of(window)), window, 1, 0, 0, 0);
    framed = item;
    const o = plane % (word(window, GROUPS) * O);
    const init: f32 = bias ? load<f32>(at(bias, o)) : 0;
    const from = first_element(work, window);
    const w = at(weight, o * taps);
    correlate(at(y, plane * OH * OW), OH, OW, from, row_bytes(work), taps_table(work), w, 4, taps, init, 0);
  }
}

/**
 * dx (N, groups, H, W) = bias (groups) or 0, plus what dy (N, groups * O, OH, OW) says of each element through
 * the weight (groups * O, 1, KH, KW). work: KH * KW words, then H + (KH - 1) * dilation rows of
 * W + (KW - 1) * dilation columns, and 16 elements more. Units: planes of dx.
 */
export function depthwise_input_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  window: WindowPtr,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const O = word(window, OUT_CHANNELS);
  const OH = word(window, OUT_HEIGHT);
  const OW = word(window, OUT_WIDTH);
  const H = word(window, HEIGHT);
  const W = word(window, WIDTH);
  const SH = word(window, STRIDE_HEIGHT);
  const SW = word(window, STRIDE_WIDTH);
  const taps = taps_of(window);
  const below = (word(window, KERNEL_HEIGHT) - 1) * word(window, DILATION_HEIGHT);
  const beside = (word(window, KERNEL_WIDTH) - 1) * word(window, DILATION_WIDTH);
  const top = below - word(window, PADDING_HEIGHT);
  const left = beside - word(window, PADDING_WIDTH);
  const columns = W + beside;
  for (let tap = 0; tap < taps; ++tap) {
    const i = (tap / word(window, KERNEL_WIDTH)) * word(window, DILATION_HEIGHT);
    const j = (tap % word(window, KERNEL_WIDTH)) * word(window, DILATION_WIDTH);
    store<i32>(at(work, tap), (i * columns + j) << 2);
  }
  const frame = at(work, taps);
  const row = (<usize>columns) << 2;
  for (let plane = begin; plane < end; ++plane) {
    const g = plane % word(window, GROUPS);
    const init: f32 = bias ? load<f32>(at(bias, g)) : 0;
    for (let o = 0; o < O; ++o) {
      const source = at(dy, (plane * O + o) * OH * OW);
      const last = at(weight, (g * O + o + 1) * taps - 1);
      enframe(frame, H + below, columns, source, OH, OW, top, left, SH, SW);
      correlate(at(dx, plane * H * W), H, W, frame, row, work, last, -4, taps, init, o);
    }
  }
}

/** The table of taps again, filled up with the last one, and a sum for each. */
function weight_bytes(window: WindowPtr): i32 {
  return ceil_div(taps_of(window), TAPS) * TAPS * 20;
}

/** Bytes of `work` of depthwise_weight_f32. Unsigned. */
export function depthwise_weight_work_f32(window: WindowPtr): i32 {
  return frame_bytes(window, 1, word(window, OUT_HEIGHT), word(window, OUT_WIDTH)) + weight_bytes(window);
}

/**
 * dW (groups * O, taps) = the products of dy (N, groups * O, positions) with what each tap meets in
 * x (N, groups, ...), summed in f64. Units: groups * O.
 */
export function depthwise_weight_f32(
  dW: F32Ptr,
  x: F32Ptr,
  dy: F32Ptr,
  window: WindowPtr,
  N: Count,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const O = word(window, OUT_CHANNELS);
  const OD = word(window, OUT_DEPTH);
  const OH = word(window, OUT_HEIGHT);
  const OW = word(window, OUT_WIDTH);
  const all = word(window, GROUPS) * O;
  const taps = taps_of(window);
  const padded = ceil_div(taps, TAPS) * TAPS;
  const table = work;
  const sums = at(table, padded);
  const frame = sums + ((<usize>padded) << 4);
  plan_frame(frame, window, OH, OW);
  for (let k = 0; k < padded; ++k) {
    store<i32>(at(table, k), load<i32>(at(taps_table(frame), min(k, taps - 1))));
  }
  const from = first_element(frame, window);
  for (let o = begin; o < end; ++o) {
    memory.fill(sums, 0, (<usize>padded) << 4);
    for (let n = 0; n < N; ++n) {
      const plane = n * all + o;
      for (let d = 0; d < OD; ++d) {
        fill_frame(frame, at(x, (plane / O) * plane_of(window)), window, 1, d, 0, 0);
        const gradient = at(dy, (plane * OD + d) * OH * OW);
        correlate_weight(sums, padded, gradient, OH, OW, from, row_bytes(frame), table);
      }
    }
    for (let k = 0; k < taps; ++k) store<f32>(at(dW, o * taps + k), weight_total(sums, k));
  }
}
