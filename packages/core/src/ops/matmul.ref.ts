// Reference of matmul.ts.
import {
  absolute,
  bools,
  broadcast,
  build,
  defineRef,
  integers,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

type Attrs = Record<never, never>;

/** The product of a (…, M, K) and b (…, K, N); vectors are a row on the left and a column on the right. */
export function matmul(a: RefTensor, b: RefTensor): RefTensor {
  const left = a.shape.length === 1 ? [1, ...a.shape] : a.shape;
  const right = b.shape.length === 1 ? [...b.shape, 1] : b.shape;
  const [M, K] = left.slice(-2);
  const N = right[right.length - 1];
  const batch = broadcast(left.slice(0, -2), right.slice(0, -2));
  const startsA = starts(left.slice(0, -2), batch);
  const startsB = starts(right.slice(0, -2), batch);
  const data = new Float64Array(numel(batch) * M * N);
  for (let i = 0; i < data.length; i++) {
    const [n, row] = [i % N, Math.floor(i / N)];
    const [m, item] = [row % M, Math.floor(row / M)];
    const fromA = (startsA[item] * M + m) * K;
    const fromB = startsB[item] * K * N + n;
    for (let k = 0; k < K; k++) data[i] += a.data[fromA + k] * b.data[fromB + k * N];
  }
  const shape = [...batch, ...(a.shape.length === 1 ? [] : [M]), ...(b.shape.length === 1 ? [] : [N])];
  if (a.dtype === "f32" || b.dtype === "f32") return { dtype: "f32", shape, data };
  return { dtype: "i32", shape, data: data.map((sum) => sum | 0) };
}

/** For each item of a batch the number of the matrix that an operand broadcast to it has there. */
function starts(shape: readonly number[], batch: readonly number[]): Float64Array {
  const numbers = {
    dtype: "i32",
    shape,
    data: Float64Array.from({ length: numel(shape) }, (_, i) => i),
  } as const;
  return build(batch, (index) => read(numbers, index)).data;
}

/** Units that cover sums of K products: rounding errors add up like a random walk. */
export const productUnits = (K: number): number => 4 + 2 * Math.sqrt(K);

const pair = (a: readonly number[], b: readonly number[], scale = 1): Sample<Attrs> => ({
  inputs: [normal(a, scale), normal(b, scale)],
  attrs: {},
});

const whole = (a: readonly number[], b: readonly number[], below = 100): Sample<Attrs> => ({
  inputs: [integers(a, -below, below), integers(b, -below, below)],
  attrs: {},
});

/** Every way for ranks to meet, batches to broadcast and sizes to be 0. */
const meetings: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[5], [5]],
  [[5], [5, 17]],
  [[17, 5], [5]],
  [[5], [3, 5, 17]],
  [[3, 17, 5], [5]],
  [[5], [2, 3, 5, 4]],
  [[2, 3, 4, 5], [5]],
  [
    [4, 5],
    [2, 3, 5, 7],
  ],
  [
    [2, 3, 4, 5],
    [5, 7],
  ],
  [
    [2, 1, 4, 5],
    [1, 3, 5, 7],
  ],
  [
    [3, 4, 5],
    [2, 1, 5, 7],
  ],
  [
    [2, 2, 1, 2, 3, 4],
    [2, 1, 3, 1, 4, 5],
  ],
  [
    [1, 1, 4, 5],
    [5, 7],
  ],
  [[1], [1]],
  [
    [1, 1],
    [1, 1],
  ],
  [[0], [0, 3]],
  [[3, 0], [0]],
  [[0, 3], [3]],
  [[3], [3, 0]],
  [[2, 3, 0], [0]],
  [[0], [2, 0, 3]],
  [
    [2, 3, 0],
    [0, 4],
  ],
  [
    [0, 4],
    [3, 4, 2],
  ],
  [
    [4, 3],
    [0, 3, 2],
  ],
  [
    [2, 4, 3],
    [2, 3, 0],
  ],
  [
    [0, 1, 4, 3],
    [2, 3, 5],
  ],
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "matmul",
    inputs: ["a", "b"],
    torchName: "torch.matmul",
    large: { inputs: [normal([512, 512]), normal([512, 512])], attrs: {} },
    torch:
      "(lambda p: torch.matmul(a, b) if a.dtype == b.dtype else torch.matmul(a.to(p), b.to(p)))(torch.promote_types(a.dtype, b.dtype))",
    differentiable: true,
    tolerance: {
      units: ([a]) => productUnits(a.shape[a.shape.length - 1]),
      of: ([a, b]) => matmul({ ...absolute(a), dtype: "f32" }, absolute(b)),
    },
    forward: ([a, b]) => matmul(a, b),
    call: ([a, b]) => a.matmul(b),
    samples: [
      ...SIZES.map((n) => pair([n, 5], [5, 3])),
      ...SIZES.map((n) => pair([3, n], [n, 5])),
      ...SIZES.map((n) => pair([5, 3], [3, n])),
      ...SIZES.map((n) => pair([1, n], [n, 17])),
      pair([17, 33], [33, 15]),
      pair([8, 257], [257, 9]),
      pair([1, 5], [5, 65]),
      pair([13, 17], [17, 1]),
      pair([5], [5, 17]),
      pair([3, 5], [5]),
      pair([17], [17]),
      pair([2, 3, 5], [5, 7]),
      pair([2, 3, 4, 5], [5, 3]),
      pair([3, 5], [2, 5, 7]),
      pair([2, 3, 5], [2, 5, 7]),
      pair([2, 3, 4, 5], [2, 3, 5, 6]),
      pair([2, 1, 4, 5], [3, 5, 6]),
      pair([1, 3, 4, 5], [2, 1, 5, 6]),
      pair([2, 2, 2, 3, 4], [2, 1, 2, 4, 3]),
      pair([2, 3, 1, 5], [2, 3, 5, 17]),
      pair([2, 3, 17, 5], [2, 3, 5, 1]),
      pair([5], [2, 5, 7]),
      pair([2, 3, 5], [5]),
      pair([4, 33], [33, 17], 100),
      pair([3, 0], [0, 5]),
      pair([0, 3], [3, 5]),
      pair([2, 3], [3, 0]),
      pair([2, 3, 0], [2, 0, 4]),
      pair([2, 0, 3], [3, 4]),
      pair([1, 0], [0, 4]),
      pair([0], [0]),
      pair([2, 1, 0], [2, 0, 3]),
      pair([0, 2, 3], [3, 4]),
      pair([0, 2, 3], [1, 3, 4]),
      ...meetings.map(([a, b]) => ({ ...pair(a, b), note: "meeting" })),
      ...meetings.map(([a, b]) => whole(a, b)),
      ...SIZES.map((n) => whole([3, 5], [5, n])),
      ...SIZES.map((n) => whole([2, n], [n, 3])),
      { ...whole([3, 9], [9, 11], 100000), note: "beyond 32 bits" },
      { inputs: [bools([3, 5]), integers([5, 4], -3, 4)], attrs: {} },
      { inputs: [bools([3, 5]), bools([5, 4])], attrs: {}, torch: false },
      { inputs: [integers([3, 5], -3, 4), normal([5, 4])], attrs: {} },
      {
        inputs: [values([1, Number.NaN, 2, 3, Infinity, 1], [3, 2]), values([1, 0, -1, 2, 0, 1], [2, 3])],
        attrs: {},
        note: "NaN, Infinity",
        smooth: false,
      },
    ],
  }),
];
