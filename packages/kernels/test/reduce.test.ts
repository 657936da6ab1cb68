import { describe, expect, test } from "vitest";
import type { LayoutPtr } from "../src/generated/bindings.ts";
import { type Arena, forEachBuild, openBuild } from "./harness.ts";
import { expectWithin, indices, normal, range, rowBound, SIZES, sum } from "./rows.reference.ts";

/**
 * A reduction: sizes and strides of x in elements, the reduced axes, where element 0 lies, strides of the
 * output.
 */
interface Case {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly axes: readonly number[];
  readonly outStep?: number;
}

const dense = (shape: readonly number[]): number[] =>
  shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
const of = (shape: readonly number[], axes: readonly number[], strides = dense(shape)): Case => ({
  shape,
  strides,
  axes,
});
const title = ({ shape, strides, axes }: Case): string =>
  `(${shape}) with strides (${strides}) over axes (${axes})`;

const keptAxes = (c: Case): number[] => range(c.shape.length).filter((axis) => !c.axes.includes(axis));
const sizeOf = (c: Case, axes: readonly number[]): number => axes.reduce((n, axis) => n * c.shape[axis], 1);
/** Offsets of all elements over some axes, row-major. */
const offsets = (c: Case, axes: readonly number[]): number[] =>
  axes.reduce(
    (all, axis) => all.flatMap((o) => range(c.shape[axis]).map((i) => o + i * c.strides[axis])),
    [0],
  );
/** How far before element 0 negative strides reach. */
const origin = (c: Case): number =>
  c.strides.reduce((n, stride, axis) => n + (stride < 0 ? -stride * (c.shape[axis] - 1) : 0), 0);
const extent = (c: Case): number =>
  1 + c.strides.reduce((n, stride, axis) => n + Math.abs(stride) * (c.shape[axis] - 1), 0);

function layouts(arena: Arena, c: Case): [kept: LayoutPtr, reduced: LayoutPtr] {
  const pick = (axes: readonly number[], strides: readonly number[]): [number[], number, number[]] =>
    axes.length === 0
      ? [[], 1, [1]]
      : [
          axes.slice(0, -1).map((a) => c.shape[a]),
          c.shape[axes[axes.length - 1]],
          axes.map((a) => strides[a]),
        ];
  const kept = keptAxes(c);
  const outStrides = dense(kept.map((axis) => c.shape[axis])).map((s) => s * (c.outStep ?? 1));
  const [lead, last, x] = pick(kept, c.strides);
  const [reducedLead, reducedLast, r] = pick(c.axes, c.strides);
  return [
    arena.layout(lead, last, kept.length ? outStrides : [1], x),
    arena.layout(reducedLead, reducedLast, r),
  ];
}

const CASES: Case[] = [
  ...SIZES.map((n) => of([3, n], [1])),
  ...SIZES.map((n) => of([n, 21], [0])),
  ...SIZES.filter((n) => n < 300).map((n) => of([5, n], [0])),
  of([37], [0]),
  of([40, 39], [0, 1]),
  of([3, 17, 5], [1]),
  of([2, 5, 33], [0, 2]),
  of([2, 3, 4, 18], [0, 2]),
  of([33, 20], [1], [1, 33]),
  of([33, 20], [0], [1, 33]),
  of([4, 33], [1], [80, 2]),
  of([6, 35], [0], [80, 2]),
  of([20, 33], [1], [33, -1]),
  of([20, 33], [0], [-33, 1]),
  of([9, 18], [0], [0, 1]),
  of([4, 50], [1], [1, 0]),
  { ...of([19, 37], [0]), outStep: 2 },
  { ...of([19, 37], [1]), outStep: 3 },
];

/** The first place of the largest (or smallest) value, NaN above all. */
function first(values: readonly number[], better: (a: number, b: number) => boolean): number {
  let best = 0;
  values.forEach((v, i) => {
    if (!Number.isNaN(values[best]) && (Number.isNaN(v) || better(v, values[best]))) best = i;
  });
  return best;
}
const argmax = (values: readonly number[]): number => first(values, (a, b) => a > b);
const argmin = (values: readonly number[]): number => first(values, (a, b) => a < b);

