// References of regressionLosses.ts.
import {
  absolute,
  bools,
  build,
  defineRef,
  elementwise,
  integers,
  type LossAttrs,
  lossSamples,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  reducedLoss,
  type Sample,
  uniform,
  values,
} from "../reference.ts";

interface Attrs extends LossAttrs {
  readonly beta?: number;
  readonly delta?: number;
}

const huber = (d: number, delta: number): number =>
  Math.abs(d) <= delta ? d ** 2 / 2 : delta * (Math.abs(d) - delta / 2);

type Inputs = readonly (RefTensor | null)[];
interface Table {
  readonly torch: string;
  readonly unset: Attrs;
  readonly f: (d: number, attrs: Attrs) => number;
  /** What a mean divides by, the number of losses unless given. */
  readonly perWeight: boolean;
  readonly weights: boolean;
  readonly extra?: readonly Attrs[];
}

const rows: Record<"mseLoss" | "l1Loss" | "smoothL1Loss" | "huberLoss", Table> = {
  mseLoss: {
    torch: "F.mse_loss(x, target, reduction=reduction or 'mean', weight=weight)",
    unset: { reduction: undefined },
    f: (d) => d ** 2,
    perWeight: true,
    weights: true,
  },
  l1Loss: {
    torch:
      "F.l1_loss(x, target if target.dtype != torch.bool else target.int(), reduction=reduction or 'mean', weight=weight)",
    unset: { reduction: undefined },
    f: (d) => Math.abs(d),
    perWeight: true,
    weights: true,
  },
  smoothL1Loss: {
    torch: "F.smooth_l1_loss(x, target, reduction=reduction or 'mean', beta=1.0 if beta is None else beta)",
    unset: { reduction: undefined, beta: undefined },
    f: (d, { beta = 1 }) => (beta === 0 ? Math.abs(d) : huber(d, beta) / beta),
    perWeight: false,
    weights: false,
    extra: [0, 0.3, 0.5, 2.5, 1e-6, 1e6].map((beta) => ({ reduction: undefined, beta })),
  },
  huberLoss: {
    torch:
      "F.huber_loss(x, target.to(floating), reduction=reduction or 'mean', delta=1.0 if delta is None else delta, weight=weight)",
    unset: { reduction: undefined, delta: undefined },
    f: (d, { delta = 1 }) => huber(d, delta),
    perWeight: false,
    weights: true,
    extra: [0.3, 0.5, 2.5, 1e-6, 1e6].map((delta) => ({ reduction: undefined, delta })),
  },
};

function losses(row: Table, [x, t, weight]: Inputs, attrs: Attrs): { each: RefTensor; count?: number } {
  const [input, target] = [x as RefTensor, t as RefTensor];
  if (!weight) return { each: elementwise([input, target], (a, b) => row.f(a - b, attrs)) };
  const each = elementwise([input, target, weight], (a, b, w) => w * row.f(a - b, attrs));
  return row.perWeight ? { each, count: weight.data.reduce((sum, w) => sum + w, 0) } : { each };
}

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[3, 4], [4]],
  [[4], [3, 4]],
  [
    [3, 1],
    [1, 4],
  ],
  [[2, 3, 4], []],
];

const special = values([0, 1, -1, Infinity, Number.NaN, 1e10, -0, 0.5, -2]);
const zeros: Maker = (random) => {
  const { shape } = special(random);
  return build(shape, () => 0);
};

function samplesOf({ unset, weights, extra = [] }: Table): Sample<Attrs>[] {
  const factor = (shape: readonly number[]): Maker => uniform(shape, 0.1, 2);
  return [
    ...lossSamples((shape) => [normal(shape, 2), normal(shape), null], unset),
    ...pairs.flatMap(([a, b], i): Sample<Attrs>[] =>
      (["mean", "sum", "none"] as const).map((reduction) => ({
        inputs: [normal(a, 2), normal(b), weights && i !== 1 ? factor(a) : null],
        attrs: { ...unset, reduction },
        note: weights ? "broadcast, weighted" : "broadcast",
      })),
    ),
    ...extra.map((attrs) => ({ inputs: [normal([4, 17]), normal([4, 17]), null], attrs })),
    ...extra.slice(0, 2).map((attrs) => ({
      inputs: [normal([4, 17]), normal([4, 17]), weights ? factor([4, 17]) : null],
      attrs: { ...attrs, reduction: "none" as const },
    })),
    { inputs: [normal([3, 5], 2), integers([3, 5], -3, 4), null], attrs: unset },
    ...(weights
      ? [{ inputs: [normal([3, 5], 2), normal([3, 5]), integers([3, 5], 0, 3)], attrs: unset }]
      : [{ inputs: [integers([3, 5], -3, 4), normal([3, 5], 2), null], attrs: unset }]),
    {
      inputs: [special, zeros, null],
      attrs: { ...unset, reduction: "none" },
      note: "special values",
      smooth: false,
    },
    { inputs: [normal([4, 33], 100), normal([4, 33], 100), null], attrs: unset, note: "×100" },
  ];
}

export const refs: readonly OpRef[] = Object.entries(rows).map(([op, row]) =>
  defineRef<Attrs>({
    op,
    inputs: ["x", "target", "weight"],
    torch: row.torch,
    differentiable: true,
    tolerance: {
      units: 8,
      of(inputs, attrs) {
        const { each, count } = losses(row, inputs, attrs);
        return reducedLoss(absolute(each), attrs, count);
      },
    },
    forward(inputs, attrs) {
      const { each, count } = losses(row, inputs, attrs);
      return reducedLoss(each, attrs, count);
    },
    call: ([x, target, weight], attrs, saccade) =>
      saccade[op as keyof typeof rows](x, target, { ...attrs, ...(row.weights && { weight }) }),
    samples: [
      ...samplesOf(row),
      ...(op === "l1Loss" ? [] : [{ inputs: [normal([3, 5]), bools([3, 5]), null], attrs: row.unset }]),
    ],
    large: { inputs: [normal([1024, 1024]), normal([1024, 1024]), null], attrs: row.unset },
  }),
);
