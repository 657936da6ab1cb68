// Tensors from values: shapes and types inferred and given, what is refused, and that nothing else can come of any arguments.
import { arange, full, ones, SaccadeError, scope, Tensor, tensor, zeros } from "@saccade/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { errorOf, live, withEngine } from "./engine.ts";

withEngine({ variant: "simd", maximumBytes: 1 << 24 });

describe("tensor", () => {
  const cases: [string, () => Tensor, readonly number[], string, unknown][] = [
    ["a number", () => tensor(1.5), [], "f32", 1.5],
    ["a boolean", () => tensor(true), [], "bool", true],
    [
      "nested arrays",
      () =>
        tensor([
          [1, 2, 3],
          [4, 5, 6],
        ]),
      [2, 3],
      "f32",
      [
        [1, 2, 3],
        [4, 5, 6],
      ],
    ],
    ["nested booleans", () => tensor([[true], [false]]), [2, 1], "bool", [[true], [false]]],
    ["booleans among numbers", () => tensor([true, 2]), [2], "f32", [1, 2]],
    ["numbers among booleans", () => tensor([2, true]), [2], "f32", [2, 1]],
    ["nothing", () => tensor([]), [0], "f32", []],
    ["rows of nothing", () => tensor([[], []]), [2, 0], "f32", [[], []]],
    [
      "a flat array and a shape",
      () => tensor([1, 2, 3, 4], { shape: [2, 2] }),
      [2, 2],
      "f32",
      [
        [1, 2],
        [3, 4],
      ],
    ],
    ["Float32Array", () => tensor(Float32Array.of(1, 2)), [2], "f32", [1, 2]],
    [
      "Float64Array",
      () => tensor(Float64Array.of(0.1), { shape: [1, 1] }),
      [1, 1],
      "f32",
      [[Math.fround(0.1)]],
    ],
    ["Int32Array", () => tensor(Int32Array.of(-1, 2 ** 31 - 1)), [2], "i32", [-1, 2 ** 31 - 1]],
    ["Uint8Array", () => tensor(Uint8Array.of(0, 255)), [2], "f32", [0, 255]],
    [
      "bool from numbers",
      () => tensor([0, 2, Number.NaN, -0], { dtype: "bool" }),
      [4],
      "bool",
      [false, true, true, false],
    ],
    ["i32 from fractions", () => tensor([1.9, -1.9], { dtype: "i32" }), [2], "i32", [1, -1]],
    ["infinities", () => tensor([Infinity, -Infinity]), [2], "f32", [Infinity, -Infinity]],
    ["full", () => full([2], 7), [2], "f32", [7, 7]],
    ["full of a boolean", () => full([2], true), [2], "bool", [true, true]],
    ["full as i32", () => full([1], -3, { dtype: "i32" }), [1], "i32", [-3]],
    ["zeros", () => zeros([1, 2]), [1, 2], "f32", [[0, 0]]],
    ["ones as bool", () => ones([], { dtype: "bool" }), [], "bool", true],
    ["arange(3)", () => arange(3), [3], "i32", [0, 1, 2]],
    ["arange backwards", () => arange(5, 0, -2), [3], "i32", [5, 3, 1]],
    ["arange of fractions", () => arange(0, 1, 0.25), [4], "f32", [0, 0.25, 0.5, 0.75]],
    [
      "arange of fractions to its end",
      () => arange(1, 2, 0.3),
      [4],
      "f32",
      [1, 1.3, 1.6, 1.9].map(Math.fround),
    ],
    ["arange backwards by fractions", () => arange(1, 0, -0.5), [2], "f32", [1, 0.5]],
    ["arange as i32", () => arange(0.5, 4.9, 1.5, { dtype: "i32" }), [3], "i32", [0, 1, 2]],
    ["arange of nothing", () => arange(3, 3), [0], "i32", []],
    ["arange as f32", () => arange(0, 2, 1, { dtype: "f32" }), [2], "f32", [0, 1]],
  ];

  test.each(cases)("%s", (_, make, shape, dtype, values) => {
    using x = make();
    expect(x.shape).toEqual(shape);
    expect(x.dtype).toBe(dtype);
    expect(x.toArray()).toEqual(values);
  });

  test("copies what it is given", () => {
    const source = Float32Array.of(1, 2);
    const shape = [2, 1];
    using x = tensor(source, { shape });
    source[0] = 9;
    shape[0] = 5;
    expect(x.toArray()).toEqual([[1], [2]]);
    const read = x.toTypedArray();
    read[0] = 7;
    expect(x.toArray()).toEqual([[1], [2]]);
  });

  const ring: unknown[] = [];
  ring.push(ring);
  const refused: [string, () => unknown, RegExp][] = [
    ["ragged rows", () => tensor([[1, 2], [3]]), /rows of unequal length.*\(2, 2\)/],
    ["a deeper row", () => tensor([[1], [[2]]] as never), /an element is an array/],
    ["a flatter row", () => tensor([[1], 2] as never), /rows of unequal length/],
    ["an array in itself", () => tensor(ring as never), /too deep/],
    ["strings", () => tensor(["1"] as never), /an element is "1"/],
    ["null", () => tensor(null as never), /an element is null/],
    ["bigints", () => tensor(BigInt64Array.of(1n) as never), /BigInt64Array/],
    ["a DataView", () => tensor(new DataView(new ArrayBuffer(4)) as never), /DataView/],
    [
      "a shape of another size",
      () => tensor([1, 2, 3], { shape: [2, 2] }),
      /3 values do not fill the shape \(2, 2\)/,
    ],
    ["a negative size", () => tensor([], { shape: [-1] }), /\(-1\) is no shape/],
    ["an unknown type", () => tensor([1], { dtype: "f64" as "f32" }), /"f64" is no element type/],
    ["options that are none", () => tensor([1, 2], [2] as never), /options must be an object/],
    ["an i32 that does not fit", () => tensor([2 ** 31], { dtype: "i32" }), /2147483648 does not fit i32/],
    ["NaN as i32", () => tensor([Number.NaN], { dtype: "i32" }), /NaN does not fit i32/],
    [
      "an i32 with a gradient",
      () => tensor(Int32Array.of(1), { requiresGrad: true }),
      /only f32 tensors have gradients/,
    ],
    ["full of nothing", () => full([2], undefined as never), /full: the value must be a number or boolean/],
    ["full of an i32 that does not fit", () => full([2], 1e10, { dtype: "i32" }), /does not fit i32/],
    ["sizes as arguments", () => zeros(2 as never, 3 as never), /options must be an object/],
    ["an endless range", () => arange(0, 10, 0), /no finite sequence/],
    ["a range away from its end by less than a step", () => arange(9, 8, 5), /leads away/],
    ["a range the wrong way", () => arange(2, 0), /leads away from the end/],
    ["a range to infinity", () => arange(Infinity), /no finite sequence/],
    ["a range of text", () => arange("3" as never), /no finite sequence/],
    ["a range beyond i32", () => arange(2 ** 31, 2 ** 31 + 2), /does not fit i32/],
    ["a range too long", () => arange(0, 1e15, 1, { dtype: "f32" }), /is no shape/],
    ["too many axes", () => zeros(new Array(65).fill(1)), /is no shape.*64 axes/],
    ["sizes whose product overflows to NaN", () => zeros([1e300, 1e300, 0]), /is no shape/],
  ];

  test.each(refused)("refuses %s", (_, make, message) => {
    const before = live();
    expect(errorOf(make).message).toMatch(message);
    expect(live()).toEqual(before);
  });
});

