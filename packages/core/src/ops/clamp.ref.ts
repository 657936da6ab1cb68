// References of clamp.ts. A bound that is a number is an attribute.
import {
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";
import { special } from "./unary.ref.ts";

interface Attrs {
  readonly min?: number;
  readonly max?: number;
}

/** The tensor given, or the number as one of its own type. */
function boundOf(x: RefTensor | null, value: number | undefined, other: RefTensor): RefTensor | null {
  if (x !== null) return x;
  if (value === undefined) return null;
  const dtype = other.dtype !== "f32" && Number.isInteger(value) ? "i32" : "f32";
  return { dtype, shape: [], data: Float64Array.of(value) };
}

const numbers = (min?: number, max?: number): Attrs => ({ min, max });
const none = numbers();
const shapes: (readonly (readonly number[] | null)[])[] = [
  [
    [3, 17],
    [3, 17],
    [3, 17],
  ],
  [[3, 5], [5], null],
  [[3, 5], null, [3, 1]],
  [[5], [3, 1], [5]],
  [[], [4], []],
  [
    [2, 1, 5],
    [3, 1],
    [2, 3, 5],
  ],
  [[0, 3], [3], [1]],
];

const withNumbers: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([n], 2), null, null], attrs: numbers(-1, 1.5) })),
  ...[[], [2, 3, 5], [3, 0], [2, 2, 2, 2, 3]].map((shape) => ({
    inputs: [normal(shape, 2), null, null],
    attrs: numbers(-0.5, 0.75),
  })),
  { inputs: [normal([33], 100), null, null], attrs: numbers(-50, undefined) },
  { inputs: [normal([33], 100), null, null], attrs: numbers(undefined, 50) },
  { inputs: [normal([17]), null, null], attrs: numbers(1, -1), note: "min above max" },
  ...[numbers(-0.5, 3), numbers(-0.5), numbers(undefined, 0), numbers(1, 0.5)].map((attrs) => ({
    inputs: [values([...special, 3, -3]), null, null],
    attrs,
    note: "NaN, Infinity, 0",
    smooth: false,
  })),
  { inputs: [values([1, -1, 0]), null, null], attrs: numbers(Number.NaN, 1), smooth: false },
];

const whole: Sample<Attrs>[] = [
  { inputs: [integers([3, 17], -9, 9), null, null], attrs: numbers(-3, 4) },
  { inputs: [integers([5], -9, 9), null, null], attrs: numbers(-3) },
  { inputs: [integers([5], -9, 9), null, null], attrs: numbers(undefined, 2.5), note: "i32 and a fraction" },
  { inputs: [integers([2, 5], -9, 9), integers([5], -9, 0), integers([2, 1], 0, 9)], attrs: none },
  { inputs: [integers([2, 5], -9, 9), normal([5]), null], attrs: none },
  { inputs: [values([1, 0, 1], [3], "bool"), null, null], attrs: numbers(0.5, 2) },
];

const withTensors: Sample<Attrs>[] = [
  // PyTorch has no result larger than x.
  ...shapes.map((sizes) => ({
    torch: sizes[0]?.length !== 0 && sizes[0]?.length !== 1,
    inputs: sizes.map((shape, i) => (shape === null ? null : normal(shape, 1, [0, -1, 1][i]))),
    attrs: none,
  })),
  { inputs: [normal([3, 5], 2), normal([5]), null], attrs: numbers(undefined, 1) },
  {
    inputs: [
      values([1, 2, 3, 4, 2, Number.NaN, 1]),
      values([1, 3, 1, 5, 2, 0, Number.NaN]),
      values([4, 2, 3, 4, 2, 1, 2]),
    ],
    attrs: none,
    note: "ties, min above max, NaN",
    smooth: false,
  },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "clamp",
    inputs: ["x", "min", "max"],
    torch:
      "torch.clamp(x, min, max) if not any(isinstance(b, torch.Tensor) for b in (min, max)) else torch.clamp(x, " +
      "*(b if b is None else torch.as_tensor(b) for b in (min, max)))",
    differentiable: true,
    tolerance: exact,
    forward([x, min, max], attrs) {
      const low = boundOf(min, attrs.min, x);
      const high = boundOf(max, attrs.max, x);
      const given = [x, low, high].filter((part) => part !== null);
      const dtype = given.some((part) => part.dtype === "f32") ? "f32" : "i32";
      return elementwise(
        given,
        (value, ...bounds) => {
          const raised = low === null ? value : Math.max(value, bounds[0]);
          return high === null ? raised : Math.min(raised, bounds[low === null ? 0 : 1]);
        },
        dtype,
      );
    },
    call: ([x, min, max], attrs) => x.clamp(min ?? attrs.min, max ?? attrs.max),
    samples: [...withNumbers, ...whole, ...withTensors],
    large: { inputs: [normal([1024, 1024], 2), null, null], attrs: numbers(-1, 1) },
  }),
];
