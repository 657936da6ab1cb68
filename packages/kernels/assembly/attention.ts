// softmax(scale q k^T + mask) v without the matrix of weights: FlashAttention (Dao et al., 2022, and Dao, 2023). A block
// of queries meets the keys in chunks; what is kept of each query is a maximum and a sum (simd/attention.ts). Queries
// are the columns of every product, so scores leave one in the order in which the next one reads them. Keys and values
// are packed once per head: the scratch is linear in the number of keys. Chunks and panels depend on positions alone,
// and so do the bits. The backward is in attention_backward.ts.

import { absorb_scores, divide_rows, keep_sums, multiply_rows } from "./simd/attention";
import { cap_dense } from "./simd/attention_cap";
import { drop_factors, SPARE } from "./simd/attention_dropout";
import {
  BLOCK,
  PANELS,
  pack_features,
  pack_positions,
  pack_queries,
  panel_bytes,
  position_bytes,
  product,
  score,
  seen_keys,
  strip_bytes,
  unpack_positions,
} from "./simd/attention_panels";
import { ADDS, AttentionShape, K, MASK, place_of, position_of, Q, V, Y } from "./simd/attention_shape";
import { NR, strip_rows } from "./simd/pack";
import { row_product } from "./simd/row";
import { top_dense } from "./simd/rows";
import { exp_row } from "./simd/softmax";
import { ceil_div } from "./simd/units";
import { AttentionPtr, F32Ptr, Index, U8Ptr, WorkPtr } from "./types";

/** Keys scored at a time: whole strips of either build, and panels of 8. */
const CHUNK: i32 = 192;

/** Units of attention_f32: blocks of queries, head by head. */
export function attention_units_f32(shape: AttentionPtr): i32 {
  const s = changetype<AttentionShape>(shape);
  return s.B * s.H * ceil_div(s.T, BLOCK);
}

/** Bytes of `work` of attention_f32: keys and values of one head, and a block of queries. */
export function attention_work_f32(shape: AttentionPtr): i32 {
  const s = changetype<AttentionShape>(shape);
  const heads = position_bytes(s.S, s.D) + strip_bytes(s.N, s.S);
  const block = PANELS * (panel_bytes(s.D) + panel_bytes(strip_rows(s.N)) + 64);
  return i32(heads + block + panel_bytes(2 * CHUNK + SPARE));
}

/**
 * y = dropout(softmax(cap(scale q k^T) + mask)) v, 0 for a query that sees no key. kept (2, B, H, T), if not 0, gets
 * what the backward needs: maxima of the scores in units of ln 2, then 1 / sums of 2^(score - maximum). The places of y,
 * q, k, v and mask are read. y overlaps no input.
 * Units: attention_units_f32(shape).
 */
export function attention_f32(
  y: F32Ptr,
  kept: F32Ptr,
  q: F32Ptr,
  k: F32Ptr,
  v: F32Ptr,
  mask: U8Ptr,
  shape: AttentionPtr,
  scale: f32,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const s = changetype<AttentionShape>(shape);
  const blocks = ceil_div(s.T, BLOCK);
  const kp = place_of(shape, K);
  const vp = place_of(shape, V);
  const values = work + position_bytes(s.S, s.D);
  const rest = values + strip_bytes(s.N, s.S);
  let head = -1;
  let packed = 0;
  for (let unit = begin; unit < end; ++unit) {
    const b = unit / blocks / s.H;
    const h = (unit / blocks) % s.H;
    const g = h / (s.H / s.G);
    const t = (unit % blocks) * BLOCK;
    if (head != b * s.G + g) {
      head = b * s.G + g;
      packed = 0;
    }
    if (s.T == 1 && !kept && s.drop == 0) {
      attend_one(y, q, k, v, mask, s, scale, b, h, g, work);
      continue;
    }
    const queries = min(BLOCK, s.T - t);
    const seen = seen_keys(s, 0, s.S, t + queries - 1);
    for (; packed < seen; packed += CHUNK) {
      const keys = min(CHUNK, s.S - packed);
      const from = position_of(k, kp, b, g, packed);
      pack_positions(work + ((<usize>(packed * s.D)) << 2), from, kp, keys, s.D);
      pack_features(values + strip_bytes(s.N, packed), position_of(v, vp, b, g, packed), vp, keys, s.N);
    }
    attend_block(y, kept, q, mask, s, scale, b, h, t, queries, seen, work, values, rest);
  }
}