test("whatever the arguments are, a tensor comes of them or a SaccadeError", () => {
  const scalar = fc.oneof(
    fc.integer({ min: -3, max: 40 }),
    fc.double(),
    fc.boolean(),
    fc.constantFrom(undefined, null, "3", "", 2 ** 31, 2 ** 53, 1e300, 7n, Symbol.iterator, () => 1),
  );
  const typed = fc.constantFrom(
    new Float32Array(6),
    new Int32Array(4),
    new BigInt64Array(2),
    new DataView(new ArrayBuffer(8)),
    new Uint8Array(0),
  );
  const anything = fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    typed,
    fc.array(scalar, { maxLength: 4 }),
    fc.array(fc.array(scalar, { maxLength: 3 }), { maxLength: 3 }),
    fc.record(
      {
        shape: fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
        dtype: fc.constantFrom("f32", "i32", "bool", "f16", 3),
        requiresGrad: scalar,
      },
      { requiredKeys: [] },
    ),
    fc.anything(),
  );
  const makers = { tensor, full, zeros, ones, arange } as Record<string, (...args: unknown[]) => Tensor>;
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.keys(makers)),
      fc.array(anything, { maxLength: 4 }),
      (name, args) => {
        const before = live();
        let made: Tensor | null = null;
        try {
          made = makers[name](...args);
        } catch (error) {
          if (!(error instanceof SaccadeError)) throw error;
        }
        if (made !== null) {
          expect(made).toBeInstanceOf(Tensor);
          expect(made.toTypedArray()).toHaveLength(made.numel);
          made.dispose();
        }
        expect(live()).toEqual(before);
      },
    ),
    { numRuns: 3000, seed: 20261123 },
  );
});

test("reading: item, toArray and size", () => {
  scope(() => {
    const x = tensor([[1, 2, 3]]);
    expect([x.size(0), x.size(-1), x.rank, x.numel]).toEqual([1, 3, 2, 3]);
    expect(errorOf(() => x.size(2)).code).toBe("shape");
    expect(errorOf(() => x.item()).message).toContain("(1, 3) has 3 elements, not one");
    expect(x.narrow(1, 2, 1).item()).toBe(3);
    expect(tensor([[true]]).item()).toBe(1);
    expect(String(tensor([1], { requiresGrad: true }))).toBe("Tensor((1), f32, requiresGrad)");
  });
});
