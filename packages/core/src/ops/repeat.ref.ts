// References of repeat.ts.
import {
  bools,
  broadcast,
  build,
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  read,
} from "../reference.ts";
import { moved, of, reshaped, viewRef } from "./views.ref.ts";

interface Repeats {
  readonly repeats: readonly number[];
}

const repeating = (["repeat", "tile"] as const).map((op) =>
  viewRef<Repeats>({
    op,
    torch: `x.${op}(repeats)`,
    forward([x], { repeats }) {
      const rank = Math.max(x.shape.length, repeats.length);
      const front = (list: readonly number[]): number[] => [
        ...new Array<number>(rank - list.length).fill(1),
        ...list,
      ];
      const [times, whole] = [front(repeats), reshaped(x, front(x.shape))];
      const shape = whole.shape.map((size, axis) => size * times[axis]);
      return moved(whole, shape, (index) => index.map((i, axis) => i % whole.shape[axis]));
    },
    call: ([x], { repeats }) => x[op](repeats),
    samples: [
      ...[
        [3, 1],
        [1, 3],
        [2, 3],
        [1, 1],
        [2, 1, 3],
        [2, 3, 1, 1],
        [0, 2],
      ].map((repeats) => of([3, 5], { repeats })),
      of([1], { repeats: [17] }),
      of([1, 1], { repeats: [3, 5] }),
      of([], { repeats: [] }),
      of([], { repeats: [2, 3] }),
      of([2, 3, 4], { repeats: [1, 2, 2] }),
      of([2, 0], { repeats: [2, 2] }),
      ...(op === "tile" ? [of([2, 3, 4], { repeats: [2] }), of([2, 3, 4], { repeats: [] })] : []),
      { inputs: [integers([3, 5], -9, 9)], attrs: { repeats: [2, 2] } },
      { inputs: [bools([3, 5])], attrs: { repeats: [2, 2] } },
    ],
    large: { inputs: [normal([64, 256])], attrs: { repeats: [8, 4] } },
  }),
);

const expanding = viewRef<{ shape: readonly number[] }>({
  op: "broadcastTo",
  torch: "torch.broadcast_to(x, shape)",
  forward: ([x], { shape }) =>
    build(
      shape.map((size, axis) => (size === -1 ? x.shape[axis - shape.length + x.shape.length] : size)),
      (index) => read(x, index),
      x.dtype,
    ),
  call: ([x], { shape }) => x.broadcastTo(shape),
  samples: [
    of([3, 1], { shape: [2, 3, 17] }),
    of([1, 5], { shape: [4, -1] }),
    of([], { shape: [3] }),
    of([1], { shape: [0] }),
    { inputs: [bools([3, 1])], attrs: { shape: [3, 2] } },
  ],
});

export const refs: readonly OpRef[] = [
  ...repeating,
  expanding,
  defineRef<Record<never, never>>({
    op: "broadcastTensors",
    inputs: ["a", "b", "c"],
    torch: "torch.broadcast_tensors(a, b, c)",
    differentiable: true,
    tolerance: exact,
    forward(inputs) {
      const shape = broadcast(...inputs.map((x) => x.shape));
      return inputs.map((x) => build(shape, (index) => read(x, index), x.dtype));
    },
    call: (inputs, _, { broadcastTensors }) => broadcastTensors(...inputs),
    samples: [
      { inputs: [normal([3, 1]), normal([5]), normal([])], attrs: {} },
      { inputs: [normal([2, 3, 4]), normal([4]), normal([2, 1, 1])], attrs: {} },
      { inputs: [normal([1]), normal([0]), integers([1], 0, 9)], attrs: {} },
    ],
  }),
];
