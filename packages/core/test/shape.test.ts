// Shapes and strides against brute force: the addresses of all elements, one by one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  broadcastAxes,
  broadcastShapes,
  broadcastStrides,
  checkShape,
  collapse,
  denseStrides,
  type Geometry,
  isContiguous,
  isDense,
  normalizeAxes,
  normalizeAxis,
  numel,
  reshapeStrides,
  type Shape,
} from "../src/shape.ts";

/** Addresses of all elements in row-major order. */
function addresses(shape: Shape, strides: Shape, offset = 0): number[] {
  let list = [offset];
  for (const [axis, size] of shape.entries()) {
    list = list.flatMap((at) => Array.from({ length: size }, (_, i) => at + i * strides[axis]));
  }
  return list;
}

/** A dense block with its axes in any order, some of them cut, thinned out or repeated. */
const geometries: fc.Arbitrary<Geometry> = fc
  .array(
    fc.record({
      size: fc.integer({ min: 0, max: 4 }),
      kind: fc.constantFrom("whole", "whole", "cut", "thin", "same"),
    }),
    {
      maxLength: 4,
    },
  )
  .chain((axes) =>
    fc.record({
      axes: fc.constant(axes),
      order: fc.shuffledSubarray([...axes.keys()], { minLength: axes.length }),
    }),
  )
  .map(({ axes, order }) => {
    const full = axes.map(({ size, kind }) =>
      kind === "cut" ? size + 2 : kind === "thin" ? 2 * size : size,
    );
    const strides = denseStrides(full).map((stride, i) =>
      axes[i].kind === "thin" ? 2 * stride : axes[i].kind === "same" ? 0 : stride,
    );
    const shape = axes.map(({ size }) => size);
    return { shape: order.map((i) => shape[i]), strides: order.map((i) => strides[i]), offset: 0 };
  });

/** Shapes of a given number of elements. */
function factorings(n: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: Math.max(n, 1) }), { maxLength: 5 }).map((guesses) => {
    const shape: number[] = [];
    let rest = n;
    for (const guess of guesses) {
      const size = rest === 0 ? guess : gcd(guess, rest);
      shape.push(size);
      rest = rest === 0 ? 0 : rest / size;
    }
    return [...shape, rest];
  });
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** The strides under which the addresses are those of `target`, if there are any. */
function impliedStrides(list: readonly number[], target: Shape): number[] | null {
  const steps = denseStrides(target);
  const strides = target.map((size, axis) => (size > 1 ? list[steps[axis]] - list[0] : 0));
  return addresses(target, strides, list[0]).every((at, i) => at === list[i]) ? strides : null;
}

fc.configureGlobal({ seed: 1 });

describe("strides", () => {
  test("reshapeStrides finds a view exactly where there is one", () => {
    const cases = geometries.chain((x) => fc.tuple(fc.constant(x), factorings(numel(x.shape))));
    fc.assert(
      fc.property(cases, ([x, target]) => {
        const found = reshapeStrides(x.shape, x.strides, target);
        if (numel(x.shape) === 0) {
          expect(found).toEqual(denseStrides(target));
          return;
        }
        const list = addresses(x.shape, x.strides);
        const possible = impliedStrides(list, target) !== null;
        expect(found !== null).toBe(possible);
        if (found !== null) expect(addresses(target, found)).toEqual(list);
      }),
      { numRuns: 2000 },
    );
  });

  test("isContiguous and isDense say what the addresses say", () => {
    fc.assert(
      fc.property(geometries, ({ shape, strides }) => {
        const list = addresses(shape, strides);
        expect(isContiguous(shape, strides)).toBe(list.every((at, i) => at === i));
        const sorted = [...list].sort((a, b) => a - b);
        expect(isDense(shape, strides)).toBe(sorted.every((at, i) => at === i));
      }),
      { numRuns: 2000 },
    );
  });

  test("collapse visits the same addresses in every operand", () => {
    const operands = geometries.chain((x) =>
      fc.tuple(
        fc.constant(x),
        fc.array(
          fc.array(fc.integer({ min: -4, max: 9 }), { minLength: x.shape.length, maxLength: x.shape.length }),
          { maxLength: 2 },
        ),
      ),
    );
    fc.assert(
      fc.property(operands, ([{ shape, strides }, others]) => {
        const all = [strides, denseStrides(shape), ...others];
        const { sizes, strides: merged } = collapse(shape, all);
        for (const [i, operand] of all.entries())
          expect(addresses(sizes, merged[i])).toEqual(addresses(shape, operand));
        expect(sizes.includes(1)).toBe(false);
      }),
      { numRuns: 1000 },
    );
  });

  test("collapse makes one axis of a dense tensor", () => {
    expect(
      collapse(
        [2, 1, 3, 4],
        [
          [12, 99, 4, 1],
          [12, 0, 4, 1],
        ],
      ),
    ).toEqual({ sizes: [24], strides: [[1], [1]] });
    expect(
      collapse(
        [2, 3],
        [
          [3, 1],
          [0, 1],
        ],
      ),
    ).toEqual({
      sizes: [2, 3],
      strides: [
        [3, 1],
        [0, 1],
      ],
    });
    expect(collapse([], [[]])).toEqual({ sizes: [], strides: [[]] });
  });
});

