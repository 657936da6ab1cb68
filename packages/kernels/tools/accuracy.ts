// Measures every transcendental kernel of both builds against float64 over the bit patterns of f32 (after XNNPACK's
// accuracy tests, which evaluate against double precision over whole ranges). Ceilings in ULP of the exact
// result; the gelus, whose result may cancel, in units of 2^-24 * max(|x|, 1). Infinities, NaN and the sign
// of zero must be exact.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Kernels } from "../src/generated/bindings.ts";
import { type Variant, variantSupported } from "../src/variant.ts";
import {
  elu,
  erf,
  erfc,
  gelu,
  geluTanh,
  logSigmoid,
  mish,
  SELU,
  selu,
  sigmoid,
  silu,
  softplus,
} from "./reference.ts";

export interface Row {
  readonly name: string;
  readonly variant: Variant;
  /** What was measured: "ULP", or "2^-24 max(|x|,1)". */
  readonly unit: string;
  readonly worst: number;
  readonly at: number;
  readonly ceiling: number;
  readonly pass: boolean;
}

type Kernel = Extract<keyof Kernels, `${string}_f32`>;
type Range = readonly [low: number, high: number];
interface Case {
  readonly kernel: Kernel;
  /** What it computes, where the name of the kernel does not say it. */
  readonly name?: string;
  /** The kernel's parameters. */
  readonly parameters?: readonly number[];
  /** The other operand of a binary kernel, and whether it comes first. */
  readonly other?: { readonly value: number; readonly first?: boolean };
  readonly reference: (x: number) => number;
  readonly ceiling: number;
  readonly unit: typeof ULP | typeof SCALED;
  /** Arguments that count; all of them if absent. */
  readonly domain?: Range;
  /** Where results are subnormal or formulas switch: every bit pattern of these is visited in a full run. */
  readonly closely?: readonly Range[];
}

const ULP = "ULP";
const SCALED = "2^-24 max(|x|,1)";
const TURNS: readonly Range[] = Array.from({ length: 256 }, (_, k) => near((k * 4099 + 1) * (Math.PI / 2)));

const cases: readonly Case[] = [
  {
    kernel: "exp_f32",
    reference: Math.exp,
    ceiling: 2,
    unit: ULP,
    closely: [
      [-104.1, -87.2],
      [88.6, 88.8],
    ],
  },
  {
    kernel: "log_f32",
    reference: Math.log,
    ceiling: 2,
    unit: ULP,
    closely: [
      [0.7, 1.42],
      [0, 2e-40],
      [1.1e-38, 1.3e-38],
    ],
  },
  { kernel: "sqrt_f32", reference: Math.sqrt, ceiling: 1, unit: ULP },
  {
    kernel: "rsqrt_f32",
    reference: (x) => 1 / Math.sqrt(x),
    ceiling: 1,
    unit: ULP,
    closely: [[0.999, 1.001]],
  },
  { kernel: "reciprocal_f32", reference: (x) => 1 / x, ceiling: 1, unit: ULP, closely: [[8.5e37, 3.4e38]] },
  { kernel: "sin_f32", reference: Math.sin, ceiling: 2, unit: ULP, closely: [near(2 ** 20), ...TURNS] },
  { kernel: "cos_f32", reference: Math.cos, ceiling: 2, unit: ULP, closely: [near(2 ** 20), ...TURNS] },
  {
    kernel: "tanh_f32",
    reference: Math.tanh,
    ceiling: 4,
    unit: ULP,
    closely: [
      [0.17, 0.18],
      [8.9, 9.2],
    ],
  },
  {
    kernel: "erf_f32",
    reference: erf,
    ceiling: 4,
    unit: ULP,
    closely: [
      [0.9, 1.1],
      [3.8, 4.1],
    ],
  },
  { kernel: "sigmoid_f32", reference: sigmoid, ceiling: 4, unit: ULP, closely: [[-111.5, -86.9]] },
  { kernel: "silu_f32", reference: silu, ceiling: 6, unit: ULP, closely: [[-111.5, -86.9]] },
  { kernel: "gelu_f32", reference: gelu, ceiling: 4, unit: SCALED, closely: [[-14.7, -12.7]] },
  {
    kernel: "gelu_f32",
    reference: gelu,
    ceiling: 16,
    unit: ULP,
    domain: [-5, Number.POSITIVE_INFINITY],
    closely: [[-5, -4.9]],
  },
  { kernel: "gelu_tanh_f32", reference: geluTanh, ceiling: 4, unit: SCALED, closely: [[-10.5, -9.5]] },
  ...logarithms("log1p", [1, 1], Math.log1p, [-0.3, -0.29], [-0.99999994, -0.999]),
  ...logarithms("log2", [0, 1 / Math.LN2], Math.log2, [0, 2e-40]),
  ...logarithms("log10", [0, 1 / Math.LN10], Math.log10, [0, 2e-40]),
  named("expm1", "exponential_f32", Math.expm1, [1, 1], [-0.36, -0.34], [88.6, 88.8]),
  named("exp2", "exponential_f32", (x) => 2 ** x, [Math.LN2, 0], [-150.5, -125.9], [127.9, 128.1]),
  named("sinh", "hyperbolic_f32", Math.sinh, [1, 0], [0.34, 0.36], [89.3, 89.5]),
  named("cosh", "hyperbolic_f32", Math.cosh, [-1, 1], [89.3, 89.5]),
  named("asinh", "area_f32", Math.asinh, [0, 1], [0.4, 0.42]),
  named("acosh", "area_f32", Math.acosh, [1, 1], [1, 1.01]),
  named("atanh", "area_f32", Math.atanh, [2, 0.5], [0.999, 1.001], [0.17, 0.18]),
  named("asin", "arc_f32", Math.asin, [0], [0.38, 0.39], [0.92, 0.93], [0.999, 1.001]),
  named("acos", "arc_f32", Math.acos, [1], [0.38, 0.39], [0.92, 0.93], [0.999, 1.001]),
  named("atan", "arc_f32", Math.atan, [2], [0.41, 0.42], [2.41, 2.42]),
  { kernel: "tan_f32", reference: Math.tan, ceiling: 2, unit: ULP, closely: [near(2 ** 20), ...TURNS] },
  { kernel: "erfc_f32", reference: erfc, ceiling: 2, unit: ULP, closely: [[9, 10.3]] },
  named("elu", "elu_f32", elu, [1, 1, 1], [-0.36, -0.34]),
  named("selu", "elu_f32", selu, [SELU[0] * SELU[1], SELU[1], 1], [-0.36, -0.34]),
  named("softplus", "softplus_f32", softplus, [1, 20], [-104, -87], [19.9, 20.1]),
  named("logSigmoid", "softplus_f32", logSigmoid, [-1, Number.POSITIVE_INFINITY], [87, 104]),
  { kernel: "mish_f32", reference: mish, ceiling: 6, unit: ULP, closely: [[-111, -86]] },
  power(2.5, false, [1e-18, 2e-17]),
  power(-0.75, false),
  power(3, false, [-1e-12, -1e-13]),
  power(1.75, true, [-186, -155], [158, 159]),
  power(0.001, true),
  {
    kernel: "atan2_f32",
    name: "atan2(x, -2)",
    other: { value: -2 },
    reference: (x) => Math.atan2(x, -2),
    ceiling: 2,
    unit: ULP,
  },
];

