// Reference of linear.ts: activation(x Wᵀ + b), each part in float64.
import {
  absolute,
  build,
  defineRef,
  elementwise,
  integers,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
} from "../reference.ts";
import { matmul, productUnits } from "./matmul.ref.ts";
import { gelu, geluTanh, relu, silu } from "./unary.ref.ts";

interface Attrs {
  readonly transposed: boolean;
  readonly activation: "none" | "relu" | "gelu" | "gelu_tanh" | "silu";
}

const activations = { none: (x: number) => x, relu, gelu, gelu_tanh: geluTanh, silu };

function affine([x, weight, bias]: readonly RefTensor[], { transposed }: Attrs): RefTensor {
  const [rows, columns] = weight.shape;
  const turned = build([columns, rows], ([k, n]) => weight.data[n * columns + k]);
  const product = matmul(x, transposed ? weight : turned);
  return bias ? elementwise([product, bias], (a, b) => a + b) : product;
}

const plain = { transposed: false, activation: "none" } as const;

const samples = [false, true].flatMap((transposed): Sample<Attrs>[] => {
  const weight = (out: number, inner: number) => normal(transposed ? [inner, out] : [out, inner]);
  const layer = (x: number[], out: number, activation: Attrs["activation"] = "none"): Sample<Attrs> => ({
    inputs: [normal(x), weight(out, x[x.length - 1]), normal([out])],
    attrs: { transposed, activation },
  });
  return [
    ...SIZES.map((n) => layer([3, 5], n)),
    ...SIZES.map((n) => layer([1, n], 9)),
    ...SIZES.map((n) => layer([n, 4], 7)),
    layer([17, 33], 15),
    layer([5], 17),
    layer([2, 3, 5], 9),
    layer([2, 3, 2, 5], 4),
    layer([0, 5], 3),
    layer([2, 0, 5], 3),
    layer([3, 0], 4),
    ...(["relu", "gelu", "gelu_tanh", "silu"] as const).flatMap((activation) => [
      layer([5, 17], 19, activation),
      layer([1, 17], 19, activation),
    ]),
    {
      inputs: [normal([4, 5]), weight(17, 5), null],
      attrs: { transposed, activation: "none" },
      note: "no bias",
    },
    {
      inputs: [normal([1, 5]), weight(17, 5), null],
      attrs: { transposed, activation: "gelu" },
      note: "no bias",
    },
    {
      inputs: [normal([4, 17], 100), weight(9, 17), normal([9])],
      attrs: { transposed, activation: "none" },
      note: "×100",
    },
  ];
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "linear",
    torchName: "F.linear",
    large: {
      inputs: [normal([128, 768]), normal([768, 768]), normal([768])],
      attrs: { activation: "none", transposed: false },
    },
    inputs: ["x", "weight", "bias"],
    torch:
      "{'none': lambda y: y, 'relu': F.relu, 'gelu': F.gelu, 'gelu_tanh': lambda y: F.gelu(y, approximate='tanh'), 'silu': F.silu}" +
      "[activation](F.linear(x.to(weight.dtype), weight.t() if transposed else weight, bias))",
    differentiable: true,
    tolerance: {
      units: ([x]) => productUnits(x.shape[x.shape.length - 1]) + 4,
      of: (inputs, attrs) => {
        const sizes = affine(
          inputs.map((x) => x && absolute(x)),
          attrs,
        );
        return attrs.activation === "none" ? sizes : elementwise([sizes], (value) => Math.max(value, 1));
      },
    },
    forward: (inputs, attrs) => elementwise([affine(inputs, attrs)], activations[attrs.activation]),
    call: ([x, weight, bias], attrs) => x.linear(weight, bias, attrs),
    samples: [...samples, { inputs: [integers([3, 5], -3, 4), normal([4, 5]), normal([4])], attrs: plain }],
  }),
];
