// Reference of groupNorm.ts, and of the normalisation that batchNorm.ts shares with it: two passes in float64.
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

interface Given {
  readonly weight: RefTensor | null;
  readonly bias: RefTensor | null;
  readonly eps: number;
  /** Statistics of each group instead of those of x. */
  readonly mean?: readonly number[];
  readonly variance?: readonly number[];
}

export interface Normalised {
  readonly y: RefTensor;
  /** What rounding errors of y are proportional to. */
  readonly magnitude: RefTensor;
  readonly means: readonly number[];
  /** Biased. */
  readonly variances: readonly number[];
}

/** Normalises x (N, C, …) over the groups of planes that `groupOf` tells apart. */
export function normalise(x: RefTensor, groupOf: (n: number, c: number) => number, given: Given): Normalised {
  const C = x.shape[1];
  const S = numel(x.shape.slice(2));
  const placeOf = (i: number): { c: number; g: number } => {
    const [n, c] = [Math.floor(i / (C * S)), Math.floor(i / S) % C];
    return { c, g: groupOf(n, c) };
  };
  const members: number[][] = [];
  for (let i = 0; i < x.data.length; i++) {
    const { g } = placeOf(i);
    members[g] ??= [];
    members[g].push(x.data[i]);
  }
  const average = (list: readonly number[]): number =>
    list.reduce((sum, value) => sum + value, 0) / list.length;
  const means = given.mean ?? members.map(average);
  const variances =
    given.variance ?? members.map((list, g) => average(list.map((value) => (value - means[g]) ** 2)));
  const [data, sizes] = [new Float64Array(x.data.length), new Float64Array(x.data.length)];
  for (const [i, value] of x.data.entries()) {
    const { c, g } = placeOf(i);
    const [w, b] = [given.weight?.data[c] ?? 1, given.bias?.data[c] ?? 0];
    const rstd = 1 / Math.sqrt(variances[g] + given.eps);
    data[i] = (value - means[g]) * rstd * w + b;
    const spread = Math.abs(value) + Math.abs(means[g]) + Math.sqrt(variances[g]);
    sizes[i] = spread * rstd * Math.abs(w) + Math.abs(b);
  }
  return { y: { ...x, data }, magnitude: { ...x, data: sizes }, means, variances };
}

interface Attrs {
  readonly numGroups: number;
  readonly eps: number;
}

const grouped = ([x, weight, bias]: readonly RefTensor[], { numGroups, eps }: Attrs): Normalised =>
  normalise(x, (n, c) => n * numGroups + Math.floor((c * numGroups) / x.shape[1]), { weight, bias, eps });

const eps = 1e-5;
const sample = (
  shape: number[],
  numGroups: number,
  x: Maker = normal(shape),
  note?: string,
  epsilon = eps,
): Sample<Attrs> => ({
  inputs: [x, normal([shape[1]], 0.5, 1), normal([shape[1]])],
  attrs: { numGroups, eps: epsilon },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "groupNorm",
    inputs: ["x", "weight", "bias"],
    // PyTorch 2.13 fails to differentiate group_norm with a bias and no weight.
    torch:
      "F.group_norm(x, numGroups, bias * 0 + 1 if weight is None and bias is not None else weight, bias, eps)",
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => grouped(inputs, attrs).magnitude },
    forward: (inputs, attrs) => grouped(inputs, attrs).y,
    call: ([x, weight, bias], { numGroups, eps }) => x.groupNorm(numGroups, weight, bias, eps),
    samples: [
      ...SIZES.map((n) => sample([2, 4, n], 2)),
      ...[1, 2, 3, 6].map((groups) => sample([2, 6, 3, 5], groups)),
      sample([2, 4, 2], 2),
      sample([3, 8], 2),
      sample([1, 4], 2),
      sample([2, 4, 3, 2, 5], 4),
      sample([1, 2, 300], 1),
      sample([0, 4, 3], 2),
      { ...sample([2, 4, 0], 2), torch: false },
      { ...sample([2, 4, 5], 2), inputs: [normal([2, 4, 5]), null, null], note: "no weight, no bias" },
      { ...sample([2, 4, 5], 2), inputs: [normal([2, 4, 5]), normal([4]), null], note: "no bias" },
      { ...sample([2, 4, 5], 2), inputs: [normal([2, 4, 5]), null, normal([4])], note: "no weight" },
      sample([2, 4, 9], 2, normal([2, 4, 9], 100), "×100"),
      sample([2, 4, 9], 2, normal([2, 4, 9], 1e-3), "eps counts"),
      sample([2, 4, 9], 2, normal([2, 4, 9], 0.25), "large eps", 0.125),
      sample([2, 4, 9], 2, normal([2, 4, 9], 1, 20), "mean 20"),
      sample([2, 4, 9], 2, uniform([2, 4, 9], 3, 3), "constant"),
      {
        ...sample([1, 4, 3], 2, values([1, Number.NaN, 2, 3, 4, 5, 6, 8, 7, 1, 0, 2], [1, 4, 3]), "NaN"),
        smooth: false,
      },
    ],
    large: sample([8, 64, 56, 56], 32),
  }),
];
