// Reference of prod.ts.
import {
  absolute,
  bools,
  defineRef,
  integers,
  type Maker,
  normal,
  type OpRef,
  type ReductionAttrs,
  reduce,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

const product = (elements: readonly number[]): number => elements.reduce((y, x) => y * x, 1);

/** Around 1, so that long products stay in range. */
const factors = (shape: readonly number[]): Maker => normal(shape, 0.25, 1.0625);
/** Rows with no zero, one, two, and nothing else. */
const zeros = values([2, -1, 3, 0.5, 1, 2, 0, 4, 0, 3, 0, 5, 0, 0, 0, 0], [4, 4]);

const samples: Sample<ReductionAttrs>[] = [
  ...SIZES.map((n) => ({ inputs: [factors([3, n])], attrs: { dim: -1, keepdim: false } })),
  ...SIZES.map((n) => ({ inputs: [factors([n, 3])], attrs: { dim: 0, keepdim: false } })),
  { inputs: [factors([5, 33])], attrs: { dim: 0, keepdim: false } },
  { inputs: [normal([2, 1000], 0.0625, 1)], attrs: { dim: 1, keepdim: false } },
  ...[undefined, 0, 1, 2, -1, -2, -3, [0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2], []].map((dim) => ({
    inputs: [factors([3, 4, 5])],
    attrs: { dim, keepdim: false },
  })),
  ...[undefined, 0, -1, [0, -1]].map((dim) => ({
    inputs: [factors([3, 4, 5])],
    attrs: { dim, keepdim: true },
  })),
  { inputs: [factors([2, 3, 2, 5])], attrs: { dim: [1, 3], keepdim: false } },
  { inputs: [factors([2, 1, 3, 2, 3])], attrs: { dim: 2, keepdim: false } },
  ...[undefined, 0, -1].map((dim) => ({ inputs: [normal([])], attrs: { dim, keepdim: true } })),
  { inputs: [normal([3, 17])], attrs: { dim: 1, keepdim: false }, note: "both signs" },
  { inputs: [zeros], attrs: { dim: 1, keepdim: false }, note: "zeros" },
  { inputs: [zeros], attrs: { dim: 0, keepdim: false }, note: "zeros" },
  { inputs: [zeros], attrs: { dim: undefined, keepdim: false }, note: "zeros" },
  { inputs: [sprinkled(factors([2, 3, 65]), 0, 65)], attrs: { dim: [0, 2], keepdim: false }, note: "zeros" },
  { inputs: [sprinkled(factors([2, 600]), 0, 600)], attrs: { dim: 1, keepdim: false }, note: "a zero each" },
  { inputs: [normal([3, 0])], attrs: { dim: 1, keepdim: false }, note: "of nothing" },
  { inputs: [normal([0, 3])], attrs: { dim: 1, keepdim: false }, note: "empty" },
  { inputs: [normal([3, 5], 100)], attrs: { dim: 1, keepdim: false }, note: "×100" },
  {
    inputs: [values([1, NaN, Infinity, 1, -Infinity, 2, Infinity, -Infinity], [4, 2])],
    attrs: { dim: 1, keepdim: false },
    note: "NaN, Infinity: PyTorch's gradient divides by them",
    smooth: false,
    torch: false,
  },
  ...SIZES.map((n) => ({ inputs: [integers([3, n], 1, 3)], attrs: { dim: 1, keepdim: false } })).slice(0, 7),
  ...[undefined, 0, [0, 2], [-1]].map((dim) => ({
    inputs: [integers([3, 2, 4], -3, 3)],
    attrs: { dim, keepdim: true },
  })),
  { inputs: [integers([3, 4, 5], 1, 4)], attrs: { dim: 0, keepdim: false } },
  ...[undefined, 0, 1].map((dim) => ({ inputs: [bools([3, 4])], attrs: { dim, keepdim: false } })),
];

export const refs: readonly OpRef[] = [
  defineRef<ReductionAttrs>({
    op: "prod",
    inputs: ["x"],
    torch:
      "(lambda dims: (lambda y: y if keepdim else y.squeeze(dims))(" +
      "__import__('functools').reduce(lambda y, d: torch.prod(y, d, True), dims, x)) if dims else torch.prod(x))(" +
      "[*range(x.dim())] if dim is None or dim == [] else dim if isinstance(dim, list) else [dim])",
    differentiable: true,
    followsMemory: true,
    tolerance: { units: 1, of: ([x], attrs) => reduce(absolute(x), attrs, product) },
    forward: ([x], attrs) => reduce(x, attrs, product, x.dtype === "f32" ? "f32" : "i32"),
    call: ([x], { dim, keepdim }) => x.prod(dim, keepdim),
    samples,
    large: { inputs: [factors([1024, 1024])], attrs: { dim: -1, keepdim: false } },
  }),
];
