import { describe, expect, test } from "vitest";
import type { Kernels } from "../src/generated/bindings.ts";
import { checkSpaces, spaces } from "./elementwise.reference.ts";
import { forEachBuild } from "./harness.ts";
import { indices, normal } from "./rows.reference.ts";

type Name = keyof Kernels;
const f = Math.fround;

/** `Math.max` and `Math.min` propagate NaN and order the zeros, as the kernels do. */
const FLOAT: Record<string, (a: number, b: number) => number> = {
  add_f32: (a, b) => f(a + b),
  sub_f32: (a, b) => f(a - b),
  mul_f32: (a, b) => f(a * b),
  div_f32: (a, b) => f(a / b),
  maximum_f32: Math.max,
  minimum_f32: Math.min,
};
const INTEGER: Record<string, (a: number, b: number) => number> = {
  add_i32: (a, b) => (a + b) | 0,
  sub_i32: (a, b) => (a - b) | 0,
  mul_i32: Math.imul,
  maximum_i32: Math.max,
  minimum_i32: Math.min,
};
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
};

const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-40, -1e-40, 3.4e38, -3.4e38];
const pairs = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
const floats = (seed: number) => (n: number) => normal(n, 2, seed);
const integers = (seed: number) => (n: number) =>
  Int32Array.from(indices(n, 1 << 30, seed), (v, i) => (i % 7 ? v % 5 : i % 2 ? v : -v));
const bools = (seed: number) => (n: number) => Uint8Array.from(indices(n, 2, seed));
/** The loops are the same for all operations: one of each family meets every space. */
const twoInputs = (name: string) =>
  spaces(2, name.startsWith("add") || name === "lt" || name === "and_bool" ? 1 : 5);

forEachBuild((_, k, arena) => {
  const call = (name: string) => k[name as Name] as unknown as (...args: number[]) => void;

  describe.each(Object.keys(FLOAT))("%s", (name) => {
    test.each([0, 1])("over every kind of operand, acc = %d", (acc) => {
      checkSpaces(arena, twoInputs(name), {
        inputs: [floats(1), floats(2)],
        output: floats(3),
        run: (out, [a, b], layout, begin, end) => call(name)(out, a, b, layout, acc, begin, end),
        reference: (old, a, b) => (acc ? f(old + FLOAT[name](a, b)) : FLOAT[name](a, b)),
      });
    });

    test("zeros, infinities, NaN and subnormals", () => {
      const a = arena.f32(pairs.map(([x]) => x));
      const b = arena.f32(pairs.map(([, y]) => y));
      const out = arena.f32(pairs.length);
      const layout = arena.layout([], pairs.length, [1], [1], [1]);
      call(name)(out, a, b, layout, 0, 0, pairs.length);
      expect([...arena.read(out)]).toEqual(pairs.map(([x, y]) => f(FLOAT[name](f(x), f(y)))));
    });

    test("in place, at the end of memory", () => {
      const n = 21;
      const [x, y] = [normal(n), normal(n, 1, 2)];
      const layout = arena.layout([], n, [1], [1], [1]);
      const b = arena.f32(y);
      const a = arena.atEndOfMemory(x);
      call(name)(a, a, b, layout, 0, 0, n);
      expect(arena.read(a)).toEqual(x.map((v, i) => FLOAT[name](v, y[i])));
    });
  });

  describe.each(Object.keys(INTEGER))("%s", (name) => {
    test.each([0, 1])("over every kind of operand, acc = %d", (acc) => {
      checkSpaces(arena, twoInputs(name), {
        inputs: [integers(1), integers(2)],
        output: integers(3),
        run: (out, [a, b], layout, begin, end) => call(name)(out, a, b, layout, acc, begin, end),
        reference: (old, a, b) => (acc ? (old + INTEGER[name](a, b)) | 0 : INTEGER[name](a, b)),
      });
    });
  });

  test.each(Object.keys(COMPARE))("%s of f32 and i32", (name) => {
    const wholeFloats = (seed: number) => (n: number) => Float32Array.from(integers(seed)(n));
    for (const [type, values] of [
      ["f32", wholeFloats],
      ["i32", integers],
    ] as const) {
      checkSpaces(arena, twoInputs(name), {
        inputs: [values(1), values(2)],
        output: bools(3),
        run: (out, [a, b], layout, begin, end) => call(`${name}_${type}`)(out, a, b, layout, begin, end),
        reference: (_old, a, b) => Number(COMPARE[name](a, b)),
      });
    }
  });

  test.each(Object.keys(COMPARE))("%s_f32 of zeros, infinities and NaN", (name) => {
    const a = arena.f32(pairs.map(([x]) => x));
    const b = arena.f32(pairs.map(([, y]) => y));
    const out = arena.u8(pairs.length);
    call(`${name}_f32`)(out, a, b, arena.layout([], pairs.length, [1], [1], [1]), 0, pairs.length);
    expect([...arena.read(out)]).toEqual(pairs.map(([x, y]) => Number(COMPARE[name](f(x), f(y)))));
  });

  test("and_bool, or_bool, not_bool", () => {
    const both: [string, (a: number, b: number) => number][] = [
      ["and_bool", (a, b) => a & b],
      ["or_bool", (a, b) => a | b],
    ];
    for (const [name, reference] of both) {
      checkSpaces(arena, twoInputs(name), {
        inputs: [bools(1), bools(2)],
        output: bools(3),
        run: (out, [a, b], layout, begin, end) => call(name)(out, a, b, layout, begin, end),
        reference: (_old, a, b) => reference(a, b),
      });
    }
    checkSpaces(arena, spaces(1), {
      inputs: [bools(1)],
      output: bools(3),
      run: (out, [a], layout, begin, end) => call("not_bool")(out, a, layout, begin, end),
      reference: (_old, a) => 1 - a,
    });
  });

  test.each([0, 1])("where_f32, acc = %d", (acc) => {
    checkSpaces(arena, spaces(3), {
      inputs: [bools(5), floats(1), floats(2)],
      output: floats(3),
      run: (out, [c, a, b], layout, begin, end) => call("where_f32")(out, c, a, b, layout, acc, begin, end),
      reference: (old, c, a, b) => (acc ? f(old + (c ? a : b)) : c ? a : b),
    });
  });

  test("where_i32", () => {
    checkSpaces(arena, spaces(3, 5), {
      inputs: [bools(5), integers(1), integers(2)],
      output: integers(3),
      run: (out, [c, a, b], layout, begin, end) => call("where_i32")(out, c, a, b, layout, begin, end),
      reference: (_old, c, a, b) => (c ? a : b),
    });
  });

  test("where_f32 masks with -Infinity and keeps NaN where it is chosen", () => {
    const cond = arena.u8([1, 0, 1, 0, 1]);
    const a = arena.f32([1, Number.NaN, Number.NaN, 2, -0]);
    const b = arena.f32([Number.NEGATIVE_INFINITY]);
    const out = arena.f32(5);
    call("where_f32")(out, cond, a, b, arena.layout([], 5, [1], [1], [1], [0]), 0, 0, 5);
    expect([...arena.read(out)]).toEqual([1, -Infinity, NaN, -Infinity, -0]);
  });
});
