// References of inplace.ts, each on a copy.
import {
  build,
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
} from "../reference.ts";

interface Attrs {
  readonly value?: number;
}

/** f of target and source, in the shape and type of the target. */
function into(
  [target, source]: readonly RefTensor[],
  { value }: Attrs,
  f: (a: number, b: number) => number,
): RefTensor {
  const other = source ?? { dtype: target.dtype, shape: [], data: Float64Array.of(value as number) };
  return build(target.shape, (index) => f(read(target, index), read(other, index)), target.dtype);
}

const shapes: [number[], number[]][] = [
  [[17], [17]],
  [
    [3, 17],
    [3, 17],
  ],
  [[3, 5], [5]],
  [
    [2, 3, 33],
    [3, 1],
  ],
  [[3, 5], []],
  [[], []],
  [[0, 3], [3]],
];
const pairs: Sample<Attrs>[] = shapes.map(([a, b]) => ({ inputs: [normal(a), normal(b)], attrs: {} }));
const number: Sample<Attrs> = { inputs: [normal([3, 17]), null], attrs: { value: -2.5 } };
const fills = [0.5, 0, -1].map((value): Sample<Attrs> => ({ inputs: [normal([3, 17])], attrs: { value } }));

export const refs: readonly OpRef[] = [
  ...(["add_", "mul_"] as const).map((name) =>
    defineRef<Attrs>({
      op: name,
      torchName: `Tensor.${name}`,
      large: { inputs: [normal([1024, 1024]), normal([1024, 1024])], attrs: {} },
      inputs: ["x", "y"],
      torch: `x.clone().${name}(value if y is None else y)`,
      differentiable: false,
      tolerance: { ulp: 1 },
      forward: (inputs, attrs) => into(inputs, attrs, name === "add_" ? (a, b) => a + b : (a, b) => a * b),
      call: ([x, y], { value }) => x.clone()[name](y ?? value),
      samples: [...pairs, number],
    }),
  ),
  defineRef<Attrs>({
    op: "copy_",
    torchName: "Tensor.copy_",
    large: { inputs: [normal([1024, 1024]), normal([1024, 1024])], attrs: {} },
    inputs: ["x", "y"],
    torch: "x.clone().copy_(y)",
    differentiable: false,
    tolerance: exact,
    forward: (inputs, attrs) => into(inputs, attrs, (_, b) => b),
    call: ([x, y]) => x.clone().copy_(y),
    samples: [...pairs, { inputs: [integers([3, 5], 0, 9), integers([5], 0, 9)], attrs: {} }],
  }),
  defineRef<Attrs>({
    op: "fill_",
    torchName: "Tensor.fill_",
    large: { inputs: [normal([1024, 1024])], attrs: { value: 1 } },
    inputs: ["x"],
    torch: "x.clone().fill_(value)",
    differentiable: false,
    tolerance: exact,
    forward: ([x], { value }) => elementwise([x], () => value as number, x.dtype),
    call: ([x], { value }) => x.clone().fill_(value as number),
    samples: [...fills, { inputs: [integers([3, 5], 0, 9)], attrs: { value: 7 } }],
  }),
  defineRef<Attrs>({
    op: "zero_",
    torchName: "Tensor.zero_",
    large: { inputs: [normal([1024, 1024])], attrs: {} },
    inputs: ["x"],
    torch: "x.clone().zero_()",
    differentiable: false,
    tolerance: exact,
    forward: ([x]) => elementwise([x], () => 0, x.dtype),
    call: ([x]) => x.clone().zero_(),
    samples: [
      { inputs: [normal([3, 17])], attrs: {} },
      { inputs: [integers([5], 0, 9)], attrs: {} },
    ],
  }),
];