forEachBuild((name, k, arena) => {
  describe.each(CASES.map((c) => [title(c), c] as const))("%s", (_title, c) => {
    const units = sizeOf(c, keptAxes(c));
    const step = c.outStep ?? 1;
    const slices = offsets(c, keptAxes(c)).map((o) => offsets(c, c.axes).map((r) => origin(c) + o + r));
    const every = <T>(out: ArrayLike<T>): T[] => range(units).map((i) => out[i * step]);

    test("sum, written and added", () => {
      const [kept, reduced] = layouts(arena, c);
      const bound = rowBound(sizeOf(c, c.axes));
      for (const acc of [0, 1]) {
        const data = normal(extent(c), acc ? 100 : 1, c.shape[0]);
        const x = arena.f32(data, { misaligned: true }) + 4 * origin(c);
        const old = normal(units * step, 1, 8);
        const out = arena.f32(old);
        arena.everySplit(units, (b, e) => k.sum_f32(out, x as never, kept, reduced, acc, b, e), out);
        const expected = slices.map((s, i) => sum(s.map((o) => data[o])) + (acc ? old[i * step] : 0));
        const size = (i: number) =>
          sum(slices[i].map((o) => Math.abs(data[o]))) + (acc ? Math.abs(expected[i]) : 0);
        expectWithin(every(arena.read(out)), expected, (i) => bound * size(i), `acc ${acc}`);
        arena.read(out).forEach((v, i) => {
          if (i % step !== 0) expect(v).toBe(old[i]);
        });
      }
    });

    test("maxima and minima and their places, with ties and NaN", () => {
      const [kept, reduced] = layouts(arena, c);
      const coarse = normal(extent(c), 3, c.shape[0]).map(Math.round);
      const rare = coarse.map((v, i) =>
        i % 41 === 7 ? Number.NaN : i % 17 === 3 ? Number.NEGATIVE_INFINITY : v,
      );
      for (const data of [
        coarse,
        rare,
        coarse.map(() => Number.NEGATIVE_INFINITY),
        coarse.map(() => Number.NaN),
      ]) {
        const x = (arena.f32(data) + 4 * origin(c)) as never;
        const [amax, amin] = [arena.f32(units * step), arena.f32(units * step, { misaligned: true })];
        const [imax, imin] = [arena.i32(units * step), arena.i32(units * step)];
        const call = (b: number, e: number) => {
          k.amax_f32(amax, x, kept, reduced, b, e);
          k.amin_f32(amin, x, kept, reduced, b, e);
          k.argmax_i32(imax, x, kept, reduced, b, e);
          k.argmin_i32(imin, x, kept, reduced, b, e);
        };
        arena.everySplit(units, call, amax, amin, imax, imin);
        const values = slices.map((s) => s.map((o) => data[o]));
        expect(every(arena.read(imax))).toEqual(values.map(argmax));
        expect(every(arena.read(imin))).toEqual(values.map(argmin));
        // + 0: which zero wins a tie of -0 and 0 is left open
        expect(every(arena.read(amax)).map((v) => v + 0)).toEqual(values.map((v) => v[argmax(v)] + 0));
        expect(every(arena.read(amin)).map((v) => v + 0)).toEqual(values.map((v) => v[argmin(v)] + 0));
      }
    });

    test("sums of integers and of bools", () => {
      const [kept, reduced] = layouts(arena, c);
      const data = indices(extent(c), 2 ** 31, 3).map((v, i) => (i % 2 ? -v : v));
      const flags = Uint8Array.from(normal(extent(c)), (v) => (v > 0 ? 1 : 0));
      const [x, f] = [arena.i32(data) + 4 * origin(c), arena.u8(flags) + origin(c)];
      const [total, count] = [arena.i32(units * step), arena.i32(units * step)];
      const call = (b: number, e: number) => {
        k.sum_i32(total, x as never, kept, reduced, b, e);
        k.sum_bool_i32(count, f as never, kept, reduced, b, e);
      };
      arena.everySplit(units, call, total, count);
      expect(every(arena.read(total))).toEqual(slices.map((s) => s.reduce((n, o) => (n + data[o]) | 0, 0)));
      expect(every(arena.read(count))).toEqual(slices.map((s) => s.reduce((n, o) => n + flags[o], 0)));
    });
  });

  test("NaN and infinities in sums", () => {
    for (const n of [1, 5, 17, 300]) {
      const data = normal(3 * n);
      data[n - 1] = Number.NaN;
      data[2 * n - 1] = Number.POSITIVE_INFINITY;
      data[2 * n] = Number.NEGATIVE_INFINITY;
      const out = arena.f32(3);
      const [kept, reduced] = layouts(arena, of([3, n], [1]));
      k.sum_f32(out, arena.f32(data), kept, reduced, 0, 0, 3);
      expect(Array.from(arena.read(out))).toEqual([
        Number.NaN,
        Number.POSITIVE_INFINITY,
        Number.NEGATIVE_INFINITY,
      ]);
    }
  });

  // (rows, columns): the last row ends at the end of memory; every kernel and both ways through it
  test.each([
    [2, 1],
    [3, 3],
    [2, 17],
    [5, 18],
    [1, 35],
  ])("(%i, %i) at the end of memory", (m, n) => {
    const [rows, columns] = [layouts(arena, of([m, n], [1])), layouts(arena, of([m, n], [0]))];
    const [out, places] = [arena.f32(Math.max(m, n)), arena.i32(Math.max(m, n))];
    const data = normal(m * n);
    const x = arena.atEndOfMemory(data);
    for (const [layout, units] of [
      [columns, n],
      [rows, m],
    ] as const) {
      for (const kernel of [k.amax_f32, k.amin_f32]) kernel(out, x, ...layout, 0, units);
      for (const kernel of [k.argmax_i32, k.argmin_i32]) kernel(places, x, ...layout, 0, units);
      k.sum_i32(places, x as number as never, ...layout, 0, units);
      k.sum_f32(out, x, ...layout, 0, 0, units);
    }
    expectWithin([arena.read(out)[m - 1]], [sum(data.subarray((m - 1) * n))], 1e-5, "last row");
  });

  test("bools at the end of memory", () => {
    const layout = layouts(arena, of([3, 21], [1]));
    const columns = layouts(arena, of([3, 21], [0]));
    const out = arena.i32(21);
    const x = arena.atEndOfMemory(new Uint8Array(63).fill(1));
    k.sum_bool_i32(out, x, ...columns, 0, 21);
    expect(arena.read(out).every((v) => v === 3)).toBe(true);
    k.sum_bool_i32(out, x, ...layout, 0, 3);
    expect(arena.read(out)[2]).toBe(21);
  });

  test("sums of squares by blocks of 4096, in f64", () => {
    for (const n of [1, 2, 3, 7, 8, 9, 4095, 4096, 4097, 10001]) {
      const data = normal(n, 1, n);
      if (n > 3) data.set([1e30, 1e-30, -3e38], 0);
      const units = Math.ceil(n / 4096);
      const out = arena.f64(units);
      const x = arena.f32(data, { misaligned: true });
      arena.everySplit(units, (b, e) => k.sum_squares_f64(out, x, n, b, e), out);
      const expected = range(units).map((b) =>
        sum(Float64Array.from(data.subarray(b * 4096, b * 4096 + 4096), (v) => v * v)),
      );
      expectWithin(arena.read(out), expected, (b) => 1e-13 * expected[b], `${n} elements`);
      arena.reset();
    }
    const edge = arena.atEndOfMemory(Float32Array.of(1, 2, 3));
    k.sum_squares_f64(arena.f64(1), edge, 3, 0, 1);
  });

  test("a million elements, as a row and as a column, stay within the bound", () => {
    const big = openBuild(name);
    const n = 1e6;
    const samples = [
      new Float32Array(n).fill(0.1),
      normal(n, 1, 5),
      normal(n, 1, 6, 1000),
      normal(n, 1, 7).map(Math.abs),
    ];
    const out = big.arena.f32(2);
    const [row, column] = [layouts(big.arena, of([1, n], [1])), layouts(big.arena, of([n / 2, 2], [0]))];
    const x = big.arena.f32(n);
    for (const data of samples) {
      big.arena.view(x).set(data);
      big.kernels.sum_f32(out, x, ...row, 0, 0, 1);
      const size = sum(data.map(Math.abs));
      expectWithin([big.arena.read(out)[0]], [sum(data)], rowBound(n) * size, "row");
      big.kernels.sum_f32(out, x, ...column, 0, 0, 2);
      expectWithin(
        [big.arena.read(out)[0] + big.arena.read(out)[1]],
        [sum(data)],
        rowBound(n) * size,
        "column",
      );
    }
  });
});
