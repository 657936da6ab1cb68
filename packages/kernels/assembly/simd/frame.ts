// What the taps of a window meet over a block of positions, copied out of the image once, zeros where they meet
// nothing: then no loop over taps asks for borders, strides or dilations. Along each axis a frame has parts: as many
// as the stride, part i the elements i, i + stride, ... of all that is met; or, where taps have little in common, as
// many as taps, a part what one of them meets. In both, neighbouring positions meet neighbours within a part.

import { Count, Index, WindowPtr } from "../types";
import {
  at,
  copy_every,
  DEPTH,
  DILATION_DEPTH,
  fill_plane,
  first_from,
  HEIGHT,
  KERNEL_DEPTH,
  OVER_DEPTH,
  OVER_HEIGHT,
  OVER_WIDTH,
  PADDING_DEPTH,
  STRIDE_DEPTH,
  STRIDE_HEIGHT,
  STRIDE_WIDTH,
  taps_of,
  WIDTH,
  word,
} from "./window";

/** Three words for each axis begin a frame, then a table: bytes between what the first tap and each tap meet. */
const PARTS: usize = 0;
/** Elements of a part. */
const LENGTH: usize = 12;
/** Elements of the image between the firsts of two parts. */
const STEP: usize = 24;
const TABLE: usize = 48;
/** Bytes behind the elements: vectors that reach over their end are read there (and in the table before them). */
const MARGIN: usize = 32;

/** Elements of an axis, for `count` positions: in parts by the stride or by the taps, whichever are fewer. */
function axis_elements(window: WindowPtr, axis: usize, count: Count, by_taps: bool): Count {
  const kernel = word(window, KERNEL_DEPTH + axis);
  if (by_taps) return kernel * count;
  const stride = word(window, STRIDE_DEPTH + axis);
  const reach = (kernel - 1) * word(window, DILATION_DEPTH + axis);
  return min(stride, reach + 1) * (count + reach / stride);
}

// @ts-ignore: decorator
@inline
function is_by_taps(window: WindowPtr, axis: usize, count: Count): bool {
  return axis_elements(window, axis, count, true) < axis_elements(window, axis, count, false);
}

function plan_axis(frame: usize, window: WindowPtr, axis: usize, count: Count): void {
  const by_taps = is_by_taps(window, axis, count);
  const kernel = word(window, KERNEL_DEPTH + axis);
  const dilation = word(window, DILATION_DEPTH + axis);
  const parts = by_taps ? kernel : min(word(window, STRIDE_DEPTH + axis), (kernel - 1) * dilation + 1);
  store<i32>(frame + PARTS + axis, parts);
  store<i32>(frame + LENGTH + axis, axis_elements(window, axis, count, by_taps) / parts);
  store<i32>(frame + STEP + axis, by_taps ? dilation : 1);
}

/** Elements of all parts. */
// @ts-ignore: decorator
@inline
function planned(frame: usize, axis: usize): Count {
  return word(frame, PARTS + axis) * word(frame, LENGTH + axis);
}

/** Where tap k of an axis meets its first element. */
function tap_place(frame: usize, window: WindowPtr, axis: usize, k: Index): Index {
  const i = k * (word(window, DILATION_DEPTH + axis) / word(frame, STEP + axis));
  const parts = word(frame, PARTS + axis);
  return (i % parts) * word(frame, LENGTH + axis) + i / parts;
}

function place_taps(frame: usize, window: WindowPtr): void {
  const KH = word(window, KERNEL_DEPTH + OVER_HEIGHT);
  const KW = word(window, KERNEL_DEPTH + OVER_WIDTH);
  const taps = taps_of(window);
  for (let tap = 0; tap < taps; ++tap) {
    const d = tap_place(frame, window, OVER_DEPTH, tap / (KW * KH));
    const h = tap_place(frame, window, OVER_HEIGHT, (tap / KW) % KH);
    const w = tap_place(frame, window, OVER_WIDTH, tap % KW);
    const row = d * planned(frame, OVER_HEIGHT) + h;
    store<i32>(at(taps_table(frame), tap), (row * planned(frame, OVER_WIDTH) + w) << 2);
  }
}

/** Element `i` of a row of W, or 0 outside of it. */
// @ts-ignore: decorator
@inline
function element_or_zero(row: usize, i: i32, W: Count): f32 {
  return u32(i) < u32(W) ? load<f32>(at(row, i)) : 0;
}

/** even[j] = row[2j + offset], odd[j] = row[2j + 1 + offset], from <= j < to, zeros outside of the row's W elements. */
function pair_edge(even: usize, odd: usize, row: usize, W: Count, offset: i32, from: Index, to: Index): void {
  for (let j = from; j < to; ++j) {
    store<f32>(at(even, j), element_or_zero(row, 2 * j + offset, W));
    store<f32>(at(odd, j), element_or_zero(row, 2 * j + 1 + offset, W));
  }
}

/** The same for j < n, both elements inside of the row for lo <= j < hi. */
function part_pairs(
  even: usize, odd: usize, row: usize, W: Count, offset: i32, lo: Index, hi: Index, n: Count,
): void {
  if (hi - lo < 4) {
    pair_edge(even, odd, row, W, offset, 0, n);
    return;
  }
  pair_edge(even, odd, row, W, offset, 0, lo);
  for (let j = lo; j < hi; j += 4) {
    // The last four of a row once more rather than one by one.
    j = min(j, hi - 4);
    const from = at(row, 2 * j + offset);
    const v0 = v128.load(from);
    const v1 = v128.load(from, 16);
    v128.store(at(even, j), v128.shuffle<f32>(v0, v1, 0, 2, 4, 6));
    v128.store(at(odd, j), v128.shuffle<f32>(v0, v1, 1, 3, 5, 7));
  }
  pair_edge(even, odd, row, W, offset, hi, n);
}

