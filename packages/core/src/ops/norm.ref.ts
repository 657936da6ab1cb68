// Reference of norm.ts.
import {
  absolute,
  defineRef,
  normal,
  type OpRef,
  type ReductionAttrs,
  type RefTensor,
  reduce,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs extends ReductionAttrs {
  readonly p: number;
}

const norm =
  (p: number) =>
  (group: readonly number[]): number => {
    const sizes = group.map(Math.abs);
    if (p === Infinity) return Math.max(...sizes);
    if (p === -Infinity) return Math.min(...sizes);
    if (p === 0) return sizes.filter((x) => x !== 0).length;
    if (p === 1) return sizes.reduce((sum, x) => sum + x, 0);
    if (p === 2) return Math.sqrt(sizes.reduce((sum, x) => sum + x * x, 0));
    return sizes.reduce((sum, x) => sum + x ** p, 0) ** (1 / p);
  };

const POWERS = [0, 1, 2, 3, 2.5, 1.5, 0.5, -1, -2, Infinity, -Infinity];
const over = (dim: ReductionAttrs["dim"], p: number, keepdim = false): Attrs => ({ p, dim, keepdim });

const samples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: over(-1, 2) })),
  ...SIZES.map((n) => ({ inputs: [normal([n, 3])], attrs: over(0, 2) })),
  { inputs: [normal([5, 33])], attrs: over(0, 2) },
  { inputs: [normal([2, 1000])], attrs: over(1, 2) },
  ...POWERS.flatMap((p) => [
    { inputs: [normal([3, 17])], attrs: over(1, p) },
    { inputs: [normal([3, 4, 5])], attrs: over([0, 2], p, true) },
    { inputs: [normal([4, 3])], attrs: over(undefined, p) },
    { inputs: [normal([])], attrs: over(undefined, p) },
    { inputs: [normal([3, 5], 100)], attrs: over(0, p), note: "×100" },
    { inputs: [sprinkled(normal([4, 5]), 0, 4)], attrs: over(1, p), note: "zeros", smooth: false },
    {
      inputs: [values([0, 0, 0, 1, 2, -2], [2, 3])],
      attrs: over(1, p),
      note: "a row of zeros",
      smooth: false,
    },
  ]),
  ...[0, 1, 2, 3, 0.5].map((p) => ({ inputs: [normal([3, 0])], attrs: over(1, p), note: "of nothing" })),
  ...POWERS.map((p) => ({ inputs: [normal([0, 3])], attrs: over(1, p), note: "empty" })),
  ...[undefined, 0, 1, 2, -1, -2, -3, [0, 1], [1, 2], [-1, 0], [0, 1, 2], []].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: over(dim, 2),
  })),
  { inputs: [normal([2, 3, 2, 5])], attrs: over([1, 3], 2, true) },
  { inputs: [normal([2, 1, 3, 2, 3])], attrs: over(2, 3) },
  ...[1, 2, Infinity].map((p) => ({
    inputs: [values([1, NaN, 2, Infinity, 1, -2, 1, 2, 2], [3, 3])],
    attrs: over(1, p),
    note: "NaN, Infinity",
    smooth: false,
  })),
  {
    inputs: [values([3e30, -4e30, 3e-30, 4e-30], [2, 2])],
    attrs: over(1, 2),
    note: "squares overflow",
    torch: false,
  },
];

const units = ([x]: readonly RefTensor[], { p }: Attrs): number => {
  if (p === 2 || Math.abs(p) === Infinity || p === 0) return 1;
  return 8 * (2 + Math.log2(Math.max(x.data.length, 1))) * Math.max(1, 1 / Math.abs(p));
};

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "norm",
    inputs: ["x"],
    torch: "torch.linalg.vector_norm(x, p, dim=None if dim == [] else dim, keepdim=keepdim)",
    differentiable: true,
    followsMemory: true,
    tolerance: { units, of: ([x], attrs) => reduce(absolute(x), attrs, norm(attrs.p)) },
    forward: ([x], attrs) => reduce(x, attrs, norm(attrs.p)),
    call: ([x], { p, dim, keepdim }) => x.norm(p, dim, keepdim),
    samples,
    large: { inputs: [normal([1024, 1024])], attrs: over(-1, 2) },
  }),
];
