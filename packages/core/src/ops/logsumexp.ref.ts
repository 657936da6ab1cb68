// Reference of logsumexp.ts.
import {
  absolute,
  bools,
  defineRef,
  integers,
  normal,
  type OpRef,
  type ReductionAttrs,
  reduce,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

function logsumexp(elements: readonly number[]): number {
  const top = Math.max(...elements);
  if (!Number.isFinite(top)) return top;
  return top + Math.log(elements.reduce((sum, x) => sum + Math.exp(x - top), 0));
}

const samples: Sample<ReductionAttrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: { dim: -1, keepdim: false } })),
  ...[0, 1, 2, -2, [0, 1], [0, 2], [0, 1, 2]].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: false },
  })),
  ...[0, -1, [0, -1]].map((dim) => ({ inputs: [normal([3, 4, 5])], attrs: { dim, keepdim: true } })),
  { inputs: [normal([])], attrs: { dim: 0, keepdim: false } },
  { inputs: [normal([0, 3])], attrs: { dim: 1, keepdim: false }, note: "empty" },
  { inputs: [normal([3, 0])], attrs: { dim: 1, keepdim: true }, note: "of nothing" },
  { inputs: [bools([3, 5])], attrs: { dim: 0, keepdim: false } },
  { inputs: [normal([3, 33], 100)], attrs: { dim: 1, keepdim: false }, note: "×100" },
  { inputs: [integers([3, 5], -9, 9)], attrs: { dim: 1, keepdim: false } },
  {
    inputs: [values([-Infinity, -Infinity, Infinity, 1, -Infinity, 2], [3, 2])],
    attrs: { dim: 1, keepdim: false },
    note: "Infinity",
    smooth: false,
  },
];

export const refs: readonly OpRef[] = [
  defineRef<ReductionAttrs>({
    op: "logsumexp",
    inputs: ["x"],
    torch: "torch.logsumexp(x.to(floating), dim=dim, keepdim=keepdim)",
    differentiable: true,
    followsMemory: true,
    tolerance: {
      units: 8,
      of: ([x], attrs) => reduce(absolute(x), attrs, (group) => 1 + Math.max(...group)),
    },
    forward: ([x], attrs) => reduce(x, attrs, logsumexp, "f32"),
    call: ([x], { dim, keepdim }) => x.logsumexp(dim, keepdim),
    samples,
    large: { inputs: [normal([1024, 1024])], attrs: { dim: -1, keepdim: false } },
  }),
];
