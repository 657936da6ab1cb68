// One row times a matrix: decoding one token, where the weights stream from memory once and nothing is
// packed. From packed panels, and from unpacked B of up to 256 rows and columns, an element has the bits of
// matmul_f32: a row comes out the same whether it is computed alone or among others. Longer unpacked rows and
// columns are summed in the order in which they stream fastest (simd/row.ts).

import { row_product } from "./simd/row";
import { stripe8, stripe32 } from "./simd/stripe";
import { KC } from "./simd/tile";
import { Count, F32Ptr, Flag, Index, Stride } from "./types";

/** Columns of a unit. */
const WIDTH: i32 = 32;

/** Units of matvec_f32: 32 columns each. */
export function matvec_units_f32(N: Count): i32 {
  return (N + WIDTH - 1) / WIDTH;
}

/**
 * y = act(x B + bias), or y += x B when acc (then bias 0 and act 0). x (K), y (N) and bias (N) or 0 dense;
 * B (K, N) at B + k*rs_b + n*cs_b, fast when one of the two is 1. act as in matmul_f32. y overlaps no input.
 * Units: matvec_units_f32(N).
 */
export function matvec_f32(
  y: F32Ptr,
  x: F32Ptr,
  B: F32Ptr,
  bias: F32Ptr,
  N: Count,
  K: Count,
  rs_b: Stride,
  cs_b: Stride,
  act: i32,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const n = begin * WIDTH;
  const columns = min(N, end * WIDTH) - n;
  const at = (<usize>n) << 2;
  const cs = (<usize>cs_b) << 2;
  const add = bias ? bias + at : 0;
  row_product(y + at, x, 4, B + <usize>n * cs, add, N, columns, K, (<usize>rs_b) << 2, cs, 1, act, acc);
}

/** Units of matvec_packed_f32: 4 panels each. */
export function matvec_packed_units_f32(N: Count): i32 {
  return (N + WIDTH - 1) / WIDTH;
}

/**
 * y = act(x B + bias), or y += x B when acc, B (K, N) packed by matmul_pack_f32; if `backwards` from its last panels to
 * the first: a B beyond the cache, read to and fro, is found there in part. Units: 4 panels.
 */
export function matvec_packed_f32(
  y: F32Ptr,
  x: F32Ptr,
  packed: F32Ptr,
  bias: F32Ptr,
  N: Count,
  K: Count,
  act: i32,
  acc: Flag,
  backwards: Flag,
  begin: Index,
  end: Index,
): void {
  const panel = (<usize>K) << 5;
  for (let i = begin; i < end; ++i) {
    const first = (backwards ? begin + end - 1 - i : i) * WIDTH;
    const stop = min(N, first + WIDTH);
    for (let n = first; n < stop; ) {
      const to = y + ((<usize>n) << 2);
      const from = packed + <usize>(n >> 3) * panel;
      const add = bias ? bias + ((<usize>n) << 2) : 0;
      const rest = stop - n;
      if (rest > 24) {
        stripe32(to, x, 4, from, panel, 32, rest, K, KC, add, 1, act, acc);
        n += 32;
      } else {
        stripe8(to, x, 4, from, 32, rest, K, KC, add, 1, act, acc);
        n += 8;
      }
    }
  }
}
