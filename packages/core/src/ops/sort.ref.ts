// References of sort.ts. Order is stable; NaN is the largest.
import {
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
  reduce,
  type Sample,
  SampleRandom,
  SIZES,
  shuffled,
  sprinkled,
  values,
} from "../reference.ts";

interface SortAttrs {
  readonly dim: number;
  readonly descending: boolean;
}
interface TopkAttrs {
  readonly dim: number;
  readonly k: number;
  readonly largest: boolean;
}
interface KthAttrs {
  readonly dim: number;
  readonly k: number;
  readonly keepdim?: boolean;
}
interface AxisAttrs {
  readonly dim?: number;
  readonly keepdim?: boolean;
}

/** Places of the elements of a line in sorted order. */
function sortedPlaces(line: Float64Array, descending = false): number[] {
  const compare = (i: number, j: number): number => {
    const [a, b] = descending ? [line[j], line[i]] : [line[i], line[j]];
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a - b;
  };
  return Array.from(line, (_, i) => i).sort((i, j) => compare(i, j) || i - j);
}

function medianPlace(line: Float64Array): number {
  const nan = line.findIndex(Number.isNaN);
  return nan >= 0 ? nan : sortedPlaces(line)[(line.length - 1) >> 1];
}

function modePlace(line: Float64Array): number {
  const count = (x: number): number => line.filter((y) => y === x).length;
  const most = Math.max(...Array.from(line, count));
  return line.lastIndexOf(Math.min(...line.filter((x) => count(x) === most)));
}

const sizeOf = (x: RefTensor, dim: number): number => x.shape.at(dim) ?? 1;

const nan = Number.NaN;
const specials = values([1, nan, 3, -Infinity, nan, Infinity, -0, 0, -0, 1e-45, -1e-45, 0], [2, 6]);
const huge = values([2 ** 24 + 1, 2 ** 24, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1, 2 ** 30 + 1], [6], "i32");
const ties = sprinkled(normal([5, 33]), 0.5, 2);

const sorts: Sample<SortAttrs>[] = [
  ...[false, true].flatMap((descending) => [
    ...axisSamples((shape) => shuffled(shape), { descending }),
    ...[8, 9, 64, 255, 256, 300].map((n) => ({
      inputs: [shuffled([2, n])],
      attrs: { dim: 1, descending },
    })),
    { inputs: [normal([3, 300], 100)], attrs: { dim: 1, descending }, note: "×100", smooth: false },
    { inputs: [ties], attrs: { dim: 1, descending }, note: "ties", smooth: false },
    { inputs: [ties], attrs: { dim: 0, descending }, note: "ties", smooth: false },
    { inputs: [specials], attrs: { dim: 1, descending }, note: "specials", smooth: false },
    {
      inputs: [sprinkled(normal([2, 300]), nan, 7)],
      attrs: { dim: 1, descending },
      note: "NaN",
      smooth: false,
    },
    { inputs: [shuffled([3, 17], "i32")], attrs: { dim: 1, descending } },
    { inputs: [shuffled([300, 2], "i32")], attrs: { dim: 0, descending } },
    { inputs: [integers([2, 3, 65], -3, 4)], attrs: { dim: -1, descending }, note: "ties" },
    { inputs: [huge], attrs: { dim: 0, descending }, note: "beyond f32" },
    { inputs: [bools([3, 17])], attrs: { dim: 1, descending } },
  ]),
];

/** PyTorch leaves open which of equal elements it takes: it is not asked where there are some. */
const top = (x: Maker, k: number, dim = -1, note?: string, smooth = true): Sample<TopkAttrs>[] =>
  [true, false].map((largest) => ({ inputs: [x], attrs: { k, dim, largest }, note, smooth, torch: smooth }));

