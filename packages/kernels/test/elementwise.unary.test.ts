import { describe, expect, test } from "vitest";
import type { Kernels } from "../src/generated/bindings.ts";
import { erf, gelu, geluTanh, sigmoid, silu } from "../tools/reference.ts";
import { checkSpaces, spaces } from "./elementwise.reference.ts";
import { forEachBuild } from "./harness.ts";
import { normal } from "./rows.reference.ts";

type Name = keyof Kernels;
const f = Math.fround;
const SPECIAL = [0, -0, Infinity, -Infinity, NaN, -20, -1e30, 1e30, 1e-40, -1e-40];
/**
 * Values PyTorch gives for SPECIAL; NaN for a value below that is only checked against the float64
 * reference.
 */
const TORCH: Record<string, readonly number[]> = {
  neg: [-0, 0, -Infinity, Infinity, NaN, 20, 1e30, -1e30, -1e-40, 1e-40],
  abs: [0, 0, Infinity, Infinity, NaN, 20, 1e30, 1e30, 1e-40, 1e-40],
  exp: [1, 1, Infinity, 0, NaN, 2.0611537e-9, 0, Infinity, 1, 1],
  log: [-Infinity, -Infinity, Infinity, NaN, NaN, NaN, NaN, 69.077553, -92.103401, NaN],
  sqrt: [0, -0, Infinity, NaN, NaN, NaN, NaN, 1e15, 9.9999753e-21, NaN],
  rsqrt: [Infinity, -Infinity, 0, NaN, NaN, NaN, NaN, 1e-15, 1.0000025e20, NaN],
  reciprocal: [Infinity, -Infinity, 0, -0, NaN, -0.05, -1e-30, 1e-30, Infinity, -Infinity],
  square: [0, 0, Infinity, Infinity, NaN, 400, Infinity, Infinity, 0, 0],
  sin: [0, -0, NaN, NaN, NaN, -0.91294525, 0.79116344, -0.79116344, 1e-40, -1e-40],
  cos: [1, 1, NaN, NaN, NaN, 0.40808206, -0.6116048, -0.6116048, 1, 1],
  tanh: [0, -0, 1, -1, NaN, -1, -1, 1, 1e-40, -1e-40],
  erf: [0, -0, 1, -1, NaN, -1, -1, 1, 1.128379e-40, -1.128379e-40],
  sigmoid: [0.5, 0.5, 1, 0, NaN, 2.0611537e-9, 0, 1, 0.5, 0.5],
  relu: [0, -0, Infinity, 0, NaN, 0, 0, 1e30, 1e-40, 0],
  silu: [0, -0, Infinity, NaN, NaN, -4.1223074e-8, -0, 1e30, 5e-41, -5e-41],
  gelu: [0, -0, NaN, NaN, NaN, -0, -0, 1e30, 5e-41, -5e-41],
  gelu_tanh: [0, -0, Infinity, NaN, NaN, -0, -0, 1e30, 5e-41, -5e-41],
};
const REFERENCE: Record<string, (x: number) => number> = {
  neg: (x) => -x,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  rsqrt: (x) => 1 / Math.sqrt(x),
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  sigmoid,
  relu: (x) => Math.max(x, 0),
  silu,
  gelu,
  gelu_tanh: geluTanh,
};
/** Derivatives of REFERENCE in float64, and whether the kernel is given y or x. */
const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const sigmoidSlope = (z: number) => sigmoid(z) * sigmoid(-z);
const geluTanhZ = (x: number) => Math.sqrt(8 / Math.PI) * (x + 0.044715 * x ** 3);
const DERIVATIVE: Record<string, [saved: "x" | "y", (x: number) => number]> = {
  exp: ["y", Math.exp],
  log: ["x", (x) => 1 / x],
  sqrt: ["y", (x) => 0.5 / Math.sqrt(x)],
  rsqrt: ["y", (x) => -0.5 * x ** -1.5],
  reciprocal: ["y", (x) => -1 / (x * x)],
  square: ["x", (x) => 2 * x],
  sin: ["x", Math.cos],
  cos: ["x", (x) => -Math.sin(x)],
  tanh: ["y", (x) => Math.cosh(x) ** -2],
  erf: ["x", (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)],
  sigmoid: ["y", sigmoidSlope],
  relu: ["y", (x) => (x > 0 ? 1 : 0)],
  silu: ["x", (x) => sigmoid(x) + x * sigmoidSlope(x)],
  gelu: ["x", (x) => (x === 0 ? 0.5 : gelu(x) / x) + x * density(x)],
  gelu_tanh: [
    "x",
    (x) =>
      sigmoid(geluTanhZ(x)) +
      x * sigmoidSlope(geluTanhZ(x)) * Math.sqrt(8 / Math.PI) * (1 + 3 * 0.044715 * x * x),
  ],
  abs: ["x", Math.sign],
};
const POSITIVE = ["log", "sqrt", "rsqrt"];
/** Gradients at 0, -0, NaN and the infinities as PyTorch gives them (dy = 1, saved value computed from x). */
const EDGES = [0, -0, Infinity, -Infinity, NaN];
const TORCH_GRADIENT: Record<string, readonly number[]> = {
  exp: [1, 1, Infinity, 0, NaN],
  log: [Infinity, -Infinity, 0, -0, NaN],
  sqrt: [Infinity, -Infinity, 0, NaN, NaN],
  rsqrt: [-Infinity, Infinity, -0, NaN, NaN],
  reciprocal: [-Infinity, -Infinity, -0, -0, NaN],
  square: [0, -0, Infinity, -Infinity, NaN],
  sin: [1, 1, NaN, NaN, NaN],
  cos: [-0, 0, NaN, NaN, NaN],
  tanh: [1, 1, 0, 0, NaN],
  sigmoid: [0.25, 0.25, 0, 0, NaN],
  relu: [0, 0, 1, 0, 1],
  silu: [0.5, 0.5, NaN, NaN, NaN],
  gelu: [0.5, 0.5, NaN, NaN, NaN],
  gelu_tanh: [0.5, 0.5, NaN, NaN, NaN],
  abs: [0, 0, 1, -1, 0],
  erf: [f(1.1283792), f(1.1283792), 0, 0, NaN],
};

