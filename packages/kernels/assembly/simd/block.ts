// The loops between a matrix product and its register tile: a block of rows of A times columns of B, panel by
// panel, in the order of Goto & van de Geijn (2008): a panel's k-block (8 KB) stays in the first-level cache
// while the strips of A stream past it from the second. B is packed already, A is packed into `work` on the
// way.

import { finish_tile } from "./finish";
import { main_strips, NR, pack_strips, strip_rows } from "./pack";
import { KC, MR, tile } from "./tile";

/** Most rows of A in one block: ROWS * DEPTH floats stay in half of a second-level cache of 1 MB. */
export const ROWS: i32 = 132;
/** k-steps of A packed at a time, a multiple of KC. */
const DEPTH: i32 = 768;
/** Columns in one go when K > DEPTH: their sums wait in `work` for the next k-steps. */
const COLUMNS: i32 = 512;

/** Bytes of the packed strips of one block of A, a multiple of 64. */
function strip_bytes(rows: i32, K: i32): usize {
  return <usize>((strip_rows(rows) * min(K, DEPTH) * 4 + 63) & ~63);
}

/** Bytes of the strips and of the sums behind them. */
export function block_bytes(rows: i32, N: i32, K: i32): i32 {
  const columns = K > DEPTH ? min((N + 7) & ~7, COLUMNS) : NR;
  return i32(strip_bytes(rows, K)) + strip_rows(rows) * columns * 4;
}

/**
 * `rows` rows of A, packed in strips for k-steps [k0, k0 + depth), times one panel of B. Sums wait in the
 * scratch tiles `sums` until the last k-step; whole tiles that need nothing more go straight to C. ldc in
 * bytes.
 */
function panel_product(
  C: usize, ldc: usize, strips: usize, panel: usize, sums: usize, bias: usize, rows: i32, columns: i32,
  k0: i32, depth: i32, K: i32, alpha: f32, act: i32, acc: i32,
): void {
  const main = main_strips(rows) * MR;
  const covered = strip_rows(rows);
  let k = 0;
  do {
    const kc = min(KC, depth - k);
    const adds = i32(k0 + k > 0);
    const last = k0 + k + kc == K;
    const plain = last && columns == NR && !bias && !act && !(adds && (acc || alpha != 1));
    const scale: f32 = adds ? 1 : alpha;
    for (let i = 0, height = MR; i < rows; i += height) {
      height = i < main ? MR : 4;
      const a = strips + (<usize>(i * kc) << 2);
      const sum = sums + (<usize>i << 5);
      const y = C + <usize>i * ldc;
      if (plain && i + height <= rows) {
        tile(height, y, ldc, adds ? sum : y, adds ? 32 : ldc, adds | acc, a, panel, kc, scale);
      } else {
        tile(height, sum, 32, sum, 32, adds, a, panel, kc, 1);
        if (last) finish_tile(y, ldc, sum, min(height, rows - i), columns, bias, alpha, act, acc);
      }
    }
    panel += <usize>kc << 5;
    strips += <usize>(covered * kc) << 2;
    k += kc;
  } while (k < depth);
}

/**
 * rows x columns of C; B at its first panel. A is packed once, or once per COLUMNS columns when K > DEPTH.
 */
export function block_product(
  C: usize, A: usize, B: usize, bias: usize, rows: i32, columns: i32, K: i32, ldc: i32, rs_a: i32, cs_a: i32,
  alpha: f32, act: i32, acc: i32, work: usize,
): void {
  const sums = work + strip_bytes(rows, K);
  const chunk = K > DEPTH ? COLUMNS : columns;
  const sum_step = K > DEPTH ? <usize>strip_rows(rows) << 2 : 0;
  const rs = <usize>rs_a << 2;
  const cs = <usize>cs_a << 2;
  for (let n0 = 0; n0 < columns; n0 += chunk) {
    const n1 = min(n0 + chunk, columns);
    let k0 = 0;
    do {
      const depth = min(K - k0, DEPTH);
      for (let k = 0; k < depth; k += KC) {
        const strips = work + (<usize>(strip_rows(rows) * k) << 2);
        pack_strips(strips, A + <usize>(k0 + k) * cs, rows, min(KC, depth - k), rs, cs);
      }
      for (let n = n0; n < n1; n += NR) {
        const c = C + (<usize>n << 2);
        const panel = B + ((<usize>n * <usize>K) << 2) + (<usize>k0 << 5);
        const sum = sums + <usize>(n - n0) * sum_step;
        const add = bias ? bias + (<usize>n << 2) : 0;
        const width = min(NR, n1 - n);
        panel_product(c, <usize>ldc << 2, work, panel, sum, add, rows, width, k0, depth, K, alpha, act, acc);
      }
      k0 += depth;
    } while (k0 < K);
  }
}
