// Matrix products over packed panels, after Goto & van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication" (ACM TOMS 2008) and BLIS (Van Zee & van de Geijn 2015): B lies in panels of 8 columns, A is
// packed per block of rows into `work` (simd/block.ts), and a register tile (simd/tile.ts) does the
// arithmetic. One arithmetic per element: s = the sum, in order, over blocks of KC k-steps of chains c =
// madd(a, b, c) from 0; then act(alpha * s + bias), or C + alpha * s. It depends on the row of A, the column
// of B and K alone: not on M, N, the placement, the tile, the split or the thread. A product of one row goes
// by matvec.ts.

import { block_bytes, block_product } from "./simd/block";
import { NR, PACK_DEPTH, pack_panels, unpack_panel } from "./simd/pack";
import { row_product } from "./simd/row";
import { MR } from "./simd/tile";
import { block_rows, ceil_div, ROWS, unit_panels } from "./simd/units";
import { Count, F32Ptr, Flag, I32Ptr, Index, Stride, WorkPtr } from "./types";

// Packing ---------------------------------------------------------------------------------------------------

/** Bytes of B (K, N) packed into panels of 8 columns. Unsigned. */
export function matmul_packed_bytes(K: Count, N: Count): i32 {
  return ((N + 7) >> 3) * K * 32;
}

/**
 * packed[p][k][j] = B[k, 8p + j], zero where 8p + j >= N; B element (k, n) at B + k*rs_b + n*cs_b.
 * Units: panels p.
 */
export function matmul_pack_f32(
  packed: F32Ptr,
  B: F32Ptr,
  K: Count,
  N: Count,
  rs_b: Stride,
  cs_b: Stride,
  begin: Index,
  end: Index,
): void {
  pack_panels(packed, B, K, N, (<usize>rs_b) << 2, (<usize>cs_b) << 2, begin, end);
}

/** B[k, n] = packed[n / 8][k][n % 8], the inverse of matmul_pack_f32. Units: panels. */
export function matmul_unpack_f32(
  B: F32Ptr,
  packed: F32Ptr,
  K: Count,
  N: Count,
  rs_b: Stride,
  cs_b: Stride,
  begin: Index,
  end: Index,
): void {
  const rs = (<usize>rs_b) << 2;
  const cs = (<usize>cs_b) << 2;
  const depth = cs_b == 1 ? PACK_DEPTH : K;
  for (let k = 0; k < K; k += depth) {
    for (let p = begin; p < end; ++p) {
      const panel = packed + ((<usize>p * <usize>K + <usize>k) << 5);
      unpack_panel(
        B + <usize>k * rs + <usize>(p * NR) * cs,
        panel,
        min(NR, N - p * NR),
        min(depth, K - k),
        rs,
        cs,
      );
    }
  }
}

/**
 * out[i, k] = row index[i] of the (V, K) matrix whose transpose is packed as B (K, V): one storage serves a
 * tied embedding and its logits. out dense (n, K); indices are valid. Units: rows i.
 */
export function embedding_packed_f32(
  out: F32Ptr,
  packed: F32Ptr,
  index: I32Ptr,
  n: Count,
  K: Count,
  begin: Index,
  end: Index,
): void {
  for (let i = begin; i < end; ++i) {
    const v = load<i32>(index + ((<usize>i) << 2));
    let from = packed + ((<usize>(v >> 3) * <usize>K) << 5) + ((<usize>(v & 7)) << 2);
    let to = out + ((<usize>i * <usize>K) << 2);
    for (let k = 0; k < K; ++k) {
      store<f32>(to, load<f32>(from));
      from += 32;
      to += 4;
    }
  }
}

// C = A B ---------------------------------------------------------------------------------------------------

/** Units of matmul_f32: blocks of rows x columns, row block by row block. */
export function matmul_units_f32(M: Count, N: Count, K: Count): i32 {
  if (M == 0 || N == 0) return 0;
  return ceil_div(M, block_rows(M, N, K)) * ceil_div(ceil_div(N, NR), unit_panels(M, N, K));
}

/** Bytes of `work` of matmul_f32. */
export function matmul_work_f32(M: Count, N: Count, K: Count): i32 {
  return M == 0 || N == 0 ? 0 : block_bytes(block_rows(M, N, K), N, K);
}

/**
 * C = act(A B + bias), or C += A B when acc (then bias 0 and act 0). A (M, K) at A + m*rs_a + k*cs_a;
 * B (K, N) packed; bias (N) or 0; C (M, N) at C + m*ldc + n.
 * act: 0 none, 1 relu, 2 gelu (erf), 3 gelu (tanh), 4 silu. C overlaps no input.
 * Units: matmul_units_f32(M, N, K).
 */
