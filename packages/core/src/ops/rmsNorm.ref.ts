// Reference of rmsNorm.ts.
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

interface Attrs {
  readonly normalizedShape: readonly number[];
  readonly eps?: number;
}

/** y, or with `magnitude` what its rounding errors are proportional to. */
function divided(
  [x, weight]: readonly RefTensor[],
  { normalizedShape, eps = 2 ** -23 }: Attrs,
  magnitude = false,
): RefTensor {
  const N = numel(normalizedShape);
  const data = x.data.map((value, at) => {
    const row = x.data.subarray(at - (at % N), at - (at % N) + N);
    const squares = row.reduce((sum, other) => sum + other * other, 0) / N;
    const y = (value / Math.sqrt(squares + eps)) * (weight?.data[at % N] ?? 1);
    return magnitude ? Math.abs(y) : y;
  });
  return { ...x, data };
}

const sample = (shape: number[], axes = 1, eps?: number): Sample<Attrs> => {
  const normalizedShape = shape.slice(shape.length - axes);
  return { inputs: [normal(shape), normal(normalizedShape, 0.5, 1)], attrs: { normalizedShape, eps } };
};
const with17 = (inputs: (Maker | null)[], note: string, eps?: number): Sample<Attrs> => ({
  inputs,
  attrs: { normalizedShape: [17], eps },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "rmsNorm",
    inputs: ["x", "weight"],
    // The default eps is that of f32, whatever the oracle computes in.
    torch: "F.rms_norm(x, normalizedShape, weight, 2 ** -23 if eps is None else eps)",
    differentiable: true,
    tolerance: { units: 8, of: (inputs, attrs) => divided(inputs, attrs, true) },
    forward: (inputs, attrs) => divided(inputs, attrs),
    call: ([x, weight], { normalizedShape, eps }) => x.rmsNorm(normalizedShape, weight, eps),
    samples: [
      ...SIZES.map((n) => sample([3, n])),
      sample([17, 4]),
      sample([2, 257]),
      sample([33]),
      sample([2, 3, 17], 1, 1e-5),
      sample([2, 3, 2, 5], 2),
      sample([3, 5], 2, 0),
      { ...sample([0, 17]), torch: false },
      { ...sample([2, 0]), torch: false },
      with17([normal([5, 17]), null], "no weight"),
      with17([normal([5, 17], 100), normal([17])], "×100"),
      with17([normal([5, 17], 1e-3), normal([17])], "eps counts", 1e-5),
      // The curve bends within the step of a central difference.
      { ...with17([normal([5, 17], 2 ** -12), normal([17])], "default eps counts"), smooth: false },
      with17([normal([5, 17], 1, 20), normal([17])], "mean 20"),
      { ...with17([uniform([2, 17], 0, 0), normal([17])], "zeros"), smooth: false },
      {
        inputs: [values([1, Number.NaN, 2, 3, 4, 5], [2, 3]), normal([3])],
        attrs: { normalizedShape: [3], eps: undefined },
        note: "NaN",
        smooth: false,
      },
    ],
    large: sample([1024, 1024]),
  }),
];
