// References of cat.ts.
import {
  bools,
  build,
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  type RefTensor,
} from "../reference.ts";

interface Attrs {
  readonly dim?: number;
}

const order = ["bool", "i32", "f32"] as const;
const widest = (inputs: readonly RefTensor[]) =>
  order[Math.max(...inputs.map((x) => order.indexOf(x.dtype)))];

/** Tensors (0) are nothing beside tensors of other ranks. */
function cat(all: readonly RefTensor[], dim: number): RefTensor {
  const full = all.filter((x) => x.shape.length !== 1 || x.shape[0] !== 0);
  const inputs = full.length > 0 ? full : all;
  const { shape } = inputs[0];
  const axis = dim < 0 ? dim + shape.length : dim;
  const owners = inputs.flatMap((x, which) =>
    Array.from({ length: x.shape[axis] }, (_, at) => ({ which, at })),
  );
  const joined = shape.map((size, i) => (i === axis ? owners.length : size));
  return build(
    joined,
    (index) => {
      const { which, at } = owners[index[axis]];
      const source = inputs[which];
      return source.data[index.reduce((flat, i, a) => flat * source.shape[a] + (a === axis ? at : i), 0)];
    },
    widest(all),
  );
}

function stack(inputs: readonly RefTensor[], dim: number): RefTensor {
  const axis = dim < 0 ? dim + inputs[0].shape.length + 1 : dim;
  const slab = (x: RefTensor): RefTensor => ({
    ...x,
    shape: [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)],
  });
  return cat(inputs.map(slab), axis);
}

/** As NumPy's atleast_1d, atleast_2d, atleast_3d. */
function atLeast(rank: number, x: RefTensor): RefTensor {
  const shape = [...x.shape];
  if (shape.length === 0) shape.push(1);
  if (rank > 1 && shape.length === 1) shape.unshift(1);
  if (rank > 2 && shape.length === 2) shape.push(1);
  return { ...x, shape };
}

const stacking = [
  ["hstack", 1, (rank: number) => (rank === 1 ? 0 : 1)],
  ["vstack", 2, () => 0],
  ["dstack", 3, () => 2],
] as const;

const stacks = stacking.map(([op, rank, dim]) =>
  defineRef<Record<never, never>>({
    op,
    inputs: ["a", "b"],
    torch: `torch.${op}(inputs)`,
    torchName: `torch.${op}`,
    large: { inputs: [normal([512, 1024]), normal([512, 1024])], attrs: {} },
    differentiable: true,
    tolerance: exact,
    forward(inputs) {
      const raised = inputs.map((x) => atLeast(rank, x));
      return cat(raised, dim(raised[0].shape.length));
    },
    call: (inputs, _, saccade) => saccade[op](inputs),
    samples: [
      { inputs: [normal([]), normal([])], attrs: {} },
      { inputs: [normal([5]), normal([5])], attrs: {} },
      ...(op === "hstack" ? [{ inputs: [normal([5]), normal([17])], attrs: {} }] : []),
      { inputs: [normal([3, 5]), normal([3, 5])], attrs: {} },
      { inputs: [normal([2, 3, 4]), normal([2, 3, 4])], attrs: {} },
      { inputs: [normal([0, 2]), normal([0, 2])], attrs: {}, note: "empty" },
      { inputs: [integers([3, 4], 0, 9), normal([3, 4])], attrs: {} },
      { inputs: [bools([3, 4]), bools([3, 4])], attrs: {} },
    ],
  }),
);

export const refs: readonly OpRef[] = [
  ...stacks,
  defineRef<Attrs>({
    op: "cat",
    large: { inputs: [normal([512, 1024]), normal([512, 1024])], attrs: { dim: 0 } },
    inputs: ["a", "b", "c"],
    torch: "torch.cat(inputs, dim or 0)",
    differentiable: true,
    tolerance: exact,
    forward: (inputs, { dim = 0 }) => cat(inputs, dim),
    call: (inputs, { dim }, saccade) => saccade.cat(inputs, dim),
    samples: [
      { inputs: [normal([3]), normal([17])], attrs: { dim: undefined } },
      { inputs: [normal([3, 5]), normal([1, 5]), normal([4, 5])], attrs: { dim: 0 } },
      { inputs: [normal([3, 5]), normal([3, 16]), normal([3, 1])], attrs: { dim: 1 } },
      { inputs: [normal([2, 3, 4]), normal([2, 2, 4])], attrs: { dim: 1 } },
      { inputs: [normal([2, 3, 4]), normal([2, 3, 17])], attrs: { dim: -1 } },
      { inputs: [normal([2, 3, 4]), normal([1, 3, 4])], attrs: { dim: -3 } },
      { inputs: [normal([2, 3])], attrs: { dim: 0 }, note: "one" },
      { inputs: [normal([2, 0]), normal([2, 3])], attrs: { dim: 1 }, note: "an empty one" },
      { inputs: [normal([0, 2]), normal([0, 2])], attrs: { dim: 0 }, note: "empty" },
      { inputs: [normal([0]), normal([2, 3]), normal([2, 4])], attrs: { dim: 1 }, note: "nothing before" },
      { inputs: [normal([2, 3]), normal([0]), normal([1, 3])], attrs: { dim: 0 }, note: "nothing between" },
      { inputs: [normal([0]), integers([2, 3], 0, 9)], attrs: { dim: -1 }, note: "nothing of f32" },
      { inputs: [normal([0]), normal([0])], attrs: { dim: 0 }, note: "only nothing" },
      { inputs: [integers([2, 3], 0, 9), integers([4, 3], 0, 9)], attrs: { dim: 0 } },
      { inputs: [bools([2, 3]), bools([2, 5])], attrs: { dim: 1 } },
      { inputs: [integers([2, 3], 0, 9), normal([2, 5])], attrs: { dim: 1 } },
      { inputs: [bools([3]), integers([5], 0, 9)], attrs: { dim: 0 } },
    ],
  }),
  defineRef<Attrs>({
    op: "stack",
    large: { inputs: [normal([512, 1024]), normal([512, 1024])], attrs: { dim: 0 } },
    inputs: ["a", "b", "c"],
    torch: "torch.stack(inputs, dim or 0)",
    differentiable: true,
    tolerance: exact,
    forward: (inputs, { dim = 0 }) => stack(inputs, dim),
    call: (inputs, { dim }, saccade) => saccade.stack(inputs, dim),
    samples: [
      { inputs: [normal([17]), normal([17])], attrs: { dim: undefined } },
      { inputs: [normal([]), normal([]), normal([])], attrs: { dim: 0 } },
      { inputs: [normal([3, 5]), normal([3, 5]), normal([3, 5])], attrs: { dim: 0 } },
      { inputs: [normal([3, 5]), normal([3, 5])], attrs: { dim: 1 } },
      { inputs: [normal([3, 5]), normal([3, 5])], attrs: { dim: 2 } },
      { inputs: [normal([3, 5]), normal([3, 5])], attrs: { dim: -1 } },
      { inputs: [normal([3, 5]), normal([3, 5])], attrs: { dim: -3 } },
      { inputs: [normal([0, 2]), normal([0, 2])], attrs: { dim: 1 }, note: "empty" },
      { inputs: [integers([4], 0, 9), normal([4])], attrs: { dim: 0 } },
    ],
  }),
];
