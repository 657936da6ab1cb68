// What the row kernels' tests share: sizes that cross every loop, random f32 data, and the one error bound of
// rows, |error| <= 2 * 2^-24 * (2 + log2 N) * scale of the row. References compute in float64 from the same
// f32 inputs.

/** 2^-24: the relative error of one f32 rounding. */
export const U = 2 ** -24;
export const SIZES = [1, 3, 4, 5, 15, 16, 17, 31, 33, 65, 257, 1000];

export const rowBound = (n: number): number => 2 * U * (2 + Math.log2(n));

/** `n` normal f32 numbers times `scale` plus `offset`, always the same for one seed. */
export function normal(n: number, scale = 1, seed = 1, offset = 0): Float32Array {
  let state = (seed * 2654435761) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
  return Float32Array.from(
    { length: n },
    () => offset + scale * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export const indices = (n: number, limit: number, seed = 1): Int32Array =>
  Int32Array.from(normal(n, 1000, seed), (v) => Math.abs(Math.trunc(v)) % limit);

export const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total;
};
export const largest = (values: ArrayLike<number>): number => {
  let top = 0;
  for (let i = 0; i < values.length; i++) top = Math.max(top, Math.abs(values[i]));
  return top;
};
export const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Rows (i, j) of D0 x D1, `n` long, `s0` and `s1` apart, spread from dense ones; the gaps hold NaN. */
export class Rows {
  readonly D0: number;
  readonly D1: number;
  readonly n: number;
  readonly s0: number;
  readonly s1: number;
  constructor(D0: number, D1: number, n: number, gap: number) {
    this.D0 = D0;
    this.D1 = D1;
    this.n = n;
    this.s1 = n + gap;
    this.s0 = D1 * this.s1 + 2 * gap;
  }
  get count(): number {
    return this.D0 * this.D1;
  }
  get strides(): readonly [number, number] {
    return [this.s0, this.s1];
  }
  start(r: number): number {
    return Math.floor(r / this.D1) * this.s0 + (r % this.D1) * this.s1;
  }
  /** Dense (D0*D1, n) data laid out with these strides. */
  spread(dense: ArrayLike<number>): Float32Array {
    const out = new Float32Array(this.start(this.count - 1) + this.n).fill(Number.NaN);
    for (let r = 0; r < this.count; r++) {
      for (let c = 0; c < this.n; c++) out[this.start(r) + c] = dense[r * this.n + c];
    }
    return out;
  }
  row(data: Float32Array, r: number): Float32Array {
    return data.subarray(this.start(r), this.start(r) + this.n);
  }
  /** Throws if an element between the rows is no longer NaN. */
  checkGaps(data: Float32Array): void {
    const expected = this.spread(new Float32Array(this.count * this.n));
    expected.forEach((v, i) => {
      if (Number.isNaN(v) && !Number.isNaN(data[i]))
        throw new Error(`the gap at ${i} was written: ${data[i]}`);
    });
  }
}

/** Throws unless |actual - expected| <= bound everywhere; NaN and infinities must be the same. */
export function expectWithin(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: number | ((i: number) => number),
  what: string,
): void {
  if (actual.length !== expected.length)
    throw new Error(`${what}: ${actual.length} values, not ${expected.length}`);
  for (let i = 0; i < actual.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const error = Math.abs(actual[i] - expected[i]);
    const limit = typeof bound === "number" ? bound : bound(i);
    if (error <= limit) continue;
    throw new Error(
      `${what}: element ${i} is ${actual[i]}, not ${expected[i]}: error ${error}, bound ${limit}`,
    );
  }
}

/** Gradient of f at x by central differences, for checking an analytic reference (not f32 results). */
export function centralDifferences(
  f: (x: Float64Array) => number,
  x: ArrayLike<number>,
  h = 1e-5,
): Float64Array {
  return Float64Array.from(range(x.length), (i) => {
    const up = Float64Array.from(x as ArrayLike<number>);
    const down = up.slice();
    up[i] += h;
    down[i] -= h;
    return (f(up) - f(down)) / (2 * h);
  });
}
