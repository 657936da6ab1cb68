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
// @ts-expect-error: decorator
@inline
export function finish4(y: usize, sum: v128, count: i32, bias: usize, alpha: v128, act: i32, acc: i32): void {
  let v = f32x4.mul(sum, alpha);
  if (bias) v = f32x4.add(v, load_lanes(bias, count));
  if (act) v = activate4(v, act);
  if (acc) v = f32x4.add(load_lanes(y, count), v);
  store_lanes(y, v, count);
}

/** One row of 8 through a function; f is a constant. */
// @ts-expect-error: decorator
@inline
function activate8(y: usize, x: usize, f: i32): void {
  const x0 = v128.load(x), x1 = v128.load(x, 16);
  v128.store(y, f == 1 ? relu4(x0) : f == 2 ? gelu4(x0) : f == 3 ? gelu_tanh4(x0) : silu4(x0));
  v128.store(y, f == 1 ? relu4(x1) : f == 2 ? gelu4(x1) : f == 3 ? gelu_tanh4(x1) : silu4(x1), 16);
}

/** y = act(x) over rows of 8, those of y ldy BYTES apart, in loops that hold their constants. */
function activate_rows(y: usize, ldy: usize, x: usize, rows: i32, act: i32): void {
  for (const end = x + (<usize>rows << 5); x != end; x += 32) {
    if (act == 1) activate8(y, x, 1);
    else if (act == 2) activate8(y, x, 2);
    else if (act == 3) activate8(y, x, 3);
    else activate8(y, x, 4);
    y += ldy;
  }
}

/** finish4 over a scratch of rows of 8 sums; rows of y are ldy BYTES apart. Whole rows that need only act go fastest. */
export function finish_rows(
  y: usize, ldy: usize, sums: usize, rows: i32, columns: i32, bias: usize, alpha: f32, act: i32, acc: i32,
): void {
  if (act && columns == 8 && !bias && !acc && alpha == 1) {
    activate_rows(y, ldy, sums, rows, act);
    return;
  }
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