/** A single query, as in decoding: rows of k and v are read where they lie, once. */
function attend_one(
  y: F32Ptr,
  q: F32Ptr,
  k: F32Ptr,
  v: F32Ptr,
  mask: U8Ptr,
  s: AttentionShape,
  scale: f32,
  b: i32,
  h: i32,
  g: i32,
  scores: WorkPtr,
): void {
  const shape = changetype<usize>(s);
  const yp = place_of(shape, Y);
  const kp = place_of(shape, K);
  const vp = place_of(shape, V);
  const qp = place_of(shape, Q);
  const n = seen_keys(s, 0, s.S, 0);
  const out = position_of(y, yp, b, h, 0);
  const from = position_of(q, qp, b, h, 0);
  const keys = position_of(k, kp, b, g, 0);
  const k_rs = (<usize>kp.feature) << 2;
  row_product(
    scores,
    from,
    (<usize>qp.feature) << 2,
    keys,
    0,
    n,
    n,
    s.D,
    k_rs,
    (<usize>kp.position) << 2,
    scale,
    0,
    0,
  );
  if (s.cap > 0) cap_dense(scores, n, s.cap, 0);
  if (s.masking) mask_row(scores, n, mask, s, b, h);
  const top = top_dense(scores, n, 0);
  const sum = exp_row(scores, scores, n, top == -Infinity ? 0 : top);
  const values = position_of(v, vp, b, g, 0);
  const v_cs = (<usize>vp.feature) << 2;
  const inverse = sum == 0 ? <f32>0 : <f32>(1.0 / sum);
  row_product(out, scores, 4, values, 0, s.N, s.N, n, (<usize>vp.position) << 2, v_cs, inverse, 0, 0);
}

/** The mask of the only query. */
function mask_row(scores: usize, n: i32, mask: U8Ptr, s: AttentionShape, b: i32, h: i32): void {
  const place = place_of(changetype<usize>(s), MASK);
  const at = b * place.item + h * place.head;
  for (let j = 0; j < n; ++j) {
    const i = <usize>(at + j * place.feature);
    if (s.masking == ADDS) store<f32>(scores, load<f32>(scores) + load<f32>(mask + (i << 2)));
    else if (load<u8>(mask + i) == 0) store<f32>(scores, -Infinity);
    scores += 4;
  }
}

function attend_block(
  y: F32Ptr,
  kept: F32Ptr,
  q: F32Ptr,
  mask: U8Ptr,
  s: AttentionShape,
  scale: f32,
  b: i32,
  h: i32,
  t: i32,
  queries: i32,
  seen: i32,
  keys: usize,
  values: usize,
  work: WorkPtr,
): void {
  const shape = changetype<usize>(s);
  const in_step = panel_bytes(s.D);
  const out_step = panel_bytes(strip_rows(s.N));
  const outputs = work + PANELS * in_step;
  const tops = outputs + PANELS * out_step;
  const sums = tops + PANELS * 32;
  const scores = sums + PANELS * 32;
  const factors = scores + panel_bytes(CHUNK);
  pack_queries(work, q, place_of(shape, Q), b, h, t, queries, s.D);
  memory.fill(outputs, 0, PANELS * out_step);
  memory.fill(sums, 0, PANELS * 32);
  for (let i: usize = 0; i < PANELS * 2; ++i) v128.store(tops + (i << 4), f32x4.splat(-Infinity));
  for (let key = 0; key < seen; key += CHUNK) {
    const packed = min(CHUNK, s.S - key);
    const strips = keys + ((<usize>(key * s.D)) << 2);
    const features = values + strip_bytes(s.N, key);
    for (let i = 0; i < queries; i += NR) {
      const p = <usize>(i / NR);
      const lanes = min(NR, queries - i);
      const n = seen_keys(s, key, CHUNK, t + i + lanes - 1);
      if (n == 0) continue;
      const output = outputs + p * out_step;
      score(scores, s, mask, b, h, t + i, lanes, key, n, strips, packed, work + p * in_step, scale, 0);
      absorb_scores(scores, n, tops + (p << 5), sums + (p << 5), output, s.N);
      if (s.drop > 0) {
        drop_factors(factors, s, b, h, t + i, key, n);
        multiply_rows(scores, factors, n);
      }
      product(output, features, scores, s.N, s.N, n, packed, 1, 1);
    }
  }
  for (let p: usize = 0; p < PANELS; ++p) divide_rows(outputs + p * out_step, s.N, sums + (p << 5));
  unpack_positions(y, place_of(shape, Y), b, h, t, queries, s.N, outputs, out_step, 0);
  if (!kept) return;
  const at = kept + ((<usize>((b * s.H + h) * s.T + t)) << 2);
  keep_sums(at, at + ((<usize>(s.B * s.H * s.T)) << 2), tops, sums, queries);
}
