// The products and packings of attention: queries are the columns of panels [feature][8 queries] and [key][8 queries],
// keys and values lie in strips (pack.ts), one chunk of keys behind the other.

import { add_mask, hide_later, hide_masked } from "./attention";
import { cap_dense } from "./attention_cap";
import { ADDS, AttentionShape, HIDES, MASK, Place, place_of, position_of } from "./attention_shape";
import { main_strips, NR, pack_panel, pack_strips, strip_rows, unpack_panel } from "./pack";
import { LOG2_E } from "./softmax";
import { MR, tiles } from "./tile";
import { ceil_div } from "./units";

/** Queries in a block: as many panels share a chunk of keys while it is near. */
export const BLOCK: i32 = 64;
export const PANELS: usize = BLOCK / NR;

/** Bytes of `rows` rows of a panel. */
// @ts-expect-error: decorator
@inline
export function panel_bytes(rows: i32): usize {
  return <usize>rows << 5;
}

/** Bytes of strips over `rows` rows and k steps. */
// @ts-expect-error: decorator
@inline
export function strip_bytes(rows: i32, k: i32): usize {
  return (<usize>(strip_rows(rows) * k)) << 2;
}

/** Bytes of the strips over positions, [size][position], chunk behind chunk: the last strip may be padded by 3. */
// @ts-expect-error: decorator
@inline
export function position_bytes(positions: i32, size: i32): usize {
  return (<usize>((positions + 3) * size)) << 2;
}

/** out[rows][8] (+)= alpha * strips[k][rows]^T panel[k][8]; the strips were packed for `packed` k-steps. */
export function product(
  out: usize, strips: usize, panel: usize, rows: i32, covered: i32, k: i32, packed: i32, alpha: f32,
  adds: i32,
): void {
  const step = <usize>packed << 2;
  const main = min(main_strips(covered), ceil_div(rows, MR));
  if (main) tiles(MR, main, out, 32, out, 32, adds, 0, strips, step * MR, panel, k, alpha, 0, 0);
  const i = main * MR;
  if (i >= rows) return;
  const to = out + panel_bytes(i);
  const from = strips + <usize>i * step;
  tiles(4, ceil_div(rows - i, 4), to, 32, to, 32, adds, 0, from, step * 4, panel, k, alpha, 0, 0);
}

/** Keys of `chunk` keys from `key` that queries up to `last` see. */
export function seen_keys(s: AttentionShape, key: i32, chunk: i32, last: i32): i32 {
  const keys = min(chunk, s.S - key);
  return s.past < 0 ? keys : max(min(keys, s.past + last + 1 - key), 0);
}

/**
 * Scores [key][8] of a panel of `queries` queries from t on and the first n keys from `key`, capped and masked; `strips`
 * hold `packed` keys. slopes, if not 0, gets the derivatives of what is capped.
 */
export function score(
  out: usize, s: AttentionShape, mask: usize, b: i32, h: i32, t: i32, queries: i32, key: i32, n: i32,
  strips: usize, packed: i32, panel: usize, scale: f32, slopes: usize,
): void {
  product(out, strips, panel, n, packed, s.D, s.D, <f32>(<f64>scale * LOG2_E), 0);
  if (s.cap > 0) cap_dense(out, n * NR, <f32>(<f64>s.cap * LOG2_E), slopes);
  if (s.masking) {
    const place = place_of(changetype<usize>(s), MASK);
    const size: usize = s.masking == ADDS ? 2 : 0;
    const at = b * place.item + h * place.head + t * place.position + key * place.feature;
    const from = mask + ((<usize>at) << size);
    const key_step = (<usize>place.feature) << size;
    const step = (<usize>place.position) << size;
    if (s.masking == HIDES) hide_masked(out, n, from, key_step, step, queries);
    else add_mask(out, n, from, key_step, step, queries);
  }
  if (s.past >= 0) hide_later(out, n, key, s.past + t);
}

/** Panels [feature][8] of `queries` queries of an operand, from position t of head (b, h). */
export function pack_queries(out: usize, x: usize, p: Place, b: i32, h: i32, t: i32, queries: i32, size: i32): void {
  const cs = (<usize>p.position) << 2;
  for (let i = 0; i < queries; i += NR) {
    const from = position_of(x, p, b, h, t + i);
    pack_panel(out, from, min(NR, queries - i), size, (<usize>p.feature) << 2, cs);
    out += panel_bytes(size);
  }
}

/** Strips over the positions of an operand, [feature][position]. */
export function pack_positions(out: usize, x: usize, p: Place, positions: i32, size: i32): void {
  pack_strips(out, x, positions, size, (<usize>p.position) << 2, (<usize>p.feature) << 2);
}

/** Strips over the features of an operand, [position][feature]. */
export function pack_features(out: usize, x: usize, p: Place, positions: i32, size: i32): void {
  pack_strips(out, x, size, positions, (<usize>p.feature) << 2, (<usize>p.position) << 2);
}

/** The inverse of pack_queries, added when acc; `panels` are `step` bytes apart. */
export function unpack_positions(
  x: usize, p: Place, b: i32, h: i32, t: i32, count: i32, size: i32, panels: usize, step: usize, acc: i32,
): void {
  const cs = (<usize>p.position) << 2;
  const rs = (<usize>p.feature) << 2;
  for (let i = 0; i < count; i += NR) {
    const to = position_of(x, p, b, h, t + i);
    const lanes = min(NR, count - i);
    if (acc) pack_added(panels, to, lanes, size, rs, cs);
    unpack_panel(to, panels, lanes, size, rs, cs);
    panels += step;
  }
}

/** panel += what lies where it will be unpacked to. */
function pack_added(panel: usize, x: usize, lanes: i32, size: i32, rs: usize, cs: usize): void {
  for (let k = 0; k < size; ++k) {
    for (let i = 0; i < lanes; ++i) {
      const at = panel + ((<usize>i) << 2);
      store<f32>(at, load<f32>(at) + load<f32>(x + <usize>i * cs));
    }
    panel += 32;
    x += rs;
  }
}
