// References of likelihoodLosses.ts.
import {
  bools,
  broadcast,
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
  read,
  reducedLoss,
  type Sample,
  uniform,
  values,
} from "../reference.ts";

interface KlDiv extends Omit<LossAttrs, "reduction"> {
  readonly reduction?: LossAttrs["reduction"] | "batchmean";
  readonly logTarget?: boolean;
}

interface Poisson extends LossAttrs {
  readonly logInput?: boolean;
  readonly full?: boolean;
  readonly eps?: number;
}

interface Gaussian extends LossAttrs {
  readonly full?: boolean;
  readonly eps?: number;
  /** A number as variance. */
  readonly constant?: number;
}

/** f of each element, with all terms added or, for the tolerance, their magnitudes. */
type Sum = (...terms: readonly number[]) => number;
const signed: Sum = (...terms) => terms.reduce((total, term) => total + term, 0);
const magnitudes: Sum = (...terms) => terms.reduce((total, term) => total + Math.abs(term), 0);

function klDiv([x, t]: readonly RefTensor[], { reduction, logTarget }: KlDiv, sum: Sum): RefTensor {
  const each = elementwise([x, t], (a, b) => {
    if (logTarget) return Math.exp(b) * sum(b, -a);
    return sum(b === 0 ? 0 : b * Math.log(b), -b * a);
  });
  if (reduction !== "batchmean") return reducedLoss(each, { reduction });
  return reducedLoss(each, {}, x.shape[0] ?? 1);
}

function poisson([x, t]: readonly RefTensor[], attrs: Poisson, sum: Sum): RefTensor {
  const { logInput = true, full = false, eps = 1e-8 } = attrs;
  const each = elementwise([x, t], (a, b) => {
    const terms = logInput ? [Math.exp(a), -b * a] : [a, -b * Math.log(a + eps)];
    return sum(...terms, ...(full && b > 1 ? [b * Math.log(b), -b, 0.5 * Math.log(2 * Math.PI * b)] : []));
  });
  return reducedLoss(each, attrs);
}

function gaussian([x, t, given]: readonly (RefTensor | null)[], attrs: Gaussian, sum: Sum): RefTensor {
  const { full = false, eps = 1e-6, constant = 0 } = attrs;
  const [input, target] = [x as RefTensor, t as RefTensor];
  const variance = given ?? { dtype: "f32" as const, shape: [], data: Float64Array.of(constant) };
  const lacks = given !== null && given !== undefined && given.shape.length < input.shape.length;
  const v = lacks ? { ...variance, shape: [...variance.shape, 1] } : variance;
  const each = build(broadcast(input.shape, target.shape), (index) => {
    // Moving what lies below eps moves nothing here; PyTorch's gradient says otherwise.
    const floored = Math.max(read(v, index), eps);
    const d = read(input, index) - read(target, index);
    return sum(0.5 * Math.log(floored), (0.5 * d ** 2) / floored, full ? 0.5 * Math.log(2 * Math.PI) : 0);
  });
  return reducedLoss(each, attrs);
}

const reductions = ["mean", "sum", "none"] as const;
const plainKl: KlDiv = { reduction: undefined, logTarget: undefined };
const plainPoisson: Poisson = { reduction: undefined, logInput: undefined, full: undefined, eps: undefined };
const plainGaussian: Gaussian = {
  reduction: undefined,
  full: undefined,
  eps: undefined,
  constant: undefined,
};

const pairs: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[3, 4], [4]],
  [[4], [3, 4]],
  [
    [3, 1],
    [1, 4],
  ],
  [[2, 3, 4], []],
  [[], [3]],
];

/** Counts as f32. */
const counts = (shape: readonly number[]): Maker => {
  const make = integers(shape, 0, 9);
  return (random) => ({ ...make(random), dtype: "f32" });
};

const positive = (shape: readonly number[]): Maker => uniform(shape, 0.2, 3);