export function matmul_f32(
  C: F32Ptr,
  A: F32Ptr,
  packed: F32Ptr,
  bias: F32Ptr,
  M: Count,
  N: Count,
  K: Count,
  ldc: Stride,
  rs_a: Stride,
  cs_a: Stride,
  act: i32,
  acc: Flag,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  if (begin >= end) return;
  const height = block_rows(M, N, K);
  const width = unit_panels(M, N, K) * NR;
  const across = ceil_div(N, width);
  while (begin < end) {
    // Neighbours in one row block go together: its A is packed once.
    const stop = min(end, (begin / across + 1) * across);
    const m = (begin / across) * height;
    const n = (begin % across) * width;
    const columns = min(N, n + (stop - begin) * width) - n;
    block_product(
      C + ((<usize>(m * ldc + n)) << 2),
      A + ((<usize>(m * rs_a)) << 2),
      packed + ((<usize>n * <usize>K) << 2),
      bias ? bias + ((<usize>n) << 2) : 0,
      min(height, M - m),
      columns,
      K,
      ldc,
      rs_a,
      cs_a,
      1,
      act,
      acc,
      work,
    );
    begin = stop;
  }
}

// Many products ---------------------------------------------------------------------------------------------

/**
 * Row parts each product of a batch of D is cut into: more than one only when D alone cannot feed 8 units.
 */
function batch_parts(D: Count, M: Count): i32 {
  return M == 1 ? 1 : max(1, min(ceil_div(8, max(D, 1)), ceil_div(M, 4 * MR)));
}

function align64(bytes: i32): i32 {
  return (bytes + 63) & ~63;
}

/** Units of matmul_batched_f32 for D = D0*D1 products: parts of rows, product by product. */
export function matmul_batched_units_f32(D: Count, M: Count, N: Count, K: Count): i32 {
  return M == 0 || N == 0 ? 0 : D * batch_parts(D, M);
}

/** Bytes of `work` of matmul_batched_f32: one packed B and one block of A. */
export function matmul_batched_work_f32(M: Count, N: Count, K: Count): i32 {
  return M <= 1 ? 0 : align64(matmul_packed_bytes(K, N)) + block_bytes(min(ROWS, M), N, K);
}

/**
 * C[i,j] = alpha * A[i,j] B[i,j] for i < D0, j < D1, added to C when acc.
 * Element (m, n) of C[i,j] at C + i*c_s0 + j*c_s1 + m*ldc + n; (m, k) of A[i,j] at A + i*a_s0 + j*a_s1 +
 * m*rs_a + k*cs_a; (k, n) of B[i,j] at B + i*b_s0 + j*b_s1 + k*rs_b + n*cs_b. Batch strides of A and B may be
 * 0; those of C keep the products apart. C overlaps no input.
 * Units: matmul_batched_units_f32(D0*D1, M, N, K).
 */
export function matmul_batched_f32(
  C: F32Ptr,
  A: F32Ptr,
  B: F32Ptr,
  D0: Count,
  D1: Count,
  M: Count,
  N: Count,
  K: Count,
  c_s0: Stride,
  c_s1: Stride,
  ldc: Stride,
  a_s0: Stride,
  a_s1: Stride,
  rs_a: Stride,
  cs_a: Stride,
  b_s0: Stride,
  b_s1: Stride,
  rs_b: Stride,
  cs_b: Stride,
  alpha: f32,
  acc: Flag,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const parts = batch_parts(D0 * D1, M);
  const part = ceil_div(ceil_div(M, parts), MR) * MR;
  const strips = work + <usize>align64(matmul_packed_bytes(K, N));
  const xs = (<usize>cs_a) << 2;
  const rs = (<usize>rs_b) << 2;
  const cs = (<usize>cs_b) << 2;
  let packed_offset = 0;
  let is_packed = false;
  for (let unit = begin; unit < end; ++unit) {
    const d = unit / parts;
    const i = d / D1;
    const j = d % D1;
    const from = (unit % parts) * part;
    const to = min(M, from + part);
    const b_offset = i * b_s0 + j * b_s1;
    const b = B + ((<usize>b_offset) << 2);
    let c = C + ((<usize>(i * c_s0 + j * c_s1 + from * ldc)) << 2);
    let a = A + ((<usize>(i * a_s0 + j * a_s1 + from * rs_a)) << 2);
    if (M == 1) {
      row_product(c, a, xs, b, 0, N, N, K, rs, cs, alpha, 0, acc);
      continue;
    }
    if (!is_packed || packed_offset != b_offset) {
      matmul_pack_f32(work, b, K, N, rs_b, cs_b, 0, ceil_div(N, NR));
      packed_offset = b_offset;
      is_packed = true;
    }
    for (let m = from; m < to; m += ROWS) {
      block_product(c, a, work, 0, min(ROWS, to - m), N, K, ldc, rs_a, cs_a, alpha, 0, acc, strips);
      c += (<usize>(ROWS * ldc)) << 2;
      a += (<usize>(ROWS * rs_a)) << 2;
    }
  }
}
