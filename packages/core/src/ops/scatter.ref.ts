// References of scatter.ts.
import {
  absolute,
  bools,
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  uniform,
  values,
} from "../reference.ts";
import { at, axisOf, replacing, wrapped } from "./gather.ref.ts";

/** What meets what: a place in the flat whole, and the value brought there, in order. */
export type Brought = readonly (readonly [place: number, value: number])[];

const folds: Record<string, (a: number, b: number) => number> = {
  none: (_a, b) => b,
  sum: (a, b) => a + b,
  mean: (a, b) => a + b,
  prod: (a, b) => a * b,
  amax: Math.max,
  amin: Math.min,
};

export function combined(x: RefTensor, brought: Brought, how: string, includeSelf = true): RefTensor {
  const data = x.data.slice();
  const count = data.map(() => (includeSelf ? 1 : 0));
  for (const [place, value] of brought) {
    data[place] = count[place] === 0 ? value : folds[how](data[place], value);
    count[place]++;
  }
  if (how === "mean") {
    const mean = (sum: number, n: number): number => (x.dtype === "f32" ? sum / n : Math.floor(sum / n));
    for (const [i, n] of count.entries()) if (n > 0) data[i] = mean(data[i], n);
  }
  return { ...x, data: x.dtype === "bool" ? data.map((value) => Number(value !== 0)) : data };
}

/** Elements of src, or one number, and where scatter brings them. */
function elements(x: RefTensor, index: RefTensor, src: RefTensor | number, dim: number): Brought {
  const list: [number, number][] = [];
  const axis = axisOf(dim, x.shape.length);
  if (index.data.length === 0) return list;
  build(index.shape.length === 0 ? [1] : index.shape, (place) => {
    const to = index.data[index.shape.length === 0 ? 0 : at(index, place)];
    const value = typeof src === "number" ? src : src.data[src.shape.length === 0 ? 0 : at(src, place)];
    list.push([x.shape.length === 0 ? 0 : at(x, replacing(place, axis, to)), value]);
    return 0;
  });
  return list;
}

/** Slices of source (with `read` broadcasting) and where they go. */
function slices(x: RefTensor, index: RefTensor, source: RefTensor, dim: number, factor = 1): Brought {
  if (x.shape.length === 0) return [[0, source.data[0] * factor]];
  const axis = axisOf(dim, x.shape.length);
  const list: [number, number][] = [];
  build(replacing(x.shape, axis, index.data.length), (place) => {
    const to = wrapped(index.data[place[axis]], x.shape[axis]);
    list.push([at(x, replacing(place, axis, to)), read(source, place) * factor]);
    return 0;
  });
  return list;
}

const numberOf = (x: RefTensor, value: number): number =>
  x.dtype === "i32" ? Math.trunc(value) : x.dtype === "bool" ? Number(value !== 0) : value;

// -- samples ---------------------------------------------------------------------------------------------------------

interface Scatter {
  readonly dim: number;
  readonly src?: number;
  readonly reduce?: string;
}
interface Reduce {
  readonly dim: number;
  readonly reduce: string;
  readonly includeSelf: boolean;
}
interface Add {
  readonly dim: number;
  readonly alpha?: number;
}
interface Fill {
  readonly dim: number;
  readonly value?: number | boolean;
}

/** An index without repeats along `dim`. */
function distinct(shape: readonly number[], dim: number, below: number): Maker {
  return () =>
    build(
      shape,
      (place) => {
        const others = place.reduce((sum, i, axis) => (axis === dim ? sum : sum + 3 * i + axis), 0);
        return (below - 1 - place[dim] + others) % below;
      },
      "i32",
    );
}

const write = (
  x: Maker,
  dim: number,
  index: Maker,
  src: Maker | number,
  reduce?: string,
  note?: string,
): Sample<Scatter> => ({
  inputs: [x, index, typeof src === "number" ? null : src],
  attrs: { dim, src: typeof src === "number" ? src : undefined, reduce },
  note,
});

