// Rotary turns and their tables against float64: every tail, both kinds of pairs, back again, added to, rows apart, in
// place, cut at every row.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import { normal, range, U } from "./rows.reference.ts";

/** Element i of a row turned by its table row. */
function turned(
  x: Float32Array,
  table: Float32Array,
  half: number,
  interleaved: boolean,
  sign: number,
): number[] {
  return range(x.length).map((i) => {
    if (i >= 2 * half) return x[i];
    const pair = interleaved ? i >> 1 : i % half;
    const first = interleaved ? i % 2 === 0 : i < half;
    const other = x[interleaved ? i ^ 1 : (i + half) % (2 * half)];
    return x[i] * table[pair] + (first ? -sign : sign) * other * table[half + pair];
  });
}

forEachBuild((_, k, arena) => {
  test.for([0, 1, 2, 3, 4, 5, 8, 9, 17, 33])("%i pairs a row, rows apart, both kinds and ways", (half) => {
    const [rows, D] = [3, 2 * half + 3];
    const data = normal(rows * (D + 2), 1, half + 1);
    const angles = normal(rows * 2 * half, 1, half + 2);
    for (const [interleaved, reverse, acc] of range(8).map((i) => [i & 1, (i >> 1) & 1, i >> 2])) {
      const x = arena.f32(data, { misaligned: true });
      const y = arena.f32(new Float32Array(rows * D).fill(2));
      const table = arena.f32(angles);
      const layout = arena.layout([], rows, [D], [D + 2], [2 * half]);
      arena.everySplit(
        rows,
        (begin, end) => k.rotary_f32(y, x, table, layout, D, half, interleaved, reverse, acc, begin, end),
        y,
      );
      const got = arena.read(y);
      for (const r of range(rows)) {
        const row = data.subarray(r * (D + 2), r * (D + 2) + D);
        const line = angles.subarray(r * 2 * half, (r + 1) * 2 * half);
        for (const [i, value] of turned(row, line, half, interleaved === 1, reverse ? -1 : 1).entries())
          expect(Math.abs(got[r * D + i] - value - 2 * acc)).toBeLessThan(64 * U);
      }
      arena.reset();
    }
  });

  test("in place, at the end of memory", () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 7);
    const quarter = Float32Array.of(0, 0, 0, 1, 1, 1);
    for (const interleaved of [0, 1]) {
      const table = arena.f32(quarter);
      const layout = arena.layout([], 1, [7], [7], [0]);
      const x = arena.atEndOfMemory(data);
      k.rotary_f32(x, x, table, layout, 7, 3, interleaved, 0, 0, 0, 1);
      expect([...arena.view(x)]).toEqual(turned(data, quarter, 3, interleaved === 1, 1));
      arena.checkSentinels();
      arena.reset();
    }
  });

  test("a table: consecutive and given positions, sines and cosines where they were asked for", () => {
    const frequencies = [1, 0.1, 1e-3];
    const high = Float32Array.from(frequencies);
    const split = arena.f32([...high, ...frequencies.map((f, i) => f - high[i])]);
    const places = arena.i32([5, 0, 100000, 70]);
    const check = (positions: number[], at: typeof places, first: number) => {
      const y = arena.f32(new Float32Array(positions.length * 5).fill(9));
      const run = (begin: number, end: number) =>
        k.angle_table_f32(y, split, at, first, 3, 3, 2, 5, 0, 1, 2, 0.5, begin, end);
      arena.everySplit(positions.length, run, y);
      const wanted = positions.flatMap((p) =>
        range(5).map((i) => Math.fround(0.5 * (i % 2 ? Math.cos : Math.sin)(p * frequencies[i >> 1]))),
      );
      for (const [i, value] of arena.read(y).entries())
        expect(Math.abs(value - wanted[i])).toBeLessThanOrEqual(U / 2);
    };
    check([5, 0, 100000, 70], places, 0);
    check([1000, 1001, 1002], 0 as typeof places, 1000);
  });
});
