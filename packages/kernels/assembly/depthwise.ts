// Depthwise convolution: one channel of the image per group, so a matrix product would have next to nothing to
// multiply. Each plane is copied once into a frame of zeros, which ends all questions about borders; then four
// vectors of outputs at a time stay in registers over the taps. The gradient of the input is the same loop over
// dy spread out by the stride, with the weight turned around. Flat images (depth 1) only, but for the weights.

import { load_lanes, store_lanes } from "./simd/dense";
import { madd } from "./simd/madd";
import { copy_dense, dot_dense } from "./simd/rows";
import {
  along_row,
  at,
  DILATION_HEIGHT,
  DILATION_WIDTH,
  every,
  GROUPS,
  HEIGHT,
  KERNEL_HEIGHT,
  KERNEL_WIDTH,
  OUT_CHANNELS,
  OUT_HEIGHT,
  OUT_WIDTH,
  PADDING_HEIGHT,
  PADDING_WIDTH,
  plane_of,
  positions_of,
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

/**
 * y (OH, OW) = init, or y itself if acc, plus the products of the taps with the frame under them: element
 * (oh * down, ow * right) of the frame and those behind it; taps `next` bytes apart, in order of the window.
 */
function correlate(
  y: usize,
  OH: Count,
  OW: Count,
  frame: usize,
  columns: Count,
  down: i32,
  right: i32,
  taps: usize,
  next: usize,
  window: WindowPtr,
  init: f32,
  acc: i32,
): void {
  const KH = word(window, KERNEL_HEIGHT);
  const KW = word(window, KERNEL_WIDTH);
  const below = <usize>word(window, DILATION_HEIGHT) * ((<usize>columns) << 2);
  const beside = (<usize>word(window, DILATION_WIDTH)) << 2;
  const start = f32x4.splat(init);
  for (let oh = 0; oh < OH; ++oh) {
    let ow = 0;
    let line = frame + <usize>(oh * down) * ((<usize>columns) << 2);
    for (; right == 1 && ow + 16 <= OW; ow += 16) {
      let a0 = acc ? v128.load(y) : start;
      let a1 = acc ? v128.load(y, 16) : start;
      let a2 = acc ? v128.load(y, 32) : start;
      let a3 = acc ? v128.load(y, 48) : start;
      let tap = taps;
      for (let i = 0, row = line; i < KH; ++i, row += below) {
        for (let j = 0, p = row; j < KW; ++j, p += beside, tap += next) {
          const w = v128.load32_splat(tap);
          a0 = madd(w, v128.load(p), a0);
          a1 = madd(w, v128.load(p, 16), a1);
          a2 = madd(w, v128.load(p, 32), a2);
          a3 = madd(w, v128.load(p, 48), a3);
        }
      }
      v128.store(y, a0);
      v128.store(y, a1, 16);
      v128.store(y, a2, 32);
      v128.store(y, a3, 48);
      y += 64;
      line += 64;
    }
    for (; ow < OW; ow += 4) {
      const lanes = min(4, OW - ow);
      let a = acc ? load_lanes(y, lanes) : start;
      let tap = taps;
      for (let i = 0, row = line; i < KH; ++i, row += below) {
        for (let j = 0, p = row; j < KW; ++j, p += beside, tap += next) {
          a = madd(v128.load32_splat(tap), every(p, right), a);
        }
      }
      store_lanes(y, lanes, a);
      y += (<usize>lanes) << 2;
      line += (<usize>right) << 4;
    }
  }
}

/**
 * y (N, groups * O, OH, OW) = weight (groups * O, 1, KH, KW) over x (N, groups, H, W), plus bias (groups * O) or
 * 0. work: (OH - 1) * stride + (KH - 1) * dilation + 1 rows of as many columns for OW and KW, and 4 * stride + 4
 * elements more. Units: planes of y.
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
  const H = word(window, HEIGHT);
  const W = word(window, WIDTH);
  const SH = word(window, STRIDE_HEIGHT);
  const SW = word(window, STRIDE_WIDTH);
  const taps = taps_of(window);
  const top = word(window, PADDING_HEIGHT);
  const left = word(window, PADDING_WIDTH);
  const rows = (OH - 1) * SH + (word(window, KERNEL_HEIGHT) - 1) * word(window, DILATION_HEIGHT) + 1;
  const columns = (OW - 1) * SW + (word(window, KERNEL_WIDTH) - 1) * word(window, DILATION_WIDTH) + 1;
  let framed = -1;
  for (let plane = begin; plane < end; ++plane) {
    const item = plane / O;
    if (item != framed) enframe(work, rows, columns, at(x, item * H * W), H, W, top, left, 1, 1);
    framed = item;
    const o = plane % (word(window, GROUPS) * O);
    const init: f32 = bias ? load<f32>(at(bias, o)) : 0;
    const w = at(weight, o * taps);
    correlate(at(y, plane * OH * OW), OH, OW, work, columns, SH, SW, w, 4, window, init, 0);
  }
}

/**
 * dx (N, groups, H, W) = bias (groups) or 0, plus what dy (N, groups * O, OH, OW) says of each element through
 * the weight (groups * O, 1, KH, KW). work: H + (KH - 1) * dilation rows of W + (KW - 1) * dilation columns,
 * and 8 elements more. Units: planes of dx.
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
  for (let plane = begin; plane < end; ++plane) {
    const g = plane % word(window, GROUPS);
    const init: f32 = bias ? load<f32>(at(bias, g)) : 0;
    for (let o = 0; o < O; ++o) {
      const source = at(dy, (plane * O + o) * OH * OW);
      const last = at(weight, (g * O + o + 1) * taps - 1);
      enframe(work, H + below, columns, source, OH, OW, top, left, SH, SW);
      correlate(at(dx, plane * H * W), H, W, work, columns, 1, 1, last, -4, window, init, o);
    }
  }
}

/**
 * dW (groups * O, taps) = the products of dy (N, groups * O, positions) with what each tap meets in
 * x (N, groups, ...), summed in f64. work: one row of patches, a float per position. Units: groups * O.
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
  const all = word(window, GROUPS) * O;
  const P = positions_of(window);
  const taps = taps_of(window);
  const plane = plane_of(window);
  for (let o = begin; o < end; ++o) {
    for (let k = 0; k < taps; ++k) {
      let total: f64 = 0;
      for (let n = 0; n < N; ++n) {
        const row = n * all + o;
        along_row(work, 32, at(x, (row / O) * plane), window, k, 0, P, 0);
        total += dot_dense(work, at(dy, row * P), P);
      }
      store<f32>(at(dW, o * taps + k), <f32>total);
    }
  }
}