const scatters: Sample<Scatter>[] = [
  ...SIZES.map((n) => write(normal([3, n + 2]), 1, distinct([3, n], 1, n + 2), normal([3, n]))),
  ...SIZES.map((n) => write(normal([6, n]), 0, distinct([5, n], 0, 6), normal([5, n]))),
  ...SIZES.map((n) => ({
    ...write(normal([3, n]), 1, integers([3, n + 3], 0, n), normal([3, n + 3]), undefined, "repeats"),
    torch: false,
  })),
  ...[0, 1, 2, -1, -2, -3].map((dim) =>
    write(normal([5, 5, 5]), dim, distinct([4, 3, 4], (dim + 3) % 3, 5), normal([4, 5, 4])),
  ),
  { ...write(normal([5, 4, 3]), 0, integers([7, 4, 2], 0, 5), normal([7, 4, 3])), torch: false },
  write(normal([3, 5]), 1, integers([2, 4], 0, 5), 2.5),
  write(normal([3, 5]), 0, integers([4, 5], 0, 3), -1),
  ...["add", "multiply", "amax", "amin"].flatMap((reduce) => [
    write(normal([4, 9]), 1, integers([3, 20], 0, 9), normal([3, 20]), reduce),
    write(uniform([4, 9], 2, 3), 1, integers([3, 4], 0, 9), 2, reduce),
    write(integers([4, 9], -9, 9), 0, integers([6, 9], 0, 4), integers([6, 9], -3, 3), reduce),
  ]),
  write(normal([]), 0, integers([], 0, 1), normal([])),
  write(normal([]), 0, integers([1], 0, 1), normal([1])),
  write(normal([3, 4]), 1, integers([3, 0], 0, 4), normal([3, 4]), undefined, "empty"),
  write(normal([0, 4]), 1, integers([0, 2], 0, 4), normal([0, 2]), undefined, "of nothing"),
  write(integers([3, 17], 0, 9), 1, distinct([3, 5], 1, 17), integers([3, 5], 10, 19)),
  write(integers([3, 17], 0, 9), 1, distinct([3, 5], 1, 17), 1.7),
  write(bools([3, 17]), 1, distinct([3, 5], 1, 17), bools([3, 5])),
  write(bools([5, 17]), 0, distinct([4, 17], 0, 5), bools([4, 17])),
  write(bools([3, 5]), 1, integers([3, 2], 0, 5), 1),
  write(
    normal([2, 3]),
    1,
    distinct([2, 2], 1, 3),
    values([NaN, -0, Infinity, 1], [2, 2]),
    undefined,
    "NaN, −0",
  ),
];

const line = (x: Maker, dim: number, index: Maker, src: Maker, note?: string): Sample<Add> => ({
  inputs: [x, index, src],
  attrs: { dim },
  note,
});

const adds: Sample<Add>[] = [
  ...SIZES.map((n) => line(normal([3, n]), 1, integers([3, n + 5], 0, n), normal([3, n + 5]))),
  ...SIZES.map((n) => line(normal([3, n]), 0, integers([9, n], 0, 3), normal([9, n]))),
  ...[0, 1, 2, -1, -2, -3].map((dim) =>
    line(normal([4, 4, 4]), dim, integers([4, 3, 2], 0, 4), normal([4, 4, 4])),
  ),
  line(normal([2, 2, 3, 2]), 2, integers([2, 2, 7, 2], 0, 3), normal([2, 2, 7, 2])),
  line(normal([1]), 0, integers([300], 0, 1), normal([300]), "all to one"),
  line(normal([3, 4], 100), 1, integers([3, 9], 0, 4), normal([3, 9], 100), "×100"),
  line(normal([]), 0, integers([2], 0, 1), normal([2])),
  line(normal([3, 4]), 1, integers([0, 4], 0, 4), normal([3, 4]), "empty"),
  line(integers([3, 5], -9, 9), 1, integers([3, 8], 0, 5), integers([3, 8], -9, 9)),
  line(bools([3, 5]), 1, integers([3, 4], 0, 5), bools([3, 4])),
];

const reduce = (
  x: Maker,
  dim: number,
  index: Maker,
  src: Maker,
  how: string,
  includeSelf = true,
  note?: string,
): Sample<Reduce> => ({ inputs: [x, index, src], attrs: { dim, reduce: how, includeSelf }, note });

