// References of activations.ts.
import {
  defineRef,
  elementwise,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  type Tolerance,
  uniform,
  values,
} from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import { sigmoid, special, unarySamples } from "./unary.ref.ts";

interface Attrs {
  readonly negativeSlope?: number;
  readonly alpha?: number;
  readonly beta?: number;
  readonly scale?: number;
  readonly threshold?: number;
  readonly minVal?: number;
  readonly maxVal?: number;
  readonly lambd?: number;
  readonly limit?: number;
  readonly value?: number;
  readonly dim?: number;
}

interface Row {
  readonly f: (x: number, attrs: Attrs) => number;
  readonly torch: string;
  readonly call: (x: Tensor, attrs: Attrs) => Tensor;
  readonly tolerance: Tolerance<Attrs>;
  /** Every key that `torch` names, per group of samples. */
  readonly attrs: readonly Attrs[];
  /** False where PyTorch's own derivative has the precision of f32. */
  readonly smooth?: boolean;
  /** Integers are taken by PyTorch, too, and stay integers. */
  readonly integers?: boolean;
}

const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);
const ramp = (x: number): number => clamp(x + 3, 0, 6);
const eluOf = (x: number, low: number, high: number, rate: number): number =>
  x <= 0 ? low * Math.expm1(rate * x) : high * x;
/** Without overflow of e^z. */
const softplusOf = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
/** Computed in f64 and rounded once. */
const rounded: Tolerance<Attrs> = { ulp: 1 };

const rows: Record<string, Row> = {
  relu6: {
    f: (x) => clamp(x, 0, 6),
    torch: "F.relu6(x)",
    call: (x) => x.relu6(),
    tolerance: exact,
    attrs: [{}],
    integers: true,
  },
  hardTanh: {
    f: (x, { minVal = -1, maxVal = 1 }) => clamp(x, minVal, maxVal),
    torch: "F.hardtanh(x, -1 if minVal is None else minVal, 1 if maxVal is None else maxVal)",
    call: (x, attrs) => x.hardTanh(attrs),
    tolerance: exact,
    attrs: [
      { minVal: undefined, maxVal: undefined },
      { minVal: -2, maxVal: 3 },
      { minVal: 0, maxVal: undefined },
    ],
    integers: true,
  },
  leakyRelu: {
    f: (x, { negativeSlope = 0.01 }) => (x > 0 ? x : negativeSlope * x),
    torch: "F.leaky_relu(x.to(floating), 0.01 if negativeSlope is None else negativeSlope)",
    call: (x, attrs) => x.leakyRelu(attrs),
    tolerance: { ulp: 2 },
    attrs: [{ negativeSlope: undefined }, { negativeSlope: 0.25 }, { negativeSlope: -1.5 }],
  },
  elu: {
    f: (x, { alpha = 1 }) => eluOf(x, alpha, 1, 1),
    torch: "F.elu(x.to(floating), 1 if alpha is None else alpha)",
    call: (x, attrs) => x.elu(attrs),
    tolerance: rounded,
    attrs: [{ alpha: undefined }, { alpha: 0.5 }, { alpha: -2 }],
  },
  celu: {
    f: (x, { alpha = 1 }) => eluOf(x, alpha, 1, 1 / alpha),
    torch: "F.celu(x.to(floating), 1 if alpha is None else alpha)",
    call: (x, attrs) => x.celu(attrs),
    tolerance: rounded,
    attrs: [{ alpha: undefined }, { alpha: 2.5 }],
  },
  selu: {
    f: (x, { alpha = 1.6732632423543772, scale = 1.0507009873554805 }) => eluOf(x, alpha * scale, scale, 1),
    torch: "F.selu(x.to(floating)) if alpha is None else scale * F.elu(x.to(floating), alpha)",
    call: (x, attrs) => x.selu(attrs),
    tolerance: rounded,
    attrs: [
      { alpha: undefined, scale: undefined },
      { alpha: 2, scale: 3 },
    ],
  },
  mish: {
    f: (x) => x * Math.tanh(Math.log1p(Math.exp(x))),
    torch: "F.mish(x.to(floating))",
    call: (x) => x.mish(),
    tolerance: rounded,
    attrs: [{}],
  },
  softplus: {
    f: (x, { beta = 1, threshold = 20 }) => (beta * x > threshold ? x : softplusOf(beta * x) / beta),
    torch: "F.softplus(x.to(floating), 1 if beta is None else beta, 20 if threshold is None else threshold)",
    call: (x, attrs) => x.softplus(attrs),
    tolerance: rounded,
    attrs: [
      { beta: undefined, threshold: undefined },
      { beta: 2.5, threshold: 3 },
      { beta: -1, threshold: 20 },
    ],
  },
  logSigmoid: {
    f: (x) => -softplusOf(-x),
    torch: "F.logsigmoid(x.to(floating))",
    call: (x) => x.logSigmoid(),
    tolerance: rounded,
    attrs: [{}],
  },
  softsign: {
    f: (x) => x / (1 + Math.abs(x)),
    torch: "F.softsign(x)",
    call: (x) => x.softsign(),
    tolerance: { ulp: 2 },
    attrs: [{}],
  },
  tanhShrink: {
    f: (x) => x - Math.tanh(x),
    torch: "F.tanhshrink(x)",
    call: (x) => x.tanhShrink(),
    tolerance: { units: 4, of: ([x]) => elementwise([x], (value) => Math.max(Math.abs(value), 2 ** -126)) },
    attrs: [{}],
  },
  hardSigmoid: {
    f: (x, { alpha, beta }) =>
      alpha === undefined && beta === undefined
        ? ramp(x) / 6
        : Math.min(Math.max(x * (alpha ?? 1 / 6) + (beta ?? 0.5), 0), 1),
    torch:
      "F.hardsigmoid(x.to(floating)) if alpha is None else F.hardtanh(x.to(floating) * alpha + beta, 0., 1.)",
    call: (x, attrs) => x.hardSigmoid(attrs),
    smooth: false,
    tolerance: { units: 2 },
    attrs: [
      { alpha: undefined, beta: undefined },
      { alpha: 0.25, beta: 0.5 },
      { alpha: -1.5, beta: 0.25 },
    ],
  },
  hardSwish: {
    f: (x) => (x * ramp(x)) / 6,
    torch: "F.hardswish(x.to(floating))",
    call: (x) => x.hardSwish(),
    tolerance: { ulp: 2 },
    attrs: [{}],
  },
  softShrink: {
    f: (x, { lambd = 0.5 }) => (x > lambd ? x - lambd : x < -lambd ? x + lambd : x * 0),
    torch: "F.softshrink(x.to(floating), 0.5 if lambd is None else lambd)",
    call: (x, attrs) => x.softShrink(attrs),
    tolerance: { ulp: 1 },
    attrs: [{ lambd: undefined }, { lambd: 0 }, { lambd: 1.25 }],
  },
  hardShrink: {
    f: (x, { lambd = 0.5 }) => (x >= -lambd && x <= lambd ? 0 : x),
    torch: "F.hardshrink(x.to(floating), 0.5 if lambd is None else lambd)",
    call: (x, attrs) => x.hardShrink(attrs),
    tolerance: exact,
    attrs: [{ lambd: undefined }, { lambd: 0 }, { lambd: 1.25 }, { lambd: -1 }],
  },
  threshold: {
    f: (x, { limit = 0, value = 0 }) => (x <= limit ? value : x),
    torch: "F.threshold(x, limit, value)",
    call: (x, { limit = 0, value = 0 }) => x.threshold(limit, value),
    tolerance: exact,
    attrs: [
      { limit: 0, value: 0 },
      { limit: 1, value: -7 },
      { limit: -2, value: 20 },
    ],
    integers: true,
  },
};

