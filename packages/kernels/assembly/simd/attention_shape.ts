// What an attention kernel is told about its operands (types.ts: AttentionPtr).

@unmanaged
export class AttentionShape {
  /** Items of the batch. */
  B: i32 = 0;
  /** Heads of queries. */
  H: i32 = 0;
  /** Heads of keys and values; each serves H / G neighbouring heads of queries. */
  G: i32 = 0;
  /** Queries. */
  T: i32 = 0;
  /** Keys. */
  S: i32 = 0;
  /** Features of q and k. */
  D: i32 = 0;
  /** Features of v and y. */
  N: i32 = 0;
  /** Query t sees keys 0 ... past + t; -1: all of them. */
  past: i32 = 0;
  /** HIDES, ADDS, or 0 without a mask. */
  masking: i32 = 0;
  /** Scaled scores become cap * tanh(score / cap), before masks; 0: they stay. */
  cap: f32 = 0;
  /** Probability with which a weight is dropped. */
  drop: f32 = 0;
  /** The stream of random numbers that says which: element (b, h, t, s) of (B, H, T, S) drops by its own. */
  seed_lo: i32 = 0;
  seed_hi: i32 = 0;
  stream_lo: i32 = 0;
  stream_hi: i32 = 0;
}

/** Bytes of which 0 hides a key. */
export const HIDES: i32 = 1;
/** f32, added to the scaled scores. */
export const ADDS: i32 = 2;

/** Strides of an operand, in elements. */
@unmanaged
export class Place {
  item: i32 = 0;
  head: i32 = 0;
  position: i32 = 0;
  feature: i32 = 0;
}

/** Operands, in the order of their places behind the shape. */
export const Y: usize = 0;
export const Q: usize = 1;
export const K: usize = 2;
export const V: usize = 3;
/** Its features are the keys. */
export const MASK: usize = 4;
export const DY: usize = 5;
export const DQ: usize = 6;
export const DK: usize = 7;
export const DV: usize = 8;

// @ts-expect-error: decorator
@inline
export function place_of(shape: usize, operand: usize): Place {
  return changetype<Place>(shape + offsetof<AttentionShape>() + (operand << 4));
}

/** Address of position `t` of head (b, h) of an operand of 4-byte elements. */
// @ts-expect-error: decorator
@inline
export function position_of(x: usize, place: Place, b: i32, h: i32, t: i32): usize {
  return x + (<usize>(b * place.item + h * place.head + t * place.position) << 2);
}
