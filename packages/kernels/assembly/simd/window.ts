// A window sliding over an image, as a matrix: row k holds what tap k (channel, depth, height, width) of the
// window meets, column p is the p-th position of the window. `along_row` copies an image into a row ("im2col",
// Chellapilla et al. 2006) or adds a row to an image, run by run of neighbours, so neither padding nor stride
// costs anything per element. (Where all rows are wanted at once, frame.ts is the faster way.)

import { Count, Index, Stride, WindowPtr } from "../types";
import { add_dense, copy_dense } from "./rows";
import { gather4 } from "./strided";

/** Byte offsets of the words of a window (types.ts: WindowPtr). */
export const GROUPS: usize = 0;
export const CHANNELS: usize = 4;
export const DEPTH: usize = 8;
export const HEIGHT: usize = 12;
export const WIDTH: usize = 16;
export const OUT_CHANNELS: usize = 20;
export const OUT_DEPTH: usize = 24;
export const OUT_HEIGHT: usize = 28;
export const OUT_WIDTH: usize = 32;
export const KERNEL_DEPTH: usize = 36;
export const KERNEL_HEIGHT: usize = 40;
export const KERNEL_WIDTH: usize = 44;
export const STRIDE_DEPTH: usize = 48;
export const STRIDE_HEIGHT: usize = 52;
export const STRIDE_WIDTH: usize = 56;
export const PADDING_DEPTH: usize = 60;
export const PADDING_HEIGHT: usize = 64;
export const PADDING_WIDTH: usize = 68;
export const DILATION_DEPTH: usize = 72;
export const DILATION_HEIGHT: usize = 76;
export const DILATION_WIDTH: usize = 80;
/** From a word of the depth to that of the same kind for another axis. */
export const OVER_DEPTH: usize = 0;
export const OVER_HEIGHT: usize = 4;
export const OVER_WIDTH: usize = 8;

// @ts-expect-error: decorator
@inline
export function word(window: WindowPtr, at: usize): i32 {
  return load<i32>(window + at);
}

/** Address of element `i` of 4-byte elements. */
// @ts-expect-error: decorator
@inline
export function at(base: usize, i: i32): usize {
  return base + (<usize>i << 2);
}

/** Four elements `step` elements apart; reads up to 4 more behind them. */
// @ts-expect-error: decorator
@inline
export function every(p: usize, step: Stride): v128 {
  if (step == 1) return v128.load(p);
  if (step == 2) return v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
  return gather4(p, step, 4);
}

/** Elements of one channel of the image. */
export function plane_of(window: WindowPtr): Count {
  return word(window, DEPTH) * word(window, HEIGHT) * word(window, WIDTH);
}

/** Positions of the window. */
export function positions_of(window: WindowPtr): Count {
  return word(window, OUT_DEPTH) * word(window, OUT_HEIGHT) * word(window, OUT_WIDTH);
}

/** Elements of the window in one channel. */
export function taps_of(window: WindowPtr): Count {
  return word(window, KERNEL_DEPTH) * word(window, KERNEL_HEIGHT) * word(window, KERNEL_WIDTH);
}

/** to[j] = from[j * stride], j < n; reads nothing behind the last. */
export function copy_every(to: usize, from: usize, n: Count, stride: Stride): void {
  if (stride == 1) {
    copy_dense(to, from, n);
    return;
  }
  for (; n > 4; n -= 4) {
    v128.store(to, every(from, stride));
    to += 16;
    from += <usize>stride << 4;
  }
  for (; n > 0; --n) {
    store<f32>(to, load<f32>(from));
    to += 4;
    from += <usize>stride << 2;
  }
}

/** image[j] += row[j], j < n; the image's elements `stride` bytes apart, the row dense. */
function add_run(row: usize, n: Count, image: usize, stride: usize): void {
  if (stride == 4) {
    add_dense(image, row, n);
    return;
  }
  for (let j = 0; j < n; ++j) {
    store<f32>(image, load<f32>(image) + load<f32>(at(row, j)));
    image += stride;
  }
}

/** plane[i] = value, i < n. */
export function fill_plane(plane: usize, value: f32, n: Count): void {
  const v = f32x4.splat(value);
  let i = 0;
  for (; i + 4 <= n; i += 4) v128.store(at(plane, i), v);
  for (; i < n; ++i) store<f32>(at(plane, i), value);
}

/** Windows of one element, one for each element of the image. */
export function is_pointwise(window: WindowPtr): bool {
  for (let axis = OVER_DEPTH; axis <= OVER_WIDTH; axis += 4) {
    if (word(window, PADDING_DEPTH + axis) || word(window, STRIDE_DEPTH + axis) != 1) return false;
  }
  return taps_of(window) == 1;
}

/** First position along an axis whose element, position * stride + offset, is not below `bound`. */
// @ts-expect-error: decorator
@inline
export function first_from(bound: i32, offset: i32, stride: i32): i32 {
  if (bound <= offset) return 0;
  return stride == 1 ? bound - offset : (bound - offset + stride - 1) / stride;
}

/**
 * Positions [from, to) of row k of the patch matrix, `row` being the place of position `from`: copied from the
 * image, zero outside of it, or, if `adds`, added to the image. Adds in order of positions.
 */
export function along_row(
  row: usize, image: usize, window: WindowPtr, k: Index, from: Index, to: Index, adds: i32,
): void {
  const H = word(window, HEIGHT);
  const W = word(window, WIDTH);
  const D = word(window, DEPTH);
  const OH = word(window, OUT_HEIGHT);
  const OW = word(window, OUT_WIDTH);
  const KH = word(window, KERNEL_HEIGHT);
  const KW = word(window, KERNEL_WIDTH);
  const KD = word(window, KERNEL_DEPTH);
  const SW = word(window, STRIDE_WIDTH);
  const left = (k % KW) * word(window, DILATION_WIDTH) - word(window, PADDING_WIDTH);
  const top = ((k / KW) % KH) * word(window, DILATION_HEIGHT) - word(window, PADDING_HEIGHT);
  const front = ((k / (KW * KH)) % KD) * word(window, DILATION_DEPTH) - word(window, PADDING_DEPTH);
  const channel = k / (KW * KH * KD);
  const lo = first_from(0, left, SW);
  const hi = first_from(W, left, SW);
  const n = to - from;
  let line = from / OW;
  let ow = from % OW;
  for (let i = 0; i < n; ++line) {
    const end = min(OW, ow + n - i);
    const ih = (line % OH) * word(window, STRIDE_HEIGHT) + top;
    const id = (line / OH) * word(window, STRIDE_DEPTH) + front;
    const inside = u32(ih) < u32(H) && u32(id) < u32(D);
    const first = inside ? max(ow, min(lo, end)) : end;
    const last = max(first, min(hi, end));
    const place = i + first - ow;
    const source = at(image, ((channel * D + id) * H + ih) * W + first * SW + left);
    if (adds) {
      add_run(at(row, place), last - first, source, <usize>SW << 2);
    } else {
      fill_plane(at(row, i), 0, first - ow);
      copy_every(at(row, place), source, last - first, SW);
      fill_plane(at(row, place + last - first), 0, end - last);
    }
    i += end - ow;
    ow = 0;
  }
}
