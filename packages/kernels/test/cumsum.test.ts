// Running sums against float64, forward and reversed, dense and strided, added to, in place, cut at every line.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const values = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 37) % 19) / 7 - 1.3));

function runningSum(line: readonly number[], reverse: boolean): number[] {
  const ordered = reverse ? [...line].reverse() : [...line];
  let total = 0;
  const sums = ordered.map((x) => {
    total += x;
    return Math.fround(total);
  });
  return reverse ? sums.reverse() : sums;
}

forEachBuild((_, k, arena) => {
  test.for([1, 3, 4, 5, 17, 65])("%i elements a line, rows and columns, both ways", (N) => {
    const lines = 5;
    const data = values(lines * N);
    const line = (r: number): number[] => [...data.subarray(r * N, (r + 1) * N)];
    for (const reverse of [false, true]) {
      for (const acc of [0, 1]) {
        const x = arena.f32(data);
        const rows = arena.f32(new Float32Array(lines * N).fill(2));
        const layout = arena.layout([], lines, [N], [N]);
        const run = (begin: number, end: number) =>
          k.cumsum_f32(rows, x, layout, N, 1, 1, Number(reverse), acc, begin, end);
        arena.everySplit(lines, run, rows);
        const expected = Array.from({ length: lines }, (_, r) =>
          runningSum(line(r), reverse).map((sum) => Math.fround(acc ? 2 + sum : sum)),
        );
        expect([...arena.read(rows)]).toEqual(expected.flat());
        arena.reset();
      }
    }
    // x as columns, y dense: element i of line r at i * lines + r.
    const columns = arena.f32(
      Float32Array.from(data, (_, at) => data[(at % lines) * N + Math.floor(at / lines)]),
    );
    const y = arena.f32(lines * N);
    k.cumsum_f32(y, columns, arena.layout([], lines, [N], [1]), N, 1, lines, 0, 0, 0, lines);
    expect([...arena.read(y)]).toEqual(
      Array.from({ length: lines }, (_, r) => runningSum(line(r), false)).flat(),
    );
  });

  test("in place, at the end of memory, NaN from where it stands on", () => {
    const data = Float32Array.of(1, 2, Number.NaN, 4);
    const x = arena.atEndOfMemory(data);
    const layout = arena.layout([], 1, [4], [4]);
    k.cumsum_f32(x, x, layout, 4, 1, 1, 0, 0, 0, 1);
    expect([...arena.view(x)].slice(0, 4)).toEqual([1, 3, Number.NaN, Number.NaN]);
  });

  test("i32 wraps", () => {
    const x = arena.i32(Int32Array.of(2 ** 31 - 1, 1, 5, -7, 8, 9));
    const y = arena.i32(6);
    const layout = arena.layout([], 2, [3], [3]);
    arena.everySplit(2, (begin, end) => k.cumsum_i32(y, x, layout, 3, 1, 1, begin, end), y);
    expect([...arena.read(y)]).toEqual([2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 5, -7, 1, 10]);
  });
});