/** Where slopes change, for each of the functions above. */
const kinks = [-3, 3, 6, 1, -1, 0.5, -0.5, 2, 1.25, -1.25, -2];

function samples(row: Row): Sample<Attrs>[] {
  const all = row.attrs.flatMap((attrs): Sample<Attrs>[] => [
    ...unarySamples(attrs),
    { inputs: [values(kinks)], attrs, note: "kinks", smooth: false },
    { inputs: [uniform([2, 3, 2, 3, 4], -4, 4)], attrs },
    ...(row.integers ? [{ inputs: [integers([3, 17], -9, 9)], attrs }] : []),
  ]);
  return row.smooth === false ? all.map((sample) => ({ ...sample, smooth: false })) : all;
}

const functions: OpRef[] = Object.entries(rows).map(([op, row]) =>
  defineRef<Attrs>({
    op,
    inputs: ["x"],
    torch: row.torch,
    differentiable: true,
    tolerance: row.tolerance,
    forward: ([x], attrs) => elementwise([x], (value) => row.f(value, attrs), row.integers ? x.dtype : "f32"),
    call: ([x], attrs) => row.call(x, attrs),
    samples: samples(row),
    large: { inputs: [normal([512, 1024], 2)], attrs: row.attrs[0] },
  }),
);

/** The weight of each element: the only one, that of its channel, or of several axes. */
function prelu(x: RefTensor, weight: RefTensor): RefTensor {
  if (weight.shape.length > 1 || x.shape.length === 1)
    return elementwise([x, weight], (value, slope) => (value > 0 ? value : value * slope));
  const perChannel = x.shape.length < 2 ? x.data.length : x.shape.slice(2).reduce((n, size) => n * size, 1);
  const channels = x.shape[1] ?? 1;
  const data = x.data.map((value, i) => {
    const channel = Math.floor(i / Math.max(perChannel, 1)) % channels;
    return value > 0 ? value : value * weight.data[weight.data.length === 1 ? 0 : channel];
  });
  return { ...x, dtype: "f32", data };
}

