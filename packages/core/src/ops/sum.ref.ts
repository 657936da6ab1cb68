// References of sum.ts.
import {
  absolute,
  bools,
  defineRef,
  exact,
  integers,
  type Maker,
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

const large: Sample<ReductionAttrs> = { inputs: [normal([1024, 1024])], attrs: { dim: -1, keepdim: false } };

const some = float.filter((_, i) => i % 3 === 0 || i > 34);
const holes = (shape: readonly number[]): Maker => sprinkled(normal(shape), NaN, 3);

/** Rows of zeros, of others and of both. */
const sparse = values([0, -0, 0, 1, 2, -3, 0, NaN, 0, 0, 0, Infinity], [4, 3]);
const flags: Sample<ReductionAttrs>[] = [
  { inputs: [sparse], attrs: { dim: 1, keepdim: false } },
  { inputs: [sparse], attrs: { dim: 0, keepdim: true } },
  { inputs: [sparse], attrs: { dim: undefined, keepdim: false } },
  ...SIZES.map((n) => ({ inputs: [bools([3, n])], attrs: { dim: -1, keepdim: false } })),
  ...[0, 1, -1, [0, 2], [-1, 1], [0, 1, 2]].map((dim) => ({
    inputs: [integers([2, 3, 4], 0, 2)],
    attrs: { dim, keepdim: false },
  })),
  { inputs: [bools([])], attrs: { dim: undefined, keepdim: false } },
  { inputs: [normal([])], attrs: { dim: 0, keepdim: false } },
  { inputs: [bools([3, 0])], attrs: { dim: 1, keepdim: false }, note: "of nothing" },
  { inputs: [bools([0, 3])], attrs: { dim: 1, keepdim: true }, note: "empty" },
  { inputs: [bools([2, 0])], attrs: { dim: undefined, keepdim: false }, note: "of nothing" },
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
    large,
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
    large,
  }),
  ...(["nansum", "nanmean"] as const).map((name) => {
    const f = name === "nansum" ? total : average;
    const numbers = (group: readonly number[]): number[] => group.filter((x) => !Number.isNaN(x));
    return defineRef<ReductionAttrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x, dim=dim, keepdim=keepdim)`,
      differentiable: true,
      followsMemory: true,
      tolerance: { units, of: ([x], attrs) => reduce(absolute(x), attrs, (group) => f(numbers(group))) },
      forward: ([x], attrs) =>
        reduce(x, attrs, (group) => f(numbers(group)), x.dtype === "f32" ? "f32" : "i32"),
      call: ([x], { dim, keepdim }) => x[name](dim, keepdim),
      samples: [
        ...some,
        { inputs: [holes([3, 4, 17])], attrs: { dim: 1, keepdim: true }, note: "NaN", smooth: false },
        { inputs: [holes([5, 17])], attrs: { dim: undefined, keepdim: false }, note: "NaN", smooth: false },
        {
          inputs: [values([NaN, NaN], [2])],
          attrs: { dim: 0, keepdim: false },
          note: "only NaN",
          smooth: false,
          // of a mean of nothing PyTorch has the gradient NaN, we have 0
          torch: false,
        },
        ...(name === "nansum" ? counted.filter((_, i) => i % 5 === 0) : []),
      ],
      large,
    });
  }),
  defineRef<ReductionAttrs>({
    op: "countNonzero",
    inputs: ["x"],
    torch: "torch.count_nonzero(x, dim=dim)",
    differentiable: false,
    tolerance: exact,
    forward: ([x], attrs) => reduce(x, attrs, (group) => group.filter((value) => value !== 0).length, "i32"),
    call: ([x], { dim }) => x.countNonzero(dim),
    samples: flags.map(({ attrs, ...rest }) => ({ ...rest, attrs: { dim: attrs.dim } })),
    large,
  }),
  ...(["any", "all"] as const).map((name) =>
    defineRef<ReductionAttrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x) if dim is None and not keepdim else torch.${name}(x, dim=dim, keepdim=keepdim)`,
      differentiable: false,
      tolerance: exact,
      forward: ([x], attrs) =>
        reduce(
          x,
          attrs,
          (g) => Number(name === "any" ? g.some((v) => v !== 0) : g.every((v) => v !== 0)),
          "bool",
        ),
      call: ([x], { dim, keepdim }) => x[name](dim, keepdim),
      samples: [
        ...flags,
        { inputs: [bools([3, 4])], attrs: { dim: [0, 1], keepdim: true } },
        { inputs: [bools([3, 4])], attrs: { dim: undefined, keepdim: true } },
      ],
      large,
    }),
  ),
];