const klSamples: readonly Sample<KlDiv>[] = [
  ...lossSamples((shape) => [normal(shape, 1, -2), uniform(shape, 0.05, 1)], plainKl),
  ...[[4, 5], [5], [], [0, 3], [2, 3, 4]].flatMap((shape) =>
    [false, true].map(
      (logTarget): Sample<KlDiv> => ({
        inputs: [normal(shape, 1, -2), logTarget ? normal(shape, 1, -2) : uniform(shape, 0.05, 1)],
        attrs: { reduction: "batchmean", logTarget },
      }),
    ),
  ),
  ...reductions.map(
    (reduction): Sample<KlDiv> => ({
      inputs: [normal([4, 17], 1, -2), normal([4, 17], 1, -2)],
      attrs: { reduction, logTarget: true },
    }),
  ),
  ...pairs.map(
    ([a, b], i): Sample<KlDiv> => ({
      inputs: [normal(a, 1, -2), uniform(b, 0.05, 1)],
      attrs: { ...plainKl, reduction: [...reductions, "batchmean" as const][i % 4] },
      note: "broadcast",
    }),
  ),
  {
    inputs: [normal([5], 1, -2), values([0, 0.5, 1, -0, -1])],
    attrs: { ...plainKl, reduction: "none" },
    note: "targets of 0 and below",
    smooth: false,
  },
  {
    inputs: [values([-Infinity, -1, 0, -Infinity]), values([0.5, 0, 1, 0])],
    attrs: { ...plainKl, reduction: "none" },
    note: "-Infinity",
    smooth: false,
  },
  { inputs: [normal([4, 33], 100), normal([4, 33])], attrs: { ...plainKl, logTarget: true }, note: "×100" },
];

const poissonSamples: readonly Sample<Poisson>[] = [
  ...lossSamples((shape) => [normal(shape), positive(shape)], plainPoisson),
  ...[true, false].flatMap((logInput) =>
    [true, false].flatMap((full) =>
      reductions.map((reduction) => ({
        inputs: [logInput ? normal([4, 17]) : positive([4, 17]), uniform([4, 17], 0.05, 9)],
        attrs: { logInput, full, eps: undefined, reduction },
      })),
    ),
  ),
  ...[0, 0.5].map((eps) => ({
    inputs: [positive([4, 5]), positive([4, 5])],
    attrs: { ...plainPoisson, logInput: false, eps },
  })),
  ...pairs.map(([a, b], i) => ({
    inputs: [normal(a), positive(b)],
    attrs: { ...plainPoisson, full: true, reduction: reductions[i % 3] },
    note: "broadcast",
  })),
  { inputs: [normal([3, 5]), integers([3, 5], 0, 9)], attrs: { ...plainPoisson, full: true } },
  { inputs: [integers([3, 5], -2, 3), positive([3, 5])], attrs: plainPoisson },
  { inputs: [integers([3, 5], -2, 3), integers([3, 5], 0, 9)], attrs: plainPoisson },
  { inputs: [normal([3, 5]), bools([3, 5])], attrs: plainPoisson },
  {
    inputs: [normal([4, 5]), counts([4, 5])],
    attrs: { ...plainPoisson, full: true, reduction: "none" },
    note: "counts",
    smooth: false,
  },
  {
    inputs: [values([0, 1, 89, -Infinity]), values([0, 2, 1, 1])],
    attrs: { ...plainPoisson, reduction: "none" },
    note: "beyond f32",
    smooth: false,
  },
  {
    inputs: [values([0, 1, 0]), values([0, 2, 1])],
    attrs: { ...plainPoisson, logInput: false, reduction: "none" },
    note: "rates of 0",
    smooth: false,
  },
];

