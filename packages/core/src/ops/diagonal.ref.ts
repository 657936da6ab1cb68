// References of diagonal.ts.
import { bools, defineRef, integers, normal, type OpRef, type RefTensor, SIZES } from "../reference.ts";
import { moved, of, resolve, viewRef } from "./views.ref.ts";

interface Attrs {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

function diagonal(x: RefTensor, { offset, dim1, dim2 }: Attrs): RefTensor {
  const [a, b] = [dim1, dim2].map((axis) => resolve(axis, x.shape.length));
  let length = 0;
  for (let i = 0; i < x.shape[a]; i++) if (i + offset >= 0 && i + offset < x.shape[b]) length++;
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== a && axis !== b);
  return moved(x, [...others.map((axis) => x.shape[axis]), length], (index) => {
    const i = index[index.length - 1] + Math.max(-offset, 0);
    const place = x.shape.map((_, axis) => index[others.indexOf(axis)]);
    place[a] = i;
    place[b] = i + offset;
    return place;
  });
}

function embedded(x: RefTensor, { offset, dim1, dim2 }: Attrs): RefTensor {
  const rank = x.shape.length + 1;
  const [a, b] = [dim1, dim2].map((axis) => resolve(axis, rank));
  const size = x.shape[x.shape.length - 1] + Math.abs(offset);
  const sizes = x.shape.slice(0, -1);
  const shape = Array.from({ length: rank }, (_, axis) =>
    axis === a || axis === b ? size : (sizes.shift() as number),
  );
  return moved(x, shape, (index) => {
    if (index[b] - index[a] !== offset) return null;
    const others = index.filter((_, axis) => axis !== a && axis !== b);
    return [...others, Math.min(index[a], index[b])];
  });
}

const flat = { dim1: 0, dim2: 1 };

export const refs: readonly OpRef[] = [
  viewRef<Attrs>({
    op: "diagonal",
    torch: "torch.diagonal(x, offset, dim1, dim2)",
    forward: ([x], attrs) => diagonal(x, attrs),
    call: ([x], { offset, dim1, dim2 }) => x.diagonal(offset, dim1, dim2),
    samples: [
      ...[-6, -5, -4, -1, 0, 1, 3, 4, 5, 6, 7].map((offset) => of([5, 7], { offset, ...flat })),
      ...[-1, 0, 2].map((offset) => of([2, 3, 4], { offset, dim1: -2, dim2: -1 })),
      of([2, 3, 4], { offset: 1, dim1: 2, dim2: 0 }),
      of([2, 3, 2, 4], { offset: 0, dim1: 3, dim2: 1 }),
      of([0, 3], { offset: 0, ...flat }),
      { inputs: [integers([4, 4], -9, 9)], attrs: { offset: 1, ...flat } },
      { inputs: [bools([4, 4])], attrs: { offset: -1, ...flat } },
    ],
  }),
  viewRef<Attrs>({
    op: "diagEmbed",
    torch: "torch.diag_embed(x, offset, dim1, dim2)",
    forward: ([x], attrs) => embedded(x, attrs),
    call: ([x], { offset, dim1, dim2 }) => x.diagEmbed(offset, dim1, dim2),
    samples: [
      ...SIZES.filter((n) => n < 40).map((n) => of([n], { offset: 0, dim1: -2, dim2: -1 })),
      ...[-3, -1, 1, 2].map((offset) => of([3, 4], { offset, dim1: -2, dim2: -1 })),
      of([2, 3, 4], { offset: 1, dim1: 0, dim2: 2 }),
      of([2, 3], { offset: -1, dim1: 2, dim2: 0 }),
      of([2, 0], { offset: 1, dim1: -2, dim2: -1 }),
      { inputs: [integers([3], -9, 9)], attrs: { offset: 1, dim1: -2, dim2: -1 } },
      { inputs: [bools([3])], attrs: { offset: 0, dim1: -2, dim2: -1 } },
    ],
    large: { inputs: [normal([64, 256])], attrs: { offset: 0, dim1: -2, dim2: -1 } },
  }),
  viewRef<{ diagonal: number }>({
    op: "diag",
    torch: "torch.diag(x, diagonal)",
    forward: ([x], { diagonal: offset }) =>
      x.shape.length === 1 ? embedded(x, { offset, ...flat }) : diagonal(x, { offset, ...flat }),
    call: ([x], { diagonal: offset }) => x.diag(offset),
    samples: [
      ...[-2, 0, 1].flatMap((k) => [of([4], { diagonal: k }), of([3, 5], { diagonal: k })]),
      of([0], { diagonal: 0 }),
      of([2, 2], { diagonal: 5 }),
      { inputs: [integers([3], -9, 9)], attrs: { diagonal: 1 } },
      { inputs: [bools([3, 3])], attrs: { diagonal: 0 } },
    ],
    large: { inputs: [normal([1024])], attrs: { diagonal: 0 } },
  }),
  defineRef<Record<never, never>>({
    op: "trace",
    inputs: ["x"],
    torch: "torch.trace(x)",
    differentiable: true,
    tolerance: { units: 4, of: ([x]) => ({ ...traced({ ...x, data: x.data.map(Math.abs) }), dtype: "f32" }) },
    forward: ([x]) => traced(x),
    call: ([x]) => x.trace(),
    samples: [
      ...SIZES.map((n) => ({ inputs: [normal([n, n], 1, 1)], attrs: {} })),
      { inputs: [normal([3, 7])], attrs: {} },
      { inputs: [normal([7, 3], 100)], attrs: {}, note: "×100" },
      { inputs: [normal([0, 3])], attrs: {} },
      { inputs: [integers([4, 5], -99, 99)], attrs: {} },
      { inputs: [bools([4, 5])], attrs: {}, torch: false },
    ],
  }),
];

function traced(x: RefTensor): RefTensor {
  const on = diagonal(x, { offset: 0, ...flat });
  const total = on.data.reduce((sum, value) => sum + value, 0);
  return { dtype: x.dtype === "f32" ? "f32" : "i32", shape: [], data: Float64Array.of(total) };
}
