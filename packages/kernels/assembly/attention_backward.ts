// The gradients of attention.ts: weights are computed again from the scores and the sums that the forward kept (Dao,
// "FlashAttention-2", 2023). With P the weights, M what dropout multiplies them by, drawn again, and D = sum(dy * y) of
// each query: dV = (M P)^T dY, dS = P (M dY V^T - D) times the slope of the cap, dQ = scale dS K, dK = scale dS^T Q. One
// head of keys and values is one unit, so sums over queries have one order.

import { dot_rows, multiply_rows, score_gradients, transpose_panel } from "./simd/attention";
import { Areas, BACK_CHUNK, lay_out } from "./simd/attention_areas";
import { drop_factors } from "./simd/attention_dropout";
import {
  BLOCK,
  PANELS,
  pack_features,
  pack_positions,
  pack_queries,
  panel_bytes,
  product,
  score,
  seen_keys,
  strip_bytes,
  unpack_positions,
} from "./simd/attention_panels";
import { AttentionShape, DK, DQ, DV, DY, K, place_of, position_of, Q, V, Y } from "./simd/attention_shape";
import { NR, strip_rows } from "./simd/pack";
import { ceil_div } from "./simd/units";
import { AttentionPtr, F32Ptr, Index, U8Ptr, WorkPtr } from "./types";

/** Units of attention_backward_f32: heads of keys and values. */
export function attention_backward_units_f32(shape: AttentionPtr): i32 {
  const s = changetype<AttentionShape>(shape);
  return s.B * s.G;
}

/** Bytes of `work` of attention_backward_f32: one head of keys, values and their gradients, a block of queries. */
export function attention_backward_work_f32(shape: AttentionPtr): i32 {
  return i32(lay_out(changetype<AttentionShape>(shape), 0, false));
}

/**
 * dq, dk and dv (each 0: not wanted; added to if its bit of acc is set: 1, 2, 4) of what attention_f32 computed, from
 * the gradient dy of y. y and kept as it left them. No output overlaps an input.
 * Units: attention_backward_units_f32(shape).
 */
export function attention_backward_f32(
  dq: F32Ptr,
  dk: F32Ptr,
  dv: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  kept: F32Ptr,
  q: F32Ptr,
  k: F32Ptr,
  v: F32Ptr,
  mask: U8Ptr,
  shape: AttentionPtr,
  scale: f32,
  acc: i32,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  if (begin >= end) return;
  const s = changetype<AttentionShape>(shape);
  const areas = changetype<Areas>(work);
  lay_out(s, work, true);
  const group = s.H / s.G;
  const panels = <usize>ceil_div(s.S, NR);
  const dk_step = panel_bytes(strip_rows(s.D));
  const dv_step = panel_bytes(strip_rows(s.N));
  for (let unit = begin; unit < end; ++unit) {
    const b = unit / s.G;
    const g = unit % s.G;
    pack_keys(areas, s, k, v, b, g);
    memory.fill(areas.dk, 0, panels * dk_step);
    memory.fill(areas.dv, 0, panels * dv_step);
    for (let h = g * group; h < (g + 1) * group; ++h) {
      for (let t = 0; t < s.T; t += BLOCK) {
        const queries = min(BLOCK, s.T - t);
        pack_block(areas, s, q, y, dy, kept, b, h, t, queries);
        const seen = seen_keys(s, 0, s.S, t + queries - 1);
        for (let key = 0; key < seen; key += BACK_CHUNK) {
          back_chunk(areas, s, mask, scale, b, h, t, queries, key);
        }
        const step = panel_bytes(strip_rows(s.D));
        if (dq) unpack_positions(dq, place_of(shape, DQ), b, h, t, queries, s.D, areas.dq, step, acc & 1);
      }
    }
    if (dk) unpack_positions(dk, place_of(shape, DK), b, g, 0, s.S, s.D, areas.dk, dk_step, (acc >> 1) & 1);
    if (dv) unpack_positions(dv, place_of(shape, DV), b, g, 0, s.S, s.N, areas.dv, dv_step, acc >> 2);
  }
}

/** One head of keys and values, in all the orders the products need. */
function pack_keys(areas: Areas, s: AttentionShape, k: F32Ptr, v: F32Ptr, b: i32, g: i32): void {
  const shape = changetype<usize>(s);
  const kp = place_of(shape, K);
  const vp = place_of(shape, V);
  for (let key = 0; key < s.S; key += BACK_CHUNK) {
    const n = min(BACK_CHUNK, s.S - key);
    const from = position_of(k, kp, b, g, key);
    pack_positions(areas.keys + ((<usize>(key * s.D)) << 2), from, kp, n, s.D);
    pack_features(areas.key_features + strip_bytes(s.D, key), from, kp, n, s.D);
    pack_positions(areas.values + ((<usize>(key * s.N)) << 2), position_of(v, vp, b, g, key), vp, n, s.N);
  }
}

