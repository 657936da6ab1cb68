// References of axes.ts.
import { bools, defineRef, exact, integers, normal, type OpRef, values } from "../reference.ts";
import { of, permuted, reshaped, resolve, sliced, viewRef, without } from "./views.ref.ts";

type None = Record<never, never>;

/** What is left when the moved axes are taken away, with them put back in at their new places. */
function movedAxes(rank: number, source: readonly number[], destination: readonly number[]): number[] {
  if (rank === 0) return [];
  const from = source.map((axis) => resolve(axis, rank));
  const to = destination.map((axis) => resolve(axis, rank));
  const axes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !from.includes(axis));
  const order = to.map((_, i) => i).sort((i, j) => to[i] - to[j]);
  for (const i of order) axes.splice(to[i], 0, from[i]);
  return axes;
}

const atLeast = [
  ["atleast1d", "torch.atleast_1d(x)", (s: readonly number[]) => (s.length === 0 ? [1] : s)],
  ["atleast2d", "torch.atleast_2d(x)", (s: readonly number[]) => (s.length < 2 ? [1, s[0] ?? 1] : s)],
  [
    "atleast3d",
    "torch.atleast_3d(x)",
    (s: readonly number[]) => (s.length < 2 ? [1, s[0] ?? 1, 1] : s.length === 2 ? [...s, 1] : s),
  ],
  ["ravel", "torch.ravel(x)", (s: readonly number[]) => [s.reduce((n, size) => n * size, 1)]],
] as const;

interface Split {
  readonly indicesOrSections: number | readonly number[];
  readonly dim: number;
}

/** Begin and end of each part, as NumPy's array_split and torch.tensor_split have them. */
function partsOf(size: number, wanted: number | readonly number[]): [number, number][] {
  if (typeof wanted === "number") {
    let begin = 0;
    return Array.from({ length: wanted }, (_, i) => {
      const length = Math.floor(size / wanted) + (i < size % wanted ? 1 : 0);
      begin += length;
      return [begin - length, begin];
    });
  }
  const at = (place: number): number => Math.min(Math.max(place < 0 ? place + size : place, 0), size);
  return [...wanted, size].map((end, i) => [at(i === 0 ? 0 : wanted[i - 1]), at(end)]);
}

