// Patches of a window as panels for the matrix product: panel[k][8] holds what tap k, channel by channel, meets from
// eight positions in order. Positions on one line meet dense elements of a frame.

import { Count, Index, WindowPtr } from "../types";
import { channel_bytes, fill_frame, first_element, frame_bytes, plan_frame, row_bytes, taps_table } from "./frame";
import { NR } from "./pack";
import { at, CHANNELS, OUT_HEIGHT, OUT_WIDTH, taps_of, word } from "./window";

/**
 * What all taps of all channels meet, into the lanes of the panel from `lane` on; lane 0 would meet `source` with the
 * first tap. Lanes before are kept if `later`.
 */
// @ts-expect-error: decorator
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

/** Bytes of `work` of patch_panels for up to `count` positions. Unsigned. */
export function patch_bytes(window: WindowPtr, count: Count): i32 {
  const OW = word(window, OUT_WIDTH);
  const lines = OW < count ? min(word(window, OUT_HEIGHT), (count - 2) / OW + 2) : 1;
  return frame_bytes(window, word(window, CHANNELS), lines, min(count, OW));
}

/**
 * panels = the patches of positions [from, from + count) of an image; lanes behind the last hold anything. One frame
 * serves a stretch of one line where lines are as long as the block, else lines of one plane.
 */
export function patch_panels(
  panels: usize, image: usize, window: WindowPtr, from: Index, count: Count, work: usize,
): void {
  const OW = word(window, OUT_WIDTH);
  const most = OW < count ? OW * word(window, OUT_HEIGHT) : OW;
  for (let p = 0; p < count; ) {
    const stretch = min(count - p, most - ((from + p) % most));
    fill_stretch(panels, p, image, window, from + p, stretch, work);
    p += stretch;
  }
}

/** Patches of positions [from, from + count) of one plane, as positions p and on of the panels. */
function fill_stretch(
  panels: usize, p: Index, image: usize, window: WindowPtr, from: Index, count: Count, work: usize,
): void {
  const OW = word(window, OUT_WIDTH);
  const OH = word(window, OUT_HEIGHT);
  const channels = word(window, CHANNELS);
  const taps = taps_of(window);
  const line = from / OW;
  const lines = (from + count - 1) / OW - line + 1;
  const first = lines == 1 ? from % OW : 0;
  plan_frame(work, window, lines, lines == 1 ? count : OW);
  fill_frame(work, image, window, channels, line / OH, line % OH, first);
  const origin = first_element(work, window);
  const next = channel_bytes(work);
  for (let i = 0; i < count; ) {
    const lane = (p + i) & 7;
    const w = (from + i) % OW;
    const run = min(NR - lane, min(count - i, OW - w));
    const row = origin + <usize>((from + i) / OW - line) * row_bytes(work);
    const source = at(row, w - first - lane);
    const panel = panels + (<usize>((p + i) >> 3) * <usize>(channels * taps) << 5);
    if (lane == 0) first_run(panel, source, taps_table(work), taps, channels, next);
    else later_run(panel, source, taps_table(work), taps, channels, next, lane);
    i += run;
  }
}
