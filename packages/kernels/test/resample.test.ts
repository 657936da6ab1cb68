// Weighted sums along an axis against float64, along rows and columns, short and long tables, cut at every unit.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const values = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 53) % 31) / 9 - 1.6));

forEachBuild((_, k, arena) => {
  test.for([1, 2, 15, 16, 17, 33, 70])("%i weights", (n) => {
    for (const inner of [1, 2, 4, 5, 16, 19, 33]) {
      for (const acc of [0, 1]) {
        const [outer, L, O] = [5, n + 2, 3];
        const data = values(outer * L * inner);
        // The second output has no inputs at all.
        const table = Int32Array.of(0, 1, 2, n, 0, n, 1, 0, 0);
        const weights = values(n + 1);
        const pointers = [arena.f32(data), arena.i32(table), arena.f32(weights)] as const;
        const y = arena.f32(new Float32Array(outer * O * inner).fill(2));
        const run = (begin: number, end: number): void =>
          k.resample_f32(y, ...pointers, outer, L, O, inner, acc, begin, end);
        arena.everySplit(inner === 1 ? 2 : outer * O, run, y);
        for (const [i, got] of arena.read(y).entries()) {
          const [p, o, column] = [Math.floor(i / (O * inner)), Math.floor(i / inner) % O, i % inner];
          let [wanted, size] = [2 * acc, 2];
          for (let j = 0; j < table[O + o]; j++) {
            const term = weights[table[2 * O + o] + j] * data[(p * L + table[o] + j) * inner + column];
            wanted += term;
            size += Math.abs(term);
          }
          expect(Math.abs(got - wanted)).toBeLessThanOrEqual(12 * 2 ** -24 * size);
        }
        arena.reset();
      }
    }
  });

  test("reads nothing behind the last element", () => {
    const y = arena.f32(3);
    const table = arena.i32(Int32Array.of(0, 2, 0));
    const weights = arena.f32(Float32Array.of(1, 2));
    const edge = arena.atEndOfMemory(Float32Array.of(1, 2, 3, 4, 5, 6));
    k.resample_f32(y, edge, table, weights, 3, 2, 1, 1, 0, 0, 1);
    expect([...arena.read(y)]).toEqual([5, 11, 17]);
  });
});
