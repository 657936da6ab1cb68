// References of binaryCrossEntropy.ts.
import {
  absolute,
  bools,
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

type Formula = (x: number, t: number, positive: number) => number;

/** Element losses: the formula of input, target and third input (or 1), times the fourth (or 1). */
function losses(f: Formula, [x, t, weight, positive]: readonly (RefTensor | null)[]): RefTensor {
  const one: RefTensor = { dtype: "f32", shape: [], data: Float64Array.of(1) };
  return elementwise(
    [x as RefTensor, t as RefTensor, weight ?? one, positive ?? one],
    (a, b, w, p) => w * f(a, b, p),
  );
}

const unset: LossAttrs = { reduction: undefined };

const ofProbability: Formula = (x, t) =>
  -t * Math.max(Math.log(x), -100) - (1 - t) * Math.max(Math.log1p(-x), -100);

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
const ofLogit: Formula = (x, t, p) =>
  (1 - t) * Math.max(x, 0) + p * t * Math.max(-x, 0) + (1 + (p - 1) * t) * softplus(-Math.abs(x));

/** Factors that broadcast to (4, 5), of every type. */
const factors: readonly Maker[] = [
  uniform([4, 5], 0, 2),
  uniform([5], 0, 2),
  uniform([4, 1], 0, 2),
  uniform([], 0.5, 2),
  integers([5], 0, 4),
];

const tolerance = (f: Formula) => ({
  units: 8,
  of: (inputs: readonly RefTensor[], attrs: LossAttrs) => reducedLoss(absolute(losses(f, inputs)), attrs),
});

const reductions = ["mean", "sum", "none"] as const;

const probabilities = (shape: readonly number[]): Maker => uniform(shape, 0.01, 0.99);

export const refs: readonly OpRef[] = [
  defineRef<LossAttrs>({
    op: "binaryCrossEntropy",
    inputs: ["x", "target", "weight"],
    torch: "F.binary_cross_entropy(x, target, weight, reduction=reduction or 'mean')",
    differentiable: true,
    constants: ["weight"],
    tolerance: tolerance(ofProbability),
    forward: (inputs, attrs) => reducedLoss(losses(ofProbability, inputs), attrs),
    call: ([x, target, weight], attrs) => x.binaryCrossEntropy(target, { ...attrs, weight }),
    samples: [
      ...lossSamples((shape) => [probabilities(shape), uniform(shape, 0, 1), null], unset),
      ...[...factors, bools([4, 5])].flatMap((weight) =>
        reductions.map((reduction) => ({
          inputs: [probabilities([4, 5]), uniform([4, 5], 0, 1), weight],
          attrs: { reduction },
          note: "weighted",
        })),
      ),
      {
        inputs: [probabilities([17]), values([0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 0, 1]), null],
        attrs: unset,
        note: "truths",
      },
      {
        inputs: [
          values([0, 1, 0, 1, 0, 1, 2 ** -24, 1 - 2 ** -24, 1e-38, 1e-13, 1e-45]),
          values([0, 1, 1, 0, 0.25, 0.25, 1, 0, 0.5, 0.5, 1]),
          null,
        ],
        attrs: { reduction: "none" },
        note: "at and near 0 and 1",
        smooth: false,
      },
    ],
    large: { inputs: [probabilities([512, 512]), uniform([512, 512], 0, 1), null], attrs: unset },
  }),
  defineRef<LossAttrs>({
    op: "binaryCrossEntropyWithLogits",
    inputs: ["x", "target", "weight", "posWeight"],
    torch:
      "F.binary_cross_entropy_with_logits(x, target, weight, reduction=reduction or 'mean', pos_weight=posWeight)",
    differentiable: true,
    constants: ["weight", "posWeight"],
    tolerance: tolerance(ofLogit),
    forward: (inputs, attrs) => reducedLoss(losses(ofLogit, inputs), attrs),
    call: ([x, target, weight, posWeight], attrs) =>
      x.binaryCrossEntropyWithLogits(target, { ...attrs, weight, posWeight }),
    samples: [
      ...lossSamples((shape) => [normal(shape, 2), uniform(shape, 0, 1), null, null], unset),
      ...factors.flatMap((factor, i): Sample<LossAttrs>[] => [
        {
          inputs: [normal([4, 5], 2), uniform([4, 5], 0, 1), factor, null],
          attrs: { reduction: reductions[i % 3] },
          note: "weighted",
        },
        {
          inputs: [normal([4, 5], 2), uniform([4, 5], 0, 1), null, factor],
          attrs: { reduction: reductions[(i + 1) % 3] },
          note: "weighted positives",
        },
      ]),
      {
        inputs: [normal([4, 5], 2), normal([4, 5]), uniform([4, 5], 0.1, 2), uniform([5], 0.1, 9)],
        attrs: unset,
        note: "targets of any size",
      },
      {
        inputs: [
          values([1e4, -1e4, 1e4, -1e4, 88, -88, 0, -0]),
          values([0, 0, 1, 1, 0, 1, 1, 0.5]),
          null,
          null,
        ],
        attrs: { reduction: "none" },
        note: "large logits",
        smooth: false,
      },
      {
        inputs: [
          values([Infinity, Infinity, Number.NaN, -Infinity]),
          values([0, 1, 1, 0]),
          null,
          values([2], [1]),
        ],
        attrs: { reduction: "none" },
        note: "no finite logits",
        smooth: false,
      },
      { inputs: [normal([4, 33], 100), uniform([4, 33], 0, 1), null, null], attrs: unset, note: "×100" },
    ],
    large: { inputs: [normal([512, 512]), uniform([512, 512], 0, 1), null, null], attrs: unset },
  }),
];
