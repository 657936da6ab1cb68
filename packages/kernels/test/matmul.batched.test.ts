// Batches of products and single rows: the same numbers, to the bit, as the product of packed panels.

import { describe, expect, test } from "vitest";
import type { F32Ptr } from "../src/generated/bindings.ts";
import { firstDifference, forEachBuild } from "./harness.ts";
import { element, forms, type Matrix, matrix, noise, product, worst } from "./matmul.reference.ts";

const NONE = 0 as F32Ptr;
const columns = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 50, 65, 100];
/** Longer rows or columns are streamed, in an order of summation of their own. */
const LONG = 256;
const depths = [0, 1, 2, 3, 4, 5, 7, 64, 255, 256, 257, 600];

forEachBuild((_name, k, arena) => {
  describe("matvec", () => {
    test.each(depths)("equals a row of the packed product, K = %i", (K) => {
      for (const N of columns) {
        const [a, b] = [matrix(2, K, "rows", 1), matrix(K, N, "rows", 2)];
        const B = arena.f32(b.data);
        const [x, c, bias] = [arena.f32(a.data), arena.f32(2 * N), arena.f32(noise(N, 3))];
        const packed = arena.f32(k.matmul_packed_bytes(K, N) / 4);
        const work = arena.work(k.matmul_work_f32(2, N, K));
        k.matmul_pack_f32(packed, B, K, N, N, 1, 0, Math.ceil(N / 8));
        k.matmul_f32(c, x, packed, bias, 2, N, K, N, K, 1, 4, 0, work, 0, k.matmul_units_f32(2, N, K));
        const expected = arena.read(c).slice(0, N);

        const units = k.matvec_packed_units_f32(N);
        for (const backwards of [0, 1]) {
          const out = arena.f32(N, { misaligned: backwards === 1 });
          const run = (i: number, j: number): void =>
            k.matvec_packed_f32(out, x, packed, bias, N, K, 4, 0, backwards, i, j);
          arena.everySplit(units, run, out);
          expect(firstDifference(arena.read(out), expected), `packed, N = ${N}`).toBe(-1);
        }
        const y = arena.f32(N, { misaligned: true });
        for (const form of K > LONG ? [] : forms) {
          const to = relaid(b, form);
          const at = (arena.f32(to.data) + 4 * to.start) as F32Ptr;
          const parts = k.matvec_units_f32(N);
          arena.everySplit(parts, (i, j) => k.matvec_f32(y, x, at, bias, N, K, to.rs, to.cs, 4, 0, i, j), y);
          expect(firstDifference(arena.read(y), expected), `${form}, N = ${N}`).toBe(-1);
        }
        arena.checkSentinels();
        arena.reset();
      }
    });

    test.each([
      [1, 257],
      [7, 300],
      [8, 1000],
      [37, 257],
      [257, 1],
      [258, 6],
      [303, 35],
      [600, 263],
      [1031, 20],
    ])("streams long rows and columns: K = %i, N = %i", (K, N) => {
      const x = arena.f32(noise(K, 1));
      const bias = arena.f32(noise(N, 3));
      const expected = (b: Matrix) => {
        const { sums, sizes } = product({ ...matrix(1, K, "rows", 1), data: noise(K, 1) }, b);
        return { sums: sums.map((v, n) => v + noise(N, 3)[n]), sizes: sizes.map((v) => v + 1) };
      };
      for (const form of forms) {
        const b = matrix(K, N, form, 2);
        const B = (arena.f32(b.data) + 4 * b.start) as F32Ptr;
        const y = arena.f32(N, { misaligned: true });
        const units = k.matvec_units_f32(N);
        arena.everySplit(units, (i, j) => k.matvec_f32(y, x, B, bias, N, K, b.rs, b.cs, 0, 0, i, j), y);
        const { sums, sizes } = expected(b);
        expect(worst(arena.read(y), sums, sizes, K), form).toBeLessThanOrEqual(1);

        const added = arena.f32(noise(N, 3));
        const none = 0 as F32Ptr;
        arena.everySplit(
          units,
          (i, j) => k.matvec_f32(added, x, B, none, N, K, b.rs, b.cs, 0, 1, i, j),
          added,
        );
        expect(worst(arena.read(added), sums, sizes, K), `${form}, acc`).toBeLessThanOrEqual(1);
      }
    });

    test("keeps NaN and Infinity of a long B in their column", () => {
      const [K, N] = [301, 270];
      const b = matrix(K, N, "rows", 2);
      b.data[(K - 1) * N + 3] = Number.POSITIVE_INFINITY;
      b.data[7 * N + N - 1] = Number.NaN;
      const x = arena.f32(new Float32Array(K).fill(1));
      for (const form of ["rows", "columns"] as const) {
        const to = relaid(b, form);
        const y = arena.f32(N);
        const B = arena.f32(to.data);
        k.matvec_f32(y, x, B, NONE, N, K, to.rs, to.cs, 0, 0, 0, k.matvec_units_f32(N));
        const odd = Array.from(arena.read(y), (v, n) => (Number.isFinite(v) ? "" : `${n}: ${v}`)).filter(
          Boolean,
        );
        expect(odd).toEqual(["3: Infinity", `${N - 1}: NaN`]);
      }
    });

    test("adds to y when acc = 1", () => {
      const [K, N] = [300, 45];
      const b = matrix(K, N, "rows", 2);
      const [x, B] = [arena.f32(noise(K, 1)), arena.f32(b.data)];
      const packed = arena.f32(k.matmul_packed_bytes(K, N) / 4);
      k.matmul_pack_f32(packed, B, K, N, N, 1, 0, 6);
      const [once, added] = [arena.f32(N), arena.f32(noise(N, 9))];
      k.matvec_f32(once, x, B, NONE, N, K, N, 1, 0, 0, 0, 2);
      const expected = arena.read(once).map((v, i) => noise(N, 9)[i] + v);
      arena.everySplit(2, (i, j) => k.matvec_f32(added, x, B, NONE, N, K, N, 1, 0, 1, i, j), added);
      expect(firstDifference(arena.read(added), expected)).toBe(-1);
      const again = arena.f32(noise(N, 9));
      arena.everySplit(2, (i, j) => k.matvec_packed_f32(again, x, packed, NONE, N, K, 0, 1, 0, i, j), again);
      expect(firstDifference(arena.read(again), expected)).toBe(-1);
    });

    test("reads nothing behind B", () => {
      for (const form of ["rows", "columns", "gaps", "strided"] as const) {
        for (const [K, N] of [
          [7, 45],
          [9, 16],
          [5, 3],
          [9, 259],
          [259, 5],
        ]) {
          const b = matrix(K, N, form, 2);
          const [x, y] = [arena.f32(noise(K, 1)), arena.f32(N)];
          const B = arena.atEndOfMemory(b.data);
          k.matvec_f32(y, x, B, NONE, N, K, b.rs, b.cs, 0, 0, 0, k.matvec_units_f32(N));
          const { sums, sizes } = product({ ...matrix(1, K, "rows", 1) }, b);
          expect(worst(arena.read(y), sums, sizes, K)).toBeLessThanOrEqual(1);
          arena.checkSentinels();
          arena.reset();
        }
      }
    });
  });

  describe("batched", () => {
    /** [D0, D1, M, N, K, form of A, form of B, broadcast A, broadcast B] */
    const cases = [
      [2, 3, 5, 9, 7, "rows", "rows", false, false],
      [2, 3, 64, 33, 32, "rows", "columns", false, false],
      [3, 2, 13, 16, 65, "columns", "rows", false, true],
      [1, 2, 100, 20, 257, "gaps", "strided", true, false],
      [1, 1, 130, 24, 300, "rows", "columns", false, false],
      [2, 2, 1, 50, 37, "rows", "columns", false, false],
      [2, 2, 1, 50, 300, "columns", "rows", false, true],
      [1, 3, 1, 290, 270, "rows", "rows", false, false],
      [1, 3, 1, 90, 270, "rows", "columns", false, false],
      [2, 2, 1, 17, 0, "rows", "rows", false, false],
      [1, 9, 6, 8, 0, "rows", "rows", false, false],
      [1, 3, 7, 520, 1100, "rows", "rows", false, false],
    ] as const;

    test.each(cases)(
      "%i x %i of %i x N %i, K %i: A %s, B %s",
      (D0, D1, M, N, K, formA, formB, oneA, oneB) => {
        const [a0, b0] = [matrix(M, K, formA, 1), matrix(K, N, formB, 2)];
        const [sizeA, sizeB] = [a0.data.length, b0.data.length];
        const [dataA, dataB] = [noise(D0 * D1 * sizeA, 1), noise(D0 * D1 * sizeB, 2)];
        const [ldc, alpha] = [N + 2, Math.fround(0.3)];
        const [A, B] = [arena.f32(dataA), arena.f32(dataB)];
        const work = arena.work(k.matmul_batched_work_f32(M, N, K));
        const units = k.matmul_batched_units_f32(D0 * D1, M, N, K);
        // C is laid out (D1, D0, M, ldc): the batch strides are not those of A and B.
        const [c_s0, c_s1] = [M * ldc, D0 * M * ldc];
        const [a_s0, a_s1] = oneA ? [0, 0] : [D1 * sizeA, sizeA];
        const [b_s0, b_s1] = oneB ? [0, 0] : [D1 * sizeB, sizeB];
        const call = (C: F32Ptr, scale: number, acc: number) => (begin: number, end: number) =>
          k.matmul_batched_f32(
            ...([C, A, B, D0, D1, M, N, K, c_s0, c_s1, ldc, a_s0, a_s1, a0.rs, a0.cs] as const),
            ...([b_s0, b_s1, b0.rs, b0.cs, scale, acc, work, begin, end] as const),
          );
        const old = noise(D0 * D1 * M * ldc, 8);
        const [c, scaled, added] = [arena.f32(old), arena.f32(old), arena.f32(old)];
        arena.everySplit(units, call(c, 1, 0), c);
        arena.everySplit(units, call(scaled, alpha, 0), scaled);
        arena.everySplit(units, call(added, alpha, 1), added);

        const results = arena.read(c);
        for (let d = 0; d < D0 * D1; d++) {
          const a = { ...a0, data: oneA ? dataA : dataA.subarray(d * sizeA) };
          const b = { ...b0, data: oneB ? dataB : dataB.subarray(d * sizeB) };
          const { sums, sizes } = product(a, b);
          const base = Math.floor(d / D1) * c_s0 + (d % D1) * c_s1;
          const got = sums.map((_, i) => results[base + Math.floor(i / N) * ldc + (i % N)]);
          expect(worst(got, sums, sizes, K), `product ${d}`).toBeLessThanOrEqual(1);
        }
        const inside = (i: number) => i % ldc < N;
        expect(results.filter((_, i) => !inside(i))).toEqual(old.filter((_, i) => !inside(i)));
        const times = results.map((x, i) => (inside(i) ? alpha * x : x));
        expect(firstDifference(arena.read(scaled), times)).toBe(-1);
        const sum = times.map((x, i) => (inside(i) ? old[i] + x : x));
        expect(firstDifference(arena.read(added), sum)).toBe(-1);
      },
    );

    test("has the bits of the packed product", () => {
      const [M, N, K] = [30, 27, 400];
      const [a, b] = [matrix(M, K, "rows", 1), matrix(K, N, "rows", 2)];
      const [A, B, c, expected] = [arena.f32(a.data), arena.f32(b.data), arena.f32(M * N), arena.f32(M * N)];
      const packed = arena.f32(k.matmul_packed_bytes(K, N) / 4);
      k.matmul_pack_f32(packed, B, K, N, N, 1, 0, Math.ceil(N / 8));
      const work = arena.work(k.matmul_work_f32(M, N, K));
      const scratch = arena.work(k.matmul_batched_work_f32(M, N, K));
      k.matmul_f32(expected, A, packed, NONE, M, N, K, N, K, 1, 0, 0, work, 0, k.matmul_units_f32(M, N, K));
      const units = k.matmul_batched_units_f32(1, M, N, K);
      k.matmul_batched_f32(c, A, B, 1, 1, M, N, K, 0, 0, N, 0, 0, K, 1, 0, 0, N, 1, 1, 0, scratch, 0, units);
      expect(firstDifference(arena.read(c), arena.read(expected))).toBe(-1);
      const row = arena.f32(N);
      k.matmul_batched_f32(row, A, B, 1, 1, 1, N, K, 0, 0, N, 0, 0, K, 1, 0, 0, N, 1, 1, 0, scratch, 0, 1);
      expect(firstDifference(arena.read(row), arena.read(expected).slice(0, N))).toBe(-1);
    });
  });
});

/** The same elements in another placement. */
function relaid(m: Matrix, form: (typeof forms)[number]): Matrix {
  const to = matrix(m.rows, m.columns, form, 9);
  for (let i = 0; i < m.rows; i++) {
    for (let j = 0; j < m.columns; j++) to.data[to.start + i * to.rs + j * to.cs] = element(m, i, j);
  }
  return to;
}
