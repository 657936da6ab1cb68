// Gathers and scatters against plain loops: rows, single elements and strided ones, repeats, every cut, the end of memory.
import { expect, test } from "vitest";
import type { I32Ptr, LayoutPtr } from "../src/generated/bindings.ts";
import { forEachBuild } from "./harness.ts";
import { indices, normal, range } from "./rows.reference.ts";

const WIDTHS = [1, 3, 4, 5, 15, 16, 17, 31, 33, 65];

forEachBuild((_name, k, arena) => {
  test.each(WIDTHS)("gathering rows of %i, words and bytes", (c) => {
    const [rows, n] = [11, 9];
    const chosen = indices(n, rows);
    const layout = arena.layout([n], c, [c, 1], [1, 0], [0, 1]);
    const data = normal(rows * c);
    data[2] = Number.NaN;
    const words = arena.f32(data, { misaligned: true });
    const bytes = arena.u8(range(rows * c));
    const index = arena.i32(chosen);
    const [out, out1, sum] = [arena.f32(n * c), arena.u8(n * c), arena.f32(new Float32Array(n * c).fill(2))];
    arena.everySplit(n * c, (b, e) => k.gather_b4(out as never, words as never, index, layout, c, b, e), out);
    arena.everySplit(
      n * c,
      (b, e) => k.gather_b1(out1 as never, bytes as never, index, layout, c, b, e),
      out1,
    );
    arena.everySplit(n * c, (b, e) => k.gather_add_f32(sum, words, index, layout, c, b, e), sum);
    const places = range(n * c).map((i) => chosen[Math.floor(i / c)] * c + (i % c));
    expect([...arena.read(out)]).toEqual(places.map((at) => data[at]));
    expect([...arena.read(out1)]).toEqual(places.map((at) => at & 255));
    expect([...arena.read(sum)]).toEqual(places.map((at) => Math.fround(2 + data[at])));
  });

  test.each(WIDTHS)("gathering %i elements a line, strided", (n) => {
    // out (3, n) dense; index (3, n) turned; x (3, 7) with gaps
    const chosen = indices(3 * n, 7);
    const layout = arena.layout([3], n, [n, 1], [1, 3], [20, 0]);
    const data = normal(60);
    const [x, index, out] = [arena.f32(data), arena.i32(chosen), arena.f32(3 * n)];
    arena.everySplit(3 * n, (b, e) => k.gather_b4(out as never, x as never, index, layout, 2, b, e), out);
    expect([...arena.read(out)]).toEqual(
      range(3 * n).map((i) => data[Math.floor(i / n) * 20 + chosen[(i % n) * 3 + Math.floor(i / n)] * 2]),
    );
  });

  type Put = (
    out: number,
    src: number,
    index: I32Ptr,
    lines: LayoutPtr,
    N: number,
    ...rest: readonly [number, number, number, number, number]
  ) => void;
  const folds: Record<string, (a: number, b: number) => number> = {
    scatter_b4: (_a, b) => b,
    scatter_add_f32: (a, b) => Math.fround(a + b),
    scatter_mul_f32: (a, b) => Math.fround(a * b),
    scatter_max_f32: Math.max,
    scatter_min_f32: Math.min,
    scatter_add_i32: (a, b) => (a + b) | 0,
    scatter_mul_i32: Math.imul,
    scatter_max_i32: Math.max,
    scatter_min_i32: Math.min,
  };
  /** Lines c = 0 … C-1 of N elements: as rows that share an index, as lines of their own, and as columns. */
  const forms = (C: number, N: number) => [
    { name: "rows", out: [1, C], src: [1, C], index: [0, 1] },
    { name: "one number", out: [1, C], src: [0, 0], index: [0, 1] },
    { name: "lines", out: [5, 1], src: [N, 1], index: [N, 1] },
    { name: "columns", out: [1, C], src: [1, C], index: [1, C] },
    { name: "gaps", out: [2, 2 * C], src: [N, 1], index: [0, 1] },
  ];

  test.each(WIDTHS)("scattering over %i lines, repeats in order", (C) => {
    const N = 9;
    for (const { name, out: o, src: s, index: i } of forms(C, N)) {
      const chosen = indices(N * C, 5);
      const layout = arena.layout([], C, [o[0]], [s[0]], [i[0]]);
      for (const [kernel, fold] of Object.entries(folds)) {
        const integer = kernel.endsWith("i32");
        const make = (n: number, seed: number) =>
          normal(n, integer ? 99 : 1, seed).map(integer ? Math.trunc : Number);
        const [before, part] = [make(10 * C, 1), make(N * C, 2)];
        const place = (values: Float32Array): number => (integer ? arena.i32(values) : arena.f32(values));
        const [out, src, index] = [place(before), place(part), arena.i32(chosen)];
        const run = k[kernel as "scatter_b4"] as unknown as Put;
        arena.everySplit(C, (b, e) => run(out, src, index, layout, N, o[1], s[1], i[1], b, e), out as never);
        const expected = integer ? Int32Array.from(before) : before.slice();
        for (const c of range(C)) {
          for (const j of range(N)) {
            const at = c * o[0] + chosen[c * i[0] + j * i[1]] * o[1];
            expected[at] = fold(expected[at], part[c * s[0] + j * s[1]]);
          }
        }
        const got = arena.view(out).slice();
        expect(got, `${kernel}, ${name}`).toEqual(expected);
      }
      arena.checkSentinels();
      arena.reset();
    }
  });

  test.each(WIDTHS)("bytes over %i lines; taking back what was set", (C) => {
    const [N, rows] = [9, 6];
    const chosen = indices(N, rows);
    const layout = arena.layout([], C, [1], [1], [0]);
    const [index, out, src] = [arena.i32(chosen), arena.u8(rows * C), arena.u8(range(N * C))];
    const run = (b: number, e: number) =>
      k.scatter_b1(out as never, src as never, index, layout, N, C, C, 1, b, e);
    arena.everySplit(C, run, out);
    const last = new Map(Array.from(chosen, (row, j) => [row, j]));
    const expected = range(rows * C).map((at) => {
      const j = last.get(Math.floor(at / C));
      return j === undefined ? 0xcd : (j * C + (at % C)) & 255;
    });
    expect([...arena.read(out)]).toEqual(expected);

    const dy = normal(rows * C);
    const [rest, part] = [arena.f32(dy), arena.f32(new Float32Array(N * C).fill(1))];
    const take = (b: number, e: number) => k.scatter_take_f32(rest, part, index, layout, N, C, C, 1, b, e);
    arena.everySplit(C, take, rest, part);
    expect([...arena.read(rest)]).toEqual([...dy].map((v, at) => (last.has(Math.floor(at / C)) ? 0 : v)));
    expect([...arena.read(part)]).toEqual(
      range(N * C).map((at) => {
        const j = Math.floor(at / C);
        return last.get(chosen[j]) === j ? Math.fround(1 + dy[chosen[j] * C + (at % C)]) : 1;
      }),
    );
  });

  test.each([1, 4, 5, 21])("rows of %i at the end of memory", (c) => {
    const index = arena.i32([1, 0]);
    const [rows, lines] = [arena.layout([2], c, [c, 1], [1, 0], [0, 1]), arena.layout([], c, [1], [1], [0])];
    const out = arena.f32(2 * c);
    const data = normal(2 * c);
    const x = arena.atEndOfMemory(data);
    k.gather_b4(out as never, x as never, index, rows, c, 0, 2 * c);
    expect([...arena.read(out)]).toEqual([...data.subarray(c), ...data.subarray(0, c)]);
    k.scatter_add_f32(x, out, index, lines, 2, c, c, 1, 0, c);
    expect([...arena.read(x)]).toEqual([...data].map((v) => v + v));
  });

  test.each(WIDTHS)("places of %i indices, negative from the end", (n) => {
    const chosen = indices(n, 7).map((i, at) => (at % 2 ? i : i - 7));
    const [index, place] = [arena.i32(chosen), arena.i32(range(n))];
    const layout = arena.layout([], n, [1], [1]);
    arena.everySplit(n, (b, e) => k.index_place_i32(place, index, layout, 7, 5, 1, b, e), place);
    expect([...arena.read(place)]).toEqual([...chosen].map((i, at) => at + (i < 0 ? i + 7 : i) * 5));
    expect(k.index_check_signed_i32(index, n, 7)).toBe(-1);
    for (const at of range(n)) {
      for (const bad of [7, -8, 2 ** 31 - 1, -(2 ** 31)]) {
        arena.view(index)[at] = bad;
        expect(k.index_check_signed_i32(index, n, 7)).toBe(at);
        arena.view(index)[at] = chosen[at];
      }
    }
    expect(k.index_check_signed_i32(index, 1, 0)).toBe(0);
  });

  test.each([1, 15, 16, 17, 4096, 4097, 9000])("where %i bytes are true", (n) => {
    const bits = Uint8Array.from(range(n), (i) => Number((i * 7919) % 13 < 4));
    const places = range(n).filter((i) => bits[i]);
    const blocks = Math.ceil(n / 4096);
    const [mask, counts, list] = [arena.u8(bits), arena.i32(blocks), arena.i32(places.length)];
    arena.everySplit(blocks, (b, e) => k.mask_count_i32(counts, mask, n, b, e), counts);
    let total = 0;
    const ends = arena.i32(arena.read(counts).map((count) => (total += count)));
    expect(total).toBe(places.length);
    arena.everySplit(blocks, (b, e) => k.mask_list_i32(list, mask, ends, n, b, e), list);
    expect([...arena.read(list)]).toEqual(places);
    const axis = arena.i32(2 * places.length);
    arena.everySplit(places.length, (b, e) => k.unravel_i32(axis, 2, list, 5, 11, b, e), axis);
    expect([...arena.read(axis)].filter((_, i) => i % 2 === 0)).toEqual(
      places.map((at) => Math.floor(at / 5) % 11),
    );
  });

  test("binary search and means of integers", () => {
    const sorted = arena.f32([-1, 0, 0, 2, Number.POSITIVE_INFINITY, Number.NaN]);
    const value = arena.f32([-2, 0, 1, Number.POSITIVE_INFINITY, Number.NaN]);
    const [left, right] = [arena.i32(5), arena.i32(5)];
    arena.everySplit(5, (b, e) => k.searchsorted_f32(left, sorted, value, 6, 5, 6, 0, b, e), left);
    k.searchsorted_f32(right, sorted, value, 6, 5, 6, 1, 0, 5);
    expect([...arena.read(left)]).toEqual([0, 1, 3, 6, 6]);
    expect([...arena.read(right)]).toEqual([0, 3, 3, 6, 6]);
    const rows = arena.i32([1, 3, 5, 2, 2, 9]);
    const found = arena.i32(4);
    k.searchsorted_i32(found, rows, arena.i32([3, 6, 2, 9]), 3, 2, 3, 0, 0, 4);
    expect([...arena.read(found)]).toEqual([1, 3, 0, 2]);
    const totals = arena.i32([7, -7, 5, -1]);
    k.floor_mean_i32(totals, arena.i32([2, 2, 0, 3]), 0, 4);
    expect([...arena.read(totals)]).toEqual([3, -4, 5, -1]);
  });
});
