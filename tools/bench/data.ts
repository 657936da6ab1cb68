// Numbers that every contestant makes alike, and what is compared of their results.

/** `n` values in [-scale / 2, scale / 2) that look random: a hash of the position (MurmurHash3's finaliser) and the seed. */
export function numbers(n: number, seed: number, scale = 1): Float32Array<ArrayBuffer> {
  const values = new Float32Array(n);
  for (let i = 0; i < n; i++) {
    let h = (i + Math.imul(seed + 1, 0x9e3779b1)) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    values[i] = (((h ^ (h >>> 16)) >>> 0) / 2 ** 32 - 0.5) * scale;
  }
  return values;
}

/** Weights whose products keep the size of what goes in: variance 1 / inputs. */
export function weights(n: number, seed: number, inputs: number): Float32Array<ArrayBuffer> {
  return numbers(n, seed, Math.sqrt(12 / inputs));
}

/** x (rows, columns) lying transposed. */
export function transposed(
  x: Float32Array<ArrayBuffer>,
  rows: number,
  columns: number,
): Float32Array<ArrayBuffer> {
  const y = new Float32Array(x.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) y[c * rows + r] = x[r * columns + c];
  return y;
}

/** Blocks of x, each `size` long, in another order. */
export function reordered(
  x: Float32Array<ArrayBuffer>,
  size: number,
  order: readonly number[],
): Float32Array<ArrayBuffer> {
  const y = new Float32Array(x.length);
  order.forEach((from, to) => {
    y.set(x.subarray(from * size, (from + 1) * size), to * size);
  });
  return y;
}

/** A mask (T, T) to add to scores: −∞ (nearly) where a key lies behind the query. */
export function future(T: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: T * T }, (_, i) => (i % T > Math.floor(i / T) ? -1e30 : 0));
}

/** Count, sum and sum of magnitudes of a result: alike for all, whatever order its axes lie in. */
export type Checksum = readonly [count: number, sum: number, magnitude: number];

export function checksum(...results: readonly ArrayLike<number>[]): Checksum {
  let [count, sum, magnitude] = [0, 0, 0];
  for (const values of results) {
    count += values.length;
    for (let i = 0; i < values.length; i++) {
      sum += values[i];
      magnitude += Math.abs(values[i]);
    }
  }
  return [count, sum, magnitude];
}

/** Whether two contestants computed the same thing: what differs is far below one wrong element in a thousand. */
export function agrees(a: Checksum, b: Checksum, tolerance = 1e-3): boolean {
  const scale = Math.max(a[2], b[2], Number.MIN_VALUE);
  if (![...a, ...b].every(Number.isFinite)) return false;
  return (
    a[0] === b[0] && Math.abs(a[1] - b[1]) <= tolerance * scale && Math.abs(a[2] - b[2]) <= tolerance * scale
  );
}