const topks: Sample<TopkAttrs>[] = [
  ...axisSamples((shape) => shuffled(shape), { k: 1, largest: true }, { empty: false }),
  ...[0, 1, 2, 5, 16, 17].flatMap((k) => top(shuffled([3, 17]), k)),
  ...[1, 3, 18, 19, 30].flatMap((k) => top(shuffled([2, 300]), k)),
  ...[1, 2, 3].flatMap((k) => top(shuffled([65, 3]), k, 0)),
  ...top(shuffled([2, 3, 4]), 2, 1),
  ...top(normal([3, 600], 100), 7, 1, "×100"),
  ...top(specials, 3, 1, "specials", false),
  ...top(sprinkled(normal([2, 300]), nan, 50), 9, 1, "NaN", false),
  ...top(shuffled([2, 100], "i32"), 4),
  ...top(huge, 4, 0, "beyond f32"),
  ...top(normal([0, 3]), 2, 1, "empty"),
  ...top(normal([3, 0]), 0, 1, "of nothing"),
];

const kths: Sample<KthAttrs>[] = [
  ...axisSamples((shape) => shuffled(shape), { k: 1 }, { empty: false }),
  ...[1, 2, 9, 17].map((k) => ({ inputs: [shuffled([3, 17])], attrs: { k, dim: 1, keepdim: true } })),
  ...[1, 18, 19, 150, 300].map((k) => ({ inputs: [shuffled([2, 300])], attrs: { k, dim: -1 } })),
  ...[1, 3, 5, 6].map((k) => ({
    inputs: [specials],
    attrs: { k, dim: 1 },
    note: "specials",
    smooth: false,
    torch: k === 1 || k === 6,
  })),
  { inputs: [shuffled([5, 17], "i32")], attrs: { k: 3, dim: 0 } },
  { inputs: [huge], attrs: { k: 5, dim: 0 }, note: "beyond f32" },
].map((sample) => ({ ...sample, attrs: { keepdim: false, ...sample.attrs } }));

const medians: Sample<AxisAttrs>[] = [
  ...axisSamples((shape) => shuffled(shape), {}, { empty: false }),
  ...[1, 2, 5, 16, 65, 300].map((n) => ({ inputs: [shuffled([n])], attrs: {} })),
  { inputs: [normal([])], attrs: {}, note: "of all" },
  { inputs: [shuffled([3, 4, 5])], attrs: {}, note: "of all" },
  { inputs: [shuffled([3, 4, 5])], attrs: { dim: 1, keepdim: true } },
  { inputs: [values([1, 3, 3, 3, 5, 3], [2, 3])], attrs: {}, note: "ties", smooth: false },
  { inputs: [values([1, nan, 3, nan, 5, 6], [2, 3])], attrs: {}, note: "NaN", smooth: false },
  {
    inputs: [values([1, nan, 3, nan, 5, nan, 7, 8, 9], [3, 3])],
    attrs: { dim: 1 },
    note: "NaN",
    smooth: false,
  },
  { inputs: [normal([3, 300], 100)], attrs: { dim: 1 }, note: "×100", smooth: false },
  { inputs: [normal([0])], attrs: {}, note: "of nothing" },
  { inputs: [shuffled([4, 5], "i32")], attrs: {} },
  { inputs: [shuffled([4, 5], "i32")], attrs: { dim: 0 } },
  { inputs: [huge], attrs: { dim: 0 }, note: "beyond f32" },
].map((sample) => ({ ...sample, attrs: { dim: undefined, keepdim: false, ...sample.attrs } }));

const modes: Sample<AxisAttrs & { dim: number }>[] = [
  ...axisSamples((shape) => integers(shape, 0, 4), { keepdim: false }, { empty: false }),
  { inputs: [integers([2, 300], -5, 6)], attrs: { dim: 1, keepdim: true } },
  {
    inputs: [sprinkled(normal([5, 17]), 0.5, 5)],
    attrs: { dim: 1, keepdim: false },
    note: "f32",
    smooth: false,
  },
  {
    inputs: [sprinkled(normal([17, 5]), 0.5, 2)],
    attrs: { dim: 0, keepdim: true },
    note: "f32",
    smooth: false,
  },
  { inputs: [bools([3, 17])], attrs: { dim: 1, keepdim: false } },
].map((sample) => ({ ...sample, torch: isShort(sample) }));

/** Beyond 16 elements PyTorch's place depends on how an unstable sort went. */
function isShort({ inputs: [x], attrs: { dim } }: Sample<AxisAttrs>): boolean {
  const { shape } = (x as Maker)(new SampleRandom(""));
  return (shape.at(dim ?? 0) ?? 1) <= 16;
}

