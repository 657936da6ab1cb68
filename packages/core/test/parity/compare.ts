// How far a result is from what was expected, and how far it may be.
import type { TypedArray } from "../../src/dtype.ts";
import type { RefTensor, Tolerance } from "../../src/reference.ts";
import type { Case } from "./cases.ts";
import type { Expectation } from "./fixtures.ts";

/** Half an ULP of 1: the unit in which errors are stated. */
export const UNIT = 2 ** -24;

export interface Verdict {
  /** Largest error in units of 2^-24 of the tensor's largest magnitude. */
  readonly error: number;
  /** The first element beyond its bound, in words; null when all are within. */
  readonly complaint: string | null;
}

export function largest(values: Float64Array): number {
  let top = 0;
  for (const value of values) if (Number.isFinite(Math.fround(value))) top = Math.max(top, Math.abs(value));
  return top;
}

/**
 * Compares elements, each with its bound. What is no finite f32 must come out as exactly that: NaN, an infinity, or
 * an overflow to it.
 */
export function compare(got: TypedArray, wanted: Float64Array, bound: (i: number) => number): Verdict {
  if (got.length !== wanted.length)
    return { error: Infinity, complaint: `${got.length} elements, not ${wanted.length}` };
  let worst = 0;
  let complaint: string | null = null;
  for (let i = 0; i < got.length; i++) {
    const rounded = Math.fround(wanted[i]);
    const finite = Number.isFinite(rounded);
    const error = finite ? Math.abs(got[i] - wanted[i]) : Object.is(got[i], rounded) ? 0 : Infinity;
    if (!(error <= (finite ? bound(i) : 0))) {
      complaint ??= `element ${i} is ${got[i]}, not ${wanted[i]}: off by ${error.toExponential(2)}, ${bound(i).toExponential(2)} is allowed`;
    }
    worst = Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }
  return { error: worst === 0 ? 0 : worst / (UNIT * largest(wanted)), complaint };
}

/** The bound an op's reference states for each element of its result. */
export function statedBound({ ref, sample, inputs, expected }: Case, output: number): (i: number) => number {
  const tolerance: Tolerance<unknown> = ref.tolerance;
  const wanted = expected[output];
  if ("ulp" in tolerance) return (i) => tolerance.ulp * ulpOf(wanted.data[i]);
  const given = inputs as readonly RefTensor[];
  const units = typeof tolerance.units === "number" ? tolerance.units : tolerance.units(given, sample.attrs);
  const magnitude = tolerance.of?.(given, sample.attrs).data;
  if (magnitude?.length === wanted.data.length) return (i) => units * UNIT * magnitude[i];
  const top = largest(magnitude ?? wanted.data);
  return () => units * UNIT * top;
}

/** Distance from |x| as an f32 to the next larger one. */
function ulpOf(x: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -126);
  return 2 ** (exponent - 23);
}

/**
 * The parity rule: within 8 d + 1e-7 · scale of PyTorch's float64. An f32 result may be exact by luck, so d counts as
 * half an ULP of the scale at least.
 */
export function parityBound({ values, deviation }: Expectation): number {
  const scale = largest(values);
  return 8 * Math.max(deviation, UNIT * scale) + 1e-7 * scale;
}

/** Equal bit by bit, but for the sign of a zero where `signedZeros` is false; any NaN is any other. */
export function identical(a: TypedArray | null, b: TypedArray | null, signedZeros = true): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((x, i) => Object.is(x, b[i]) || (!signedZeros && x === b[i]));
}
