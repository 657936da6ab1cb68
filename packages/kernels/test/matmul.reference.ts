// What a matrix product should be: float64 sums over f32 inputs in plain loops, and the bound its f32 version
// must meet. |error| <= 2^-24 * (3 + 2 sqrt(K)) * (|A| |B|): worst cases grow with K, roundings of unrelated
// sign with its root (Higham & Mary, "A new approach to probabilistic rounding error analysis", 2019).

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** Element (i, j) at data[start + i * rs + j * cs]. */
  readonly data: Float32Array;
  readonly start: number;
  readonly rs: number;
  readonly cs: number;
}

/** Ways a matrix may lie in memory; the last two are dense along neither axis, and backwards. */
export const forms = ["rows", "columns", "gaps", "strided", "reversed"] as const;
export type Form = (typeof forms)[number];

/** Numbers in [-1, 1), the same for the same seed. */
export function noise(count: number, seed: number): Float32Array {
  let state = Math.imul(seed + 1, 0x9e3779b1) | 1;
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state / 2 ** 31;
  });
}

export function matrix(rows: number, columns: number, form: Form, seed: number): Matrix {
  const at = { rows, columns, start: 0 };
  const place = (rs: number, cs: number, length: number, start = 0): Matrix => {
    return { ...at, rs, cs, start, data: noise(length, seed) };
  };
  if (form === "rows") return place(columns, 1, rows * columns);
  if (form === "columns") return place(1, rows, rows * columns);
  if (form === "gaps") return place(columns + 3, 1, Math.max(0, rows * (columns + 3) - 3));
  if (form === "strided") return place(2 * columns + 1, 2, Math.max(0, rows * (2 * columns + 1) - 1));
  return place(-columns, -1, rows * columns, Math.max(0, rows * columns - 1));
}

export const element = (m: Matrix, i: number, j: number): number => m.data[m.start + i * m.rs + j * m.cs];

/** A B in float64, and |A| |B|. */
export function product(a: Matrix, b: Matrix): { sums: Float64Array; sizes: Float64Array } {
  const [M, K, N] = [a.rows, a.columns, b.columns];
  const sums = new Float64Array(M * N);
  const sizes = new Float64Array(M * N);
  for (let m = 0; m < M; m++) {
    for (let k = 0; k < K; k++) {
      const x = element(a, m, k);
      for (let n = 0; n < N; n++) {
        const term = x * element(b, k, n);
        sums[m * N + n] += term;
        sizes[m * N + n] += Math.abs(term);
      }
    }
  }
  return { sums, sizes };
}

/** Largest |actual - expected| / bound; at most 1 when all is well, NaN when a NaN is in the wrong place. */
export function worst(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  sizes: ArrayLike<number>,
  K: number,
): number {
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    const bound = 2 ** -24 * (3 + 2 * Math.sqrt(K)) * sizes[i] + 2 ** -149;
    if (!(error / bound <= most)) most = error / bound;
    if (Number.isNaN(most)) return most;
  }
  return most;
}
