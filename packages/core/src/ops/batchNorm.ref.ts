// References of batchNorm.ts. Running statistics are attributes here: no gradient goes to them, and a call may write to
// copies only.

import type { Saccade } from "../reference.ts";
import {
  defineRef,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  uniform,
  values,
} from "../reference.ts";
import { type Normalised, normalise } from "./groupNorm.ref.ts";

type Tensor = ReturnType<Saccade["tensor"]>;

interface Attrs {
  /** Running mean and variance, one number per channel each. */
  readonly m?: readonly number[];
  readonly v?: readonly number[];
  readonly ofInput: boolean;
  readonly momentum: number;
  readonly eps: number;
}

type Normalise = (inputs: readonly RefTensor[], attrs: Attrs) => Normalised;

const perChannel: Normalise = ([x, weight, bias], { m, v, ofInput, eps }) =>
  normalise(x, (_, c) => c, { weight, bias, eps, ...(ofInput ? {} : { mean: m, variance: v }) });

const perPlane: Normalise = ([x, weight, bias], { m, v, ofInput, eps }) =>
  ofInput
    ? normalise(x, (n, c) => n * x.shape[1] + c, { weight, bias, eps })
    : normalise(x, (_, c) => c, { weight, bias, eps, mean: m, variance: v });

/** The running statistics afterwards, from those of groups of n elements each. */
function updated(
  { m = [], v = [], ofInput, momentum }: Attrs,
  { means, variances }: Normalised,
  n: number,
): RefTensor[] {
  const C = m.length;
  const blend = (running: readonly number[], fresh: readonly number[], factor: number): RefTensor => {
    const data = running.map((old, c) => {
      const mine = fresh.filter((_, g) => g % C === c);
      const mean = mine.reduce((sum, value) => sum + value, 0) / mine.length;
      return ofInput && mine.length > 0 ? (1 - momentum) * old + momentum * factor * mean : old;
    });
    return { dtype: "f32", shape: [C], data: Float64Array.from(data) };
  };
  return [blend(m, means, 1), blend(v, variances, n / (n - 1))];
}

const eps = 1e-5;
const running = { m: [0.5, -0.25, 2], v: [1.5, 0.75, 0.0625] } as const;
const plain: Attrs = { m: undefined, v: undefined, ofInput: true, momentum: 0.25, eps };
const sample = (
  shape: number[],
  attrs: Partial<Attrs> = {},
  note?: string,
  x: Maker = normal(shape),
): Sample<Attrs> => ({
  inputs: [x, normal([shape[1]], 0.5, 1), normal([shape[1]])],
  attrs: { ...plain, ...attrs },
  note,
});
const affine = (shape: number[], attrs: Partial<Attrs>): Sample<Attrs>[] => [
  { ...sample(shape, attrs, "no weight, no bias"), inputs: [normal(shape), null, null] },
  { ...sample(shape, attrs, "no bias"), inputs: [normal(shape), normal([3]), null] },
  { ...sample(shape, attrs, "no weight"), inputs: [normal(shape), null, normal([3])] },
];
const constants = { ...running, ofInput: false };
/** What both ops take. */
const common: Sample<Attrs>[] = [
  ...SIZES.filter((n) => n > 1).map((n) => sample([2, 3, n])),
  ...[4, 17, 33].map((n) => sample([2, 3, n], constants)),
  sample([2, 3, 4, 5]),
  sample([2, 3, 4, 5], running),
  sample([2, 3, 4, 5], constants),
  sample([1, 3, 4, 2, 5]),
  sample([2, 3, 2, 2, 2], constants),
  sample([2, 3, 300]),
  sample([2, 3, 1], constants),
  sample([5, 3], constants),
  sample([2, 3, 0]),
  ...affine([2, 3, 9], {}),
  ...affine([2, 3, 9], constants),
  sample([2, 3, 9], {}, "×100", normal([2, 3, 9], 100)),
  sample([2, 3, 9], {}, "eps counts", normal([2, 3, 9], 1e-3)),
  sample([2, 3, 9], { eps: 0.125 }, "large eps", normal([2, 3, 9], 0.25)),
  sample([2, 3, 9], { ...constants, eps: 0.125 }, "large eps"),
  sample([2, 3, 9], {}, "mean 20", normal([2, 3, 9], 1, 20)),
  sample([2, 3, 9], {}, "constant", uniform([2, 3, 9], 3, 3)),
  {
    ...sample([2, 3, 2], {}, "NaN", values([1, Number.NaN, 2, 3, 4, 5, 6, 8, 7, 1, 0, 2], [2, 3, 2])),
    smooth: false,
  },
];
const perBatch: Sample<Attrs>[] = [
  ...SIZES.filter((n) => n > 1).map((n) => sample([n, 3])),
  sample([17, 3], running),
  sample([5, 3, 1]),
  sample([1, 3, 2]),
  sample([4, 3, 2, 2]),
  sample([0, 3], constants),
  sample([0, 3, 4]),
];
const updates: Sample<Attrs>[] = [
  sample([4, 3, 9], running),
  sample([4, 3, 9], { ...running, momentum: 0.1 }),
  sample([4, 3, 9], { ...running, momentum: 1 }),
  sample([4, 3, 9], { ...running, momentum: 0 }),
  sample([1, 3, 2], running),
  sample([2, 3, 4, 5], running),
  sample([2, 3, 4, 5], constants),
  sample([4, 3, 9], running, "mean 20", normal([4, 3, 9], 1, 20)),
  sample([2, 3, 0], running),
].map((s) => ({ ...s, note: s.note === undefined ? "running statistics" : `running statistics, ${s.note}` }));

