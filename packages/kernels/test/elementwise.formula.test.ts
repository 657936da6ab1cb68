// The loops of kernels with parameters (simd/formula.ts), f32 lanes and f64 lanes, one and two operands: every kind of
// operand, cut everywhere, in place, up to the end of memory. What they compute is measured by accuracy.test.ts.
import { describe, expect, test } from "vitest";
import type { Kernels } from "../src/generated/bindings.ts";
import { checkSpaces, spaces } from "./elementwise.reference.ts";
import { forEachBuild } from "./harness.ts";
import { indices, normal } from "./rows.reference.ts";

const f = Math.fround;
const floats = (seed: number) => (n: number) => normal(n, 2, seed);
const integers = (seed: number) => (n: number) => indices(n, 19, seed).map((v) => v - 9);
const divisors = (seed: number) => (n: number) => indices(n, 9, seed).map((v) => (v < 5 ? v - 6 : v));

const remainder = (a: number, b: number): number => {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
};
const leaky = (x: number, y = x): number => (x > 0 ? y : 0.25 * y);

function power(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let y = 1;
  for (let i = 0; i < b; i++) y = Math.imul(y, a);
  return y;
}

forEachBuild((_, k, arena) => {
  const call = (name: keyof Kernels) => k[name] as unknown as (...args: number[]) => void;

  test("one operand, f32 lanes", () => {
    checkSpaces(arena, spaces(1), {
      inputs: [floats(1)],
      output: floats(3),
      run: (out, [x], layout, begin, end) => call("leaky_relu_f32")(out, x, layout, 0.25, begin, end),
      reference: (_old, x) => leaky(x),
    });
  });

  test.each([0, 1])("two operands, f32 lanes, acc = %d", (acc) => {
    checkSpaces(arena, spaces(2), {
      inputs: [floats(1), floats(2)],
      output: floats(3),
      run: (out, [dy, x], layout, begin, end) =>
        call("leaky_relu_backward_f32")(out, dy, x, layout, 0.25, acc, begin, end),
      reference: (old, dy, x) => f((acc ? old : 0) + leaky(x, dy)),
    });
  });

  test("one operand, f64 lanes", () => {
    checkSpaces(arena, spaces(1), {
      inputs: [floats(1)],
      output: floats(3),
      // Below 0: 0 * (e^x - 1) is -0.
      run: (out, [x], layout, begin, end) => call("elu_f32")(out, x, layout, 0, 2, 1, begin, end),
      reference: (_old, x) => (x <= 0 ? -0 : 2 * x),
    });
  });

  test.each([0, 1])("two operands, f64 lanes, acc = %d", (acc) => {
    checkSpaces(arena, spaces(2), {
      inputs: [floats(1), floats(2)],
      output: floats(3),
      run: (out, [a, b], layout, begin, end) => call("modulo_f32")(out, a, b, layout, 0, acc, begin, end),
      reference: (old, a, b) => (acc ? f(old + (a % b)) : a % b),
    });
  });

  test.each([
    ["pow_i32", [], power],
    ["modulo_i32", [0], (a: number, b: number) => a % b],
    ["modulo_i32", [1], remainder],
    ["modulo_i32", [2], (a: number, b: number) => Math.floor(a / b)],
  ] as const)("%s %j", (name, parameters, reference) => {
    checkSpaces(arena, spaces(2, 5), {
      inputs: [integers(1), divisors(2)],
      output: integers(3),
      run: (out, [a, b], layout, begin, end) => call(name)(out, a, b, layout, ...parameters, 0, begin, end),
      reference: (_old, a, b) => reference(a, b) | 0,
    });
  });

  describe("in place and at the end of memory", () => {
    const x = normal(37);
    const layout = () => arena.layout([], x.length, [1], [1], [1]);

    test("f32 lanes", () => {
      const dense = layout();
      const a = arena.atEndOfMemory(x);
      arena.everySplit(x.length, (begin, end) => k.leaky_relu_f32(a, a, dense, 0.25, begin, end), a);
      expect(arena.read(a)).toEqual(x.map((v) => leaky(v)));
    });

    test("f64 lanes", () => {
      const dense = layout();
      const other = x.map((v) => v / 3 + 0.1);
      const b = arena.f32(other);
      const a = arena.atEndOfMemory(x);
      arena.everySplit(x.length, (begin, end) => k.modulo_f32(a, a, b, dense, 0, 0, begin, end), a);
      expect(arena.read(a)).toEqual(x.map((v, i) => v % other[i]));
    });
  });

  test("remainders of operands far apart are exact", () => {
    const a = [3e38, -3e38, 1e30, 7, 5e-39, 1e-45, 3e38, 16777215, -1e20];
    const b = [0.7, 1e-38, -3, 3e38, 1e-40, 3e-45, 1e-45, 5e-30, 33554432];
    const out = arena.f32(a.length);
    const dense = arena.layout([], a.length, [1], [1], [1]);
    k.modulo_f32(out, arena.f32(a), arena.f32(b), dense, 0, 0, 0, a.length);
    expect([...arena.read(out)]).toEqual(a.map((v, i) => f(v) % f(b[i])));
  });

  test("integer powers wrap, whatever the exponent", () => {
    const a = arena.i32([2, 2, 3, -3, 7, -2147483648, -1, 0]);
    const b = arena.i32([31, 32, 20, 21, 2147483647, 1, -2147483648, 0]);
    const out = arena.i32(8);
    k.pow_i32(out, a, b, arena.layout([], 8, [1], [1], [1]), 0, 0, 8);
    const seventh = Number(BigInt.asIntN(32, powerModulo(7n, 2147483647n)));
    expect([...arena.read(out)]).toEqual([
      -2147483648,
      0,
      -808182895,
      -1870418611,
      seventh,
      -2147483648,
      1,
      1,
    ]);
  });
});

/** a^b modulo 2^32. */
function powerModulo(a: bigint, b: bigint): bigint {
  let [y, base] = [1n, a];
  for (let rest = b; rest > 0n; rest >>= 1n) {
    if (rest & 1n) y = BigInt.asUintN(32, y * base);
    base = BigInt.asUintN(32, base * base);
  }
  return y;
}