describe("broadcasting", () => {
  const target = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
  /** A shape that broadcasts to the target. */
  const operand = (shape: Shape) =>
    fc
      .tuple(
        fc.integer({ min: 0, max: shape.length }),
        fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      )
      .map(([drop, ones]) => shape.slice(drop).map((size, axis) => (ones[axis] ? 1 : size)));

  test("two operands of a shape broadcast to it, strides repeat, and the axes that repeat are known", () => {
    const cases = target.chain((shape) => fc.tuple(fc.constant(shape), operand(shape)));
    fc.assert(
      fc.property(cases, ([shape, small]) => {
        expect(broadcastShapes("test", shape, small)).toEqual(shape);
        expect(broadcastShapes("test", small, shape)).toEqual(shape);
        const own = addresses(small, denseStrides(small));
        const seen = addresses(shape, broadcastStrides(small, denseStrides(small), shape));
        expect(seen.every((at) => own.includes(at))).toBe(true);
        const repeated = broadcastAxes(small, shape);
        expect(numel(shape.map((size, axis) => (repeated.includes(axis) ? 1 : size)))).toBe(numel(small));
      }),
      { numRuns: 1000 },
    );
  });

  test("sizes that differ and are not 1 name both shapes and the axis", () => {
    expect(() => broadcastShapes("add", [2, 3], [4, 3])).toThrow(
      /add: shapes \(2, 3\) and \(4, 3\).*2 and 4 differ at axis 0/,
    );
    expect(() => broadcastShapes("add", [0], [2])).toThrow(/0 and 2 differ/);
  });
});

describe("axes and shapes from callers", () => {
  test("negative axes count from the end; 0-d tensors admit 0 and -1", () => {
    expect(normalizeAxis("op", -1, 3)).toBe(2);
    expect(normalizeAxis("op", -1, 0)).toBe(0);
    expect(() => normalizeAxis("op", 3, 3)).toThrow(/op: dim 3 is outside -3…2 of a tensor with 3 axes/);
    expect(() => normalizeAxis("op", 1, 0)).toThrow(/outside -1…0/);
    expect(normalizeAxes("op", [-1, 0], 3)).toEqual([0, 2]);
    expect(normalizeAxes("op", undefined, 2)).toEqual([0, 1]);
    expect(normalizeAxes("op", 0, 0)).toEqual([]);
    expect(() => normalizeAxes("op", [0, -3], 3)).toThrow(/twice/);
  });

  test.each([[[-1]], [[1.5]], [[Number.NaN]], [["2"]], ["2"], [null], [[2 ** 16, 2 ** 16]]])(
    "%j is no shape",
    (shape) => {
      expect(() => checkShape("zeros", shape)).toThrow(/zeros: .* is no shape/);
    },
  );
});
