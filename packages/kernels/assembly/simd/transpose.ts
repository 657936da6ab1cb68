// Copying a 4-byte matrix whose neighbours stand in the source's columns: 4x4 blocks through lane shuffles,
// in bands of 16 rows, so that every cache line of the source is read once and whole.
import { BytePtr, Count, Stride } from "../types";
import { gather4, scatter4 } from "./strided";

/** Rows per band: a cache line of the source. */
export const BAND: Count = 16;

/** out[r][c] = x[c][r] for a 4x4 block; steps in bytes. */
// @ts-expect-error: decorator
@inline
export function transpose_block(out: BytePtr, out_step: usize, x: BytePtr, x_step: usize): void {
  const a = v128.load(x);
  const b = v128.load(x + x_step);
  const c = v128.load(x + x_step * 2);
  const d = v128.load(x + x_step * 3);
  const ab01 = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
  const cd01 = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
  const ab23 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd23 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(out, v128.shuffle<i64>(ab01, cd01, 0, 2));
  v128.store(out + out_step, v128.shuffle<i64>(ab01, cd01, 1, 3));
  v128.store(out + out_step * 2, v128.shuffle<i64>(ab23, cd23, 0, 2));
  v128.store(out + out_step * 3, v128.shuffle<i64>(ab23, cd23, 1, 3));
}

/**
 * `rows` rows (at most BAND) of n columns: out rows are dense and out_stride apart, x columns x_stride
 * apart.
 */
export function transpose_band(
  out: BytePtr, out_stride: Stride, x: BytePtr, x_stride: Stride, rows: Count, n: Count,
): void {
  const out_step = <usize>out_stride << 2;
  const x_step = <usize>x_stride << 2;
  const whole_rows = rows & ~3;
  let column = 0;
  for (; column + 4 <= n; column += 4) {
    let po = out + (<usize>column << 2);
    let px = x + <usize>column * x_step;
    for (let row = 0; row < whole_rows; row += 4) {
      transpose_block(po, out_step, px, x_step);
      po += out_step * 4;
      px += 16;
    }
  }
  // What is left: the last columns of the whole blocks, and the last rows entirely.
  for (let row = 0; row < rows; row++) {
    const po = out + <usize>row * out_step;
    const px = x + (<usize>row << 2);
    for (let c = row < whole_rows ? column : 0; c < n; c += 4) {
      const lanes = min<i32>(n - c, 4);
      scatter4(po + (<usize>c << 2), 1, lanes, gather4(px + <usize>c * x_step, x_stride, lanes));
    }
  }
}
