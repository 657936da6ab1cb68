// What the taps of a window meet over a block of positions, copied out of the image once, zeros where they meet
// nothing: then no loop over taps asks for borders, strides or dilations. Along each axis a frame has parts: as many
// as the stride, part i the elements i, i + stride, ... of all that is met; or, where taps have little in common, as
// many as taps, a part what one of them meets. In both, neighbouring positions meet neighbours within a part.

import { Count, Index, WindowPtr } from "../types";
import { part_elements, part_pairs, part_zeros } from "./parts";
import {
  at,
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

// @ts-expect-error: decorator
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
// @ts-expect-error: decorator
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

/** Lines have two parts, by a stride of two: pairs of neighbours. */
// @ts-expect-error: decorator
@inline
function has_pairs(frame: usize, window: WindowPtr): bool {
  return (
    word(frame, PARTS + OVER_WIDTH) == 2 &&
    word(window, STRIDE_WIDTH) == 2 &&
    word(frame, STEP + OVER_WIDTH) == 1
  );
}

/** The coordinate in the image of the first element of an axis, whose first position is `from`. */
// @ts-expect-error: decorator
@inline
function first_coordinate(window: WindowPtr, axis: usize, from: Index): i32 {
  return from * word(window, STRIDE_DEPTH + axis) - word(window, PADDING_DEPTH + axis);
}

/** One part, or a pair, of all rows of a plane of the image, from these coordinates on. */
function fill_part(
  frame: usize, to: usize, part: Index, pair: bool, plane: usize, window: WindowPtr, y0: i32, x0: i32,
): void {
  const H = word(window, HEIGHT);
  const W = word(window, WIDTH);
  const down = word(window, STRIDE_HEIGHT);
  const stride = word(window, STRIDE_WIDTH);
  const length = word(frame, LENGTH + OVER_WIDTH);
  const rows = word(frame, LENGTH + OVER_HEIGHT);
  const offset = x0 + part * word(frame, STEP + OVER_WIDTH);
  const lo = min(length, first_from(0, offset, stride));
  const hi = max(lo, min(length, first_from(W, offset + i32(pair), stride)));
  const row = row_bytes(frame);
  const pitch = <usize>(W * down) << 2;
  to = at(to, part * length);
  for (let i = 0; i < word(frame, PARTS + OVER_HEIGHT); ++i) {
    const y = y0 + i * word(frame, STEP + OVER_HEIGHT);
    const top = min(rows, first_from(0, y, down));
    const bottom = max(top, min(rows, first_from(H, y, down)));
    const line = at(plane, (y + top * down) * W);
    const first = to + row * top;
    const whole = pair ? 2 * length : length;
    part_zeros(to, row, whole, top);
    if (pair) part_pairs(first, row, length, line, pitch, bottom - top, W, offset, lo, hi);
    else part_elements(first, row, length, line, pitch, bottom - top, stride, offset, lo, hi);
    part_zeros(to + row * bottom, row, whole, rows - bottom);
    to += row * rows;
  }
}

/** All parts of one plane of the image, from these coordinates on. */
function fill_plane_parts(frame: usize, to: usize, plane: usize, window: WindowPtr, y0: i32, x0: i32): void {
  if (has_pairs(frame, window)) {
    fill_part(frame, to, 0, true, plane, window, y0, x0);
  } else {
    const parts = word(frame, PARTS + OVER_WIDTH);
    for (let part = 0; part < parts; ++part) fill_part(frame, to, part, false, plane, window, y0, x0);
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
// @ts-expect-error: decorator
@inline
export function taps_table(frame: usize): usize {
  return frame + TABLE;
}

/** What the first tap meets from the frame's first position. */
// @ts-expect-error: decorator
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

/** Fills a planned frame: what `channels` of an image have under plane d of positions, from line h and column w on. */
export function fill_frame(
  frame: usize, image: usize, window: WindowPtr, channels: Count, d: Index, h: Index, w: Index,
): void {
  const D = word(window, DEPTH);
  const plane = word(window, HEIGHT) * word(window, WIDTH);
  const y = first_coordinate(window, OVER_HEIGHT, h);
  const x = first_coordinate(window, OVER_WIDTH, w);
  const lines = planned(frame, OVER_HEIGHT);
  const row = row_bytes(frame);
  let to = first_element(frame, window);
  for (let c = 0; c < channels; ++c) {
    for (let part = 0; part < word(frame, PARTS + OVER_DEPTH); ++part) {
      let z = first_coordinate(window, OVER_DEPTH, d) + part * word(frame, STEP + OVER_DEPTH);
      for (let i = 0; i < word(frame, LENGTH + OVER_DEPTH); ++i) {
        if (u32(z) < u32(D)) fill_plane_parts(frame, to, at(image, z * plane), window, y, x);
        else fill_plane(to, 0, planned(frame, OVER_WIDTH) * lines);
        to += row * lines;
        z += word(window, STRIDE_DEPTH);
      }
    }
    image = at(image, D * plane);
  }
}
