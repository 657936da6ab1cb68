// The matrix product against float64 over sizes that cross every tile, strip, panel and k-block, in every
// placement of its operands, and its promise that an element's bits depend on its row, its column and K
// alone.

import { describe, expect, test } from "vitest";
import type { F32Ptr, Kernels } from "../src/generated/bindings.ts";
import { type Arena, firstDifference, forEachBuild } from "./harness.ts";
import { element, forms, type Matrix, matrix, noise, product, worst } from "./matmul.reference.ts";

const NONE = 0 as F32Ptr;
const sizes = [1, 2, 3, 5, 6, 7, 8, 9, 12, 13, 17, 31, 33, 65];
const depths = [0, 1, 2, 255, 256, 257, 600];
/** Several row blocks, several column units, K > DEPTH, more than COLUMNS columns, and edges of all. */
const large: readonly (readonly [number, number, number])[] = [
  [200, 70, 300],
  [97, 130, 64],
  [13, 530, 1100],
  [2, 700, 513],
  [101, 33, 2100],
];

/** Address of element (0, 0) of a matrix placed in the arena. */
const place = (arena: Arena, m: Matrix): F32Ptr => (arena.f32(m.data) + 4 * m.start) as F32Ptr;

function pack(k: Kernels, arena: Arena, b: Matrix): F32Ptr {
  const packed = arena.f32(k.matmul_packed_bytes(b.rows, b.columns) / 4);
  k.matmul_pack_f32(packed, place(arena, b), b.rows, b.columns, b.rs, b.cs, 0, Math.ceil(b.columns / 8));
  return packed;
}

interface Options {
  readonly bias?: F32Ptr;
  readonly act?: number;
  readonly acc?: number;
  readonly ldc?: number;
}

/** matmul_f32 of a placed A and a packed B over units [begin, end). */
function multiply(
  k: Kernels,
  arena: Arena,
  c: F32Ptr,
  a: Matrix,
  packed: F32Ptr,
  N: number,
  options: Options = {},
) {
  const { bias = NONE, act = 0, acc = 0, ldc = N } = options;
  const [M, K] = [a.rows, a.columns];
  const A = place(arena, a);
  const work = arena.work(k.matmul_work_f32(M, N, K));
  const units = k.matmul_units_f32(M, N, K);
  const run = (begin: number, end: number) =>
    k.matmul_f32(c, A, packed, bias, M, N, K, ldc, a.rs, a.cs, act, acc, work, begin, end);
  return { units, run, all: () => run(0, units) };
}

