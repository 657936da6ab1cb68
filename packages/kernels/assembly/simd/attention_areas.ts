// The scratch of the attention backward: where each part lies, written at the beginning of `work`.

import { SPARE } from "./attention_dropout";
import { BLOCK, panel_bytes, PANELS, position_bytes, strip_bytes } from "./attention_panels";
import { AttentionShape } from "./attention_shape";
import { NR, strip_rows } from "./pack";
import { ceil_div } from "./units";

/** Keys at a time: whole strips of either build, and panels of 8. The weights of a block of queries are kept. */
export const BACK_CHUNK: i32 = 96;

/** Where everything lies in `work`, at whose beginning this stands. */
@unmanaged
export class Areas {
  /** Strips over keys, by chunk: of k, and of v. */
  keys: usize = 0;
  values: usize = 0;
  /** Strips over features of k, by chunk. */
  key_features: usize = 0;
  /** Gradients in panels [feature][8 keys]. */
  dk: usize = 0;
  dv: usize = 0;
  /** A block of queries in panels [feature][8 queries], the gradient of q with them. */
  q: usize = 0;
  dy: usize = 0;
  dq: usize = 0;
  /** The block in strips over features. */
  q_features: usize = 0;
  dy_features: usize = 0;
  /** Eight numbers a panel: the maximum, 1 / sum, and dy · y. */
  tops: usize = 0;
  inverses: usize = 0;
  delta: usize = 0;
  /** Weights and gradients of scores [key][8 queries] of one panel and chunk. */
  p: usize = 0;
  ds: usize = 0;
  /** What dropout multiplies the weights by. */
  factors: usize = 0;
  /** The slopes of capped scores. */
  slopes: usize = 0;
  /** The same in panels [query][8 keys] of the whole block. */
  p_turned: usize = 0;
  ds_turned: usize = 0;
}

/** Bytes of all areas; their addresses are written down when `work` is there. */
export function lay_out(s: AttentionShape, work: usize, writes: bool): usize {
  const panels = <usize>ceil_div(s.S, NR);
  const row = panel_bytes(max(BACK_CHUNK, max(s.N, s.D)));
  const factors = panel_bytes(BACK_CHUNK + SPARE);
  const turned: usize = BACK_CHUNK * BLOCK * 4;
  let at = work + offsetof<Areas>();
  const keys = at;
  at += position_bytes(s.S, s.D);
  const values = at;
  at += position_bytes(s.S, s.N);
  const key_features = at;
  at += strip_bytes(s.D, s.S);
  const dk = at;
  at += panels * panel_bytes(strip_rows(s.D));
  const dv = at;
  at += panels * panel_bytes(strip_rows(s.N));
  const q = at;
  at += PANELS * panel_bytes(s.D);
  const dy = at;
  at += PANELS * panel_bytes(s.N);
  const dq = at;
  at += PANELS * panel_bytes(strip_rows(s.D));
  const q_features = at;
  at += strip_bytes(s.D, BLOCK);
  const dy_features = at;
  at += strip_bytes(s.N, BLOCK);
  if (writes) {
    const areas = changetype<Areas>(work);
    areas.keys = keys;
    areas.values = values;
    areas.key_features = key_features;
    areas.dk = dk;
    areas.dv = dv;
    areas.q = q;
    areas.dy = dy;
    areas.dq = dq;
    areas.q_features = q_features;
    areas.dy_features = dy_features;
    areas.tops = at;
    areas.inverses = at + PANELS * 32;
    areas.delta = at + PANELS * 64;
    areas.p = at + PANELS * 96;
    areas.ds = areas.p + row;
    areas.factors = areas.ds + row;
    areas.slopes = areas.factors + factors;
    areas.p_turned = areas.slopes + row;
    areas.ds_turned = areas.p_turned + turned;
  }
  return at + PANELS * 96 + 3 * row + 2 * turned + factors - work;
}
