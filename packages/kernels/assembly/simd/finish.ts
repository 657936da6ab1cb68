// What happens to a finished sum on its way out of a matrix product: y = act(alpha * sum + bias), or
// y += alpha * sum. Shared by the tiles and the matrix-vector kernels; the activations are the elementwise
// kernels' own functions, so that fused and unfused agree to the bit.

import { gelu4, gelu_tanh4, relu4, silu4 } from "./math";
import { load_lanes, store_lanes } from "./rows";

/** act: 0 none, 1 relu, 2 gelu (erf), 3 gelu (tanh), 4 silu. A real call: one copy of the polynomials. */
function activate4(v: v128, act: i32): v128 {
  if (act == 1) return relu4(v);
  if (act == 2) return gelu4(v);
  if (act == 3) return gelu_tanh4(v);
  if (act == 4) return silu4(v);
  return v;
}

/** y[0..count) (count >= 4: four) = act(alpha * sum + bias), plus what is in y if acc. bias 0 = none. */
// @ts-ignore: decorator
@inline
export function finish4(y: usize, sum: v128, count: i32, bias: usize, alpha: v128, act: i32, acc: i32): void {
  let v = f32x4.mul(sum, alpha);
  if (bias) v = f32x4.add(v, load_lanes(bias, count));
  if (act) v = activate4(v, act);
  if (acc) v = f32x4.add(load_lanes(y, count), v);
  store_lanes(y, v, count);
}

/** finish4 over a scratch tile of rows of 8 sums; rows of y are ldy BYTES apart. */
export function finish_tile(
  y: usize, ldy: usize, sums: usize, rows: i32, columns: i32, bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  const scale = f32x4.splat(alpha);
  for (; rows > 0; --rows) {
    for (let n = 0; n < columns; n += 4) {
      const at = <usize>n << 2;
      finish4(y + at, v128.load(sums + at), columns - n, bias ? bias + at : 0, scale, act, acc);
    }
    y += ldy;
    sums += 32;
  }
}
