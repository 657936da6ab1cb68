// References of indexAdd, indexCopy, indexFill and put in scatter.ts: slices of an axis, or elements, written to places.
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
  values,
} from "../reference.ts";
import { at, axisOf, replacing, wrapped } from "./gather.ref.ts";
import { type Brought, combined, distinct, numberOf, scale } from "./scatter.ref.ts";

interface Add {
  readonly dim: number;
  readonly alpha?: number;
}
interface Fill {
  readonly dim: number;
  readonly value?: number | boolean;
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

export const refs: readonly OpRef[] = [
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
];