/** A block of queries, its gradients, and dy · y of each. */
function pack_block(
  areas: Areas,
  s: AttentionShape,
  q: F32Ptr,
  y: F32Ptr,
  dy: F32Ptr,
  kept: F32Ptr,
  b: i32,
  h: i32,
  t: i32,
  queries: i32,
): void {
  const shape = changetype<usize>(s);
  const qp = place_of(shape, Q);
  const dp = place_of(shape, DY);
  pack_queries(areas.q, q, qp, b, h, t, queries, s.D);
  pack_queries(areas.dy, dy, dp, b, h, t, queries, s.N);
  pack_features(areas.q_features, position_of(q, qp, b, h, t), qp, queries, s.D);
  pack_features(areas.dy_features, position_of(dy, dp, b, h, t), dp, queries, s.N);
  memory.fill(areas.dq, 0, PANELS * panel_bytes(strip_rows(s.D)));
  const at = kept + ((<usize>((b * s.H + h) * s.T + t)) << 2);
  memory.fill(areas.tops, 0, PANELS * 64);
  memory.copy(areas.tops, at, (<usize>queries) << 2);
  memory.copy(areas.inverses, at + ((<usize>(s.B * s.H * s.T)) << 2), (<usize>queries) << 2);
  for (let i = 0; i < queries; i += NR) {
    pack_queries(areas.p, y, place_of(shape, Y), b, h, t + i, min(NR, queries - i), s.N);
    dot_rows(areas.delta + ((<usize>i) << 2), areas.p, areas.dy + panel_bytes((i / NR) * s.N), s.N);
  }
}

/** What a block of queries and a chunk of keys give to each other. */
function back_chunk(
  areas: Areas,
  s: AttentionShape,
  mask: U8Ptr,
  scale: f32,
  b: i32,
  h: i32,
  t: i32,
  queries: i32,
  key: i32,
): void {
  const packed = min(BACK_CHUNK, s.S - key);
  const strips = areas.keys + ((<usize>(key * s.D)) << 2);
  const values = areas.values + ((<usize>(key * s.N)) << 2);
  const features = areas.key_features + strip_bytes(s.D, key);
  const most = seen_keys(s, key, BACK_CHUNK, t + queries - 1);
  for (let i = 0; i < queries; i += NR) {
    const lanes = min(NR, queries - i);
    const n = seen_keys(s, key, BACK_CHUNK, t + i + lanes - 1);
    const p = i / NR;
    const q = areas.q + panel_bytes(p * s.D);
    const numbers = (<usize>i) << 2;
    score(areas.p, s, mask, b, h, t + i, lanes, key, n, strips, packed, q, scale, areas.slopes);
    product(areas.ds, values, areas.dy + panel_bytes(p * s.N), n, packed, s.N, s.N, 1, 0);
    if (s.drop > 0) {
      drop_factors(areas.factors, s, b, h, t + i, key, n);
      multiply_rows(areas.ds, areas.factors, n);
    }
    score_gradients(
      areas.p,
      areas.ds,
      n,
      areas.tops + numbers,
      areas.inverses + numbers,
      areas.delta + numbers,
    );
    if (s.drop > 0) multiply_rows(areas.p, areas.factors, n);
    if (s.cap > 0) multiply_rows(areas.ds, areas.slopes, n);
    product(areas.dq + panel_bytes(p * strip_rows(s.D)), features, areas.ds, s.D, s.D, n, packed, scale, 1);
    turn(areas.p_turned + panel_bytes(i), areas.p, n, most);
    turn(areas.ds_turned + panel_bytes(i), areas.ds, n, most);
  }
  const dk_rows = strip_rows(s.D);
  const dv_rows = strip_rows(s.N);
  for (let j = 0; j < most; j += NR) {
    const from = panel_bytes((j / NR) * BLOCK);
    const panel = (key + j) / NR;
    const dv = areas.dv + panel_bytes(panel * dv_rows);
    const dk = areas.dk + panel_bytes(panel * dk_rows);
    product(dv, areas.dy_features, areas.p_turned + from, s.N, s.N, queries, queries, 1, 1);
    product(dk, areas.q_features, areas.ds_turned + from, s.D, s.D, queries, queries, scale, 1);
  }
}

/** Panels [query][8 keys] of n rows [key][8 queries], zeros up to `most` keys. */
function turn(out: usize, x: usize, n: i32, most: i32): void {
  const padded = (most + NR - 1) & ~(NR - 1);
  memory.fill(x + panel_bytes(n), 0, panel_bytes(padded - n));
  transpose_panel(out, panel_bytes(BLOCK), x, padded);
}