forEachBuild((name, k, arena) => {
  describe("matmul", () => {
    test.each(depths)("is exact enough, and has the same bits at all sizes, K = %i", (K) => {
      const most = 65;
      const [a, b] = [matrix(most, K, "rows", 1), matrix(K, most, "rows", 2)];
      const { sums, sizes: bound } = product(a, b);
      const whole = arena.f32(most * most);
      multiply(k, arena, whole, a, pack(k, arena, b), most).all();
      const expected = arena.read(whole);
      expect(worst(expected, sums, bound, K)).toBeLessThanOrEqual(1);
      arena.checkSentinels();
      for (const M of sizes) {
        for (const N of sizes) {
          arena.reset();
          const c = arena.f32(M * N, { misaligned: true });
          const packed = pack(k, arena, { ...b, columns: N });
          multiply(k, arena, c, { ...a, rows: M }, packed, N).all();
          const corner = Float32Array.from(
            { length: M * N },
            (_, i) => expected[Math.floor(i / N) * most + (i % N)],
          );
          expect(firstDifference(arena.read(c), corner), `${M}x${K}x${N}`).toBe(-1);
          arena.checkSentinels();
        }
      }
    });

    test("reads A and B in any placement and writes a slice of a wider C", () => {
      const [M, K, N, ldc] = [19, 41, 29, 37];
      for (const formA of forms) {
        for (const formB of forms) {
          const [a, b] = [matrix(M, K, formA, 1), matrix(K, N, formB, 2)];
          const { sums, sizes: bound } = product(a, b);
          const c = arena.f32(noise(M * ldc, 3));
          multiply(k, arena, c, a, pack(k, arena, b), N, { ldc }).all();
          const wide = arena.read(c);
          const got = Float32Array.from({ length: M * N }, (_, i) => wide[Math.floor(i / N) * ldc + (i % N)]);
          expect(worst(got, sums, bound, K), `${formA} x ${formB}`).toBeLessThanOrEqual(1);
          const gap = noise(M * ldc, 3).filter((_, i) => i % ldc >= N);
          expect(wide.filter((_, i) => i % ldc >= N)).toEqual(gap);
          arena.reset();
        }
      }
    });

    test("has the same bits in every placement of A and B", () => {
      const [M, K, N] = [23, 301, 21];
      const [a, b] = [matrix(M, K, "rows", 1), matrix(K, N, "rows", 2)];
      const expected = arena.f32(M * N);
      multiply(k, arena, expected, a, pack(k, arena, b), N).all();
      for (const form of forms) {
        const copy = (m: Matrix): Matrix => {
          const to = matrix(m.rows, m.columns, form, 9);
          for (let i = 0; i < m.rows; i++) {
            for (let j = 0; j < m.columns; j++) to.data[to.start + i * to.rs + j * to.cs] = element(m, i, j);
          }
          return to;
        };
        const c = arena.f32(M * N);
        multiply(k, arena, c, copy(a), pack(k, arena, copy(b)), N).all();
        expect(firstDifference(arena.read(c), arena.read(expected)), form).toBe(-1);
      }
    });

    test.each(large)("can be cut anywhere: %i x N %i, K %i", (M, N, K) => {
      const [a, b] = [matrix(M, K, "rows", 5), matrix(K, N, "rows", 6)];
      const packed = pack(k, arena, b);
      const c = arena.f32(M * N);
      const { units, run } = multiply(k, arena, c, a, packed, N);
      expect(units).toBeGreaterThanOrEqual(8);
      arena.everySplit(units, run, c);
      const { sums, sizes: bound } = product(a, b);
      expect(worst(arena.read(c), sums, bound, K)).toBeLessThanOrEqual(1);
    });

    test.each(large)("adds the finished sum once when acc = 1: %i x N %i, K %i", (M, N, K) => {
      const a = matrix(M, K, "columns", 5);
      const packed = pack(k, arena, matrix(K, N, "columns", 6));
      const [c, sum] = [arena.f32(noise(M * N, 7)), arena.f32(M * N)];
      multiply(k, arena, sum, a, packed, N).all();
      const { units, run } = multiply(k, arena, c, a, packed, N, { acc: 1 });
      const expected = noise(M * N, 7).map((x, i) => x + arena.view(sum)[i]);
      arena.everySplit(units, run, c);
      expect(firstDifference(arena.read(c), expected)).toBe(-1);
    });

    test("gives a row the same bits whatever M is", () => {
      for (const [N, K] of [
        [19, 40],
        [40, 600],
      ]) {
        const b = matrix(K, N, "rows", 2);
        const packed = pack(k, arena, b);
        const whole = arena.f32(110 * N);
        multiply(k, arena, whole, matrix(110, K, "rows", 1), packed, N).all();
        for (let M = 1; M < 25; M++) {
          const c = arena.f32(M * N);
          multiply(k, arena, c, matrix(M, K, "rows", 1), packed, N).all();
          expect(firstDifference(arena.read(c), arena.read(whole).slice(0, M * N)), `M = ${M}`).toBe(-1);
        }
        arena.reset();
      }
    });

    test("adds the bias after the sum, and applies the elementwise kernels' own activations", () => {
      const unary = [k.relu_f32, k.gelu_f32, k.gelu_tanh_f32, k.silu_f32];
      for (const [M, N, K] of [
        [14, 21, 30],
        [9, 64, 300],
        [3, 5, 0],
      ]) {
        const [a, packed] = [matrix(M, K, "rows", 1), pack(k, arena, matrix(K, N, "rows", 2))];
        const bias = arena.f32(noise(N, 3));
        const [sum, c, plain, expected] = [1, 2, 3, 4].map(() => arena.f32(M * N));
        multiply(k, arena, sum, a, packed, N).all();
        multiply(k, arena, plain, a, packed, N, { bias }).all();
        const biased = arena.read(sum).map((x, i) => x + noise(N, 3)[i % N]);
        expect(firstDifference(arena.read(plain), biased), `bias, K = ${K}`).toBe(-1);
        const layout = arena.layout([], M * N, [1], [1]);
        for (const [i, activate] of unary.entries()) {
          for (const [from, options] of [
            [plain, { bias }],
            [sum, {}],
          ] as const) {
            multiply(k, arena, c, a, packed, N, { ...options, act: i + 1 }).all();
            activate(expected, from, layout, 0, M * N);
            expect(firstDifference(arena.read(c), arena.read(expected)), `act ${i + 1}, K = ${K}`).toBe(-1);
          }
        }
        arena.checkSentinels();
        arena.reset();
      }
    });

    test("keeps NaN and Infinity in their row and column, and lets none out of the padding", () => {
      const [M, N, K] = [13, 21, 70];
      for (const [value, at] of [
        [Number.NaN, 0],
        [Number.POSITIVE_INFINITY, K - 1],
      ]) {
        const [a, b] = [matrix(M, K, "rows", 1), matrix(K, N, "rows", 2)];
        a.data[(M - 1) * K + at] = value;
        b.data[at * N + N - 1] = value;
        const c = arena.f32(M * N);
        multiply(k, arena, c, a, pack(k, arena, b), N).all();
        const { sums } = product(a, b);
        const kinds = (x: ArrayLike<number>) => Array.from(x, (v) => (Number.isFinite(v) ? 0 : v));
        expect(kinds(arena.read(c))).toEqual(kinds(sums));
        expect(kinds(arena.read(c)).filter((v) => v !== 0)).toHaveLength(M + N - 1);
        arena.reset();
      }
    });

    test("reads nothing behind A", () => {
      const [N, K] = [9, 23];
      for (const M of [1, 2, 3, 5, 7, 17]) {
        for (const form of ["rows", "columns", "gaps"] as const) {
          const [a, b] = [matrix(M, K, form, 1), matrix(K, N, "rows", 2)];
          const packed = pack(k, arena, b);
          const c = arena.f32(M * N);
          const work = arena.work(k.matmul_work_f32(M, N, K));
          const A = arena.atEndOfMemory(a.data);
          const units = k.matmul_units_f32(M, N, K);
          k.matmul_f32(c, A, packed, NONE, M, N, K, N, a.rs, a.cs, 0, 0, work, 0, units);
          const { sums, sizes: bound } = product(a, b);
          expect(worst(arena.read(c), sums, bound, K)).toBeLessThanOrEqual(1);
          arena.checkSentinels();
          arena.reset();
        }
      }
    });

    test.each([768, 1000, 1004])("touches panels to come, but nothing behind B, K = %i", (K) => {
      const N = 64 * 6;
      const most = 49;
      const packed = arena.read(pack(k, arena, matrix(K, N, "rows", 2)));
      arena.reset();
      const whole = arena.f32(most * N);
      const B = arena.atEndOfMemory(packed);
      multiply(k, arena, whole, matrix(most, K, "rows", 1), B, N).all();
      for (const M of [2, 6, 7, 16, 32, 48]) {
        const c = arena.f32(M * N);
        const { units, run } = multiply(k, arena, c, matrix(M, K, "rows", 1), B, N);
        for (const cut of [0, units >> 1]) {
          run(0, cut);
          run(cut, units);
          expect(firstDifference(arena.read(c), arena.read(whole).slice(0, M * N)), `M = ${M}`).toBe(-1);
        }
      }
      arena.checkSentinels();
    });

    test("makes enough even units for two threads", () => {
      for (const [M, N, K] of [
        [16, 768, 768],
        [128, 768, 768],
        [512, 512, 512],
        [768, 128, 128],
        [128, 512, 768],
        [1000, 2, 64],
        [101, 33, 2100],
      ]) {
        expect(k.matmul_units_f32(M, N, K), `${M}x${K}x${N}`).toBeGreaterThanOrEqual(8);
      }
      expect(k.matmul_units_f32(4, 4, 4)).toBe(1);
    });

    test("does nothing for an empty C", () => {
      for (const [M, N] of [
        [0, 8],
        [8, 0],
      ]) {
        expect(k.matmul_units_f32(M, N, 8) + k.matmul_work_f32(M, N, 8)).toBe(0);
        k.matmul_f32(NONE, NONE, NONE, NONE, M, N, 8, N, 8, 1, 0, 0, arena.work(0), 0, 0);
      }
    });
  });

  test(`the probes of the ${name} build return what they computed`, () => {
    const x = noise(320, 1);
    const expected = x.reduce((sum, v) => sum + v, 0);
    expect(k.stream_read_f32(arena.f32(x), 320)).toBeCloseTo(expected, 4);
    // c = c * 0.5 + 0.25, then c * 0.25 + 0.5: after many pairs all 48 chains stand at 0.25 * 0.5 / 0.875 +
    // 0.5 …
    expect(k.fma_peak_f32(200)).toBeCloseTo(48 * (0.5625 / 0.875), 4);
  });
});
