// Depthwise convolution's loop: four vectors of outputs, of one line or two, stay in registers over the taps of a window.

import { load_lanes, store_lanes } from "./dense";
import { madd } from "./madd";
import { at } from "./window";
import { Count } from "../types";

/**
 * Four vectors of outputs, or of `two` (a constant) lines, `below` and `row` bytes apart in y and in the frame: each tap's
 * element of `frame`, `table[tap]` bytes on, times the tap.
 */
// @ts-ignore: decorator
@inline
function correlate_lines(
  two: bool, y: usize, below: usize, frame: usize, row: usize, table: usize, taps: usize, next: usize,
  count: Count, start: v128, acc: i32,
): void {
  const z = y + below;
  let a0 = start, a1 = start, a2 = start, a3 = start, b0 = start, b1 = start, b2 = start, b3 = start;
  if (acc) {
    a0 = v128.load(y);
    a1 = v128.load(y, 16);
    a2 = v128.load(y, 32);
    a3 = v128.load(y, 48);
    if (two) {
      b0 = v128.load(z);
      b1 = v128.load(z, 16);
      b2 = v128.load(z, 32);
      b3 = v128.load(z, 48);
    }
  }
  for (; count > 0; --count) {
    const w = v128.load32_splat(taps);
    const p = frame + <usize>load<u32>(table);
    a0 = madd(w, v128.load(p), a0);
    a1 = madd(w, v128.load(p, 16), a1);
    a2 = madd(w, v128.load(p, 32), a2);
    a3 = madd(w, v128.load(p, 48), a3);
    if (two) {
      const q = p + row;
      b0 = madd(w, v128.load(q), b0);
      b1 = madd(w, v128.load(q, 16), b1);
      b2 = madd(w, v128.load(q, 32), b2);
      b3 = madd(w, v128.load(q, 48), b3);
    }
    taps += next;
    table += 4;
  }
  v128.store(y, a0);
  v128.store(y, a1, 16);
  v128.store(y, a2, 32);
  v128.store(y, a3, 48);
  if (!two) return;
  v128.store(z, b0);
  v128.store(z, b1, 16);
  v128.store(z, b2, 32);
  v128.store(z, b3, 48);
}

function correlate16(
  y: usize, frame: usize, table: usize, taps: usize, next: usize, count: Count, start: v128, acc: i32,
): void {
  correlate_lines(false, y, 0, frame, 0, table, taps, next, count, start, acc);
}

function correlate32(
  y: usize, below: usize, frame: usize, row: usize, table: usize, taps: usize, next: usize, count: Count,
  start: v128, acc: i32,
): void {
  correlate_lines(true, y, below, frame, row, table, taps, next, count, start, acc);
}

/** Up to four outputs. */
function correlate4(
  y: usize, lanes: Count, frame: usize, table: usize, taps: usize, next: usize, count: Count, start: v128,
  acc: i32,
): void {
  let a = acc ? load_lanes(y, lanes) : start;
  for (; count > 0; --count) {
    a = madd(v128.load32_splat(taps), v128.load(frame + <usize>load<u32>(table)), a);
    taps += next;
    table += 4;
  }
  store_lanes(y, lanes, a);
}

/**
 * y (OH, OW) = init, or y itself if acc, plus the products of `count` taps, `next` bytes apart, with what they meet
 * in a frame of rows `row` bytes apart.
 */
export function correlate(
  y: usize, OH: Count, OW: Count, frame: usize, row: usize, table: usize, taps: usize, next: usize,
  count: Count, init: f32, acc: i32,
): void {
  const start = f32x4.splat(init);
  const below = (<usize>OW) << 2;
  const whole = OW >= 16 && !acc;
  for (let oh = 0; oh < OH; ) {
    const two = oh + 2 <= OH && OW >= 16;
    for (let ow = 0; ow < OW; ) {
      // The last of a line once more rather than by fours.
      if (whole && ow + 16 > OW) ow = OW - 16;
      const lanes = ow + 16 <= OW ? 16 : min(4, OW - ow);
      const to = at(y, ow);
      const from = at(frame, ow);
      if (lanes == 16 && two) {
        correlate32(to, below, from, row, table, taps, next, count, start, acc);
      } else if (lanes == 16) {
        correlate16(to, from, table, taps, next, count, start, acc);
      } else {
        correlate4(to, lanes, from, table, taps, next, count, start, acc);
        if (two) correlate4(to + below, lanes, from + row, table, taps, next, count, start, acc);
      }
      ow += lanes;
    }
    const lines = two ? 2 : 1;
    oh += lines;
    y += below * lines;
    frame += row * lines;
  }
}