function named(
  name: string,
  kernel: Kernel,
  reference: (x: number) => number,
  parameters: readonly number[],
  ...closely: readonly Range[]
): Case {
  const ceiling = kernel === "elu_f32" || kernel === "softplus_f32" ? 6 : 2;
  return { kernel, name, parameters, reference, ceiling, unit: ULP, closely };
}

/** A logarithm, closely around its zero and wherever else is said. */
function logarithms(
  name: string,
  parameters: readonly [shift: number, unit: number],
  reference: (x: number) => number,
  ...closely: readonly Range[]
): Case[] {
  const zero: Range[] = parameters[0] === 0 ? [[0.7, 1.42]] : [];
  return [named(name, "logarithm_f32", reference, parameters, ...zero, ...closely)];
}

/** x^value, or value^x. */
function power(value: number, first: boolean, ...closely: readonly Range[]): Case {
  return {
    kernel: "pow_f32",
    name: first ? `${value}^x` : `x^${value}`,
    parameters: [0],
    other: { value, first },
    reference: (x) => (first ? Math.fround(value) ** x : x ** value),
    ceiling: 2,
    unit: ULP,
    closely,
  };
}

/** A thousand floats around x. */
function near(x: number): Range {
  return [x * (1 - 2 ** -15), x * (1 + 2 ** -15)];
}

const CHUNK = 1 << 15;
const PAGE = 65536;

/** Places in the first page: layouts of a dense row, alone, before and behind one number; that number. */
const LAYOUT = { alone: 64, before: 96, behind: 128 };
const OTHER = 192;

/** One build over its own memory: x at one page, y behind it, the layouts before both. */
class Bench {
  readonly variant: Variant;
  readonly #kernels: Kernels;
  readonly #x: Float32Array;
  readonly #other: Float32Array;
  readonly y: Float32Array;

  constructor(variant: Variant, directory: string) {
    const memory = new WebAssembly.Memory({ initial: 2 + (2 * 4 * CHUNK) / PAGE, maximum: PAGE });
    const module = new WebAssembly.Module(readFileSync(join(directory, `kernels-${variant}.wasm`)));
    this.variant = variant;
    this.#kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;
    this.#x = new Float32Array(memory.buffer, PAGE, CHUNK);
    this.y = new Float32Array(memory.buffer, PAGE + 4 * CHUNK, CHUNK);
    this.#other = new Float32Array(memory.buffer, OTHER, 1);
    new Int32Array(memory.buffer, LAYOUT.alone, 4).set([0, CHUNK, 1, 1]);
    new Int32Array(memory.buffer, LAYOUT.before, 5).set([0, CHUNK, 1, 1, 0]);
    new Int32Array(memory.buffer, LAYOUT.behind, 5).set([0, CHUNK, 1, 0, 1]);
  }

