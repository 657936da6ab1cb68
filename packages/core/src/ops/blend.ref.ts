// References of blend.ts.
import {
  defineRef,
  elementwise,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  uniform,
  values,
} from "../reference.ts";

interface Attrs {
  readonly weight?: number;
  readonly value?: number;
}

type Shapes = readonly (readonly number[])[];

const triples: readonly Shapes[] = [
  [[33], [33], [33]],
  [[3, 17], [17], [3, 1]],
  [
    [2, 1, 5],
    [3, 1],
    [2, 3, 5],
  ],
  [[], [4], []],
  [[], [], []],
  [[0, 3], [3], [1]],
  [
    [2, 2, 2, 2, 3],
    [2, 1, 2, 1, 3],
    [2, 1, 1],
  ],
];

/** |a| + |b| + |c| of sums that may cancel. */
const magnitudes = (...parts: readonly number[]): number =>
  parts.reduce((sum, part) => sum + Math.abs(part), 0);

function lerp(a: number, b: number, w: number): number {
  return Math.abs(w) < 0.5 ? a + w * (b - a) : b - (b - a) * (1 - w);
}

const weightOf = (weight: RefTensor | undefined, attrs: Attrs): RefTensor =>
  weight ?? { dtype: "f32", shape: [], data: Float64Array.of(attrs.weight as number) };

const lerps: Sample<Attrs>[] = [
  ...triples.map(([a, b, w]) => ({ inputs: [normal(a), normal(b), uniform(w, -0.4, 0.45)], attrs: {} })),
  { inputs: [normal([3, 9]), normal([3, 9]), uniform([9], 0.55, 1.5)], attrs: {}, note: "from the end" },
  ...[0, 0.25, 0.5, 1, 3, -2].map((weight) => ({
    inputs: [normal([3, 5]), normal([5]), null],
    attrs: { weight },
  })),
  { inputs: [normal([33], 100), normal([33], 100), null], attrs: { weight: 0.3 }, note: "×100" },
  { inputs: [integers([5], -3, 4), normal([5]), null], attrs: { weight: 0.25 }, torch: false },
];

function combinations(third: (shape: readonly number[]) => Maker, ints: boolean): Sample<Attrs>[] {
  const whole: Sample<Attrs>[] = [
    {
      inputs: [integers([2, 5], -9, 9), integers([5], -9, 9), integers([2, 1], 1, 9)],
      attrs: { value: undefined },
    },
    { inputs: [integers([2, 5], -9, 9), integers([5], -9, 9), integers([2, 1], 1, 9)], attrs: { value: 3 } },
  ];
  return [
    ...triples.map(([a, b, c]) => ({
      inputs: [normal(a), normal(b), third(c)],
      attrs: { value: undefined },
    })),
    ...[2.5, -1, 0].map((value) => ({
      inputs: [normal([3, 5]), normal([5]), third([3, 1])],
      attrs: { value },
    })),
    ...(ints ? whole : []),
  ];
}

const special = [0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
const pairs = special.flatMap((a) => special.map((b) => [a, b]));

const extremes: Sample<object>[] = [
  ...triples.map(([a, b]) => ({ inputs: [normal(a), normal(b)], attrs: {} })),
  { inputs: [integers([3, 17], -9, 9), integers([17], -9, 9)], attrs: {} },
  { inputs: [integers([3, 5], -9, 9), normal([5])], attrs: {} },
  { inputs: [values([1, 0, 0, 1], [4], "bool"), values([1, 1, 0, 0], [4], "bool")], attrs: {} },
  {
    inputs: [values(pairs.map(([a]) => a)), values(pairs.map(([, b]) => b))],
    attrs: {},
    note: "NaN, Infinity, ties",
    smooth: false,
  },
];

const extreme = (op: "fmax" | "fmin", f: (a: number, b: number) => number): OpRef =>
  defineRef<object>({
    op,
    inputs: ["a", "b"],
    torch: `torch.${op}(a, b)`,
    differentiable: true,
    tolerance: { ulp: 0 },
    forward([a, b]) {
      const dtype = [a.dtype, b.dtype].includes("f32") ? "f32" : a.dtype;
      return elementwise([a, b], (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : f(x, y)), dtype);
    },
    call: ([a, b]) => a[op](b),
    samples: extremes,
    large: { inputs: [normal([512, 1024]), normal([1024])], attrs: {} },
  });

const large = [normal([512, 1024]), normal([1024]), uniform([512, 1024], 0.1, 0.4)];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "lerp",
    inputs: ["start", "end", "weight"],
    torch: "torch.lerp(start, end, weight)",
    differentiable: true,
    tolerance: {
      units: 4,
      of: ([a, b, w], attrs) =>
        elementwise([a, b, weightOf(w, attrs)], (x, y, weight) => magnitudes(x, y, weight * (y - x))),
    },
    forward: ([a, b, w], attrs) => elementwise([a, b, weightOf(w, attrs)], lerp),
    call: ([a, b, w], { weight }) => a.lerp(b, w ?? (weight as number)),
    samples: lerps,
    large: { inputs: large, attrs: {} },
  }),
  ...(["addcmul", "addcdiv"] as const).map((op) => {
    const combine = op === "addcmul" ? (b: number, c: number) => b * c : (b: number, c: number) => b / c;
    return defineRef<Attrs>({
      op,
      inputs: ["input", "tensor1", "tensor2"],
      torch: `torch.${op}(input, tensor1, tensor2, value=1 if value is None else value)`,
      differentiable: true,
      tolerance: {
        units: 4,
        of: (inputs, { value = 1 }) => elementwise(inputs, (a, b, c) => magnitudes(a, value * combine(b, c))),
      },
      forward: (inputs, { value = 1 }) =>
        elementwise(inputs, (a, b, c) => a + value * combine(b, c), inputs[0].dtype),
      call: ([a, b, c], attrs) => a[op](b, c, attrs),
      samples: combinations(op === "addcmul" ? normal : (shape) => uniform(shape, 0.5, 4), op === "addcmul"),
      large: { inputs: large, attrs: { value: 0.5 } },
    });
  }),
  extreme("fmax", Math.max),
  extreme("fmin", Math.min),
];
