// References of views.ts: each result element is looked up by its index.
import {
  bools,
  build,
  defineRef,
  exact,
  integers,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  values,
} from "../reference.ts";

export const resolve = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

export function reshaped(x: RefTensor, shape: readonly number[]): RefTensor {
  const known = numel(shape.filter((size) => size !== -1));
  return { ...x, shape: shape.map((size) => (size === -1 ? x.data.length / known : size)) };
}

/** Axis i of the result is axis `axes[i]` of x. */
export function permuted(x: RefTensor, axes: readonly number[]): RefTensor {
  const source = x.shape.map(() => 0);
  const from = axes.map((axis) => resolve(axis, x.shape.length));
  const shape = from.map((axis) => x.shape[axis]);
  return build(
    shape,
    (index) => {
      for (const [i, axis] of from.entries()) source[axis] = index[i];
      return read(x, source);
    },
    x.dtype,
  );
}

/** The elements begin, begin + step, … of one axis. */
export function sliced(x: RefTensor, dim: number, begin: number, length: number, step = 1): RefTensor {
  const axis = resolve(dim, x.shape.length);
  const shape = x.shape.map((size, i) => (i === axis ? length : size));
  const from = (i: number, a: number): number => (a === axis ? begin + i * step : i);
  return build(
    shape,
    (index) => x.data[index.reduce((at, i, a) => at * x.shape[a] + from(i, a), 0)],
    x.dtype,
  );
}

export function without(x: RefTensor, dropped: (axis: number) => boolean): RefTensor {
  return reshaped(
    x,
    x.shape.filter((_, axis) => !dropped(axis)),
  );
}

/** The places that Python's slice takes of an axis, found by walking. */
function pythonRange(
  size: number,
  start: number | undefined,
  end: number | undefined,
  step: number,
): number[] {
  const at = (place: number): number => (place < 0 ? place + size : place);
  const places: number[] = [];
  if (step > 0) {
    const stop = Math.min(at(end ?? size), size);
    for (let i = Math.max(at(start ?? 0), 0); i < stop; i += step) places.push(i);
  } else {
    const stop = end === undefined ? -1 : Math.max(at(end), -1);
    for (let i = Math.min(start === undefined ? size - 1 : at(start), size - 1); i > stop; i += step)
      places.push(i);
  }
  return places;
}

function parts(x: RefTensor, sizes: readonly number[], dim: number): RefTensor[] {
  let begin = 0;
  return sizes.map((size) => {
    begin += size;
    return sliced(x, dim, begin - size, size);
  });
}

/** Sizes of pieces of `size`, the last of what is left. */
function equalSizes(total: number, size: number): number[] {
  return Array.from({ length: Math.max(Math.ceil(total / size), 1) }, (_, i) =>
    Math.min(size, total - i * size),
  );
}

/** Element `index` of the result is the element `from(index)` of x, or `fill` where there is none. */
export function moved(
  x: RefTensor,
  shape: readonly number[],
  from: (index: readonly number[]) => readonly number[] | null,
  fill = 0,
): RefTensor {
  return build(
    shape,
    (index) => {
      const place = from(index);
      return place === null ? fill : x.data[place.reduce((at, i, axis) => at * x.shape[axis] + i, 0)];
    },
    x.dtype,
  );
}

type Reference<A> = Pick<OpRef<A>, "op" | "torch" | "forward" | "call" | "samples" | "large">;

export function viewRef<A>(ref: Reference<A>): OpRef {
  return defineRef<A>({ ...ref, inputs: ["x"], differentiable: true, tolerance: exact });
}

export function of<A>(shape: readonly number[], attrs: A, note?: string): Sample<A> {
  return { inputs: [normal(shape)], attrs, note };
}

