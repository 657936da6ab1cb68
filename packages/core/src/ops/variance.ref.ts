// References of variance.ts.
import {
  defineRef,
  normal,
  type OpRef,
  type ReductionAttrs,
  type RefTensor,
  reduce,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

interface Attrs extends ReductionAttrs {
  readonly correction: number;
}

const average = (group: readonly number[]): number => group.reduce((sum, x) => sum + x, 0) / group.length;

const variance =
  (correction: number) =>
  (group: readonly number[]): number => {
    const mean = average(group);
    return group.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(group.length - correction, 0);
  };

const samples: Sample<Attrs>[] = [
  ...SIZES.slice(1).map((n) => ({
    inputs: [normal([3, n])],
    attrs: { dim: -1, keepdim: false, correction: 1 },
  })),
  ...SIZES.slice(1).map((n) => ({
    inputs: [normal([n, 3])],
    attrs: { dim: 0, keepdim: false, correction: 1 },
  })),
  { inputs: [normal([5, 33])], attrs: { dim: 0, keepdim: false, correction: 0 } },
  { inputs: [normal([2, 1000])], attrs: { dim: 1, keepdim: false, correction: 1 } },
  ...[undefined, 0, 1, 2, -1, -2, -3, [0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2]].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: false, correction: 1 },
  })),
  ...[undefined, 0, -1, [0, -1]].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: true, correction: 0 },
  })),
  // PyTorch's gradient over an empty list of axes is infinite.
  { inputs: [normal([3, 4])], attrs: { dim: [], keepdim: false, correction: 1 }, torch: false },
  ...[0, 2, 0.5].map((correction) => ({
    inputs: [normal([4, 5])],
    attrs: { dim: 1, keepdim: false, correction },
  })),
  { inputs: [normal([2, 3, 2, 5])], attrs: { dim: [1, 3], keepdim: false, correction: 1 } },
  { inputs: [normal([2, 1, 3, 2, 3])], attrs: { dim: 2, keepdim: true, correction: 1 } },
  {
    inputs: [normal([4, 33], 1, 1000)],
    attrs: { dim: 1, keepdim: false, correction: 1 },
    note: "far from 0",
  },
  {
    inputs: [normal([33, 4], 1, 1000)],
    attrs: { dim: 0, keepdim: false, correction: 1 },
    note: "far from 0",
  },
  { inputs: [normal([3, 17], 100)], attrs: { dim: 1, keepdim: false, correction: 1 }, note: "×100" },
  { inputs: [normal([0, 3])], attrs: { dim: 1, keepdim: false, correction: 1 }, note: "empty" },
  { inputs: [normal([3, 0])], attrs: { dim: 1, keepdim: false, correction: 1 }, note: "of nothing" },
  {
    inputs: [values([1, NaN, 2, Infinity, 1, 2], [2, 3])],
    attrs: { dim: 1, keepdim: false, correction: 1 },
    note: "NaN, Infinity",
    smooth: false,
  },
  {
    inputs: [values([5, 5, 5, 1, 2, 3], [2, 3])],
    attrs: { dim: 1, keepdim: false, correction: 1 },
    note: "constant",
    smooth: false,
  },
];

/** Too few elements: 0 / 0 and Infinity. Gradients of such are no numbers one asks for. */
const few: Sample<Attrs>[] = [
  { inputs: [normal([])], attrs: { dim: undefined, keepdim: false, correction: 1 } },
  { inputs: [normal([])], attrs: { dim: 0, keepdim: false, correction: 0 } },
  { inputs: [normal([3, 1])], attrs: { dim: 1, keepdim: false, correction: 1 } },
  { inputs: [normal([3, 2])], attrs: { dim: 1, keepdim: false, correction: 2 } },
  { inputs: [normal([3, 2])], attrs: { dim: 1, keepdim: true, correction: 5 } },
].map((sample) => ({ ...sample, note: "dof", smooth: false }));

const large: Sample<Attrs> = {
  inputs: [normal([1024, 1024])],
  attrs: { dim: -1, keepdim: false, correction: 1 },
};

function spreadOf(x: RefTensor, attrs: Attrs, root: boolean): RefTensor {
  const size = reduce(x, attrs, variance(attrs.correction));
  return root ? { ...size, data: size.data.map(Math.sqrt) } : size;
}

export const refs: readonly OpRef[] = (["var", "std"] as const).flatMap((name) => {
  const spread = ([x]: readonly RefTensor[], attrs: Attrs): RefTensor => spreadOf(x, attrs, name === "std");
  const torch = (function_: string) =>
    `torch.${function_}(x, dim=dim, correction=correction, keepdim=keepdim)`;
  return [
    defineRef<Attrs>({
      op: name,
      inputs: ["x"],
      torch: torch(name),
      differentiable: true,
      followsMemory: true,
      tolerance: { units: 1, of: spread },
      forward: spread,
      call: ([x], { dim, correction, keepdim }) => x[name](dim, { correction, keepdim }),
      samples: [...samples, ...few],
      large,
    }),
    defineRef<Attrs>({
      op: `${name}Mean`,
      inputs: ["x"],
      torch: torch(`${name}_mean`),
      differentiable: true,
      followsMemory: true,
      tolerance: { units: 2 },
      forward: (inputs, attrs) => [spread(inputs, attrs), reduce(inputs[0], attrs, average)],
      call: ([x], { dim, correction, keepdim }) => x[`${name}Mean` as const]({ dim, correction, keepdim }),
      // PyTorch's mean next to an infinity is NaN here; torch.mean has it infinite, as we do.
      samples: samples.map((sample) =>
        sample.note?.startsWith("NaN") ? { ...sample, torch: false } : sample,
      ),
      large,
    }),
  ];
});
