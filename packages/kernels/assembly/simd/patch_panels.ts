// Patches of a window as panels for the matrix product: panel[k][8] holds what tap k, channel by channel, meets from
// eight positions in order. Positions on one line meet dense elements of a frame.

import { Count, Index, WindowPtr } from "../types";
import {
  channel_bytes,
  fill_frame,
  first_element,
  frame_bytes,
  plane_bytes,
  row_bytes,
  taps_table,
} from "./frame";
import { NR } from "./pack";
import { at, CHANNELS, OUT_DEPTH, OUT_HEIGHT, OUT_WIDTH, taps_of, word } from "./window";

/**
 * What all taps of all channels meet, into the lanes of the panel from `lane` on; lane 0 would meet `source` with the
 * first tap. Lanes before are kept if `later`.
 */
// @ts-ignore: decorator
@inline
function fill_lanes(
  panel: usize, source: usize, table: usize, taps: Count, channels: Count, next: usize, lane: Index, later: bool,
): void {
  const low = i32x4.ge_s(i32x4(0, 1, 2, 3), i32x4.splat(lane));
  const high = i32x4.ge_s(i32x4(4, 5, 6, 7), i32x4.splat(lane));
  for (let c = 0; c < channels; ++c) {
    for (let tap = 0; tap < taps; ++tap) {
      const from = source + <usize>load<u32>(at(table, tap));
      const v0 = v128.load(from);
      const v1 = v128.load(from, 16);
      v128.store(panel, later ? v128.bitselect(v0, v128.load(panel), low) : v0);
      v128.store(panel, later ? v128.bitselect(v1, v128.load(panel, 16), high) : v1, 16);
      panel += 32;
    }
    source += next;
  }
}

function first_run(panel: usize, source: usize, table: usize, taps: Count, channels: Count, next: usize): void {
  fill_lanes(panel, source, table, taps, channels, next, 0, false);
}

function later_run(
  panel: usize, source: usize, table: usize, taps: Count, channels: Count, next: usize, lane: Index,
): void {
  fill_lanes(panel, source, table, taps, channels, next, lane, true);
}

/** Lines of positions that a block of `count` may touch. */
function most_lines(window: WindowPtr, count: Count): Count {
  return (count - 2) / word(window, OUT_WIDTH) + 2;
}

/** Bytes of `work` of patch_panels for up to `count` positions. Unsigned. */
export function patch_bytes(window: WindowPtr, count: Count): i32 {
  const OH = word(window, OUT_HEIGHT);
  const OD = word(window, OUT_DEPTH);
  const lines = most_lines(window, count);
  const planes = min(OD, (lines - 2) / OH + 2);
  return frame_bytes(window, word(window, CHANNELS), planes, OD == 1 ? min(lines, OH) : OH);
}

/** panels = the patches of positions [from, from + count) of an image; lanes behind the last hold anything. */
export function patch_panels(
  panels: usize, image: usize, window: WindowPtr, from: Index, count: Count, work: usize,
): void {
  const OW = word(window, OUT_WIDTH);
  const OH = word(window, OUT_HEIGHT);
  const channels = word(window, CHANNELS);
  const taps = taps_of(window);
  const line0 = from / OW;
  const line1 = (from + count - 1) / OW;
  const d = line0 / OH;
  const planes = line1 / OH - d + 1;
  const h = planes == 1 ? line0 % OH : 0;
  fill_frame(work, image, window, channels, d, planes, h, planes == 1 ? line1 - line0 + 1 : OH);
  const origin = first_element(work, window);
  const next = channel_bytes(work);
  for (let p = 0; p < count; p += NR) {
    const lanes = min(NR, count - p);
    for (let lane = 0; lane < lanes; ) {
      const line = (from + p + lane) / OW;
      const w = (from + p + lane) % OW;
      const row = origin + <usize>(line / OH - d) * plane_bytes(work) + <usize>(line % OH - h) * row_bytes(work);
      const source = at(row, w - lane);
      if (lane == 0) first_run(panels, source, taps_table(work), taps, channels, next);
      else later_run(panels, source, taps_table(work), taps, channels, next, lane);
      lane += OW - w;
    }
    panels += <usize>(channels * taps) << 5;
  }
}