/** The coordinate in the image of the first element of an axis, whose first position is `from`. */
// @ts-ignore: decorator
@inline
function first_coordinate(window: WindowPtr, axis: usize, from: Index): i32 {
  return from * word(window, STRIDE_DEPTH + axis) - word(window, PADDING_DEPTH + axis);
}

/** What to add to the coordinate of the last element of a part for the first of the next. */
// @ts-ignore: decorator
@inline
function next_part(frame: usize, window: WindowPtr, axis: usize): i32 {
  return word(frame, STEP + axis) - (word(frame, LENGTH + axis) - 1) * word(window, STRIDE_DEPTH + axis);
}

/** One part, or a pair, of the rows of all channels, planes and lines, from these coordinates on. */
function fill_part(
  frame: usize, part: Index, pair: bool, image: usize, window: WindowPtr, channels: Count, z0: i32, y0: i32, x0: i32,
): void {
  const D = word(window, DEPTH);
  const H = word(window, HEIGHT);
  const W = word(window, WIDTH);
  const stride = word(window, STRIDE_WIDTH);
  const length = word(frame, LENGTH + OVER_WIDTH);
  const offset = x0 + part * word(frame, STEP + OVER_WIDTH);
  const lo = min(length, first_from(0, offset, stride));
  const hi = max(lo, min(length, first_from(W, offset + i32(pair), stride)));
  const row = row_bytes(frame);
  let to = at(first_element(frame, window), part * length);
  for (let c = 0; c < channels; ++c) {
    for (let i = planned(frame, OVER_DEPTH), d = 0, z = z0; i > 0; --i) {
      for (let j = planned(frame, OVER_HEIGHT), h = 0, y = y0; j > 0; --j) {
        const from = at(image, (z * H + y) * W);
        if (u32(z) >= u32(D) || u32(y) >= u32(H)) {
          fill_plane(to, 0, pair ? 2 * length : length);
        } else if (pair) {
          part_pairs(to, at(to, length), from, W, offset, lo, hi, length);
        } else {
          fill_plane(to, 0, lo);
          copy_every(at(to, lo), at(from, lo * stride + offset), hi - lo, stride);
          fill_plane(at(to, hi), 0, length - hi);
        }
        to += row;
        h = h + 1 == word(frame, LENGTH + OVER_HEIGHT) ? 0 : h + 1;
        y += h ? word(window, STRIDE_HEIGHT) : next_part(frame, window, OVER_HEIGHT);
      }
      d = d + 1 == word(frame, LENGTH + OVER_DEPTH) ? 0 : d + 1;
      z += d ? word(window, STRIDE_DEPTH) : next_part(frame, window, OVER_DEPTH);
    }
    image = at(image, D * H * W);
  }
}

// Frames --------------------------------------------------------------------------------------------------------

/** Bytes of a frame of `channels` over lines x columns of positions of one plane. Unsigned. */
export function frame_bytes(window: WindowPtr, channels: Count, lines: Count, columns: Count): i32 {
  let elements = channels;
  for (let axis = OVER_DEPTH; axis <= OVER_WIDTH; axis += 4) {
    const count = axis == OVER_DEPTH ? 1 : axis == OVER_HEIGHT ? lines : columns;
    elements *= axis_elements(window, axis, count, is_by_taps(window, axis, count));
  }
  return (elements + taps_of(window)) * 4 + i32(TABLE + MARGIN);
}

/** The table of taps: bytes behind the element that the first tap meets. */
// @ts-ignore: decorator
@inline
export function taps_table(frame: usize): usize {
  return frame + TABLE;
}

/** What the first tap meets from the frame's first position. */
// @ts-ignore: decorator
@inline
export function first_element(frame: usize, window: WindowPtr): usize {
  return at(frame + TABLE, taps_of(window));
}

/** Bytes from what a tap meets in one line of positions to the next line. */
export function row_bytes(frame: usize): usize {
  return <usize>planned(frame, OVER_WIDTH) << 2;
}

/** The same from one channel to the next. */
export function channel_bytes(frame: usize): usize {
  return row_bytes(frame) * <usize>(planned(frame, OVER_HEIGHT) * planned(frame, OVER_DEPTH));
}

/** Plans the frame of lines x columns of positions of one plane. */
export function plan_frame(frame: usize, window: WindowPtr, lines: Count, columns: Count): void {
  plan_axis(frame, window, OVER_DEPTH, 1);
  plan_axis(frame, window, OVER_HEIGHT, lines);
  plan_axis(frame, window, OVER_WIDTH, columns);
  place_taps(frame, window);
}

/** Fills a planned frame: `channels` of an image under the lines from h and the columns from w of plane d of positions. */
export function fill_frame(
  frame: usize, image: usize, window: WindowPtr, channels: Count, d: Index, h: Index, w: Index,
): void {
  const z = first_coordinate(window, OVER_DEPTH, d);
  const y = first_coordinate(window, OVER_HEIGHT, h);
  const x = first_coordinate(window, OVER_WIDTH, w);
  const parts = word(frame, PARTS + OVER_WIDTH);
  if (parts == 2 && word(window, STRIDE_WIDTH) == 2 && word(frame, STEP + OVER_WIDTH) == 1) {
    fill_part(frame, 0, true, image, window, channels, z, y, x);
  } else {
    for (let part = 0; part < parts; ++part) fill_part(frame, part, false, image, window, channels, z, y, x);
  }
}
