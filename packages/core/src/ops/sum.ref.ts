// References of sum.ts.
import {
  absolute,
  bools,
  defineRef,
  integers,
  normal,
  type OpRef,
  type ReductionAttrs,
  type RefTensor,
  reduce,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

const total = (elements: readonly number[]): number => elements.reduce((sum, x) => sum + x, 0);
const average = (elements: readonly number[]): number => total(elements) / elements.length;

const float: Sample<ReductionAttrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: { dim: -1, keepdim: false } })),
  ...SIZES.map((n) => ({ inputs: [normal([n, 3])], attrs: { dim: 0, keepdim: false } })),
  { inputs: [normal([5, 33])], attrs: { dim: 0, keepdim: false } },
  { inputs: [normal([2, 1000])], attrs: { dim: 1, keepdim: false } },
  ...[undefined, 0, 1, 2, -1, -2, -3, [0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2], []].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: false },
  })),
  ...[undefined, 0, -1, [0, -1]].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: true },
  })),
  { inputs: [normal([2, 3, 2, 17])], attrs: { dim: [1, 3], keepdim: false } },
  { inputs: [normal([2, 3, 2, 17])], attrs: { dim: [0, 2], keepdim: false } },
  ...[undefined, 0, -1].map((dim) => ({ inputs: [normal([])], attrs: { dim, keepdim: true } })),
  { inputs: [normal([3, 0])], attrs: { dim: 1, keepdim: false }, note: "of nothing" },
  { inputs: [normal([0, 3])], attrs: { dim: 1, keepdim: false }, note: "empty" },
  { inputs: [normal([3, 33], 100)], attrs: { dim: 1, keepdim: false }, note: "×100" },
  {
    inputs: [values([1, NaN, Infinity, 1, -Infinity, 2, Infinity, -Infinity], [4, 2])],
    attrs: { dim: 1, keepdim: false },
    note: "NaN, Infinity",
    smooth: false,
  },
];

const counted: Sample<ReductionAttrs>[] = [
  ...SIZES.map((n) => ({ inputs: [integers([3, n], -99, 99)], attrs: { dim: 1, keepdim: false } })),
  ...SIZES.map((n) => ({ inputs: [bools([3, n])], attrs: { dim: 1, keepdim: false } })),
  ...[undefined, 0, [0, 2]].flatMap((dim) => [
    { inputs: [integers([3, 4, 17], -99, 99)], attrs: { dim, keepdim: true } },
    { inputs: [bools([3, 4, 17])], attrs: { dim, keepdim: true } },
  ]),
  { inputs: [integers([], -9, 9)], attrs: { dim: undefined, keepdim: false } },
];

const units = ([x]: readonly RefTensor[], attrs: ReductionAttrs): number => {
  const elements = reduce(x, attrs, (group) => group.length).data;
  return x.dtype === "f32" ? 2 * (2 + Math.log2(Math.max(elements[0] ?? 1, 1))) : 0;
};

export const refs: readonly OpRef[] = [
  defineRef<ReductionAttrs>({
    op: "sum",
    inputs: ["x"],
    torch: "torch.sum(x, dim=dim, keepdim=keepdim)",
    differentiable: true,
    followsMemory: true,
    tolerance: { units, of: ([x], attrs) => reduce(absolute(x), attrs, total) },
    forward: ([x], attrs) => reduce(x, attrs, total, x.dtype === "f32" ? "f32" : "i32"),
    call: ([x], { dim, keepdim }) => x.sum(dim, keepdim),
    samples: [...float, ...counted],
  }),
  defineRef<ReductionAttrs>({
    op: "mean",
    inputs: ["x"],
    torch: "torch.mean(x, dim=dim, keepdim=keepdim)",
    differentiable: true,
    followsMemory: true,
    tolerance: { units, of: ([x], attrs) => reduce(absolute(x), attrs, average) },
    forward: ([x], attrs) => reduce(x, attrs, average),
    call: ([x], { dim, keepdim }) => x.mean(dim, keepdim),
    samples: float,
  }),
];
