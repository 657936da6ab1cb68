// The gradient of a depthwise convolution's weight: a line of dy meets what nine taps see of it in a frame, so a vector
// of dy is loaded once for a window of 3 x 3. Sums of 16 products a lane are f32, totals f64, as in rows.ts.

import { load_lanes } from "./dense";
import { madd } from "./madd";
import { fold64, lane_mask, widen_add } from "./rows";
import { ceil_div } from "./units";
import { at } from "./window";
import { Count } from "../types";

/** Taps at a time. */
export const TAPS: i32 = 9;
/** Vectors whose products are summed in f32. */
const STEPS: i32 = 16;

/** sums[k] (two f64 lanes) += v. */
// @ts-expect-error: decorator
@inline
function add_to(sums: usize, k: usize, v: v128): void {
  v128.store(sums + (k << 4), widen_add(v128.load(sums + (k << 4)), v));
}

/** Products of `lines` lines of dy, n elements of each, with what the taps at `table` meet from `frame` on. */
function nine_taps(
  sums: usize, dy: usize, below: usize, lines: Count, n: Count, frame: usize, row: usize, table: usize,
): void {
  const p0 = frame + <usize>load<u32>(table), p1 = frame + <usize>load<u32>(table, 4);
  const p2 = frame + <usize>load<u32>(table, 8), p3 = frame + <usize>load<u32>(table, 12);
  const p4 = frame + <usize>load<u32>(table, 16), p5 = frame + <usize>load<u32>(table, 20);
  const p6 = frame + <usize>load<u32>(table, 24), p7 = frame + <usize>load<u32>(table, 28);
  const p8 = frame + <usize>load<u32>(table, 32);
  const zero = f32x4.splat(0);
  let a0 = zero, a1 = zero, a2 = zero, a3 = zero, a4 = zero, a5 = zero, a6 = zero, a7 = zero, a8 = zero;
  const rest = n & 3;
  const mask = lane_mask(rest);
  for (let first: usize = 0; lines > 0; --lines) {
    const whole = first + (<usize>(n - rest) << 2);
    let from = dy;
    let i = first;
    for (; i < whole; i += 16) {
      const v = v128.load(from);
      a0 = madd(v, v128.load(p0 + i), a0);
      a1 = madd(v, v128.load(p1 + i), a1);
      a2 = madd(v, v128.load(p2 + i), a2);
      a3 = madd(v, v128.load(p3 + i), a3);
      a4 = madd(v, v128.load(p4 + i), a4);
      a5 = madd(v, v128.load(p5 + i), a5);
      a6 = madd(v, v128.load(p6 + i), a6);
      a7 = madd(v, v128.load(p7 + i), a7);
      a8 = madd(v, v128.load(p8 + i), a8);
      from += 16;
    }
    if (rest) {
      // What a tap meets behind the line may be NaN.
      const v = load_lanes(from, rest);
      a0 = madd(v, v128.and(v128.load(p0 + i), mask), a0);
      a1 = madd(v, v128.and(v128.load(p1 + i), mask), a1);
      a2 = madd(v, v128.and(v128.load(p2 + i), mask), a2);
      a3 = madd(v, v128.and(v128.load(p3 + i), mask), a3);
      a4 = madd(v, v128.and(v128.load(p4 + i), mask), a4);
      a5 = madd(v, v128.and(v128.load(p5 + i), mask), a5);
      a6 = madd(v, v128.and(v128.load(p6 + i), mask), a6);
      a7 = madd(v, v128.and(v128.load(p7 + i), mask), a7);
      a8 = madd(v, v128.and(v128.load(p8 + i), mask), a8);
    }
    dy += below;
    first += row;
  }
  add_to(sums, 0, a0);
  add_to(sums, 1, a1);
  add_to(sums, 2, a2);
  add_to(sums, 3, a3);
  add_to(sums, 4, a4);
  add_to(sums, 5, a5);
  add_to(sums, 6, a6);
  add_to(sums, 7, a7);
  add_to(sums, 8, a8);
}

/**
 * sums[k] += the products of dy (OH, OW) with what tap k meets in a frame of rows `row` bytes apart: 16 bytes a tap, two
 * f64 lanes, of TAPS taps or a multiple, as `table` has them.
 */
export function correlate_weight(
  sums: usize, taps: Count, dy: usize, OH: Count, OW: Count, frame: usize, row: usize, table: usize,
): void {
  const below = <usize>OW << 2;
  const lines = max(1, STEPS / ceil_div(OW, 4));
  for (let k = 0; k < taps; k += TAPS) {
    const to = sums + (<usize>k << 4);
    const offsets = at(table, k);
    for (let oh = 0; oh < OH; oh += lines) {
      const y = dy + below * oh;
      const seen = frame + row * oh;
      const count = min(lines, OH - oh);
      for (let ow = 0; ow < OW; ow += STEPS * 4) {
        nine_taps(to, at(y, ow), below, count, min(STEPS * 4, OW - ow), at(seen, ow), row, offsets);
      }
    }
  }
}

/** The total of tap k. */
export function weight_total(sums: usize, k: Count): f32 {
  return <f32>fold64(v128.load(sums + (<usize>k << 4)));
}
