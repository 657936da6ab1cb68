// Depthwise convolution's loop: eight vectors of outputs stay in registers over the taps of a window, four of each of
// two lines, two of each of four narrow ones.

import { load_lanes, store_lanes } from "./dense";
import { madd } from "./madd";
import { at } from "./window";
import { Count } from "../types";

/**
 * Four vectors of two lines of outputs, or, if `narrow` (a constant), two vectors of four lines: the lines `below`
 * bytes apart in y and `row` in the frame, the vectors of a line at its first element, 16 bytes on, and `third` and
 * `last` bytes on, where they may overlap. Each tap's element of `frame`, `table[tap]` bytes on, times the tap.
 */
// @ts-expect-error: decorator
@inline
function correlate_lines(
  narrow: bool, y: usize, below: usize, frame: usize, row: usize, third: usize, last: usize, table: usize,
  taps: usize, next: usize, count: Count, start: v128, acc: i32,
): void {
  const z = y + below;
  const y2 = narrow ? z + below : y + third, y3 = narrow ? y2 + below : y + last;
  let a0 = start, a1 = start, a2 = start, a3 = start, b0 = start, b1 = start, b2 = start, b3 = start;
  if (acc) {
    a0 = v128.load(y);
    b0 = v128.load(z);
    a1 = narrow ? v128.load(y + last) : v128.load(y, 16);
    b1 = narrow ? v128.load(z + last) : v128.load(z, 16);
    a2 = v128.load(y2);
    b2 = narrow ? v128.load(y2 + last) : v128.load(z + third);
    a3 = v128.load(y3);
    b3 = narrow ? v128.load(y3 + last) : v128.load(z + last);
  }
  for (; count > 0; --count) {
    const w = v128.load32_splat(taps);
    const p = frame + <usize>load<u32>(table);
    const q = p + row;
    const p2 = narrow ? q + row : p + third, p3 = narrow ? p2 + row : p + last;
    a0 = madd(w, v128.load(p), a0);
    a1 = madd(w, narrow ? v128.load(p + last) : v128.load(p, 16), a1);
    a2 = madd(w, v128.load(p2), a2);
    a3 = madd(w, v128.load(p3), a3);
    b0 = madd(w, v128.load(q), b0);
    b1 = madd(w, narrow ? v128.load(q + last) : v128.load(q, 16), b1);
    b2 = madd(w, narrow ? v128.load(p2 + last) : v128.load(q + third), b2);
    b3 = madd(w, narrow ? v128.load(p3 + last) : v128.load(q + last), b3);
    taps += next;
    table += 4;
  }
  v128.store(y, a0);
  v128.store(z, b0);
  if (narrow) {
    v128.store(y + last, a1);
    v128.store(z + last, b1);
    v128.store(y2, a2);
    v128.store(y2 + last, b2);
    v128.store(y3, a3);
    v128.store(y3 + last, b3);
  } else {
    v128.store(y, a1, 16);
    v128.store(z, b1, 16);
    v128.store(y2, a2);
    v128.store(z + third, b2);
    v128.store(y3, a3);
    v128.store(z + last, b3);
  }
}

/** Two lines of 16 outputs. */
function correlate_wide(
  y: usize, below: usize, frame: usize, row: usize, table: usize, taps: usize, next: usize, count: Count,
  start: v128, acc: i32,
): void {
  correlate_lines(false, y, below, frame, row, 32, 48, table, taps, next, count, start, acc);
}

/** Two lines of 9 to 15 outputs. */
function correlate_short(
  y: usize, below: usize, frame: usize, row: usize, last: usize, table: usize, taps: usize, next: usize,
  count: Count, start: v128, acc: i32,
): void {
  correlate_lines(false, y, below, frame, row, min(<usize>32, last), last, table, taps, next, count, start, acc);
}