const reductions: Sample<Reduce>[] = ["sum", "prod", "mean", "amax", "amin"].flatMap((how) => [
  ...[1, 4, 5, 17, 33].map((n) =>
    reduce(normal([3, n]), 1, integers([3, n + 4], 0, n), normal([3, n + 4]), how),
  ),
  ...[1, 4, 5, 17, 33].map((n) =>
    reduce(normal([3, n]), 0, integers([6, n], 0, 3), normal([6, n]), how, false),
  ),
  ...[true, false].flatMap((self) => [
    reduce(normal([3, 4, 5]), 1, integers([2, 6, 4], 0, 4), normal([3, 6, 5]), how, self),
    reduce(normal([3, 2, 2, 3]), -1, integers([3, 2, 2, 5], 0, 3), normal([3, 2, 2, 5]), how, self),
    reduce(integers([3, 5], -9, 9), 1, integers([3, 8], 0, 5), integers([3, 8], -4, 4), how, self),
    reduce(normal([]), 0, integers([], 0, 1), normal([]), how, self),
    reduce(normal([3, 4]), 0, integers([0, 4], 0, 3), normal([0, 4]), how, self, "empty"),
    ...(how === "mean" ? [] : [reduce(bools([3, 5]), 1, integers([3, 6], 0, 5), bools([3, 6]), how, self)]),
  ]),
]);

const kinks: Sample<Reduce>[] = [
  ...["amax", "amin"].map((how) => ({
    ...reduce(
      values([1, 2, 2, 3]),
      0,
      values([0, 0, 1, 1, 2], [5], "i32"),
      values([1, 1, 2, 2, 5]),
      how,
      true,
      "ties",
    ),
    smooth: false,
  })),
  reduce(
    values([2, 0, 3, 4]),
    0,
    values([0, 0, 1, 2, 2, 3], [6], "i32"),
    values([0, 5, 3, 0, 0, 7]),
    "prod",
    true,
    "zeros",
  ),
  ...["sum", "amax", "prod"].map((how) => ({
    ...reduce(
      values([1, NaN, Infinity, 3]),
      0,
      values([0, 1, 2, 3], [4], "i32"),
      values([NaN, 1, 2, -Infinity]),
      how,
      true,
      "NaN, Infinity",
    ),
    smooth: false,
    // PyTorch divides the product by x; here it is that of the others, which no NaN of x reaches.
    torch: how !== "prod",
  })),
];

const slice = (
  x: Maker,
  dim: number,
  index: Maker,
  source: Maker,
  alpha?: number,
  note?: string,
): Sample<Add> => ({
  inputs: [x, index, source],
  attrs: { dim, alpha },
  note,
});

/** Samples of indexAdd (repeats) and indexCopy (none). */
const sliceSamples = (make: (n: number, below: number) => Maker): Sample<Add>[] => [
  ...SIZES.map((n) => slice(normal([7, n]), 0, make(5, 7), normal([5, n]))),
  ...SIZES.map((n) => slice(normal([3, n + 4]), 1, make(4, n + 4), normal([3, 4]))),
  ...[0, 1, 2, -1, -2, -3].map((dim) =>
    slice(normal([4, 4, 4]), dim, make(3, 4), normal(replacing([4, 4, 4], axisOf(dim, 3), 3))),
  ),
  slice(normal([2, 2, 3, 2, 2]), 2, make(2, 3), normal([2, 2, 2, 2, 2])),
  slice(normal([5]), 0, make(4, 5), normal([4])),
  slice(normal([]), 0, integers([1], 0, 1), normal([])),
  slice(normal([3, 4]), 0, integers([0], 0, 3), normal([0, 4]), undefined, "empty"),
  slice(integers([7, 5], 0, 9), 0, make(4, 7), integers([4, 5], 0, 9)),
  slice(bools([7, 17]), 0, make(4, 7), bools([4, 17])),
  slice(bools([7, 5]), 1, make(4, 5), bools([7, 4])),
];

const fill = (
  x: Maker,
  dim: number,
  index: Maker,
  value: Maker | number | boolean,
  note?: string,
): Sample<Fill> => ({
  inputs: [x, index, typeof value === "function" ? value : null],
  attrs: { dim, value: typeof value === "function" ? undefined : value },
  note,
});

interface Nd {
  readonly reduction: string;
}
const nd = (x: Maker, indices: Maker, updates: Maker, reduction = "none", note?: string): Sample<Nd> => ({
  inputs: [x, indices, updates],
  attrs: { reduction },
  note,
});
/** Coordinates without repeats: of a list of flat places. */
const tuples = (places: readonly number[], rows: readonly number[], sizes: readonly number[]): Maker => {
  const flat = places.flatMap((place) =>
    sizes.map((size, axis) => Math.floor(place / numel(sizes.slice(axis + 1))) % size),
  );
  return values(flat, [...rows, sizes.length], "i32");
};

