// How a matrix product is cut into blocks and units, by its shape alone.

import { NR } from "./pack";
import { Count } from "../types";
import { MR } from "./tile";

/**
 * Most rows of A in one block: with k-steps by the 768 (block.ts) they stay in a second-level cache of 1 MB, and the more
 * rows, the rarer B comes from beyond. Whole strips of either build, and the 197 positions of a ViT.
 */
export const ROWS: i32 = 204;
/** Units of begin/end: about UNITS by columns, 8 by rows of a narrow product, none below UNIT_MADDS. */
const UNITS: i32 = 16;
const UNIT_MADDS: i32 = 1 << 16;

export function ceil_div(a: i32, b: i32): i32 {
  return (a + b - 1) / b;
}

/**
 * Rows of a row block: M cut into the fewest equal blocks of at most ROWS rows, whole tiles each, and into
 * more when there are too few panels for 8 units.
 */
export function block_rows(M: Count, N: Count, K: Count): i32 {
  const panels = ceil_div(N, NR);
  const least = max(4 * MR, UNIT_MADDS / max(panels * NR * K, 1));
  const wanted = min(ceil_div(8, panels), ceil_div(M, least));
  return ceil_div(ceil_div(M, max(ceil_div(M, ROWS), wanted)), MR) * MR;
}

/** Panels of B in a unit. */
export function unit_panels(M: Count, N: Count, K: Count): i32 {
  const rows = block_rows(M, N, K);
  const panels = ceil_div(N, NR);
  const even = ceil_div(panels, ceil_div(UNITS, ceil_div(M, rows)));
  return min(panels, max(even, UNIT_MADDS / (rows * NR) / max(K, 1)));
}
