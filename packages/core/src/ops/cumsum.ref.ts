// References of cumsum.ts.
import {
  absolute,
  alongAxis,
  axisSamples,
  bools,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  pickAlong,
  type RefTensor,
  type Sample,
  shuffled,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs {
  readonly dim: number;
  readonly exclusive?: boolean;
  readonly reverse?: boolean;
}

type Line = (line: Float64Array) => Float64Array;

/** A running result as the options want it; `start` is that of nothing. */
function along(x: RefTensor, { dim, exclusive, reverse }: Attrs, running: Line, start: number): RefTensor {
  return alongAxis(x, dim, (line) => {
    const turned = reverse ? line.slice().reverse() : line;
    const own = exclusive ? Float64Array.of(start, ...turned).slice(0, line.length) : turned;
    const y = running(own);
    return reverse ? y.reverse() : y;
  });
}

/** Samples of the options, which PyTorch does not have. */
const ways = (of: (shape: readonly number[]) => Maker): Sample<Attrs>[] =>
  [{ exclusive: true }, { reverse: true }, { exclusive: true, reverse: true }].flatMap((options) =>
    (
      [
        [[3, 17], 1],
        [[5, 4, 3], -2],
        [[1], 0],
        [[], 0],
        [[0, 3], 0],
      ] as const
    ).map(([shape, dim]) => ({ inputs: [of(shape)], attrs: { dim, ...options }, torch: false })),
  );

function runningSum(line: Float64Array): Float64Array {
  let total = 0;
  return line.map((x) => {
    total += x;
    return total;
  });
}

const specials = values([1, NaN, 2, 1, Infinity, -Infinity], [2, 3]);
const large: Sample<Attrs> = { inputs: [normal([512, 1024])], attrs: { dim: -1 } };

const samples: Sample<Attrs>[] = [
  ...axisSamples((shape) => normal(shape), {}),
  { inputs: [normal([2, 1000])], attrs: { dim: 1 } },
  { inputs: [normal([0, 3])], attrs: { dim: 0 }, note: "of nothing" },
  { inputs: [normal([3, 33], 100)], attrs: { dim: 1 }, note: "×100" },
  { inputs: [specials], attrs: { dim: 1 }, note: "NaN, Infinity", smooth: false },
  { inputs: [integers([3, 17], -99, 99)], attrs: { dim: 1 } },
  { inputs: [integers([3, 4, 5], -99, 99)], attrs: { dim: 1 } },
  { inputs: [bools([3, 17])], attrs: { dim: 1 } },
  ...ways((shape) => normal(shape)),
  ...ways((shape) => integers(shape, -99, 99)),
];

function runningProduct(line: Float64Array): Float64Array {
  let product = 1;
  return line.map((x) => {
    product *= x;
    return product;
  });
}

/** Around ±1, so that long products stay in range. */
const factors = (shape: readonly number[]): Maker => normal(shape, 0.25, 1.0625);
const zeros = values([2, 0, 3, 0.5, 1, 2, 0, 0, 1.5, -1, 0, 0], [3, 4]);

const products: Sample<Attrs>[] = [
  ...axisSamples(factors, {}),
  { inputs: [normal([3, 17])], attrs: { dim: 1 }, note: "both signs" },
  { inputs: [sprinkled(normal([5, 17]), 0, 7)], attrs: { dim: 1 }, note: "zeros" },
  { inputs: [sprinkled(normal([17, 5]), 0, 3)], attrs: { dim: 0 }, note: "zeros" },
  { inputs: [zeros], attrs: { dim: 1 }, note: "one, two and neighbouring zeros" },
  { inputs: [zeros], attrs: { dim: 0 }, note: "one, two and neighbouring zeros" },
  { inputs: [normal([3, 5], 100)], attrs: { dim: 1 }, note: "×100" },
  { inputs: [integers([3, 17], -3, 4)], attrs: { dim: 1 } },
  { inputs: [integers([3, 4, 5], 1, 4)], attrs: { dim: 1 } },
  { inputs: [bools([3, 17])], attrs: { dim: 1 } },
  ...ways(factors),
];

function runningLog(line: Float64Array): Float64Array {
  let total = -Infinity;
  return line.map((x) => {
    const top = Math.max(total, x);
    total = Number.isFinite(top) ? top + Math.log(Math.exp(total - top) + Math.exp(x - top)) : top;
    return total;
  });
}

const logs: Sample<Attrs>[] = [
  ...axisSamples((shape) => normal(shape, 2), {}),
  { inputs: [normal([2, 1000], 2)], attrs: { dim: 1 } },
  { inputs: [normal([3, 33], 100)], attrs: { dim: 1 }, note: "×100" },
  {
    inputs: [values([1, NaN, 2, 1, Infinity, 3], [2, 3])],
    attrs: { dim: 1 },
    note: "NaN, Infinity",
    torch: false,
  },
  {
    inputs: [values([-Infinity, -Infinity, 0, 1, -Infinity, 3], [2, 3])],
    attrs: { dim: 1 },
    note: "-Infinity",
  },
].map((sample) => (sample.note?.includes("Infinity") ? { ...sample, smooth: false, torch: false } : sample));

/** Places of the running extremes: the last of equals, and of NaN if there was one. */
function runningPlaces(line: Float64Array, least: boolean): number[] {
  let best = 0;
  return Array.from(line, (x, i) => {
    const ahead = least ? x <= line[best] : x >= line[best];
    if (Number.isNaN(x) || (!Number.isNaN(line[best]) && ahead)) best = i;
    return best;
  });
}

const extremes: Sample<Attrs>[] = [
  ...axisSamples((shape) => shuffled(shape), {}),
  { inputs: [normal([3, 300], 100)], attrs: { dim: 1 }, note: "×100", smooth: false },
  { inputs: [sprinkled(normal([5, 17]), 4, 3)], attrs: { dim: 1 }, note: "ties", smooth: false },
  { inputs: [sprinkled(normal([5, 17]), -4, 3)], attrs: { dim: 1 }, note: "ties below", smooth: false },
  { inputs: [specials], attrs: { dim: 1 }, note: "NaN, Infinity", smooth: false },
  { inputs: [values([-0, 0, -0, NaN, NaN, 1], [6])], attrs: { dim: 0 }, note: "zeros, NaN", smooth: false },
  { inputs: [integers([3, 17], -9, 9)], attrs: { dim: 1 } },
  { inputs: [values([2 ** 24, 2 ** 24 + 1, -(2 ** 31), 2 ** 31 - 1, 5], [5], "i32")], attrs: { dim: 0 } },
  { inputs: [bools([4, 5])], attrs: { dim: 0 } },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "cumsum",
    inputs: ["x"],
    torch: "torch.cumsum(x, dim)",
    differentiable: true,
    tolerance: { units: 1, of: ([x], attrs) => along(absolute(x), attrs, runningSum, 0) },
    forward: ([x], attrs) => ({
      ...along(x, attrs, runningSum, 0),
      dtype: x.dtype === "f32" ? "f32" : "i32",
    }),
    call: ([x], { dim, ...options }) => x.cumsum(dim, options),
    samples,
    large,
  }),
  defineRef<Attrs>({
    op: "cumprod",
    inputs: ["x"],
    torch: "torch.cumprod(x, dim)",
    differentiable: true,
    tolerance: { units: 1, of: ([x], attrs) => along(absolute(x), attrs, runningProduct, 1) },
    forward: ([x], attrs) => ({
      ...along(x, attrs, runningProduct, 1),
      dtype: x.dtype === "f32" ? "f32" : "i32",
    }),
    call: ([x], { dim, ...options }) => x.cumprod(dim, options),
    samples: products,
    large,
  }),
  defineRef<Attrs>({
    op: "logcumsumexp",
    inputs: ["x"],
    torch: "torch.logcumsumexp(x.to(floating), dim)",
    differentiable: true,
    tolerance: { units: 1, of: ([x], attrs) => absolute(along(x, attrs, runningLog, -Infinity)) },
    forward: ([x], attrs) => ({ ...along(x, attrs, runningLog, -Infinity), dtype: "f32" }),
    call: ([x], { dim, ...options }) => x.logcumsumexp(dim, options),
    samples: [
      ...logs,
      ...ways((shape) => normal(shape)).filter(({ attrs }) => !attrs.exclusive),
      ...ways((shape) => normal(shape))
        .filter(({ attrs }) => attrs.exclusive)
        .map((sample) => ({ ...sample, smooth: false })),
      { inputs: [integers([3, 5], -9, 9)], attrs: { dim: 1 } },
    ],
    large,
  }),
  ...(["cummax", "cummin"] as const).map((name) =>
    defineRef<Attrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x, dim)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], { dim }) =>
        pickAlong(x, { dim, count: x.shape.at(dim) ?? 1 }, (line) => runningPlaces(line, name === "cummin")),
      call: ([x], { dim }) => {
        const { values, indices } = x[name](dim);
        return [values, indices];
      },
      samples: extremes,
      large,
    }),
  ),
];