const values = (name: string, n: number, seed: number, scale = 2): Float32Array => {
  const x = normal(n, scale, seed);
  return POSITIVE.includes(name) ? x.map(Math.abs) : x;
};

/** Equal numbers, signs of zero included, up to a few units of the last place. */
function expectClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  relative: number,
  floor = 0,
): void {
  expected.forEach((e, i) => {
    const a = actual[i];
    if (Object.is(a, f(e))) return;
    const close = Math.abs(a - e) <= Math.max(Math.abs(e), floor) * relative && e !== 0;
    if (!close) throw new Error(`element ${i}: ${a} instead of ${f(e)}`);
  });
}

forEachBuild((_, k, arena) => {
  const call = (name: string) => k[name as Name] as unknown as (...args: number[]) => void;
  /** The kernel applied to one value: what any element anywhere must equal, bit for bit. */
  const bitsOf = (name: string, x: Float32Array): Float32Array => {
    const out = arena.f32(x.length);
    const input = arena.f32(x);
    const layout = arena.layout([], x.length, [1], [1]);
    for (let i = 0; i < x.length; i++) call(`${name}_f32`)(out, input, layout, i, i + 1);
    const bits = arena.read(out);
    arena.reset();
    return bits;
  };

  describe.each(Object.keys(REFERENCE))("%s_f32", (name) => {
    test("float64, at the end of memory, x 1 and x 100", () => {
      for (const scale of [1, 100]) {
        const x = values(name, 1003, 1, scale);
        const out = arena.f32(x.length);
        const layout = arena.layout([], x.length, [1], [1]);
        const input = arena.atEndOfMemory(x);
        call(`${name}_f32`)(out, input, layout, 0, x.length);
        const floor = name.startsWith("gelu") ? 1 : 0;
        expectClose(arena.read(out), [...x].map(REFERENCE[name]), 6 * 2 ** -23, Math.max(floor, 2 ** -126));
        arena.checkSentinels();
        arena.reset();
      }
    });

    test("zeros, infinities, NaN, subnormals and far arguments as PyTorch", () => {
      const out = arena.f32(SPECIAL.length);
      const layout = arena.layout([], SPECIAL.length, [1], [1]);
      call(`${name}_f32`)(out, arena.f32(SPECIAL), layout, 0, SPECIAL.length);
      const actual = arena.read(out);
      TORCH[name].forEach((e, i) => {
        const near =
          Math.abs(actual[i] - e) <= Math.abs(e) * 1e-6 + (Math.abs(e) < 1e-38 && e !== 0 ? 2e-45 : 0);
        if (!Object.is(actual[i], f(e)) && !(near && e !== 0)) {
          throw new Error(`${name}(${SPECIAL[i]}) = ${actual[i]} instead of ${e}`);
        }
      });
    });

    test("the same bits in every place, cut and layout", () => {
      const pool = values(name, 4096, 3);
      const out = bitsOf(name, pool);
      const bits = new Map([...pool].map((x, i) => [x, out[i]]));
      checkSpaces(arena, spaces(1, name === "exp" ? 1 : 4), {
        inputs: [(n) => pool.slice(0, n)],
        output: (n) => normal(n, 1, 9),
        run: (out, [x], layout, begin, end) => call(`${name}_f32`)(out, x, layout, begin, end),
        reference: (_old, x) => bits.get(x) ?? Number.NaN,
      });
    });

    test("in place", () => {
      const x = values(name, 37, 5);
      const expected = bitsOf(name, x);
      const a = arena.f32(x);
      const layout = arena.layout([], x.length, [1], [1]);
      arena.everySplit(x.length, (begin, end) => call(`${name}_f32`)(a, a, layout, begin, end), a);
      expect(arena.read(a)).toEqual(expected);
    });
  });

  describe.each(Object.keys(DERIVATIVE))("%s_backward_f32", (name) => {
    const [saved, derivative] = DERIVATIVE[name];
    const savedOf = (x: Float32Array): Float32Array => (saved === "x" ? x : x.map(REFERENCE[name]));

    test.each([0, 1])("float64, acc = %d", (acc) => {
      const x = values(name, 515, 2);
      const dy = normal(x.length, 1, 4);
      const old = normal(x.length, 1, 6);
      const dx = arena.f32(old);
      const layout = arena.layout([], x.length, [1], [1], [1]);
      const args = [arena.f32(dy), arena.f32(savedOf(x)), layout, acc];
      arena.everySplit(x.length, (begin, end) => call(`${name}_backward_f32`)(dx, ...args, begin, end), dx);
      const scale = Math.max(...[...x].map((v) => Math.abs(derivative(v))), 1);
      arena.read(dx).forEach((actual, i) => {
        const exact = dy[i] * derivative(x[i]) + (acc ? old[i] : 0);
        // tanh and sigmoid lose digits of 1 - y; the others are within a few roundings of the result.
        const bound =
          2 ** -22 *
          (Math.abs(dy[i]) * Math.max(Math.abs(derivative(x[i])), Math.min(scale, 1)) + Math.abs(old[i]));
        if (!(Math.abs(actual - exact) <= bound))
          throw new Error(`x = ${x[i]}: ${actual} instead of ${exact}`);
      });
    });

    test("float64 derivatives are those of the float64 functions", () => {
      for (const x of [0.3, 1.7, 3.1]) {
        const h = 1e-5;
        const central = (REFERENCE[name](x + h) - REFERENCE[name](x - h)) / (2 * h);
        expect(derivative(x)).toBeCloseTo(central, 7);
      }
    });

    test("the same bits in every layout", () => {
      const n = 2048;
      const x = values(name, n, 3);
      const dy = normal(n, 1, 4);
      const pointers = [arena.f32(n), arena.f32(dy), arena.f32(savedOf(x))] as const;
      const layout = arena.layout([], n, [1], [1], [1]);
      for (let i = 0; i < n; i++) call(`${name}_backward_f32`)(...pointers, layout, 0, i, i + 1);
      const out = arena.read(pointers[0]);
      const bits = new Map([...dy].map((g, i) => [g, out[i]]));
      arena.reset();
      // An operand that repeats elements pairs others with them: only forms that keep the pairing can be
      // compared.
      const kept = spaces(2, 1).filter(({ forms }) => forms.every((form) => form === forms[0]));
      checkSpaces(arena, kept, {
        inputs: [(extent) => dy.slice(0, extent), (extent) => savedOf(x).slice(0, extent)],
        output: (extent) => normal(extent, 1, 9),
        run: (out, [g, s], l, begin, end) => call(`${name}_backward_f32`)(out, g, s, l, 0, begin, end),
        reference: (_old, g) => bits.get(g) ?? Number.NaN,
      });
    });

    test("edges as PyTorch", () => {
      const x = Float32Array.from(EDGES);
      const dx = arena.f32(EDGES.length);
      const ones = arena.f32([1]);
      const s = arena.f32(saved === "x" ? x : [...bitsOfEdges(name, x)]);
      call(`${name}_backward_f32`)(
        dx,
        ones,
        s,
        arena.layout([], EDGES.length, [1], [0], [1]),
        0,
        0,
        EDGES.length,
      );
      expect([...arena.read(dx)]).toEqual([...TORCH_GRADIENT[name]]);
    });
  });

  /** The forward of the edges, from REFERENCE: -0 and NaN as the kernel keeps them. */
  function bitsOfEdges(name: string, x: Float32Array): Float32Array {
    const out = arena.f32(x.length);
    call(`${name}_f32`)(out, arena.f32(x), arena.layout([], x.length, [1], [1]), 0, x.length);
    return arena.read(out);
  }
});
