// Reference of layerNorm.ts: two passes in float64.
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
  readonly eps: number;
}

/** y, or with `magnitude` what its rounding errors are proportional to. */
function normalise(
  [x, weight, bias]: readonly RefTensor[],
  { normalizedShape, eps }: Attrs,
  magnitude = false,
): RefTensor {
  const N = numel(normalizedShape);
  const data = new Float64Array(x.data.length);
  for (let row = 0; row < data.length; row += N) {
    const values = x.data.slice(row, row + N);
    const mean = values.reduce((sum, value) => sum + value, 0) / N;
    const variance = values.reduce((sum, value) => sum + (value - mean) * (value - mean), 0) / N;
    const rstd = 1 / Math.sqrt(variance + eps);
    for (let i = 0; i < N; i++) {
      const [w, b] = [weight?.data[i] ?? 1, bias?.data[i] ?? 0];
      data[row + i] = magnitude
        ? (Math.abs(values[i]) + Math.abs(mean) + Math.sqrt(variance)) * rstd * Math.abs(w) + Math.abs(b)
        : (values[i] - mean) * rstd * w + b;
    }
  }
  return { ...x, data };
}

const eps = 1e-5;
const plain = (shape: number[], axes = 1): Sample<Attrs> => {
  const normalizedShape = shape.slice(shape.length - axes);
  const inputs = [normal(shape), normal(normalizedShape, 0.5, 1), normal(normalizedShape)];
  return { inputs, attrs: { normalizedShape, eps } };
};
const with17 = (inputs: (Maker | null)[], note: string, epsilon = eps): Sample<Attrs> => ({
  inputs,
  attrs: { normalizedShape: [17], eps: epsilon },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "layerNorm",
    large: {
      inputs: [normal([1024, 768]), normal([768]), normal([768])],
      attrs: { normalizedShape: [768], eps: 1e-5 },
    },
    inputs: ["x", "weight", "bias"],
    torch: "F.layer_norm(x, normalizedShape, weight, bias, eps)",
    differentiable: true,
    tolerance: {
      units: (_inputs, { normalizedShape }) => 2 * (2 + Math.log2(numel(normalizedShape))),
      of: (inputs, attrs) => normalise(inputs, attrs, true),
    },
    forward: (inputs, attrs) => normalise(inputs, attrs),
    call: ([x, weight, bias], attrs) => x.layerNorm(attrs.normalizedShape, weight, bias, attrs.eps),
    samples: [
      ...SIZES.filter((n) => n > 1).map((n) => plain([3, n])),
      plain([17, 4]),
      plain([2, 257]),
      plain([33]),
      plain([2, 3, 17]),
      plain([2, 3, 2, 5]),
      plain([2, 3, 5], 2),
      plain([3, 5], 2),
      plain([2, 3, 2, 5], 3),
      {
        ...plain([2, 3, 5], 2),
        inputs: [normal([2, 3, 5]), normal([3, 5]), null],
        note: "two axes, no bias",
      },
      { ...plain([2, 3, 5], 2), inputs: [normal([2, 3, 5]), null, null], note: "two axes, no weight" },
      plain([3, 4, 1]),
      plain([0, 17]),
      plain([2, 0, 17]),
      plain([2, 0, 0, 17]),
      with17([normal([5, 17]), null, null], "no weight, no bias"),
      with17([normal([5, 17]), normal([17]), null], "no bias"),
      with17([normal([5, 17]), null, normal([17])], "no weight"),
      with17([normal([5, 17], 100), normal([17]), normal([17])], "×100"),
      with17([normal([5, 17], 1e-3), normal([17]), normal([17])], "eps counts"),
      with17([normal([5, 17], 0.25), normal([17]), normal([17])], "large eps", 0.125),
      with17([normal([5, 17], 1, 20), normal([17]), normal([17])], "mean 20"),
      with17([uniform([2, 17], 3, 3), normal([17]), normal([17])], "constant rows"),
      {
        inputs: [values([1, Number.NaN, 2, 3, 4, 5], [2, 3]), normal([3]), normal([3])],
        attrs: { normalizedShape: [3], eps },
        note: "NaN",
        smooth: false,
      },
    ],
  }),
];
