// References of gather.ts.
import {
  bools,
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

/** The element at an index of x's own shape. */
export function at(x: RefTensor, index: readonly number[]): number {
  return index.reduce((flat, i, axis) => flat * x.shape[axis] + i, 0);
}

export const wrapped = (i: number, size: number): number => (i < 0 ? i + size : i);

/** The same list with one axis replaced. */
export const replacing = <T>(list: readonly T[], axis: number, ...by: readonly T[]): T[] => [
  ...list.slice(0, axis),
  ...by,
  ...list.slice(axis + 1),
];

export const axisOf = (dim: number, rank: number): number => (dim < 0 ? dim + Math.max(rank, 1) : dim);

export interface Dim {
  readonly dim?: number;
}

const line = (x: Maker, dim: number, index: Maker, note?: string): Sample<Dim> => ({
  inputs: [x, index],
  attrs: { dim },
  note,
});
const special = values([1, NaN, -0, Infinity, -Infinity, 5], [2, 3]);

const gathers: Sample<Dim>[] = [
  ...SIZES.map((n) => line(normal([3, n]), 1, integers([3, n], 0, n))),
  ...SIZES.map((n) => line(normal([n, 3]), 0, integers([4, 3], 0, n))),
  ...[0, 1, 2, -1, -2, -3].map((dim) => line(normal([3, 4, 5]), dim, integers([3, 4, 5], 0, 3))),
  line(normal([4, 3, 6]), 1, integers([2, 7, 5], 0, 3), "fewer and more"),
  line(normal([4, 65]), 0, integers([9, 33], 0, 4), "fewer columns"),
  line(normal([2, 3, 2, 3]), 2, integers([2, 3, 5, 3], 0, 2)),
  line(normal([2, 2, 2, 2, 3]), 4, integers([2, 2, 2, 2, 4], 0, 3)),
  line(normal([7]), 0, integers([17], 0, 7), "repeats"),
  line(normal([]), 0, integers([], 0, 1)),
  line(normal([]), -1, integers([3], 0, 1), "0-d and a vector"),
  line(normal([5]), 0, integers([], 0, 5), "a 0-d index"),
  line(normal([3, 4]), 1, integers([3, 0], 0, 1), "empty"),
  line(normal([3, 4]), 1, integers([0, 4], 0, 4), "empty lines"),
  line(normal([0, 4]), 1, integers([0, 2], 0, 4), "of nothing"),
  line(normal([3, 4]), 1, integers([0], 0, 1), "an empty vector"),
  line(special, 1, integers([2, 5], 0, 3), "NaN, −0"),
  line(integers([3, 17], -99, 99), 1, integers([3, 5], 0, 17)),
  line(bools([3, 17]), 1, integers([3, 20], 0, 17)),
  line(bools([17, 3]), 0, integers([20, 3], 0, 17)),
];

const along = (x: Maker, index: Maker, dim?: number, note?: string): Sample<Dim> => ({
  inputs: [x, index],
  attrs: { dim },
  note,
});

const alongs: Sample<Dim>[] = [
  ...SIZES.map((n) => along(normal([3, n]), integers([3, 4], -n, n), 1)),
  ...SIZES.map((n) => along(normal([5, n]), integers([4, 1], -5, 5), 0, "one index for a row")),
  along(normal([1, 4]), integers([3, 5], 0, 4), 1, "x repeated"),
  along(normal([3, 1, 4]), integers([1, 5, 2], 0, 4), 2, "both repeated"),
  along(normal([2, 3, 4]), integers([2, 1, 4], 0, 3), -2),
  along(normal([3, 4]), integers([2, 5], 0, 12), undefined, "flat"),
  along(normal([3, 4]), integers([0, 4], 0, 3), 0, "empty"),
  { ...along(normal([]), integers([], 0, 1), 0), torch: false },
  along(normal([]), integers([], 0, 1)),
  along(integers([3, 4], 0, 99), integers([3, 1], 0, 4), 1),
  along(bools([3, 4]), integers([1, 2], 0, 4), 1),
];

const selects: Sample<Dim>[] = [
  ...SIZES.map((n) => line(normal([5, n]), 0, integers([7], 0, 5))),
  ...SIZES.map((n) => line(normal([3, n]), 1, integers([4], 0, n))),
  ...[0, 1, 2, -1, -2, -3].map((dim) => line(normal([3, 4, 5]), dim, integers([6], 0, 3))),
  line(normal([2, 3, 2, 3, 4]), 2, integers([3], 0, 2)),
  line(normal([3, 17]), 0, integers([], 0, 3), "a 0-d index"),
  line(normal([]), 0, integers([1], 0, 1)),
  line(normal([3, 4]), 0, integers([0], 0, 3), "empty"),
  line(normal([3, 0]), 0, integers([4], 0, 3), "of nothing"),
  line(special, 0, values([1, 0, 1], [3], "i32"), "NaN, −0"),
  line(integers([3, 17], -99, 99), 0, integers([5], 0, 3)),
  line(bools([5, 33]), 0, integers([5], 0, 5)),
  line(bools([5, 33]), 1, integers([5], 0, 33)),
];

interface Nd {
  readonly batchDims: number;
}

const nd = (x: Maker, indices: Maker, batchDims = 0, note?: string): Sample<Nd> => ({
  inputs: [x, indices],
  attrs: { batchDims },
  note,
});
const pairs = (list: readonly number[], shape: readonly number[]): Maker => values(list, shape, "i32");

const nds: Sample<Nd>[] = [
  ...SIZES.map((n) => nd(normal([4, n]), integers([5, 1], -4, 4))),
  ...SIZES.map((n) => nd(normal([n, 3]), integers([n, 2], 0, Math.min(n, 3)))),
  nd(normal([2, 3]), pairs([0, 0, 1, 2, -1, -3], [3, 2])),
  nd(normal([2, 3, 4]), integers([2, 5, 2], -2, 2)),
  nd(normal([3, 3, 3]), integers([3], -3, 3), 0, "one tuple"),
  nd(normal([2, 3, 4]), integers([2, 1], 0, 3), 1, "one row of a batch"),
  nd(normal([2, 3, 4]), integers([2, 5, 2], 0, 3), 1),
  nd(normal([2, 3, 4, 5]), integers([2, 3, 4, 1], -4, 4), 2),
  nd(normal([2, 3, 4]), integers([2, 3, 1], 0, 4), 2),
  nd(normal([2, 3, 4]), integers([0, 2], 0, 2), 0, "empty"),
  nd(integers([4, 5], 0, 99), integers([3, 1], 0, 4)),
  nd(bools([4, 5]), integers([3, 2], 0, 4)),
];

function gatherNd(x: RefTensor, indices: RefTensor, batchDims: number): RefTensor {
  const depth = indices.shape[indices.shape.length - 1];
  const rows = indices.shape.slice(0, -1);
  const shape = [...rows, ...x.shape.slice(batchDims + depth)];
  return build(
    shape,
    (place) => {
      const tuple = Array.from({ length: depth }, (_, i) =>
        wrapped(indices.data[at(indices, [...place.slice(0, rows.length), i])], x.shape[batchDims + i]),
      );
      return x.data[at(x, [...place.slice(0, batchDims), ...tuple, ...place.slice(rows.length)])];
    },
    x.dtype,
  );
}

/** x along `dim` at what `index` says for each place of `shape`. */
function pickedAlong(x: RefTensor, index: RefTensor, dim: number, shape: readonly number[]): RefTensor {
  if (x.shape.length === 0) return build(shape, () => x.data[0], x.dtype);
  const axis = axisOf(dim, x.shape.length);
  const from = (place: readonly number[]): number =>
    read(
      x,
      replacing(
        place,
        axis,
        wrapped(index.shape.length === 0 ? index.data[0] : read(index, place), x.shape[axis]),
      ),
    );
  if (index.shape.length === 0) return build([], () => from([0]), x.dtype);
  return build(shape, from, x.dtype);
}

export const refs: readonly OpRef[] = [
  defineRef<Dim>({
    op: "gather",
    inputs: ["x", "index"],
    torch: "torch.gather(x, dim, index.long())",
    differentiable: true,
    tolerance: exact,
    forward: ([x, index], { dim }) => {
      if (index.data.length === 0) return { ...index, dtype: x.dtype };
      const axis = axisOf(dim as number, x.shape.length);
      if (x.shape.length === 0 || index.shape.length === 0) return pickedAlong(x, index, axis, index.shape);
      return build(
        index.shape,
        (place) => x.data[at(x, replacing(place, axis, index.data[at(index, place)]))],
        x.dtype,
      );
    },
    call: ([x, index], { dim }) => x.gather(dim as number, index),
    samples: gathers,
    large: line(normal([512, 1024]), 1, integers([512, 1024], 0, 1024)),
  }),
  defineRef<Dim>({
    op: "takeAlongDim",
    inputs: ["x", "index"],
    torch: "torch.take_along_dim(x.contiguous(), index.long().contiguous(), dim)",
    differentiable: true,
    tolerance: exact,
    forward([x, index], { dim }) {
      if (dim === undefined) {
        const flat = (t: RefTensor): RefTensor => ({ ...t, shape: [t.data.length] });
        return pickedAlong(flat(x), flat(index), 0, [index.data.length]);
      }
      const axis = axisOf(dim, x.shape.length);
      const shape = index.shape.map((n, i) => (i === axis || x.shape[i] === 1 ? n : x.shape[i]));
      return pickedAlong(x, index, axis, shape);
    },
    call: ([x, index], { dim }) => x.takeAlongDim(index, dim),
    samples: alongs,
    large: along(normal([512, 1024]), integers([256, 1], 0, 512), 0),
  }),
  defineRef<Dim>({
    op: "indexSelect",
    inputs: ["x", "index"],
    torch: "torch.index_select(x, dim, index)",
    differentiable: true,
    tolerance: exact,
    forward: ([x, index], { dim }) => {
      if (x.shape.length === 0) return x;
      const axis = axisOf(dim as number, x.shape.length);
      return build(
        replacing(x.shape, axis, index.data.length),
        (place) => x.data[at(x, replacing(place, axis, index.data[place[axis]]))],
        x.dtype,
      );
    },
    call: ([x, index], { dim }) => x.indexSelect(dim as number, index),
    samples: selects,
    large: line(normal([2048, 256]), 0, integers([4096], 0, 2048)),
  }),
  defineRef<Record<never, never>>({
    op: "take",
    inputs: ["x", "index"],
    torch: "torch.take(x, index.long())",
    differentiable: true,
    tolerance: exact,
    forward: ([x, index]) => ({
      dtype: x.dtype,
      shape: index.shape,
      data: index.data.map((i) => x.data[wrapped(i, x.data.length)]),
    }),
    call: ([x, index]) => x.take(index),
    samples: [
      ...SIZES.map((n) => ({ inputs: [normal([2, 3]), integers([n], -6, 6)], attrs: {} })),
      { inputs: [normal([3, 4, 2]), integers([2, 5], -24, 24)], attrs: {} },
      { inputs: [normal([]), integers([], -1, 1)], attrs: {} },
      { inputs: [normal([3]), integers([0, 2], 0, 1)], attrs: {} },
      { inputs: [sprinkled(normal([7]), NaN, 3), integers([9], 0, 7)], attrs: {}, note: "NaN" },
      { inputs: [integers([3, 4], 0, 99), integers([5], -12, 12)], attrs: {} },
      { inputs: [bools([3, 4]), integers([5], -12, 12)], attrs: {} },
    ],
    large: { inputs: [normal([512, 1024]), integers([524288], 0, 524288)], attrs: {} },
  }),
  defineRef<Nd>({
    op: "gatherNd",
    inputs: ["x", "indices"],
    torch:
      "x[tuple(torch.arange(x.shape[i]).reshape([-1 if j == i else 1 for j in range(indices.dim() - 1)]) " +
      "for i in range(batchDims)) + tuple(indices.long().unbind(-1))]",
    differentiable: true,
    tolerance: exact,
    forward: ([x, indices], { batchDims }) => gatherNd(x, indices, batchDims),
    call: ([x, indices], { batchDims }) => x.gatherNd(indices, { batchDims }),
    samples: [
      ...nds,
      { inputs: [normal([2, 3]), integers([4, 0], 0, 1)], attrs: { batchDims: 0 }, torch: false },
      { inputs: [normal([2, 3]), integers([2, 5, 0], 0, 1)], attrs: { batchDims: 1 }, torch: false },
    ],
    large: nd(normal([64, 64, 128]), integers([8192, 2], 0, 64)),
  }),
];
