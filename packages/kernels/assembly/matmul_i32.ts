// Products of integer matrices, wrapping at 32 bits. The elements of a row of C stand in lanes, so B is read along its
// dense rows; integers add up in any order, and no packing pays for what masks, counts and indices need.
import { load_lanes, store_lanes } from "./simd/dense";
import { columns_of } from "./simd/layout";
import { element } from "./simd/strided";
import { Count, I32Ptr, Index, LayoutPtr, Stride } from "./types";

/**
 * C[r, n] = the sum over k of A[r, k] B[k, n], for batches of products at once. rows: operands C, A, B, one element
 * per row of C, strides 0 where rows share B. C and B have dense rows; those of B are b_step apart, elements of a row
 * of A a_step. C overlaps no input. Units: rows of C.
 */
export function matmul_i32(
  C: I32Ptr,
  A: I32Ptr,
  B: I32Ptr,
  rows: LayoutPtr,
  N: Count,
  K: Count,
  a_step: Stride,
  b_step: Stride,
  begin: Index,
  end: Index,
): void {
  const columns = columns_of(rows);
  const a_bytes = (<usize>a_step) << 2;
  const b_bytes = (<usize>b_step) << 2;
  for (let r = begin; r < end; ++r) {
    const row = r / columns;
    const column = r - row * columns;
    const c = element(C, rows, 0, row, column, 2);
    const a = element(A, rows, 1, row, column, 2);
    const b = element(B, rows, 2, row, column, 2);
    let n = 0;
    for (; n + 8 <= N; n += 8) {
      let left = i32x4.splat(0);
      let right = left;
      let pa = a;
      let pb = b + ((<usize>n) << 2);
      for (let k = 0; k < K; ++k) {
        const x = v128.load32_splat(pa);
        left = i32x4.add(left, i32x4.mul(x, v128.load(pb)));
        right = i32x4.add(right, i32x4.mul(x, v128.load(pb, 16)));
        pa += a_bytes;
        pb += b_bytes;
      }
      const to = c + ((<usize>n) << 2);
      v128.store(to, left);
      v128.store(to, right, 16);
    }
    for (; n < N; n += 4) {
      const lanes = min<i32>(N - n, 4);
      let sum = i32x4.splat(0);
      let pa = a;
      let pb = b + ((<usize>n) << 2);
      for (let k = 0; k < K; ++k) {
        sum = i32x4.add(sum, i32x4.mul(v128.load32_splat(pa), load_lanes(pb, lanes)));
        pa += a_bytes;
        pb += b_bytes;
      }
      store_lanes(c + ((<usize>n) << 2), lanes, sum);
    }
  }
}
