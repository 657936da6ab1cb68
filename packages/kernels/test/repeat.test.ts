// Rows repeated by counts, and their gradient, against plain loops: rows of one and many elements, counts of 0 at either
// end, cut everywhere.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const patterns = [[1], [3], [2, 0, 1], [0, 0, 4, 0], [1, 1, 1, 1, 1], [0, 7, 0, 2, 0, 0, 1, 30, 0]];

forEachBuild((_, k, arena) => {
  test.for(patterns.map((list) => ({ list })))("counts $list", ({ list }) => {
    const n = list.length;
    const total = list.reduce((sum, count) => sum + count, 0);
    const ends = Int32Array.from(list, (_, i) => list.slice(0, i + 1).reduce((sum, count) => sum + count, 0));
    const places = list.flatMap((count, i) => new Array<number>(count).fill(i));
    for (const C of [1, 3, 4, 17]) {
      const O = 3;
      const x = Float32Array.from({ length: O * n * C }, (_, i) => ((i * 37) % 19) - 7.5);
      const ptr = { x: arena.f32(x), ends: arena.i32(ends), out: arena.f32(O * total * C) };
      const run = (begin: number, end: number) =>
        k.repeat_rows(ptr.out as never, ptr.x as never, ptr.ends, n, total, 4 * C, begin, end);
      arena.everySplit(O * total, run, ptr.out);
      const wanted = Array.from({ length: O }, (_, o) =>
        places.flatMap((i) => [...x.subarray((o * n + i) * C, (o * n + i + 1) * C)]),
      );
      expect([...arena.read(ptr.out)]).toEqual(wanted.flat());

      for (const acc of [0, 1]) {
        const dx = arena.f32(new Float32Array(O * n * C).fill(acc === 1 ? 2 : Number.NaN));
        const back = (begin: number, end: number) =>
          k.repeat_rows_backward_f32(dx, ptr.out, ptr.ends, n, total, C, acc, begin, end);
        arena.everySplit(O * n, back, dx);
        const sums = x.map((value, at) => value * list[Math.floor(at / C) % n] + (acc === 1 ? 2 : 0));
        expect([...arena.read(dx)]).toEqual([...sums.map((sum) => sum + 0)]);
      }
      arena.reset();
    }
  });

  test("rows of bytes", () => {
    const x = arena.u8(Uint8Array.of(1, 0, 1, 0, 0, 1));
    const out = arena.u8(9);
    k.repeat_rows(out as never, x as never, arena.i32(Int32Array.of(2, 3)), 2, 3, 3, 0, 3);
    expect([...arena.read(out)]).toEqual([1, 0, 1, 1, 0, 1, 0, 0, 1]);
  });
});
