// References of flip.ts: each element is looked up where it came from.
import { bools, integers, normal, type OpRef, SIZES, values } from "../reference.ts";
import { moved, of, permuted, resolve, viewRef } from "./views.ref.ts";

interface Dims {
  readonly dims: readonly number[];
}

interface Turn {
  readonly k: number;
  readonly dims: readonly number[];
}

export const refs: readonly OpRef[] = [
  viewRef<Dims>({
    op: "flip",
    torch: "torch.flip(x, dims)",
    forward([x], { dims }) {
      const axes = dims.map((dim) => resolve(dim, Math.max(x.shape.length, 1)));
      return moved(x, x.shape, (index) =>
        index.map((i, axis) => (axes.includes(axis) ? x.shape[axis] - 1 - i : i)),
      );
    },
    call: ([x], { dims }) => x.flip(dims),
    samples: [
      ...SIZES.flatMap((n) => [of([3, n], { dims: [1] }), of([n, 3], { dims: [0] })]),
      ...[[], [0], [1], [-1], [0, 1], [0, -1], [2, 1], [0, 1, 2]].map((dims) => of([3, 4, 5], { dims })),
      of([2, 3, 1, 2, 5], { dims: [4, 1] }),
      of([], { dims: [] }),
      of([], { dims: [0] }),
      of([0, 3], { dims: [0, 1] }),
      { inputs: [integers([5, 17], -9, 9)], attrs: { dims: [1] } },
      { inputs: [bools([5, 17])], attrs: { dims: [1, 0] } },
      {
        inputs: [values([1, NaN, -0, Infinity, -Infinity])],
        attrs: { dims: [0] },
        note: "NaN, -0, Infinity",
        smooth: false,
      },
    ],
    large: { inputs: [normal([1024, 1024])], attrs: { dims: [1] } },
  }),
  viewRef<Turn>({
    op: "rot90",
    torch: "torch.rot90(x, k, dims)",
    forward([x], { k, dims }) {
      const [a, b] = dims.map((dim) => resolve(dim, x.shape.length));
      let y = x;
      for (let turn = 0; turn < ((k % 4) + 4) % 4; turn++) {
        const axes = y.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis));
        const turned = permuted(y, axes);
        y = moved(turned, turned.shape, (index) =>
          index.map((i, axis) => (axis === a ? turned.shape[a] - 1 - i : i)),
        );
      }
      return y;
    },
    call: ([x], { k, dims }) => x.rot90(k, dims),
    samples: [
      ...[-1, 0, 1, 2, 3, 4, 7, -6].map((k) => of([3, 5], { k, dims: [0, 1] })),
      ...[1, 2, 3].map((k) => of([2, 3, 4], { k, dims: [-1, 0] })),
      of([0, 3], { k: 1, dims: [0, 1] }),
      { inputs: [integers([3, 4], -9, 9)], attrs: { k: 1, dims: [1, 0] } },
      { inputs: [bools([3, 4])], attrs: { k: 3, dims: [0, 1] } },
    ],
    large: { inputs: [normal([1024, 1024])], attrs: { k: 1, dims: [0, 1] } },
  }),
];