function uniqueOf(x: RefTensor): RefTensor[] {
  const places = sortedPlaces(x.data);
  const heads = places.filter((p, i) => i === 0 || x.data[p] !== x.data[places[i - 1]]);
  const group = new Float64Array(x.data.length);
  let g = -1;
  for (const [i, p] of places.entries()) {
    if (i === 0 || x.data[p] !== x.data[places[i - 1]]) g++;
    group[p] = g;
  }
  const counts = Float64Array.from(heads, (_, i) => group.filter((k) => k === i).length);
  const shape = [heads.length];
  return [
    { dtype: x.dtype, shape, data: Float64Array.from(heads, (p) => x.data[p]) },
    { dtype: "i32", shape: x.shape, data: group },
    { dtype: "i32", shape, data: counts },
  ];
}

const pair = ({ values, indices }: { values: unknown; indices: unknown }) => [values, indices] as never;
const many = normal([64, 4096]);

/** The different slices along an axis, where they are, and how many. */
function uniqueSlices(x: RefTensor, axis: number): RefTensor[] {
  const step = x.shape.slice(axis + 1).reduce((n, size) => n * size, 1);
  const n = x.shape[axis];
  const slices = Array.from({ length: n }, (_, i) =>
    [...x.data].filter((_, at) => Math.floor(at / step) % n === i),
  );
  const compare = (a: readonly number[], b: readonly number[]): number =>
    a.map((value, i) => value - b[i]).find((difference) => difference !== 0) ?? 0;
  const different = [...slices]
    .sort(compare)
    .filter((slice, i, all) => i === 0 || compare(slice, all[i - 1]) !== 0);
  const inverse = slices.map((slice) => different.findIndex((other) => compare(slice, other) === 0));
  const shape = x.shape.map((size, i) => (i === axis ? different.length : size));
  const index = (list: readonly number[]): RefTensor => ({
    dtype: "i32",
    shape: [list.length],
    data: Float64Array.from(list),
  });
  const data = new Float64Array(different.length * (different[0]?.length ?? 0));
  for (const [i, slice] of different.entries())
    for (const [j, value] of slice.entries())
      data[Math.floor(j / step) * step * different.length + i * step + (j % step)] = value;
  const counts = different.map((_, i) => inverse.filter((at) => at === i).length);
  return [{ dtype: x.dtype, shape, data }, index(inverse), index(counts)];
}