const rearranging: readonly OpRef[] = [
  ...(["reshape", "view"] as const).map((name) =>
    viewRef<{ shape: readonly number[] }>({
      op: name,
      torch: "x.reshape(shape)",
      forward: ([x], { shape }) => reshaped(x, shape),
      // A view in another order of memory cannot always be had: the driver's strided inputs go to reshape.
      call: ([x], { shape }) => (name === "view" ? x.contiguous() : x)[name](shape),
      samples: [
        of([3, 4, 5], { shape: [12, 5] }),
        of([3, 4, 5], { shape: [3, 20] }),
        of([3, 4, 5], { shape: [60] }),
        of([3, 4, 5], { shape: [2, 6, -1] }),
        of([3, 4, 5], { shape: [3, 1, 4, 1, 5] }),
        of([3, 4, 5], { shape: [5, -1, 3] }),
        of([17], { shape: [1, 17, 1] }),
        of([1, 1], { shape: [] }),
        of([], { shape: [1, 1] }),
        of([0, 3], { shape: [3, 0, 2] }),
        { inputs: [integers([3, 4], 0, 9)], attrs: { shape: [2, 6] } },
        { inputs: [bools([3, 4])], attrs: { shape: [-1] } },
      ],
    }),
  ),
  viewRef<{ startDim: number; endDim: number }>({
    op: "flatten",
    torch: "torch.flatten(x, startDim, endDim)",
    forward([x], { startDim, endDim }) {
      const [start, end] = [startDim, endDim].map((axis) => resolve(axis, x.shape.length));
      return reshaped(x, [
        ...x.shape.slice(0, start),
        numel(x.shape.slice(start, end + 1)),
        ...x.shape.slice(end + 1),
      ]);
    },
    call: ([x], { startDim, endDim }) => x.flatten(startDim, endDim),
    samples: [
      of([2, 3, 4], { startDim: 0, endDim: -1 }),
      of([2, 3, 4], { startDim: 1, endDim: 2 }),
      of([2, 3, 4], { startDim: 0, endDim: 1 }),
      of([2, 3, 4], { startDim: -2, endDim: -2 }),
      of([], { startDim: 0, endDim: -1 }),
      of([2, 0, 4], { startDim: 0, endDim: 1 }),
    ],
  }),
  viewRef<{ dims: readonly number[] }>({
    op: "permute",
    torch: "x.permute(dims)",
    forward: ([x], { dims }) => permuted(x, dims),
    call: ([x], { dims }) => x.permute(dims),
    samples: [
      ...[
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
        [-1, 0, -2],
      ].map((dims) => of([3, 4, 5], { dims })),
      of([2, 3, 1, 4], { dims: [2, 3, 0, 1] }),
      of([], { dims: [] }),
      of([0, 3], { dims: [1, 0] }),
    ],
  }),
  viewRef<{ dim0: number; dim1: number }>({
    op: "transpose",
    torch: "x.transpose(dim0, dim1)",
    forward([x], { dim0, dim1 }) {
      const [a, b] = [dim0, dim1].map((axis) => resolve(axis, x.shape.length));
      return permuted(
        x,
        x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
      );
    },
    call: ([x], { dim0, dim1 }) => x.transpose(dim0, dim1),
    samples: [
      of([17, 5], { dim0: 0, dim1: 1 }),
      of([2, 3, 4], { dim0: 0, dim1: 2 }),
      of([2, 3, 4], { dim0: -1, dim1: -2 }),
      of([2, 3, 4], { dim0: 1, dim1: 1 }),
      of([], { dim0: 0, dim1: -1 }),
    ],
  }),
  viewRef<Record<never, never>>({
    op: "t",
    torch: "x.t()",
    forward: ([x]) => (x.shape.length < 2 ? x : permuted(x, [1, 0])),
    call: ([x]) => x.t(),
    samples: [of([17, 5], {}), of([5], {}), of([], {})],
  }),
  viewRef<{ dim?: number | readonly number[] }>({
    op: "squeeze",
    torch: "x.squeeze() if dim is None else x.squeeze(dim)",
    forward([x], { dim }) {
      const named = dim === undefined ? x.shape.map((_, axis) => axis) : [dim].flat();
      const axes = named.map((axis) => resolve(axis, x.shape.length));
      return without(x, (axis) => axes.includes(axis) && x.shape[axis] === 1);
    },
    call: ([x], { dim }) => x.squeeze(dim),
    samples: [
      ...[undefined, 0, 1, 2, -1, -2, [0, 2], []].map((dim) => of([1, 3, 1, 5], { dim })),
      of([1, 1], { dim: undefined }),
      of([], { dim: 0 }),
    ],
  }),
  viewRef<{ dim: number }>({
    op: "unsqueeze",
    torch: "x.unsqueeze(dim)",
    forward([x], { dim }) {
      const axis = resolve(dim, x.shape.length + 1);
      return reshaped(x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
    },
    call: ([x], { dim }) => x.unsqueeze(dim),
    samples: [
      ...[0, 1, 2, -1, -2, -3].map((dim) => of([3, 5], { dim })),
      of([], { dim: 0 }),
      of([0], { dim: -1 }),
    ],
  }),
];

const cutting: readonly OpRef[] = [
  viewRef<{ dim: number; start: number; length: number }>({
    op: "narrow",
    torch: "x.narrow(dim, start, length)",
    forward([x], { dim, start, length }) {
      return sliced(x, dim, resolve(start, x.shape[resolve(dim, x.shape.length)]), length);
    },
    call: ([x], { dim, start, length }) => x.narrow(dim, start, length),
    samples: [
      of([17], { dim: 0, start: 3, length: 9 }),
      of([5, 17], { dim: 1, start: 1, length: 15 }),
      of([5, 17], { dim: 0, start: 2, length: 2 }),
      of([5, 17], { dim: -1, start: -4, length: 3 }),
      of([3, 4, 5], { dim: 1, start: 0, length: 4 }, "whole"),
      of([3, 4, 5], { dim: 2, start: 2, length: 0 }, "nothing"),
      of([3, 4, 5], { dim: 2, start: 5, length: 0 }, "nothing"),
    ],
  }),
  defineRef<{ dim: number; length: number }>({
    op: "narrow",
    inputs: ["x", "start"],
    torch: "x.narrow(dim, start.long(), length)",
    differentiable: true,
    tolerance: exact,
    forward: ([x, start], { dim, length }) =>
      sliced(x, dim, resolve(start.data[0], x.shape[resolve(dim, x.shape.length)]), length),
    call: ([x, start], { dim, length }) => x.narrow(dim, start, length),
    samples: [
      { inputs: [normal([5, 17]), values([3], [], "i32")], attrs: { dim: 1, length: 9 } },
      { inputs: [normal([5, 17]), values([-4], [], "i32")], attrs: { dim: -1, length: 3 } },
    ],
  }),
  viewRef<{ dim: number; index: number }>({
    op: "select",
    torch: "x.select(dim, index)",
    forward([x], { dim, index }) {
      const axis = resolve(dim, x.shape.length);
      return without(sliced(x, dim, resolve(index, x.shape[axis]), 1), (a) => a === axis);
    },
    call: ([x], { dim, index }) => x.select(dim, index),
    samples: [
      of([17], { dim: 0, index: 3 }),
      of([3, 4, 5], { dim: 0, index: 2 }),
      of([3, 4, 5], { dim: 1, index: 0 }),
      of([3, 4, 5], { dim: -1, index: -1 }),
      of([1, 4], { dim: 0, index: 0 }),
    ],
  }),
  viewRef<{ dim: number; start?: number; end?: number; step: number }>({
    op: "slice",
    torch:
      "x[(slice(None),) * (dim % x.dim()) + (slice(start, end, step),)] if step > 0 else " +
      "x.index_select(dim, torch.tensor(list(range(x.shape[dim]))[start:end:step], dtype=torch.int64))",
    forward([x], { dim, start, end, step }) {
      const axis = resolve(dim, x.shape.length);
      const places = pythonRange(x.shape[axis], start, end, step);
      const shape = x.shape.map((size, i) => (i === axis ? places.length : size));
      return moved(x, shape, (index) => index.map((i, a) => (a === axis ? places[i] : i)));
    },
    call: ([x], { dim, start, end, step }) => x.slice(dim, start, end, step),
    samples: [
      of([17], { dim: 0, start: 2, end: 15, step: 1 }),
      of([17], { dim: 0, start: 0, end: 17, step: 3 }),
      of([5, 17], { dim: 1, start: -9, end: -1, step: 2 }),
      of([5, 17], { dim: 0, start: 1, end: 99, step: 4 }),
      of([3, 4, 5], { dim: -2, start: -99, end: 3, step: 2 }),
      of([3, 4, 5], { dim: 1, start: 3, end: 1, step: 1 }, "nothing"),
      of([3, 4, 5], { dim: 1, start: undefined, end: -1, step: 1 }),
      of([5, 17], { dim: 1, start: 3, end: undefined, step: 2 }),
      ...[-1, -2, -3, -20].map((step) => of([3, 17], { dim: 1, start: undefined, end: undefined, step })),
      ...[-1, -2].map((step) => of([17, 3], { dim: 0, start: -2, end: 3, step })),
      of([2, 5, 3], { dim: -2, start: 99, end: -99, step: -1 }),
      of([2, 5, 3], { dim: 1, start: undefined, end: 0, step: -3 }),
      of([2, 5, 3], { dim: 1, start: 1, end: undefined, step: -1 }),
      of([2, 5], { dim: 1, start: 1, end: 3, step: -1 }, "nothing"),
      of([2, 5], { dim: 1, start: -99, end: undefined, step: -1 }, "nothing"),
      of([0, 5], { dim: 0, start: undefined, end: undefined, step: -1 }, "empty"),
      { inputs: [integers([3, 17], -9, 9)], attrs: { dim: 1, start: undefined, end: undefined, step: -1 } },
      { inputs: [bools([3, 17])], attrs: { dim: 1, start: undefined, end: undefined, step: -2 } },
    ],
  }),
  viewRef<{ sizes: number | readonly number[]; dim: number }>({
    op: "split",
    torch: "torch.split(x, sizes, dim)",
    forward([x], { sizes, dim }) {
      const total = x.shape[resolve(dim, x.shape.length)];
      return parts(x, typeof sizes === "number" ? equalSizes(total, sizes) : sizes, dim);
    },
    call: ([x], { sizes, dim }) => x.split(sizes, dim),
    samples: [
      of([17], { sizes: 5, dim: 0 }),
      of([4, 6], { sizes: 2, dim: 1 }),
      of([4, 6], { sizes: [1, 3, 2], dim: -1 }),
      of([4, 6], { sizes: [3, 0, 1], dim: 0 }),
      of([2, 9, 3], { sizes: 4, dim: 1 }),
      of([4, 6], { sizes: 9, dim: 0 }),
      of([0, 3], { sizes: 2, dim: 0 }),
    ],
  }),
  viewRef<{ chunks: number; dim: number }>({
    op: "chunk",
    torch: "torch.chunk(x, chunks, dim)",
    forward([x], { chunks, dim }) {
      const total = x.shape[resolve(dim, x.shape.length)];
      return parts(x, equalSizes(total, Math.max(Math.ceil(total / chunks), 1)), dim);
    },
    call: ([x], { chunks, dim }) => x.chunk(chunks, dim),
    samples: [
      of([12, 3], { chunks: 3, dim: 0 }),
      of([3, 12], { chunks: 3, dim: -1 }),
      of([3, 7], { chunks: 3, dim: 1 }),
      of([3, 5], { chunks: 4, dim: 1 }),
      of([3, 2], { chunks: 5, dim: 1 }),
    ],
  }),
];

const repeating: readonly OpRef[] = [
  viewRef<{ shape: readonly number[] }>({
    op: "expand",
    torch: "x.expand(shape)",
    forward([x], { shape }) {
      const lead = shape.length - x.shape.length;
      const full = shape.map((size, axis) => (size === -1 ? x.shape[axis - lead] : size));
      return build(full, (index) => read(x, index), x.dtype);
    },
    call: ([x], { shape }) => x.expand(shape),
    samples: [
      of([3, 1], { shape: [3, 17] }),
      of([1, 5], { shape: [4, 5] }),
      of([1, 5], { shape: [4, -1] }),
      of([5], { shape: [2, 3, 5] }),
      of([3, 1], { shape: [2, -1, 4] }),
      of([], { shape: [2, 3] }),
      of([2, 3], { shape: [2, 3] }),
      of([1], { shape: [0] }),
      { inputs: [integers([3, 1], 0, 9)], attrs: { shape: [3, 4] } },
      { inputs: [bools([3, 1])], attrs: { shape: [3, 4] } },
    ],
  }),
];

export const refs: readonly OpRef[] = [...rearranging, ...cutting, ...repeating];
