// Six matrix products, each one idea further than the last; the seventh is the shipped one. All compute C (M,
// N) = A (M, K) B (K, N), dense and row-major, M and K multiples of 4, N of 8. Told in lab/matmul.ts.

import { matmul_f32, matmul_pack_f32, matmul_packed_bytes, matmul_units_f32 } from "../../assembly/matmul";
import { madd } from "../../assembly/simd/madd";

export { fma_peak_f32 } from "../../assembly/probe";

export function v1_definition(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  for (let m = 0; m < M; ++m) {
    for (let n = 0; n < N; ++n) {
      let sum: f32 = 0;
      for (let k = 0; k < K; ++k) sum += load<f32>(A + 4 * (m * K + k)) * load<f32>(B + 4 * (k * N + n));
      store<f32>(C + 4 * (m * N + n), sum);
    }
  }
}

export function v2_rows(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  memory.fill(C, 0, 4 * M * N);
  for (let m = 0; m < M; ++m) {
    for (let k = 0; k < K; ++k) {
      const a = load<f32>(A + 4 * (m * K + k));
      let c = C + 4 * m * N;
      let b = B + 4 * k * N;
      for (let n = 0; n < N; ++n) {
        store<f32>(c, load<f32>(c) + a * load<f32>(b));
        c += 4;
        b += 4;
      }
    }
  }
}

export function v3_lanes(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  memory.fill(C, 0, 4 * M * N);
  for (let m = 0; m < M; ++m) {
    for (let k = 0; k < K; ++k) {
      const a = v128.load32_splat(A + 4 * (m * K + k));
      let c = C + 4 * m * N;
      let b = B + 4 * k * N;
      for (let n = 0; n < N; n += 4) {
        v128.store(c, madd(a, v128.load(b), v128.load(c)));
        c += 16;
        b += 16;
      }
    }
  }
}

/** A 4x8 tile of C in registers, one k-step per turn; b advances by `step` bytes from k to k. */
function tile(c: usize, a: usize, b: usize, step: usize, N: i32, K: i32): void {
  const row = <usize>(4 * K);
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k = 0; k < K; ++k) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = v128.load32_splat(a + row);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = v128.load32_splat(a + 2 * row);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = v128.load32_splat(a + 3 * row);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    a += 4;
    b += step;
  }
  const next = <usize>(4 * N);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + next, c10);
  v128.store(c + next, c11, 16);
  v128.store(c + 2 * next, c20);
  v128.store(c + 2 * next, c21, 16);
  v128.store(c + 3 * next, c30);
  v128.store(c + 3 * next, c31, 16);
}

export function v4_tile(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  for (let n = 0; n < N; n += 8) {
    for (let m = 0; m < M; m += 4) tile(C + 4 * (m * N + n), A + 4 * m * K, B + 4 * n, 4 * N, N, K);
  }
}

export function v5_panels(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  matmul_pack_f32(work, B, K, N, N, 1, 0, N >> 3);
  for (let n = 0; n < N; n += 8) {
    for (let m = 0; m < M; m += 4) tile(C + 4 * (m * N + n), A + 4 * m * K, work + 4 * n * K, 32, N, K);
  }
}

/** Four k-steps per turn of a 4x8 tile over a panel, otherwise `tile`; K a multiple of 4. */
function tile_unrolled(c: usize, a: usize, b: usize, N: i32, K: i32): void {
  const row = <usize>(4 * K);
  let c00 = f32x4.splat(0);
  let c01 = c00;
  let c10 = c00;
  let c11 = c00;
  let c20 = c00;
  let c21 = c00;
  let c30 = c00;
  let c31 = c00;
  for (let k = 0; k < K; k += 4) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const d0 = v128.load(b, 32);
    const d1 = v128.load(b, 48);
    const e0 = v128.load(b, 64);
    const e1 = v128.load(b, 80);
    const f0 = v128.load(b, 96);
    const f1 = v128.load(b, 112);
    let x = v128.load32_splat(a);
    let y = v128.load32_splat(a, 4);
    let z = v128.load32_splat(a, 8);
    let w = v128.load32_splat(a, 12);
    c00 = madd(w, f0, madd(z, e0, madd(y, d0, madd(x, b0, c00))));
    c01 = madd(w, f1, madd(z, e1, madd(y, d1, madd(x, b1, c01))));
    x = v128.load32_splat(a + row);
    y = v128.load32_splat(a + row, 4);
    z = v128.load32_splat(a + row, 8);
    w = v128.load32_splat(a + row, 12);
    c10 = madd(w, f0, madd(z, e0, madd(y, d0, madd(x, b0, c10))));
    c11 = madd(w, f1, madd(z, e1, madd(y, d1, madd(x, b1, c11))));
    x = v128.load32_splat(a + 2 * row);
    y = v128.load32_splat(a + 2 * row, 4);
    z = v128.load32_splat(a + 2 * row, 8);
    w = v128.load32_splat(a + 2 * row, 12);
    c20 = madd(w, f0, madd(z, e0, madd(y, d0, madd(x, b0, c20))));
    c21 = madd(w, f1, madd(z, e1, madd(y, d1, madd(x, b1, c21))));
    x = v128.load32_splat(a + 3 * row);
    y = v128.load32_splat(a + 3 * row, 4);
    z = v128.load32_splat(a + 3 * row, 8);
    w = v128.load32_splat(a + 3 * row, 12);
    c30 = madd(w, f0, madd(z, e0, madd(y, d0, madd(x, b0, c30))));
    c31 = madd(w, f1, madd(z, e1, madd(y, d1, madd(x, b1, c31))));
    a += 16;
    b += 128;
  }
  const next = <usize>(4 * N);
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c + next, c10);
  v128.store(c + next, c11, 16);
  v128.store(c + 2 * next, c20);
  v128.store(c + 2 * next, c21, 16);
  v128.store(c + 3 * next, c30);
  v128.store(c + 3 * next, c31, 16);
}

export function v6_unrolled(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  matmul_pack_f32(work, B, K, N, N, 1, 0, N >> 3);
  for (let n = 0; n < N; n += 8) {
    for (let m = 0; m < M; m += 4) tile_unrolled(C + 4 * (m * N + n), A + 4 * m * K, work + 4 * n * K, N, K);
  }
}

export function v7_shipped(C: usize, A: usize, B: usize, M: i32, N: i32, K: i32, work: usize): void {
  matmul_pack_f32(work, B, K, N, N, 1, 0, (N + 7) >> 3);
  const strips = work + ((matmul_packed_bytes(K, N) + 63) & ~63);
  matmul_f32(C, A, work, 0, M, N, K, N, K, 1, 0, 0, strips, 0, matmul_units_f32(M, N, K));
}