export const refs: readonly OpRef[] = [
  defineRef<SortAttrs>({
    op: "sort",
    inputs: ["x"],
    torch: "torch.sort(x, dim=dim, descending=descending, stable=True)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { dim, descending }) =>
      pickAlong(x, { dim, count: sizeOf(x, dim) }, (line) => sortedPlaces(line, descending)),
    call: ([x], { dim, descending }) => pair(x.sort(dim, { descending })),
    samples: sorts,
    large: { inputs: [many], attrs: { dim: -1, descending: false } },
  }),
  defineRef<SortAttrs>({
    op: "argsort",
    inputs: ["x"],
    torch: "torch.argsort(x, dim=dim, descending=descending, stable=True)",
    differentiable: false,
    tolerance: exact,
    forward: ([x], { dim, descending }) =>
      pickAlong(x, { dim, count: sizeOf(x, dim) }, (line) => sortedPlaces(line, descending))[1],
    call: ([x], { dim, descending }) => x.argsort({ dim, descending }),
    samples: sorts.filter((_, i) => i % 2 === 0),
    large: { inputs: [many], attrs: { dim: -1, descending: false } },
  }),
  defineRef<TopkAttrs>({
    op: "topk",
    inputs: ["x"],
    torch: "torch.topk(x, k, dim=dim, largest=largest, sorted=True)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { k, dim, largest }) =>
      pickAlong(x, { dim, count: k }, (line) => sortedPlaces(line, largest).slice(0, k)),
    call: ([x], { k, dim, largest }) => pair(x.topk(k, dim, { largest })),
    samples: topks,
    large: { inputs: [many], attrs: { k: 40, dim: -1, largest: true } },
  }),
  defineRef<KthAttrs>({
    op: "kthvalue",
    inputs: ["x"],
    torch: "torch.kthvalue(x, k, dim, keepdim)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { k, dim, keepdim }) =>
      pickAlong(x, { dim, keepdim, count: 1 }, (line) => [sortedPlaces(line)[k - 1]]),
    call: ([x], { k, dim, keepdim }) => pair(x.kthvalue(k, dim, keepdim)),
    samples: kths,
    large: { inputs: [many], attrs: { k: 100, dim: -1, keepdim: false } },
  }),
  defineRef<AxisAttrs>({
    op: "median",
    inputs: ["x"],
    torch: "torch.median(x) if dim is None else torch.median(x, dim, keepdim)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { dim, keepdim = false }) => {
      if (dim !== undefined) return pickAlong(x, { dim, keepdim, count: 1 }, (line) => [medianPlace(line)]);
      return reduce(x, {}, (all) => all[medianPlace(Float64Array.from(all))] ?? nan, x.dtype);
    },
    call: ([x], { dim, keepdim }) => (dim === undefined ? x.median() : pair(x.median(dim, keepdim))),
    samples: medians,
    large: { inputs: [many], attrs: { dim: -1, keepdim: false } },
  }),
  defineRef<AxisAttrs & { dim: number }>({
    op: "mode",
    inputs: ["x"],
    torch: "torch.mode(x, dim, keepdim)",
    differentiable: true,
    tolerance: exact,
    forward: ([x], { dim, keepdim }) => pickAlong(x, { dim, keepdim, count: 1 }, (line) => [modePlace(line)]),
    call: ([x], { dim, keepdim }) => pair(x.mode(dim, keepdim)),
    samples: modes,
    large: { inputs: [many], attrs: { dim: -1, keepdim: false } },
  }),
  defineRef<Record<string, never>>({
    op: "unique",
    inputs: ["x"],
    torch: "torch.unique(x, sorted=True, return_inverse=True, return_counts=True)",
    differentiable: false,
    tolerance: exact,
    forward: ([x]) => uniqueOf(x),
    call: ([x]) => {
      const { values, inverse, counts } = x.unique();
      return [values, inverse, counts];
    },
    samples: [
      ...[1, 2, 17, 300].map((n) => ({ inputs: [integers([n], -4, 5)], attrs: {} })),
      { inputs: [integers([], -4, 5)], attrs: {} },
      { inputs: [integers([2, 3, 4], -4, 5)], attrs: {} },
      { inputs: [sprinkled(normal([3, 17]), 0.5, 2)], attrs: {} },
      { inputs: [values([1, nan, 3, nan, 1, -0, 0], [7])], attrs: {}, note: "NaN, zeros" },
      { inputs: [huge], attrs: {}, note: "beyond f32" },
      { inputs: [bools([4, 5])], attrs: {} },
      { inputs: [normal([0, 3])], attrs: {}, note: "of nothing" },
    ],
    large: { inputs: [many], attrs: {} },
  }),
  defineRef<{ dim: number }>({
    op: "unique",
    inputs: ["x"],
    torch: "torch.unique(x, sorted=True, return_inverse=True, return_counts=True, dim=dim)",
    differentiable: false,
    tolerance: exact,
    forward: ([x], { dim }) => uniqueSlices(x, dim < 0 ? dim + x.shape.length : dim),
    call: ([x], { dim }) => {
      const { values, inverse, counts } = x.unique({ dim });
      return [values, inverse, counts];
    },
    samples: [
      ...SIZES.map((n) => ({ inputs: [integers([n, 2], 0, 3)], attrs: { dim: 0 } })),
      ...[0, 1, 2, -1, -2].map((dim) => ({ inputs: [integers([3, 4, 2], 0, 2)], attrs: { dim } })),
      { inputs: [sprinkled(values([1, 1, 1, 1, 1, 1, 1, 1]), 0.5, 2)], attrs: { dim: 0 } },
      { inputs: [values([3, 1, 0.5, 1, 3, 1, -2, 7], [4, 2])], attrs: { dim: 0 }, note: "repeats" },
      { inputs: [bools([9, 2])], attrs: { dim: 0 } },
      { inputs: [normal([0, 3])], attrs: { dim: 0 }, note: "of nothing" },
    ],
  }),
];
