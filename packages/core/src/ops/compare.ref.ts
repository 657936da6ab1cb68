// References of compare.ts.
import {
  bools,
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs {
  readonly a?: number;
  readonly b?: number | boolean;
}

const comparisons = {
  eq: { torch: "torch.eq(torch.as_tensor(a), b)", f: (a: number, b: number) => a === b },
  ne: { torch: "torch.ne(torch.as_tensor(a), b)", f: (a: number, b: number) => a !== b },
  lt: { torch: "torch.lt(torch.as_tensor(a), b)", f: (a: number, b: number) => a < b },
  le: { torch: "torch.le(torch.as_tensor(a), b)", f: (a: number, b: number) => a <= b },
  gt: { torch: "torch.gt(torch.as_tensor(a), b)", f: (a: number, b: number) => a > b },
  ge: { torch: "torch.ge(torch.as_tensor(a), b)", f: (a: number, b: number) => a >= b },
} as const;

const special = [0, -0, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
const pairs = special.flatMap((a) => special.map((b) => [a, b]));

const comparisonSamples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [sprinkled(normal([n]), 1, 2), sprinkled(normal([n]), 1, 3)], attrs: {} })),
  ...[
    [
      [3, 17],
      [3, 17],
    ],
    [[3, 5], [5]],
    [
      [1, 17],
      [4, 1],
    ],
    [
      [2, 1, 5],
      [3, 1],
    ],
    [[], []],
    [[0, 3], [3]],
  ].map(([a, b]) => ({ inputs: [sprinkled(normal(a), 1, 2), sprinkled(normal(b), 1, 3)], attrs: {} })),
  { inputs: [integers([3, 17], -2, 3), integers([17], -2, 3)], attrs: {} },
  { inputs: [integers([3, 5], -2, 3), normal([5])], attrs: {} },
  { inputs: [bools([3, 5]), bools([5])], attrs: {} },
  { inputs: [normal([3, 5]), null], attrs: { b: 0.5 } },
  { inputs: [null, normal([3, 5])], attrs: { a: 0.5 } },
  { inputs: [integers([3, 5], -2, 3), null], attrs: { b: 1 } },
  { inputs: [bools([3, 5]), null], attrs: { b: true } },
  { inputs: [integers([3, 5], -2, 3), null], attrs: { b: false } },
  {
    inputs: [values(pairs.map(([a]) => a)), values(pairs.map(([, b]) => b))],
    attrs: {},
    note: "NaN, Infinity, 0",
  },
];

const number = (value: number | boolean | undefined) =>
  ({ dtype: "f32", shape: [], data: Float64Array.of(Number(value)) }) as const;

const logic = {
  logicalAnd: { torch: "torch.logical_and(a, b)", f: (a: number, b: number) => a !== 0 && b !== 0 },
  logicalOr: { torch: "torch.logical_or(a, b)", f: (a: number, b: number) => a !== 0 || b !== 0 },
  logicalXor: { torch: "torch.logical_xor(a, b)", f: (a: number, b: number) => (a !== 0) !== (b !== 0) },
} as const;

const logicSamples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [bools([n]), bools([n])], attrs: {} })),
  { inputs: [bools([3, 1]), bools([1, 17])], attrs: {} },
  { inputs: [bools([]), bools([2, 0])], attrs: {} },
  { inputs: [integers([3, 5], 0, 2), sprinkled(normal([5]), 0, 2)], attrs: {} },
  {
    inputs: [values([0, -0, Number.NaN, 256]), values([1, 1, 1, 1], [4], "bool")],
    attrs: {},
    note: "NaN, -0",
  },
];

const kinds = {
  isNaN: { torch: "torch.isnan(x)", f: (x: number) => Number.isNaN(x) },
  isInf: { torch: "torch.isinf(x)", f: (x: number) => Math.abs(x) === Number.POSITIVE_INFINITY },
  isFinite: { torch: "torch.isfinite(x)", f: (x: number) => Number.isFinite(x) },
} as const;

const kindSamples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [sprinkled(normal([n]), Number.NaN, 2)], attrs: {} })),
  { inputs: [sprinkled(normal([3, 17]), Number.NEGATIVE_INFINITY, 3)], attrs: {} },
  { inputs: [normal([])], attrs: {} },
  { inputs: [normal([0, 3])], attrs: {} },
  { inputs: [values([...special, 3.4e38, 1e-40])], attrs: {}, note: "NaN, Infinity, 0" },
  { inputs: [integers([2, 5], -9, 9)], attrs: {} },
  { inputs: [bools([4])], attrs: {} },
];

export const refs: readonly OpRef[] = [
  ...(Object.keys(comparisons) as (keyof typeof comparisons)[]).map((name) =>
    defineRef<Attrs>({
      op: name,
      inputs: ["a", "b"],
      torch: comparisons[name].torch,
      large: { inputs: [normal([1024, 1024]), normal([1024, 1024])], attrs: {} },
      differentiable: false,
      tolerance: exact,
      forward: ([a, b], attrs) =>
        elementwise(
          [a ?? number(attrs.a), b ?? number(attrs.b)],
          (x, y) => Number(comparisons[name].f(x, y)),
          "bool",
        ),
      call: ([a, b], attrs, saccade) => saccade[name](a ?? (attrs.a as number), b ?? (attrs.b as number)),
      samples: comparisonSamples,
    }),
  ),
  ...(Object.keys(logic) as (keyof typeof logic)[]).map((name) =>
    defineRef<Attrs>({
      op: name,
      inputs: ["a", "b"],
      torch: logic[name].torch,
      large: { inputs: [bools([1024, 1024]), bools([1024, 1024])], attrs: {} },
      differentiable: false,
      tolerance: exact,
      forward: ([a, b]) => elementwise([a, b], (x, y) => Number(logic[name].f(x, y)), "bool"),
      call: ([a, b]) => a[name](b),
      samples: logicSamples,
    }),
  ),
  ...(Object.keys(kinds) as (keyof typeof kinds)[]).map((name) =>
    defineRef<Attrs>({
      op: name,
      inputs: ["x"],
      torch: kinds[name].torch,
      large: { inputs: [normal([1024, 1024])], attrs: {} },
      differentiable: false,
      tolerance: exact,
      forward: ([x]) => elementwise([x], (value) => Number(kinds[name].f(value)), "bool"),
      call: ([x]) => x[name](),
      samples: kindSamples,
    }),
  ),
  defineRef<Attrs>({
    op: "logicalNot",
    inputs: ["x"],
    torch: "torch.logical_not(x)",
    large: { inputs: [bools([1024, 1024])], attrs: {} },
    differentiable: false,
    tolerance: exact,
    forward: ([x]) => elementwise([x], (value) => Number(value === 0), "bool"),
    call: ([x]) => x.logicalNot(),
    samples: [
      ...SIZES.map((n) => ({ inputs: [bools([n])], attrs: {} })),
      { inputs: [bools([3, 17])], attrs: {} },
      { inputs: [bools([])], attrs: {} },
      { inputs: [sprinkled(normal([2, 5]), 0, 3)], attrs: {}, note: "f32" },
      { inputs: [integers([2, 5], -1, 2)], attrs: {} },
    ],
  }),
];