const nds: Sample<Nd>[] = [
  ...SIZES.map((n) => nd(normal([6, n]), tuples([4, 0, 5, 1], [4], [6]), normal([4, n]))),
  nd(normal([3, 4]), tuples([11, 0, 7, 2], [2, 2], [3, 4]), normal([2, 2])),
  nd(normal([2, 3, 5]), values([-1, 0, 1, -1, 0, -3], [3, 2], "i32"), normal([3, 5])),
  nd(normal([3, 3]), values([1, 2], [2], "i32"), normal([])),
  nd(normal([3, 4]), integers([0, 1], 0, 3), normal([0, 4]), "none", "empty"),
  nd(integers([5, 4], 0, 9), tuples([3, 1], [2], [5]), integers([2, 4], 0, 9)),
  nd(bools([5, 4]), tuples([13, 1], [2], [5, 4]), bools([2])),
  { ...nd(normal([4, 5]), integers([9, 1], -4, 4), normal([9, 5]), "none", "repeats"), torch: false },
  { ...nd(normal([2, 3]), integers([4, 0], 0, 1), normal([4, 2, 3]), "none", "everything"), torch: false },
  ...["add", "mul", "max", "min"].flatMap((reduction) => [
    ...[1, 5, 17, 33].map((n) => nd(normal([4, n]), integers([9, 1], -4, 4), normal([9, n]), reduction)),
    nd(normal([3, 4]), integers([2, 9, 2], -3, 3), normal([2, 9]), reduction),
    nd(integers([3, 4], -9, 9), integers([9, 2], 0, 3), integers([9], -3, 3), reduction),
  ]),
];

function coordinates(x: RefTensor, indices: RefTensor, updates: RefTensor): Brought {
  const rank = indices.shape.length - 1;
  const depth = indices.shape[rank];
  const list: [number, number][] = [];
  build(updates.shape, (place) => {
    const tuple = Array.from({ length: depth }, (_, i) =>
      wrapped(indices.data[at(indices, [...place.slice(0, rank), i])], x.shape[i]),
    );
    list.push([at(x, [...tuple, ...place.slice(rank)]), read(updates, place)]);
    return 0;
  });
  return list;
}

/** Magnitude that the roundings of a fold are measured against: everything taken as positive. */
const scale = (x: RefTensor, brought: Brought, how: string, self = true): RefTensor => {
  const positive = brought.map(([place, value]) => [place, Math.abs(value)] as const);
  return combined(absolute(x), positive, how, self);
};
const named: Record<string, string> = {
  add: "sum",
  multiply: "prod",
  mul: "prod",
  max: "amax",
  min: "amin",
};
const nameOf = (reduce = "none"): string => named[reduce] ?? reduce;

const part = "src[tuple(slice(n) for n in index.shape)]";

