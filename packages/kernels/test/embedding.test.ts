import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import { indices, normal, range } from "./rows.reference.ts";

const WIDTHS = [1, 3, 4, 5, 15, 16, 17, 31, 33, 65];

forEachBuild((_name, k, arena) => {
  test.each(WIDTHS)("gathering rows of %i", (c) => {
    const [vocabulary, n, stride] = [11, 20, c + (c % 3)];
    const data = normal(vocabulary * stride);
    data[2] = Number.NaN;
    data[stride] = -0;
    const chosen = indices(n, vocabulary);
    const [table, index] = [arena.f32(data, { misaligned: true }), arena.i32(chosen)];
    const out = arena.f32(n * c);
    arena.everySplit(n, (begin, end) => k.embedding_f32(out, table, index, n, c, stride, begin, end), out);
    const expected = range(n).flatMap((i) =>
      Array.from(data.subarray(chosen[i] * stride, chosen[i] * stride + c)),
    );
    expect(arena.read(out)).toEqual(Float32Array.from(expected));
  });

  test.each(WIDTHS)("gradients of repeated rows of %i add up in order, but for the padding", (c) => {
    const [vocabulary, n, stride] = [5, 33, c + (c % 3)];
    const old = normal(vocabulary * stride, 1, 5);
    const grad = normal(n * c, 1, 6);
    const chosen = indices(n, vocabulary, 2);
    const [dtable, dy, index] = [arena.f32(old), arena.f32(grad, { misaligned: true }), arena.i32(chosen)];
    const units = Math.ceil(c / 16);
    const call = (begin: number, end: number) =>
      k.embedding_backward_f32(dtable, dy, index, n, c, stride, 3, begin, end);
    arena.everySplit(units, call, dtable);
    const expected = old.slice();
    for (const i of range(n)) {
      if (chosen[i] === 3) continue;
      for (const j of range(c)) expected[chosen[i] * stride + j] += grad[i * c + j];
    }
    expect(arena.read(dtable)).toEqual(expected);
  });

  test.each([1, 3, 4, 21])("rows of %i at the end of memory", (c) => {
    const out = arena.f32(2 * c);
    const index = arena.i32([1, 0]);
    const data = normal(2 * c);
    const table = arena.atEndOfMemory(data);
    k.embedding_f32(out, table, index, 2, c, c, 0, 2);
    expect(arena.read(out)).toEqual(Float32Array.from([...data.subarray(c), ...data.subarray(0, c)]));
    k.embedding_backward_f32(table, out, index, 2, c, c, -1, 0, Math.ceil(c / 16));
    expect(arena.read(table)).toEqual(data.map((v) => v + v));
    k.embedding_backward_f32(out, table, index, 2, c, c, -1, 0, Math.ceil(c / 16));
    expect(arena.read(out)[0]).toBe(Math.fround(3 * data[c]));
  });

  test("index_check finds the first index outside", () => {
    for (const n of [1, 3, 4, 5, 16, 17, 33]) {
      const good = indices(n, 50);
      good[0] = 49;
      expect(k.index_check_i32(arena.i32(good), n, 50)).toBe(-1);
      for (const at of range(n)) {
        for (const bad of [50, -1, 2147483647, -2147483648]) {
          const data = good.slice();
          data[at] = bad;
          data[n - 1] = bad;
          expect(k.index_check_i32(arena.i32(data), n, 50), `${bad} at ${at} of ${n}`).toBe(at);
        }
      }
    }
    expect(k.index_check_i32(arena.i32(0), 0, 50)).toBe(-1);
    expect(k.index_check_i32(arena.i32([0]), 1, 0)).toBe(0);
    expect(k.index_check_i32(arena.atEndOfMemory(Int32Array.of(1, 2, 3, 4, 5, 6, 7)), 7, 8)).toBe(-1);
  });
});
