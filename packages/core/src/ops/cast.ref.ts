// References of cast.ts.
import type { DType } from "../dtype.ts";
import {
  bools,
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs {
  readonly dtype: DType;
}

function converted(value: number, dtype: DType): number {
  if (dtype === "bool") return Number(value !== 0);
  if (dtype === "f32") return Math.fround(value);
  return Math.min(Math.max(Math.trunc(Number.isNaN(value) ? 0 : value), -2147483648), 2147483647);
}

const sources = [
  (shape: readonly number[]) => sprinkled(normal(shape, 9), 0, 5),
  (s: readonly number[]) => integers(s, -3, 4),
  bools,
];

const samples = (["f32", "i32", "bool"] as const).flatMap((dtype): Sample<Attrs>[] => [
  ...sources.flatMap((source) => [...SIZES, 0].map((n) => ({ inputs: [source([n])], attrs: { dtype } }))),
  ...sources.flatMap((source) =>
    [[], [3, 17]].map((shape) => ({ inputs: [source(shape)], attrs: { dtype } })),
  ),
]);

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "to",
    torchName: "Tensor.to",
    large: { inputs: [normal([1024, 1024])], attrs: { dtype: "i32" } },
    inputs: ["x"],
    torch: "x.to(torch.float32 if dtype == 'f32' else torch.int32 if dtype == 'i32' else torch.bool)",
    differentiable: false,
    tolerance: exact,
    forward: ([x], { dtype }) => elementwise([x], (value) => converted(value, dtype), dtype),
    call: ([x], { dtype }) => x.to(dtype),
    samples: [
      ...samples,
      {
        inputs: [values([1.9, -1.9, 0.5, -0, 1e-40, 2147483500])],
        attrs: { dtype: "i32" },
        note: "truncates",
      },
      {
        inputs: [values([Number.NaN, Infinity, -Infinity, 3e9])],
        attrs: { dtype: "i32" },
        note: "saturates",
        torch: false,
      },
      { inputs: [values([Number.NaN, Infinity, -0, 1e-40, 0.1])], attrs: { dtype: "bool" }, note: "NaN, -0" },
      {
        inputs: [values([16777217, 2147483647, -2147483647], [3], "i32")],
        attrs: { dtype: "f32" },
        note: "rounds",
      },
    ],
  }),
];
