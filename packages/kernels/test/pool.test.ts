// Max windows against plain loops, at every width of the four-at-once path; scatter and gather; cut at every row or plane.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const values = (n: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(((i * 37) % 29) / 7 - 1.9));

/** First elements and counts of windows of k elements, `dilation` apart, that lie inside L. */
function table(L: number, k: number, stride: number, dilation: number): Int32Array {
  const size = Math.floor((L - (k - 1) * dilation - 1) / stride) + 1;
  return Int32Array.from({ length: 2 * size }, (_, i) => (i < size ? i * stride : k));
}

forEachBuild((_, k, arena) => {
  test.for([
    [1, 1],
    [2, 1],
    [3, 1],
    [1, 2],
    [3, 2],
  ] as const)("windows %i apart, elements %i apart", ([stride, dilation]) => {
    for (const W of [3, 6, 7, 9, 16, 33]) {
      const [planes, H, size] = [3, 5, 2];
      const data = values(planes * H * W);
      const rows = table(H, size, 1, 1);
      const columns = table(W, size, stride, dilation);
      const [OH, OW] = [rows.length / 2, columns.length / 2];
      const x = arena.f32(data);
      const [y, at] = [arena.f32(planes * OH * OW), arena.i32(planes * OH * OW)];
      const tables = [arena.i32(rows), arena.i32(columns)] as const;
      const run = (begin: number, end: number): void =>
        k.max_pool_f32(y, at, x, ...tables, H, W, OH, OW, 1, dilation, begin, end);
      arena.everySplit(planes * OH, run, y, at);
      const [gotY, gotAt] = [arena.read(y), arena.read(at)];
      for (let o = 0; o < gotY.length; o++) {
        const plane = Math.floor(o / (OH * OW));
        const first = (Math.floor(o / OW) % OH) * W + (o % OW) * stride;
        const places = [0, dilation, W, W + dilation].map((step) => first + step);
        const window = places.map((place) => data[plane * H * W + place]);
        expect(gotY[o]).toBe(Math.max(...window));
        expect(gotAt[o]).toBe(places[window.indexOf(Math.max(...window))]);
      }
      arena.reset();
    }
  });

  test("reads nothing behind the last element", () => {
    const x = arena.f32(4);
    const [rows, columns] = [
      arena.i32(Int32Array.of(0, 1)),
      arena.i32(Int32Array.of(0, 2, 4, 6, 1, 1, 1, 1)),
    ];
    const edge = arena.atEndOfMemory(Float32Array.of(1, 2, 3, 4, 5, 6, 7));
    k.max_pool_f32(x, 0 as never, edge, rows, columns, 1, 7, 1, 4, 1, 1, 0, 1);
    expect([...arena.read(x)]).toEqual([1, 3, 5, 7]);
  });

  test("scatter adds or keeps the last, gather takes back", () => {
    const index = arena.i32(Int32Array.of(0, 2, 2, 1, 1, 3));
    const x = arena.f32(Float32Array.of(1, 2, 3, 4, 5, 6));
    const y = arena.f32(8);
    const planes = (sum: number, acc: number) => (begin: number, end: number) =>
      k.plane_scatter_f32(y, x, index, 4, 3, sum, acc, begin, end);
    arena.everySplit(2, planes(1, 0), y);
    expect([...arena.read(y)]).toEqual([1, 0, 5, 0, 0, 9, 0, 6]);
    planes(1, 1)(0, 2);
    expect([...arena.read(y)]).toEqual([2, 0, 10, 0, 0, 18, 0, 12]);
    planes(0, 0)(0, 2);
    expect([...arena.read(y)]).toEqual([1, 0, 3, 0, 0, 5, 0, 6]);
    const z = arena.f32(6);
    arena.everySplit(2, (begin, end) => k.plane_gather_f32(z, y, index, 4, 3, 0, begin, end), z);
    expect([...arena.read(z)]).toEqual([1, 3, 3, 5, 5, 6]);
  });
});
