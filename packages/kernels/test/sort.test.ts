// Sorted order, selection, modes, picks and scans of the sorting family against plain loops: dense and strided lines, both
// sorts and the heap, cut at every line.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const noise = (n: number): number[] => Array.from({ length: n }, (_, i) => ((i * 7919) % 1009) - 500);

/** Places of the elements of a line in stable order; NaN is the largest. */
function ordered(line: readonly number[], down: boolean): number[] {
  const rank = (x: number): number => (Number.isNaN(x) ? Infinity : x);
  const compare = (a: number, b: number): number => (rank(a) === rank(b) ? 0 : rank(a) - rank(b));
  return line.map((_, i) => i).sort((i, j) => (down ? compare(line[j], line[i]) : compare(line[i], line[j])));
}

forEachBuild((_, k, arena) => {
  test.for([1, 3, 8, 9, 17, 64, 255, 256, 300])("order of %i elements, rows and columns", (N) => {
    const lines = 3;
    const data = noise(lines * N).map((x, i) => (i % 11 === 5 ? Number.NaN : Math.floor(x / 4)));
    const work = arena.work(k.order_work_i32(N));
    const rows = arena.f32(data);
    const columns = arena.f32(data.map((_, at) => data[(at % lines) * N + Math.floor(at / lines)]));
    const out = arena.i32(lines * N);
    const line = (r: number): number[] => data.slice(r * N, (r + 1) * N);
    const wanted = (down: boolean, first: number, count: number): number[] =>
      Array.from({ length: lines }, (_, r) => ordered(line(r), down).slice(first, first + count)).flat();
    const layouts = [
      [rows, arena.layout([], lines, [N], [N]), 1],
      [columns, arena.layout([], lines, [N], [1]), lines],
    ] as const;
    for (const [x, layout, step] of layouts) {
      for (const down of [0, 1]) {
        const run = (first: number, count: number) => (begin: number, end: number) =>
          k.order_i32(out, x as never, 1, down, layout, N, first, count, 1, step, work, begin, end);
        arena.everySplit(lines, run(0, N), out);
        expect([...arena.read(out)]).toEqual(wanted(down === 1, 0, N));
        // Through the heap where the line is long enough.
        const few = Math.max(N >> 5, 1);
        arena.everySplit(lines, run(0, few), out);
        const found = [...arena.read(out)].filter((_, i) => i % N < few);
        expect(found).toEqual(wanted(down === 1, 0, few));
      }
    }
  });

  test("i32 at both ends of its range, and the median that is NaN", () => {
    const x = arena.i32(Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 2, -1));
    const y = arena.f32([1, Number.NaN, 0, Number.NaN, 7]);
    const work = arena.work(k.order_work_i32(5));
    const layout = arena.layout([], 1, [5], [5]);
    const [out, place] = [arena.i32(5), arena.i32(1)];
    k.order_i32(out, x as never, 0, 0, layout, 5, 0, 5, 1, 1, work, 0, 1);
    expect([...arena.read(out)]).toEqual([1, 4, 2, 3, 0]);
    k.order_i32(place, y as never, 1, 0, layout, 5, -1, 1, 1, 1, work, 0, 1);
    expect([...arena.read(place)]).toEqual([1]);
    k.order_i32(place, x as never, 0, 0, layout, 5, -1, 1, 1, 1, work, 0, 1);
    expect([...arena.read(place)]).toEqual([2]);
  });

  test("the most frequent element, and picks with their gradient", () => {
    const x = arena.f32([3, 1, 3, 1, 2, 5, 5, 4, 5, 4]);
    const work = arena.work(k.order_work_i32(5));
    const place = arena.i32(2);
    const lines = arena.layout([], 2, [1], [5]);
    const mode = (begin: number, end: number) =>
      k.mode_i32(place, x as never, 1, lines, 5, 1, work, begin, end);
    arena.everySplit(2, mode, place);
    expect([...arena.read(place)]).toEqual([3, 3]);
    const at = arena.i32(Int32Array.of(0, 0, 4, 2, 2, 2));
    const [y, dx] = [arena.f32(6), arena.f32(new Float32Array(10).fill(1))];
    const picks = arena.layout([], 2, [3], [5], [3]);
    const pick = (b: number, e: number) => k.pick_b4(y as never, x as never, at, picks, 3, 1, 1, 1, b, e);
    arena.everySplit(2, pick, y);
    expect([...arena.read(y)]).toEqual([3, 3, 2, 4, 4, 4]);
    const spread = arena.layout([], 2, [5], [3], [3]);
    for (const acc of [1, 0]) {
      const back = (b: number, e: number) => k.pick_backward_f32(dx, y, at, spread, 5, 3, 1, 1, 1, acc, b, e);
      arena.everySplit(2, back, dx);
      expect([...arena.read(dx)]).toEqual([6, 0, 0, 0, 2, 0, 0, 12, 0, 0].map((g) => g + acc));
    }
  });

  test.for([1, 4, 255, 256, 257, 600])("gradient of a product of %i, with zeros", (N) => {
    const data = noise(2 * N).map((v) => 1 + v / 5000);
    data[0] = 0;
    const x = arena.f32(data);
    const dy = arena.f32([2, -3]);
    const dx = arena.f32(2 * N);
    const work = arena.work(k.prod_backward_work_f32(N));
    const layout = arena.layout([], 2, [N], [N], [1]);
    const run = (begin: number, end: number) =>
      k.prod_backward_f32(dx, x, dy, layout, N, 1, 1, 0, work, begin, end);
    arena.everySplit(2, run, dx);
    const values = [...arena.read(x)];
    for (const at of [0, N - 1, N, 2 * N - 1]) {
      const r = at < N ? 0 : 1;
      const others = values.slice(r * N, (r + 1) * N).filter((_, i) => i !== at - r * N);
      const wanted = others.reduce((y, v) => y * v, r === 0 ? 2 : -3);
      expect(Math.abs(arena.read(dx)[at] - wanted)).toBeLessThanOrEqual(2 ** -23 * Math.abs(wanted));
    }
  });
});