export const refs: readonly OpRef[] = [
  defineRef<Scatter>({
    op: "scatter",
    inputs: ["x", "index", "src"],
    torch:
      `torch.scatter(x, dim, index.long(), ${part} if torch.is_tensor(src) else src) if reduce is None else ` +
      `x.scatter_reduce(dim, index.long(), ${part} if torch.is_tensor(src) else torch.full(index.shape, src, ` +
      "dtype=x.dtype), {'add': 'sum', 'multiply': 'prod'}.get(reduce, reduce))",
    differentiable: true,
    tolerance: {
      units: (_inputs, { reduce: how }) => (how === "add" || how === "multiply" ? 6 : 0),
      of: ([x, index, src], attrs) =>
        scale(
          x,
          elements(x, index, src ?? numberOf(x, attrs.src as number), attrs.dim),
          nameOf(attrs.reduce),
        ),
    },
    forward: ([x, index, src], attrs) =>
      combined(
        x,
        elements(x, index, src ?? numberOf(x, attrs.src as number), attrs.dim),
        nameOf(attrs.reduce),
      ),
    call: ([x, index, src], { dim, src: value, reduce: how }) =>
      x.scatter(dim, index, src ?? (value as number), { reduce: how }),
    samples: scatters,
    large: write(normal([512, 1024]), 1, integers([512, 1024], 0, 1024), normal([512, 1024])),
  }),
  defineRef<Add>({
    op: "scatterAdd",
    inputs: ["x", "index", "src"],
    torch: `torch.scatter_add(x, dim, index.long(), ${part})`,
    differentiable: true,
    tolerance: { units: 4, of: ([x, index, src], { dim }) => scale(x, elements(x, index, src, dim), "sum") },
    forward: ([x, index, src], { dim }) => combined(x, elements(x, index, src, dim), "sum"),
    call: ([x, index, src], { dim }) => x.scatterAdd(dim, index, src),
    samples: adds,
    large: line(normal([512, 1024]), 0, integers([512, 1024], 0, 512), normal([512, 1024])),
  }),
  defineRef<Reduce>({
    op: "scatterReduce",
    inputs: ["x", "index", "src"],
    torch: `torch.scatter_reduce(x, dim, index.long(), ${part}, reduce, include_self=includeSelf)`,
    differentiable: true,
    tolerance: {
      units: 4,
      of: ([x, index, src], { dim, reduce: how, includeSelf }) =>
        scale(x, elements(x, index, src, dim), how === "mean" ? "sum" : how, includeSelf),
    },
    forward: ([x, index, src], { dim, reduce: how, includeSelf }) =>
      combined(x, elements(x, index, src, dim), how, includeSelf),
    call: ([x, index, src], { dim, reduce: how, includeSelf }) =>
      x.scatterReduce(dim, index, src, how, { includeSelf }),
    samples: [...reductions, ...kinks],
    large: reduce(normal([512, 1024]), 1, integers([512, 1024], 0, 1024), normal([512, 1024]), "amax"),
  }),
  defineRef<Add>({
    op: "indexAdd",
    inputs: ["x", "index", "source"],
    torch: "torch.index_add(x, dim, index, source, alpha=1 if alpha is None else alpha)",
    differentiable: true,
    tolerance: {
      units: 4,
      of: ([x, index, source], { dim, alpha }) => scale(x, slices(x, index, source, dim, alpha), "sum"),
    },
    forward: ([x, index, source], { dim, alpha = 1 }) =>
      combined(x, slices(x, index, source, dim, numberOf(x, alpha)), "sum"),
    call: ([x, index, source], { dim, alpha }) => x.indexAdd(dim, index, source, { alpha }),
    samples: [
      ...sliceSamples((n, below) => integers([n], 0, below)),
      slice(normal([3, 17]), 0, integers([9], 0, 3), normal([9, 17]), -0.5),
      slice(normal([3, 5]), 1, integers([9], 0, 5), normal([3, 9]), 0),
      slice(integers([3, 5], 0, 9), 0, integers([4], 0, 3), integers([4, 5], 0, 9), 2.7),
    ],
    large: slice(normal([2048, 256]), 0, integers([4096], 0, 2048), normal([4096, 256])),
  }),
  defineRef<Add>({
    op: "indexCopy",
    inputs: ["x", "index", "source"],
    torch: "torch.index_copy(x, dim, index.long(), source)",
    differentiable: true,
    tolerance: exact,
    forward: ([x, index, source], { dim }) => combined(x, slices(x, index, source, dim), "none"),
    call: ([x, index, source], { dim }) => x.indexCopy(dim, index, source),
    samples: [
      ...sliceSamples((n, below) => distinct([n], 0, below)),
      {
        ...slice(normal([3, 17]), 0, integers([9], 0, 3), normal([9, 17]), undefined, "repeats"),
        torch: false,
      },
      {
        ...slice(normal([3, 4]), 1, integers([9], 0, 4), normal([3, 9]), undefined, "repeats"),
        torch: false,
      },
    ],
    large: slice(normal([2048, 256]), 0, distinct([1024], 0, 2048), normal([1024, 256])),
  }),
  defineRef<Fill>({
    op: "indexFill",
    inputs: ["x", "index", "value"],
    torch: "torch.index_fill(x, dim, index.long(), value)",
    differentiable: true,
    tolerance: exact,
    forward([x, index, value], { dim, value: number = 0 }) {
      const filler = value ?? { ...x, shape: [], data: Float64Array.of(numberOf(x, Number(number))) };
      return combined(x, slices(x, index, filler, dim), "none");
    },
    call: ([x, index, value], { dim, value: number }) => x.indexFill(dim, index, value ?? (number as number)),
    samples: [
      ...SIZES.map((n) => fill(normal([5, n]), 0, integers([3], -5, 5), 2.5)),
      ...SIZES.map((n) => fill(normal([3, n]), -1, integers([3], -n, n), -1)),
      fill(normal([4, 5]), 1, values([0, 4, 2], [3], "i32"), normal([])),
      { ...fill(normal([4, 5]), 0, integers([9], 0, 4), normal([]), "repeats"), torch: false },
      fill(normal([2, 3, 4]), 1, integers([], 0, 3), Infinity),
      fill(normal([]), 0, integers([1], 0, 1), 3),
      fill(normal([3, 4]), 0, integers([0], 0, 3), 3),
      fill(integers([4, 5], 0, 9), 0, integers([2], 0, 4), 7),
      fill(integers([4, 5], 0, 9), 0, integers([2], 0, 4), integers([], 0, 9)),
      fill(bools([4, 17]), 0, integers([2], 0, 4), 1),
      fill(bools([4, 17]), 0, integers([2], 0, 4), true),
    ],
    large: fill(normal([2048, 512]), 0, integers([1024], 0, 2048), 0),
  }),
  defineRef<{ accumulate: boolean }>({
    op: "put",
    inputs: ["x", "index", "source"],
    torch: "x.put(index.long(), source, accumulate)",
    differentiable: true,
    tolerance: { units: (_inputs, { accumulate }) => (accumulate ? 4 : 0) },
    forward: ([x, index, source], { accumulate }) =>
      combined(
        x,
        Array.from(index.data, (to, i) => [wrapped(to, x.data.length), source.data[i]] as const),
        accumulate ? "sum" : "none",
      ),
    call: ([x, index, source], { accumulate }) => x.put(index, source, { accumulate }),
    samples: [
      ...SIZES.map((n) => ({
        inputs: [normal([3, n]), distinct([2, n], 1, 3 * n), normal([2 * n])],
        attrs: { accumulate: true },
      })),
      { inputs: [normal([3, 5]), distinct([9], 0, 15), normal([9])], attrs: { accumulate: false } },
      { inputs: [normal([3, 5]), integers([4, 9], -15, 15), normal([36])], attrs: { accumulate: true } },
      {
        inputs: [normal([3, 5]), integers([4, 9], -15, 15), normal([9, 4])],
        attrs: { accumulate: false },
        torch: false,
      },
      { inputs: [normal([]), integers([], -1, 1), normal([])], attrs: { accumulate: false } },
      {
        inputs: [integers([3, 5], 0, 9), integers([4], -15, 15), integers([4], 0, 9)],
        attrs: { accumulate: true },
      },
      { inputs: [bools([3, 5]), distinct([4], 0, 15), bools([4])], attrs: { accumulate: false } },
    ],
    large: {
      inputs: [normal([512, 1024]), distinct([262144], 0, 524288), normal([262144])],
      attrs: { accumulate: false },
    },
  }),
  defineRef<Nd>({
    op: "scatterNd",
    inputs: ["x", "indices", "updates"],
    torch:
      "x.index_put(tuple(indices.long().unbind(-1)), updates) if reduction == 'none' else (lambda place, rows: " +
      "x.reshape(rows, -1).scatter_reduce(0, place.reshape(-1, 1).expand(-1, x.numel() // rows), " +
      "updates.reshape(place.numel(), -1), {'add': 'sum', 'mul': 'prod', 'max': 'amax', 'min': 'amin'}[reduction])" +
      ".reshape(x.shape))(torch.arange(torch.Size(x.shape[:indices.shape[-1]]).numel())" +
      ".reshape(x.shape[:indices.shape[-1]])[tuple(indices.long().unbind(-1))], " +
      "torch.Size(x.shape[:indices.shape[-1]]).numel())",
    differentiable: true,
    tolerance: {
      units: (_inputs, { reduction }) => (reduction === "none" ? 0 : 6),
      of: ([x, indices, updates], { reduction }) =>
        scale(x, coordinates(x, indices, updates), nameOf(reduction)),
    },
    forward: ([x, indices, updates], { reduction }) =>
      combined(x, coordinates(x, indices, updates), nameOf(reduction)),
    call: ([x, indices, updates], { reduction }) => x.scatterNd(indices, updates, { reduction }),
    samples: nds,
    large: nd(normal([64, 64, 128]), integers([4096, 2], 0, 64), normal([4096, 128]), "add"),
  }),
];
