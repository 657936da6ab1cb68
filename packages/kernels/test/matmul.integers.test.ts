// Integer products against plain loops that wrap at 32 bits: every tail, strided A, shared B, cut at every row.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const values = (n: number, factor: number): Int32Array =>
  Int32Array.from({ length: n }, (_, i) => Math.imul(i + 3, factor) >> 7);

forEachBuild((_, k, arena) => {
  test.for([1, 3, 4, 5, 7, 8, 9, 15, 16, 17, 33])("%i columns, wrapping", (N) => {
    const [D, M, K] = [2, 3, 5];
    const [left, right] = [values(D * M * K, 0x9e3779b1), values(K * N, 0x85ebca6b)];
    // A transposed in memory: element (m, k) of product d at (d K + k) M + m.
    const turned = left.map((_, at) => {
      const [m, rest] = [at % M, Math.floor(at / M)];
      return left[(Math.floor(rest / K) * M + m) * K + (rest % K)];
    });
    const C = arena.i32(D * M * N);
    const A = arena.i32(turned);
    const B = arena.i32(right);
    const rows = arena.layout([D], M, [M * N, N], [K * M, 1], [0, 0]);
    arena.everySplit(D * M, (begin, end) => k.matmul_i32(C, A, B, rows, N, K, M, N, begin, end), C);
    const expected = Int32Array.from({ length: D * M * N }, (_, at) => {
      const [n, r] = [at % N, Math.floor(at / N)];
      let sum = 0;
      for (let i = 0; i < K; i++) sum = (sum + Math.imul(left[r * K + i], right[i * N + n])) | 0;
      return sum;
    });
    expect(arena.read(C)).toEqual(expected);
  });

  test("no inner elements give zeros; B ends with memory", () => {
    const C = arena.i32(6);
    const B = arena.atEndOfMemory(Int32Array.of(1, 2, 3, 4, 5, 6));
    const rows = arena.layout([], 2, [3], [0], [0]);
    k.matmul_i32(C, B, B, rows, 3, 0, 1, 3, 0, 2);
    expect([...arena.read(C)]).toEqual([0, 0, 0, 0, 0, 0]);
    k.matmul_i32(C, B, B, rows, 3, 2, 1, 3, 0, 2);
    expect([...arena.view(C)]).toEqual([9, 12, 15, 9, 12, 15]);
  });
});