const preluShapes: [readonly number[], readonly number[]][] = [
  [[], []],
  [[], [1]],
  [[17], [1]],
  [[4, 5], [5]],
  [[4, 5], [1]],
  [[2, 3, 5], [3]],
  [[2, 3, 4, 5], [3]],
  [[2, 3, 2, 3, 2], [3]],
  [[2, 1, 5], [1]],
  [[0, 3, 4], [3]],
  [[2, 3, 0], [3]],
  [[3, 17, 33], [17]],
];

const broadcastSlopes: typeof preluShapes = [
  [[17], [17]],
  [
    [2, 3, 17],
    [1, 17],
  ],
  [
    [2, 3, 4, 5],
    [3, 1, 1],
  ],
  [
    [2, 3, 4, 5],
    [2, 1, 4, 1],
  ],
  [
    [3, 5],
    [3, 5],
  ],
];

/** x = [a, b] along dim. */
function glu(x: RefTensor, dim: number): RefTensor {
  const axis = dim < 0 ? dim + x.shape.length : dim;
  const half = x.shape[axis] / 2;
  const inner = x.shape.slice(axis + 1).reduce((n, size) => n * size, 1);
  const shape = x.shape.map((size, i) => (i === axis ? half : size));
  const block = half * inner;
  const data = Float64Array.from({ length: x.data.length / 2 }, (_, i) => {
    const at = Math.floor(i / block) * 2 * block + (i % block);
    return x.data[at] * sigmoid(x.data[at + block]);
  });
  return { ...x, shape, data };
}

const gluCase = (shape: readonly number[], dim?: number, input: Maker = normal(shape)): Sample<Attrs> => ({
  inputs: [input],
  attrs: { dim },
});

export const refs: readonly OpRef[] = [
  ...functions,
  defineRef<object>({
    op: "prelu",
    inputs: ["x", "weight"],
    torch: "F.prelu(x, weight)",
    differentiable: true,
    tolerance: { ulp: 1 },
    forward: ([x, weight]) => prelu(x, weight),
    call: ([x, weight]) => x.prelu(weight),
    samples: [
      ...preluShapes.map(([x, weight]) => ({ inputs: [normal(x, 2), normal(weight)], attrs: {} })),
      {
        inputs: [values(special.filter((x) => x !== Number.NEGATIVE_INFINITY)), values([0.25])],
        attrs: {},
        note: "NaN, Infinity, 0",
        smooth: false,
      },
      { inputs: [integers([3, 4], -3, 4), normal([4])], attrs: {}, torch: false },
      ...broadcastSlopes.map(([x, weight]) => ({
        inputs: [normal(x, 2), normal(weight)],
        attrs: {},
        torch: false,
      })),
      { inputs: [normal([3, 33], 100), normal([33], 100)], attrs: {}, note: "×100" },
    ],
    large: { inputs: [normal([8, 64, 1024]), normal([64])], attrs: {} },
  }),
  defineRef<Attrs>({
    op: "glu",
    inputs: ["x"],
    torch: "F.glu(x.to(floating), -1 if dim is None else dim)",
    differentiable: true,
    tolerance: {
      units: 8,
      // The sigmoid may be subnormal.
      of: ([x], { dim = -1 }) => elementwise([glu(x, dim)], (y) => Math.max(Math.abs(y), 2 ** -118)),
    },
    forward: ([x], { dim = -1 }) => glu({ ...x, dtype: "f32" }, dim),
    call: ([x], { dim }) => x.glu(dim),
    samples: [
      ...[2, 6, 8, 30, 34, 66].map((n) => gluCase([n])),
      gluCase([3, 10]),
      gluCase([4, 5], 0),
      gluCase([2, 6, 5], 1),
      gluCase([2, 6, 5], -2),
      gluCase([2, 3, 4, 2], -4),
      gluCase([3, 2, 2, 2, 3], 2),
      gluCase([0, 4]),
      gluCase([3, 0]),
      gluCase([2, 33], 0, normal([2, 33], 100)),
      gluCase([4, 3], 0, integers([4, 3], -4, 5)),
    ],
    large: { inputs: [normal([512, 2048])], attrs: {} },
  }),
];
