// References of counting.ts.
import {
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

interface Classes {
  readonly numClasses: number;
}
interface Bins {
  readonly minlength: number;
}
interface Side {
  readonly right: boolean;
}

const classes = (x: Maker, numClasses = -1): Sample<Classes> => ({ inputs: [x], attrs: { numClasses } });
const bins = (x: Maker, weights: Maker | null, minlength = 0): Sample<Bins> => ({
  inputs: [x, weights],
  attrs: { minlength },
});
const beside = (sorted: Maker, value: Maker, right = false): Sample<Side> => ({
  inputs: [sorted, value],
  attrs: { right },
});

/** Rows in ascending order. */
const ascending = (maker: Maker): Maker => {
  return (random) => {
    const made = maker(random);
    const n = made.shape.at(-1) as number;
    const data = made.data.slice();
    for (let row = 0; row < data.length; row += n) data.subarray(row, row + n).sort();
    return { ...made, data };
  };
};

function counted(x: RefTensor, weights: RefTensor | null, least: number): RefTensor {
  const size = Math.max(least, ...x.data.map((i) => i + 1));
  const data = new Float64Array(size);
  for (const [i, bin] of x.data.entries()) data[bin] += weights?.data[i] ?? 1;
  return { dtype: weights === null ? "i32" : "f32", shape: [size], data };
}

function located(sorted: RefTensor, value: RefTensor, right: boolean): RefTensor {
  const n = sorted.shape.at(-1) as number;
  const perRow = sorted.shape.length === 1 ? Math.max(value.data.length, 1) : (value.shape.at(-1) as number);
  const data = value.data.map((v, i) => {
    const first = Math.floor(i / perRow) * n;
    const row = sorted.data.subarray(first, first + n);
    const behind = row.findIndex((element) => (right ? element > v : element >= v));
    return behind < 0 ? n : behind;
  });
  return { dtype: "i32", shape: value.shape, data };
}

const places: Sample<Side>[] = [
  ...SIZES.map((n) => beside(ascending(normal([n])), normal([17]))),
  ...[false, true].map((right) => beside(ascending(integers([9], 0, 5)), integers([3, 4], -1, 6), right)),
  ...[false, true].map((right) =>
    beside(values([-Infinity, -1, -1, 0, 2, Infinity]), values([-1, 0, 3, NaN, Infinity, -Infinity]), right),
  ),
  beside(ascending(normal([7])), normal([])),
  beside(ascending(normal([7])), normal([0])),
  beside(normal([0]), normal([3])),
  beside(ascending(integers([9], 0, 5)), normal([5])),
];

export const refs: readonly OpRef[] = [
  defineRef<Classes>({
    op: "oneHot",
    inputs: ["x"],
    torch: "F.one_hot(x.long(), numClasses)",
    differentiable: false,
    tolerance: exact,
    forward([x], { numClasses }) {
      const size = numClasses < 0 ? Math.max(...x.data) + 1 : numClasses;
      let next = 0;
      return build(
        [...x.shape, size],
        (index) => Number(x.data[Math.floor(next++ / size)] === index.at(-1)),
        "i32",
      );
    },
    call: ([x], { numClasses }) => x.oneHot(numClasses),
    samples: [
      ...SIZES.map((n) => classes(integers([n], 0, 5))),
      ...SIZES.map((n) => classes(integers([3, 2], 0, n), n)),
      classes(integers([], 0, 4)),
      classes(integers([], 0, 4), 6),
      classes(integers([2, 3, 2, 2], 0, 4), 4),
      classes(integers([0], 0, 4), 3),
      classes(integers([2, 0, 3], 0, 4), 3),
    ],
    large: classes(integers([4096], 0, 256), 256),
  }),
  defineRef<Bins>({
    op: "bincount",
    inputs: ["x", "weights"],
    torch: "torch.bincount(x, weights, minlength)",
    differentiable: false,
    tolerance: { units: 8 },
    forward: ([x, weights], { minlength }) => counted(x, weights, minlength),
    call: ([x, weights], { minlength }) => x.bincount({ weights, minlength }),
    samples: [
      ...SIZES.map((n) => bins(integers([n], 0, 9), null)),
      ...SIZES.map((n) => bins(integers([n], 0, 4), normal([n]))),
      bins(integers([5], 0, 3), null, 7),
      bins(integers([0], 0, 3), null),
      bins(integers([0], 0, 3), null, 4),
      bins(integers([5], 0, 3), integers([5], 0, 9), 4),
    ],
    large: bins(integers([1048576], 0, 1000), null),
  }),
  defineRef<Side>({
    op: "searchsorted",
    inputs: ["sorted", "value"],
    torch: "torch.searchsorted(sorted, value, right=right)",
    differentiable: false,
    tolerance: exact,
    forward: ([sorted, value], { right }) => located(sorted, value, right),
    call: ([sorted, value], { right }) => sorted.searchsorted(value, { right }),
    samples: [
      ...places,
      ...SIZES.map((n) => beside(ascending(normal([3, n])), normal([3, 5]), true)),
      beside(ascending(normal([2, 3, 4])), normal([2, 3, 6])),
      beside(ascending(normal([2, 3])), normal([2, 0])),
      beside(ascending(integers([2, 5], 0, 4)), integers([2, 3], 0, 4)),
    ],
    large: beside(ascending(normal([4096])), normal([262144])),
  }),
  defineRef<Side>({
    op: "searchsorted",
    inputs: ["unsorted", "sorter", "value"],
    torch: "torch.searchsorted(unsorted, value, right=right, sorter=sorter.long())",
    differentiable: false,
    tolerance: exact,
    forward([unsorted, sorter, value], { right }) {
      const n = unsorted.shape.at(-1) as number;
      const data = sorter.data.map((place, i) => unsorted.data[i - (i % n) + place]);
      return located({ ...unsorted, data }, value, right);
    },
    call: ([unsorted, sorter, value], { right }) => unsorted.searchsorted(value, { right, sorter }),
    samples: [
      {
        inputs: [values([3, 1, 2, 1]), values([1, 3, 2, 0], [4], "i32"), normal([17], 2, 2)],
        attrs: { right: false },
      },
      {
        inputs: [
          values([3, 1, 2, 5, 4, 6], [2, 3]),
          values([1, 2, 0, 1, 0, 2], [2, 3], "i32"),
          values([1, 2, 3, 4, 5, 7], [2, 3]),
        ],
        attrs: { right: true },
      },
    ],
  }),
  defineRef<Side>({
    op: "bucketize",
    inputs: ["boundaries", "x"],
    torch: "torch.bucketize(x, boundaries, right=right)",
    differentiable: false,
    tolerance: exact,
    forward: ([boundaries, x], { right }) => located(boundaries, x, right),
    call: ([boundaries, x], { right }) => x.bucketize(boundaries, { right }),
    samples: [...places, beside(ascending(normal([5])), normal([2, 3, 4]), true)],
    large: beside(ascending(normal([64])), normal([262144])),
  }),
];
