// One row times an unpacked matrix: chooses the stripe or stream (stripe.ts, stream.ts) that fits how B lies.
// Stripes have the arithmetic of the tile; dense rows or columns that are LONG go in the order in which they
// stream fastest.

import { dot_rows4, STREAM, stream_rows } from "./stream";
import { stripe32, stripe4, stripe8, stripe_rows16 } from "./stripe";
import { KC } from "./tile";

/** Dense rows or columns of B longer than this are streamed from end to end. */
const LONG: i32 = 256;

/**
 * `columns` of the N columns of y = act(alpha * x B + bias), or y += alpha * x B; strides in BYTES, x element
 * k at x + k*xs. The order of summation depends on N, K and the strides alone.
 */
export function row_product(
  y: usize, x: usize, xs: usize, b: usize, bias: usize, N: i32, columns: i32, K: i32, rs: usize, cs: usize,
  alpha: f32, act: i32, acc: i32,
): void {
  const streamed = N > LONG && cs == 4;
  const depth = streamed ? STREAM : KC;
  if (streamed && K > 0 && !acc) {
    stream_rows(y, x, xs, b, rs, columns, K, bias, alpha, act);
    return;
  }
  let n = 0;
  while (n < columns) {
    const to = y + (<usize>n << 2);
    const from = b + <usize>n * cs;
    const add = bias ? bias + (<usize>n << 2) : 0;
    const rest = columns - n;
    if (cs == 4 && rest >= 32) {
      stripe32(to, x, xs, from, 32, rs, 32, K, depth, add, alpha, act, acc);
      n += 32;
    } else if (cs == 4 && rest >= 8) {
      stripe8(to, x, xs, from, rs, 8, K, depth, add, alpha, act, acc);
      n += 8;
    } else if (K > LONG && rs == 4 && xs == 4) {
      dot_rows4(to, x, from, cs, min(4, rest), K, add, alpha, act, acc);
      n += 4;
    } else if (rs == 4 && rest >= 16) {
      stripe_rows16(to, x, xs, from, cs, K, add, alpha, act, acc);
      n += 16;
    } else {
      stripe4(to, x, xs, from, rs, cs, min(4, rest), K, depth, add, alpha, act, acc);
      n += 4;
    }
  }
}