const gaussianSamples: readonly Sample<Gaussian>[] = [
  ...lossSamples((shape) => [normal(shape), normal(shape), positive(shape)], plainGaussian),
  ...reductions.flatMap((reduction) => [
    {
      inputs: [normal([4, 17]), normal([4, 17]), positive([4, 17])],
      attrs: { ...plainGaussian, reduction, full: true },
    },
    { inputs: [normal([3, 4]), normal([3, 4]), positive([3])], attrs: { ...plainGaussian, reduction } },
    {
      inputs: [normal([2, 3, 4]), normal([2, 3, 4]), positive([2, 1, 4])],
      attrs: { ...plainGaussian, reduction },
    },
    {
      inputs: [normal([3, 4]), normal([3, 4]), null],
      attrs: { ...plainGaussian, constant: 0.75, reduction },
    },
  ]),
  { inputs: [normal([3, 4]), normal([4]), positive([3, 4])], attrs: plainGaussian },
  { inputs: [normal([3, 4]), normal([2, 3, 4]), positive([3, 1])], attrs: plainGaussian },
  { inputs: [normal([3, 4]), normal([3, 4]), positive([1, 4])], attrs: plainGaussian },
  { inputs: [normal([5]), normal([5]), positive([])], attrs: plainGaussian },
  { inputs: [normal([3, 4]), normal([3, 4]), null], attrs: { ...plainGaussian, constant: 0 } },
  {
    inputs: [normal([3, 4]), integers([3, 4], -2, 3), positive([3, 4])],
    attrs: plainGaussian,
  },
  {
    inputs: [integers([3, 4], -2, 3), integers([3, 4], -2, 3), positive([3, 4])],
    attrs: plainGaussian,
  },
  {
    inputs: [normal([3, 4]), normal([3, 4]), uniform([3, 4], 0, 1)],
    attrs: { ...plainGaussian, eps: 0.5 },
    note: "variances below eps",
    smooth: false,
  },
  {
    inputs: [normal([3]), normal([3]), values([0, 1e-9, 1])],
    attrs: { ...plainGaussian, reduction: "none" },
    note: "variances below eps",
    smooth: false,
  },
  {
    inputs: [normal([4, 33], 100), normal([4, 33], 100), positive([4, 33])],
    attrs: plainGaussian,
    note: "×100",
  },
];

export const refs: readonly OpRef[] = [
  defineRef<KlDiv>({
    op: "klDiv",
    inputs: ["x", "target"],
    torch: "F.kl_div(x, target, reduction=reduction or 'mean', log_target=bool(logTarget))",
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => klDiv(inputs, attrs, magnitudes) },
    forward: (inputs, attrs) => klDiv(inputs, attrs, signed),
    call: ([x, target], attrs) => x.klDiv(target, attrs),
    samples: klSamples,
    large: { inputs: [normal([512, 512], 1, -2), uniform([512, 512], 0.05, 1)], attrs: plainKl },
  }),
  defineRef<Poisson>({
    op: "poissonNllLoss",
    inputs: ["x", "target"],
    torch:
      "F.poisson_nll_loss(x, target, log_input=logInput is not False, full=bool(full), " +
      "eps=1e-8 if eps is None else eps, reduction=reduction or 'mean')",
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => poisson(inputs, attrs, magnitudes) },
    forward: (inputs, attrs) => poisson(inputs, attrs, signed),
    call: ([x, target], attrs) => x.poissonNllLoss(target, attrs),
    samples: poissonSamples,
    large: { inputs: [normal([512, 512]), positive([512, 512])], attrs: plainPoisson },
  }),
  defineRef<Gaussian>({
    op: "gaussianNllLoss",
    inputs: ["x", "target", "variance"],
    torch:
      "F.gaussian_nll_loss(x, target, float(constant) if variance is None else variance, full=bool(full), " +
      "eps=1e-6 if eps is None else eps, reduction=reduction or 'mean')",
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => gaussian(inputs, attrs, magnitudes) },
    forward: (inputs, attrs) => gaussian(inputs, attrs, signed),
    call: ([x, target, variance], { constant, ...attrs }) =>
      x.gaussianNllLoss(target, variance ?? (constant as number), attrs),
    samples: gaussianSamples,
    large: { inputs: [normal([512, 512]), normal([512, 512]), positive([512, 512])], attrs: plainGaussian },
  }),
];
