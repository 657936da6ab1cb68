// Values by distance laid along keys, and weights summed by distance, against plain loops: clipping at both ends, all
// distances clipped, queries before and behind the keys, shared rows, added to, cut at every row.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import { normal, range, rowBound } from "./rows.reference.ts";

const at = (s: number, position: number, k: number): number => Math.min(Math.max(s - position, -k), k) + k;

forEachBuild((_, k, arena) => {
  const sizes = [
    [3, 5, 2, 0],
    [5, 3, 2, 0],
    [4, 40, 3, 20],
    [4, 40, 30, 20],
    [2, 9, 0, 3],
    [3, 4, 2, 30],
    [1, 300, 8, 290],
    [6, 1, 4, 0],
  ];
  test.for(sizes)("T %i, S %i, k %i, past %i", ([T, S, far, past]) => {
    const R = 2 * far + 1;
    const rows = 2 * T;
    const values = normal(rows * (R + 1), 1, S);
    const weights = normal(rows * S, 1, S + 1);
    for (const acc of [0, 1]) {
      const x = arena.f32(values, { misaligned: true });
      const y = arena.f32(new Float32Array(rows * S).fill(2));
      const spread = arena.layout([], rows, [S], [R + 1]);
      arena.everySplit(
        rows,
        (begin, end) => k.relative_spread_f32(y, x, spread, T, S, far, past, acc, begin, end),
        y,
      );
      const wanted = range(rows * S).map((i) => {
        const [r, s] = [Math.floor(i / S), i % S];
        return Math.fround(values[r * (R + 1) + at(s, past + (r % T), far)] + (acc ? 2 : 0));
      });
      expect([...arena.read(y)]).toEqual(wanted);

      const w = arena.f32(weights);
      const sums = arena.f32(new Float32Array(rows * R).fill(2));
      const gather = arena.layout([], rows, [R], [S]);
      arena.everySplit(
        rows,
        (begin, end) => k.relative_sum_f32(sums, w, gather, T, S, far, past, acc, begin, end),
        sums,
      );
      const totals = new Float64Array(rows * R).fill(acc ? 2 : 0);
      for (const i of range(rows * S)) {
        const r = Math.floor(i / S);
        totals[r * R + at(i % S, past + (r % T), far)] += weights[i];
      }
      for (const [i, value] of arena.read(sums).entries())
        expect(Math.abs(value - totals[i])).toBeLessThan(rowBound(S) * S);
      arena.reset();
    }
  });

  test("one row for all queries", () => {
    const x = arena.f32([1, 2, 3]);
    const y = arena.f32(9);
    k.relative_spread_f32(y, x, arena.layout([], 3, [3], [0]), 3, 3, 1, 0, 0, 0, 3);
    expect([...arena.read(y)]).toEqual([2, 3, 3, 1, 2, 3, 1, 1, 2]);
  });
});