  run({ kernel, parameters = [], other }: Case, x: Float32Array, count: number): void {
    this.#x.set(x);
    const call = this.#kernels[kernel] as unknown as (...args: number[]) => void;
    const [from, to] = [this.#x.byteOffset, this.y.byteOffset];
    if (other === undefined) {
      call(to, from, LAYOUT.alone, ...parameters, 0, count);
      return;
    }
    this.#other[0] = other.value;
    if (other.first) call(to, OTHER, from, LAYOUT.behind, ...parameters, 0, 0, count);
    else call(to, from, OTHER, LAYOUT.before, ...parameters, 0, 0, count);
  }
}

const f64 = new Float64Array(1);
const f64Words = new Uint32Array(f64.buffer);

/** 1 / ulp: the spacing of f32 numbers around the exact value. */
function perUlp(exact: number): number {
  f64[0] = exact;
  const exponent = ((f64Words[1] >>> 20) & 2047) - 1023;
  return 2 ** (23 - Math.min(Math.max(exponent, -126), 127));
}

/** Error of y in the case's unit; Infinity where NaN, an infinity or the sign of zero is wrong. */
function errorOf(unit: string, x: number, y: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(y, rounded) && (unit === SCALED || y === exact)) return 0;
  if (Number.isNaN(exact) || Number.isNaN(y))
    return Number.isNaN(exact) && Number.isNaN(y) ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(y))
    return y === rounded ? 0 : y === Math.sign(exact) * Number.POSITIVE_INFINITY ? overflow(exact) : y * y;
  if (!Number.isFinite(exact)) return Number.POSITIVE_INFINITY;
  if (y === 0 && (Object.is(y, -0) ? exact > 0 || Object.is(exact, 0) : exact < 0 || Object.is(exact, -0))) {
    return Number.POSITIVE_INFINITY;
  }
  const distance = Math.abs(y - exact);
  return unit === ULP ? distance * perUlp(exact) : (distance * 2 ** 24) / Math.max(Math.abs(x), 1);
}

/** y is infinite, the exact value is not and does not round there: how far 2^128 is away. */
function overflow(exact: number): number {
  return (2 ** 128 - Math.abs(exact)) * 2 ** -104;
}

export interface Options {
  /** Distance between visited bit patterns; 101 in a full run. */
  readonly stride: number;
  /** Distance within the ranges of `closely`. */
  readonly closeStride: number;
  /** Where the wasm builds are. */
  readonly directory?: string;
}

const patterns = new Uint32Array(CHUNK);
const arguments_ = new Float32Array(patterns.buffer);

/** Bit patterns of a range that does not cross 0, as [first, last]. */
function patternsOf([low, high]: Range): [number, number] {
  const ends = new Float32Array([low, high]);
  const [a, b] = new Uint32Array(ends.buffer);
  return a < b ? [a, b] : [b, a];
}

/** Calls `visit` with chunks of arguments: all f32 numbers at `stride`, then the close ranges. */
function visitArguments(item: Case, options: Options, visit: (count: number) => void): void {
  let filled = 0;
  const push = (first: number, last: number, stride: number) => {
    for (let bits = first; bits <= last; bits += stride) {
      patterns[filled++] = bits;
      if (filled === CHUNK) {
        visit(filled);
        filled = 0;
      }
    }
  };
  push(0, 2 ** 32 - 1, options.stride);
  for (const range of item.closely ?? []) push(...patternsOf(range), options.closeStride);
  visit(filled);
}

function measureCase(item: Case, benches: readonly Bench[], options: Options): Row[] {
  const worst = benches.map(() => ({ error: 0, at: 0 }));
  const [low, high] = item.domain ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  visitArguments(item, options, (count) => {
    for (const bench of benches) bench.run(item, arguments_, count);
    for (let i = 0; i < count; i++) {
      const x = arguments_[i];
      if (x < low || x > high) continue;
      const exact = item.reference(x);
      for (let b = 0; b < benches.length; b++) {
        const error = errorOf(item.unit, x, benches[b].y[i], exact);
        if (error > worst[b].error) worst[b] = { error, at: x };
      }
    }
  });
  return benches.map((bench, b) => ({
    name: (item.name ?? item.kernel.replace(/_f32$/, "")) + (item.domain ? ` (x >= ${item.domain[0]})` : ""),
    variant: bench.variant,
    unit: item.unit,
    worst: worst[b].error,
    at: worst[b].at,
    ceiling: item.ceiling,
    pass: worst[b].error <= item.ceiling,
  }));
}

/** All rows of the accuracy table: every function in every build this runtime can run. */
export function measure(options: Options): Row[] {
  const directory =
    options.directory ?? process.env.SACCADE_KERNELS ?? fileURLToPath(new URL("../build", import.meta.url));
  const benches = (["simd", "relaxed"] as const)
    .filter(variantSupported)
    .map((variant) => new Bench(variant, directory));
  return cases.flatMap((item) => measureCase(item, benches, options));
}