/** Four lines of 4 to 8 outputs. */
function correlate_narrow(
  y: usize, below: usize, frame: usize, row: usize, last: usize, table: usize, taps: usize, next: usize,
  count: Count, start: v128, acc: i32,
): void {
  correlate_lines(true, y, below, frame, row, 0, last, table, taps, next, count, start, acc);
}

/** `n` outputs of a line by fours. */
function correlate_rest(
  y: usize, n: Count, frame: usize, table: usize, taps: usize, next: usize, count: Count, start: v128, acc: i32,
): void {
  for (; n > 0; n -= 4) {
    const lanes = min(n, 4);
    let a = acc ? load_lanes(y, lanes) : start;
    let w = taps;
    for (let tap = 0; tap < count; ++tap) {
      a = madd(v128.load32_splat(w), v128.load(frame + <usize>load<u32>(at(table, tap))), a);
      w += next;
    }
    store_lanes(y, lanes, a);
    y += 16;
    frame += 16;
  }
}

/** A line alone: its first 16 outputs and its last ones are two lines, which may overlap. */
function correlate_line(
  y: usize, OW: Count, frame: usize, table: usize, taps: usize, next: usize, count: Count, start: v128, acc: i32,
): void {
  for (let ow = 0; ow < OW; ow += 32) {
    if (ow + 16 > OW && OW >= 32 && !acc) ow = OW - 32; // once more
    const n = min(32, OW - ow);
    const to = at(y, ow);
    const from = at(frame, ow);
    const apart = <usize>(n - 16) << 2;
    if (n < 16) correlate_rest(to, n, from, table, taps, next, count, start, acc);
    else correlate_wide(to, apart, from, apart, table, taps, next, count, start, acc);
  }
}

/** Two lines of 16 outputs or more. */
function correlate_two(
  y: usize, below: usize, OW: Count, frame: usize, row: usize, table: usize, taps: usize, next: usize, count: Count,
  start: v128, acc: i32,
): void {
  let ow = 0;
  for (; ow + 16 <= OW; ow += 16) {
    correlate_wide(at(y, ow), below, at(frame, ow), row, table, taps, next, count, start, acc);
  }
  if (ow == OW) return;
  if (acc) {
    const n = OW - ow;
    correlate_rest(at(y, ow), n, at(frame, ow), table, taps, next, count, start, acc);
    correlate_rest(at(y + below, ow), n, at(frame + row, ow), table, taps, next, count, start, acc);
  } else {
    ow = OW - 16;
    correlate_wide(at(y, ow), below, at(frame, ow), row, table, taps, next, count, start, acc);
  }
}

/**
 * y (OH, OW) = init, or y itself if acc, plus the products of `count` taps, `next` bytes apart, with what they meet
 * in a frame of rows `row` bytes apart. Without acc, the last of a line and the last lines are computed twice rather
 * than by fours.
 */
export function correlate(
  y: usize, OH: Count, OW: Count, frame: usize, row: usize, table: usize, taps: usize, next: usize,
  count: Count, init: f32, acc: i32,
): void {
  const start = f32x4.splat(init);
  if (OH == 1) {
    correlate_line(y, OW, frame, table, taps, next, count, start, acc);
    return;
  }
  const below = (<usize>OW) << 2;
  const last = below - 16;
  const height = OW < 4 ? OH + 1 : OW <= 8 ? 4 : 2;
  for (let oh = 0; oh < OH; ) {
    if (oh + height > OH && height <= OH && !acc) oh = OH - height;
    const to = y + below * oh;
    const from = frame + row * oh;
    if (oh + height > OH) {
      correlate_line(to, OW, from, table, taps, next, count, start, acc);
      ++oh;
      continue;
    }
    if (OW <= 8) {
      correlate_narrow(to, below, from, row, last, table, taps, next, count, start, acc);
    } else if (OW < 16) {
      correlate_short(to, below, from, row, last, table, taps, next, count, start, acc);
    } else {
      correlate_two(to, below, OW, from, row, table, taps, next, count, start, acc);
    }
    oh += height;
  }
}