export const refs: readonly OpRef[] = [
  viewRef<{ source: number | readonly number[]; destination: number | readonly number[] }>({
    op: "movedim",
    torch: "torch.movedim(x, source, destination)",
    forward: ([x], { source, destination }) =>
      permuted(x, movedAxes(x.shape.length, [source].flat(), [destination].flat())),
    call: ([x], { source, destination }) => x.movedim(source, destination),
    samples: [
      ...[0, 1, 2, -1, -2].flatMap((source) =>
        [0, 1, -1].map((destination) => of([3, 4, 5], { source, destination })),
      ),
      of([2, 3, 4, 5], { source: [0, 1], destination: [-1, -2] }),
      of([2, 3, 4, 5], { source: [3, 0], destination: [0, 2] }),
      of([2, 3, 4, 5], { source: [1, 2, 3], destination: [3, 0, 1] }),
      of([2, 3], { source: [], destination: [] }),
      of([], { source: 0, destination: -1 }),
      { inputs: [integers([2, 3, 4], -9, 9)], attrs: { source: 2, destination: 0 } },
    ],
  }),
  viewRef<{ axis0: number; axis1: number }>({
    op: "swapaxes",
    torch: "torch.swapaxes(x, axis0, axis1)",
    forward([x], { axis0, axis1 }) {
      const [a, b] = [axis0, axis1].map((axis) => resolve(axis, x.shape.length));
      return permuted(
        x,
        x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
      );
    },
    call: ([x], { axis0, axis1 }) => x.swapaxes(axis0, axis1),
    samples: [
      of([3, 4, 5], { axis0: 0, axis1: -1 }),
      of([3, 4, 5], { axis0: 1, axis1: 1 }),
      of([17, 5], { axis0: -2, axis1: 1 }),
      { inputs: [bools([2, 3])], attrs: { axis0: 0, axis1: 1 } },
    ],
  }),
  viewRef<{ dim: number; sizes: readonly number[] }>({
    op: "unflatten",
    torch: "x.unflatten(dim, sizes)",
    forward([x], { dim, sizes }) {
      const axis = resolve(dim, x.shape.length);
      const known = sizes.filter((size) => size !== -1).reduce((n, size) => n * size, 1);
      const parts = sizes.map((size) => (size === -1 ? x.shape[axis] / known : size));
      return reshaped(x, [...x.shape.slice(0, axis), ...parts, ...x.shape.slice(axis + 1)]);
    },
    call: ([x], { dim, sizes }) => x.unflatten(dim, sizes),
    samples: [
      of([12], { dim: 0, sizes: [3, 4] }),
      of([12, 5], { dim: 0, sizes: [2, -1, 3] }),
      of([2, 12, 3], { dim: 1, sizes: [4, 3] }),
      of([2, 12, 3], { dim: -2, sizes: [-1, 12, 1] }),
      of([2, 3], { dim: -1, sizes: [3] }),
      of([2, 0], { dim: 1, sizes: [0, 3] }),
      { inputs: [integers([2, 6], -9, 9)], attrs: { dim: 1, sizes: [3, -1] } },
    ],
  }),
  ...atLeast.map(([op, torch, shape]) =>
    viewRef<None>({
      op,
      torch,
      forward: ([x]) => reshaped(x, shape(x.shape)),
      call: ([x]) => x[op](),
      samples: [
        ...[[], [5], [3, 5], [2, 3, 4], [0, 3], [2, 1, 3, 2]].map((s) => of(s, {})),
        { inputs: [bools([3])], attrs: {} },
        { inputs: [integers([3], 0, 9)], attrs: {} },
      ],
    }),
  ),
  viewRef<{ dim: number }>({
    op: "unbind",
    torch: "torch.unbind(x, dim)",
    forward([x], { dim }) {
      const axis = resolve(dim, x.shape.length);
      return Array.from({ length: x.shape[axis] }, (_, i) =>
        without(sliced(x, axis, i, 1), (a) => a === axis),
      );
    },
    call: ([x], { dim }) => x.unbind(dim),
    samples: [
      ...[0, 1, 2, -1, -2].map((dim) => of([3, 4, 2], { dim })),
      of([5], { dim: 0 }),
      of([1, 5], { dim: 0 }),
      of([2, 0], { dim: 0 }),
      { inputs: [integers([2, 3], -9, 9)], attrs: { dim: 1 } },
      { inputs: [bools([2, 3])], attrs: { dim: 0 } },
    ],
  }),
  viewRef<Split>({
    op: "tensorSplit",
    torch: "torch.tensor_split(x, indicesOrSections, dim)",
    forward([x], { indicesOrSections, dim }) {
      const size = x.shape[resolve(dim, x.shape.length)];
      return partsOf(size, indicesOrSections).map(([begin, end]) =>
        sliced(x, dim, begin, Math.max(end - begin, 0)),
      );
    },
    call: ([x], { indicesOrSections, dim }) => x.tensorSplit(indicesOrSections, dim),
    samples: [
      ...[1, 2, 3, 5, 9].map((indicesOrSections) => of([7, 3], { indicesOrSections, dim: 0 })),
      ...[[2, 5], [3], [], [0, 7], [2, 9], [-3, -1], [5, 2], [2, 2]].map((indicesOrSections) =>
        of([3, 7], { indicesOrSections, dim: -1 }),
      ),
      of([0, 2], { indicesOrSections: 2, dim: 0 }),
      { inputs: [integers([7], -9, 9)], attrs: { indicesOrSections: [2, 4], dim: 0 } },
    ],
  }),
  defineRef<{ dim: number }>({
    op: "tensorSplit",
    inputs: ["x", "places"],
    torch: "torch.tensor_split(x, places.long(), dim)",
    differentiable: true,
    tolerance: exact,
    forward([x, places], { dim }) {
      const wanted = places.shape.length === 0 ? places.data[0] : [...places.data];
      return partsOf(x.shape[resolve(dim, x.shape.length)], wanted).map(([begin, end]) =>
        sliced(x, dim, begin, Math.max(end - begin, 0)),
      );
    },
    call: ([x, places], { dim }) => x.tensorSplit(places, dim),
    samples: [
      { inputs: [normal([7, 3]), values([3], [], "i32")], attrs: { dim: 0 } },
      { inputs: [normal([3, 7]), values([2, -3, 9], [3], "i32")], attrs: { dim: 1 } },
      { inputs: [normal([3, 7]), values([], [0], "i32")], attrs: { dim: -1 } },
    ],
  }),
];
