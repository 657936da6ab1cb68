// The loops between a matrix product and its register tile: a block of rows of A times columns of B, panel by
// panel, in the order of Goto & van de Geijn (2008): a panel's k-block (8 KB) stays in the first-level cache
// while the strips of A stream past it from the second. B is packed already, A is packed into `work` on the
// way.

import { finish_rows } from "./finish";
import { main_strips, NR, pack_strips, strip_rows } from "./pack";
import { KC, LINE, MR, STREAMS, tiles, touching_tiles } from "./tile";
import { ceil_div } from "./units";

/** k-steps of A packed at a time, a multiple of KC. */
const DEPTH: i32 = 768;
/** Columns in one go when K > DEPTH: their sums wait in `work` for the next k-steps. */
const COLUMNS: i32 = 512;

/** Rows up to which tiles touch several panels at once. */
const FEW: i32 = 48;
/** Bytes of B from which on they touch at all: less stays in a second-level cache. */
export const CACHED: usize = 1 << 20;
/** Columns whose panels few rows touch together, one for each stream. */
const GROUP: i32 = STREAMS * NR;

/**
 * Bytes by which each of `strips` strips moves on what it touches. Few strips: in each round of STREAMS k-steps, together by
 * a line; it makes 8 bytes a k-step, a quarter of each panel to come for each panel done, so half a group touches all of
 * the next. Many: once, together by a k-block of a panel.
 */
// @ts-expect-error: decorator
@inline
function pace_of(strips: i32, few: bool): usize {
  return few ? LINE / strips : LINE * ceil_div((KC * NR * 4) / LINE, strips);
}

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
 * Strips that cover rows [i, rows) times one panel; `main` rows lie in strips of MR. On the way touches what comes
 * next, from `next` up to `end`, and returns how far it came: few rows several panels, `apart` bytes apart, at `pace`; many
 * one, `pace` bytes before each strip.
 */
// @ts-expect-error: decorator
@inline
function strips_product(
  i: i32, rows: i32, main: i32, out: usize, ldo: usize, add: usize, lda: usize, adds: i32, bias: usize,
  strips: usize, panel: usize, kc: i32, alpha: f32, next: usize, end: usize, apart: usize, pace: usize,
): usize {
  while (i < rows) {
    const height = i < main ? MR : 4;
    const strip = <usize>(height * kc) << 2;
    let count = ceil_div((i < main ? min(rows, main) : rows) - i, height);
    const a = strips + (<usize>(i * kc) << 2);
    const to = out + <usize>i * ldo;
    const from = add + <usize>i * lda;
    const step = apart ? pace * <usize>(kc / STREAMS) : pace;
    const ahead = next < end && next + step <= end;
    if (ahead) count = min(count, i32((end - next) / step));
    if (ahead && apart) {
      touching_tiles(
        height, count, to, ldo, from, lda, adds, bias, a, strip, panel, kc, alpha, next, apart, pace,
      );
    } else {
      const lines = ahead ? i32(pace) / LINE : 0;
      tiles(height, count, to, ldo, from, lda, adds, bias, a, strip, panel, kc, alpha, next, lines);
    }
    if (ahead) next += step * <usize>count;
    i += count * height;
  }
  return next;
}

/**
 * `rows` rows of A, packed in strips for k-steps [k0, k0 + depth), times one panel of B. Sums wait in the
 * scratch tiles `sums` until the last k-step; whole tiles that need nothing more go straight to C. ldc in
 * bytes. Touches and returns as strips_product.
 */
function panel_product(
  C: usize, ldc: usize, strips: usize, panel: usize, sums: usize, bias: usize, rows: i32, columns: i32,
  k0: i32, depth: i32, K: i32, alpha: f32, act: i32, acc: i32, next: usize, end: usize,
): usize {
  const main = main_strips(rows) * MR;
  const covered = strip_rows(rows);
  const apart = rows <= FEW ? <usize>K << 5 : 0;
  const pace = pace_of(main_strips(rows) + (covered - main) / 4, apart != 0);
  let k = 0;
  do {
    const kc = min(KC, depth - k);
    const adds = i32(k0 + k > 0);
    const last = k0 + k + kc == K;
    const plain = last && columns == NR && !(adds && (acc || alpha != 1));
    const done = plain && !act ? whole_rows(rows, main) : 0;
    if (done) {
      const add = adds ? sums : C;
      const lda: usize = adds ? 32 : ldc;
      const scale: f32 = adds ? 1 : alpha;
      next = strips_product(
        0, done, main, C, ldc, add, lda, adds | acc, bias, strips, panel, kc, scale, next, end, apart, pace,
      );
    }
    if (done < rows) {
      const first = plain && alpha == 1 ? bias : 0;
      next = strips_product(
        done, rows, main, sums, 32, sums, 32, adds, first, strips, panel, kc, 1, next, end, apart, pace,
      );
      if (last) {
        const rest = rows - done;
        const sum = sums + (<usize>done << 5);
        finish_rows(C + <usize>done * ldc, ldc, sum, rest, columns, bias - first, alpha, act, acc);
      }
    }
    panel += <usize>kc << 5;
    strips += <usize>(covered * kc) << 2;
    k += kc;
  } while (k < depth);
  return next;
}

/** Rows in strips without padding. */
// @ts-expect-error: decorator
@inline
function whole_rows(rows: i32, main: i32): i32 {
  return main > rows ? main - MR : main + ((rows - main) & ~3);
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
  const few = rows <= FEW;
  const touches = (!few || K % STREAMS == 0) && ((<usize>columns * <usize>K) << 2) > CACHED;
  let next: usize = 0, end: usize = 0;
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
        if (touches && (!few || (n - n0) % GROUP == 0)) {
          const group = few ? GROUP : NR;
          next = panel + ((<usize>(K * group)) << 2);
          end = n + group + (few ? GROUP : 1) <= n1 ? next + (<usize>depth << 5) : 0;
        }
        next = panel_product(
          c, <usize>ldc << 2, work, panel, sum, add, rows, width, k0, depth, K, alpha, act, acc, next, end,
        );
      }
      k0 += depth;
    } while (k0 < K);
  }
}