const given = (
  { m, v }: Attrs,
  saccade: Saccade,
): { runningMean: Tensor | null; runningVar: Tensor | null } => ({
  runningMean: m === undefined ? null : saccade.tensor(m),
  runningVar: v === undefined ? null : saccade.tensor(v),
});

interface Form {
  readonly op: "batchNorm" | "instanceNorm";
  readonly torch: string;
  readonly normalised: Normalise;
  /** Elements of a group. */
  readonly elements: (x: RefTensor) => number;
  readonly call: (
    x: Tensor,
    running: ReturnType<typeof given>,
    affine: { weight: Tensor; bias: Tensor },
    attrs: Attrs,
  ) => Tensor;
  readonly samples: readonly Sample<Attrs>[];
}

const forms: readonly Form[] = [
  {
    op: "batchNorm",
    torch: "F.batch_norm(x, m, v, weight, bias, ofInput, momentum, eps)",
    normalised: perChannel,
    elements: (x) => x.data.length / x.shape[1],
    call: (x, { runningMean, runningVar }, { weight, bias }, { ofInput, momentum, eps }) =>
      x.batchNorm(runningMean, runningVar, { weight, bias, training: ofInput, momentum, eps }),
    samples: [...common, ...perBatch],
  },
  {
    op: "instanceNorm",
    torch: "F.instance_norm(x, m, v, weight, bias, ofInput, momentum, eps)",
    normalised: perPlane,
    elements: (x) => numel(x.shape.slice(2)),
    call: (x, statistics, { weight, bias }, { ofInput, momentum, eps }) =>
      x.instanceNorm({ ...statistics, weight, bias, useInputStats: ofInput, momentum, eps }),
    samples: common,
  },
];
const asTensors = "*[None if s is None else torch.tensor(s, dtype=floating) for s in (m, v)]";

export const refs: readonly OpRef[] = forms.flatMap(({ op, torch, normalised, elements, call, samples }) => [
  defineRef<Attrs>({
    op,
    inputs: ["x", "weight", "bias"],
    torch: `(lambda m, v: ${torch})(${asTensors})`,
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => normalised(inputs, attrs).magnitude },
    forward: (inputs, attrs) => normalised(inputs, attrs).y,
    call: ([x, weight, bias], attrs, saccade) => call(x, given(attrs, saccade), { weight, bias }, attrs),
    samples,
    large: sample([8, 64, 56, 56]),
  }),
  defineRef<Attrs>({
    op,
    inputs: ["x", "weight", "bias"],
    torch: `(lambda m, v: (${torch}, m, v)[1:])(${asTensors})`,
    differentiable: false,
    tolerance: {
      units: 4,
      of: ([x]) => ({ ...x, shape: [], data: Float64Array.of(Math.max(2, ...x.data.map(Math.abs))) }),
    },
    forward: (inputs, attrs) => updated(attrs, normalised(inputs, attrs), elements(inputs[0])),
    call: ([x, weight, bias], attrs, saccade) => {
      const statistics = given(attrs, saccade);
      call(x, statistics, { weight, bias }, attrs);
      return [statistics.runningMean as Tensor, statistics.runningVar as Tensor];
    },
    samples: updates,
  }),
]);
