// References of extrema.ts. NaN wins; the first of equal positions.
import {
  axisSamples,
  bools,
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  pickAlong,
  type ReductionAttrs,
  reduce,
  type Sample,
  SIZES,
  shuffled,
  sprinkled,
  values,
} from "../reference.ts";

interface AxisAttrs {
  readonly dim?: number;
  readonly keepdim?: boolean;
}

/** Position of the first element that no other exceeds in the sense of `above`. */
function first(elements: readonly number[], above: (a: number, b: number) => boolean): number {
  let best = 0;
  for (const [i, value] of elements.entries()) {
    if (Number.isNaN(elements[best])) break;
    if (Number.isNaN(value) || above(value, elements[best])) best = i;
  }
  return best;
}

const larger = (a: number, b: number): boolean => a > b;
const smaller = (a: number, b: number): boolean => a < b;

const nan = Number.NaN;
const odd = values([1, nan, 3, nan, 5, 6, -Infinity, -Infinity, -Infinity, Infinity, 2, Infinity], [4, 3]);

/** Neighbours that f32 cannot tell apart, and both ends of i32. */
const huge = values(
  [2 ** 24, 2 ** 24 + 1, 2 ** 30 + 1, 2 ** 30 + 2, -(2 ** 31), -(2 ** 31) + 1, 2 ** 31 - 1, 2 ** 31 - 2],
  [4, 2],
  "i32",
);
const large = { inputs: [normal([1024, 1024])], attrs: { dim: -1, keepdim: false } };

const single: Sample<ReductionAttrs & { dim?: number }>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: { dim: -1, keepdim: false } })),
  ...SIZES.slice(2).map((n) => ({ inputs: [normal([n, 3])], attrs: { dim: 0, keepdim: false } })),
  { inputs: [normal([5, 33])], attrs: { dim: 0, keepdim: false } },
  ...[0, 1, 2, -1, -2, -3].map((dim) => ({ inputs: [normal([3, 4, 5])], attrs: { dim, keepdim: dim < 0 } })),
  ...[false, true].map((keepdim) => ({ inputs: [normal([3, 17])], attrs: { dim: undefined, keepdim } })),
  ...[undefined, 0, -1].map((dim) => ({ inputs: [normal([])], attrs: { dim, keepdim: false } })),
  { inputs: [normal([0, 3])], attrs: { dim: 1, keepdim: true }, note: "empty" },
  { inputs: [normal([4, 33], 100)], attrs: { dim: 1, keepdim: false }, note: "×100" },
  {
    inputs: [sprinkled(normal([5, 17]), 4, 3)],
    attrs: { dim: 1, keepdim: false },
    note: "ties",
    smooth: false,
  },
  {
    inputs: [sprinkled(normal([17, 5]), -4, 3)],
    attrs: { dim: 0, keepdim: false },
    note: "ties",
    smooth: false,
  },
  { inputs: [odd], attrs: { dim: 1, keepdim: false }, note: "NaN, Infinity", smooth: false },
  { inputs: [odd], attrs: { dim: 0, keepdim: false }, note: "NaN, Infinity", smooth: false },
  { inputs: [integers([3, 5], -20, 20)], attrs: { dim: 1, keepdim: false } },
  ...SIZES.map((n) => ({ inputs: [shuffled([2, n], "i32")], attrs: { dim: 1, keepdim: false } })),
  ...SIZES.map((n) => ({ inputs: [shuffled([n, 5], "i32")], attrs: { dim: 0, keepdim: true } })),
  { inputs: [huge], attrs: { dim: 0, keepdim: false }, note: "beyond f32" },
  { inputs: [huge], attrs: { dim: 1, keepdim: false }, note: "beyond f32" },
  { inputs: [huge], attrs: { dim: undefined, keepdim: false }, note: "beyond f32" },
  { inputs: [integers([3, 17], -2, 3)], attrs: { dim: 1, keepdim: false }, note: "ties" },
  { inputs: [integers([2, 3, 4], -99, 99)], attrs: { dim: 1, keepdim: true } },
];

const flags: Sample<ReductionAttrs>[] = [
  ...[0, 1, -1].map((dim) => ({ inputs: [bools([3, 4])], attrs: { dim, keepdim: false } })),
  { inputs: [bools([2, 17])], attrs: { dim: undefined, keepdim: true } },
  { inputs: [values([0, 0, 1, 1], [2, 2], "bool")], attrs: { dim: 1, keepdim: false }, note: "none and all" },
];

const several: Sample<ReductionAttrs>[] = [
  ...[[0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2], []].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: false },
  })),
  { inputs: [normal([3, 4, 5])], attrs: { dim: [0, -1], keepdim: true } },
  { inputs: [normal([2, 3, 2, 3])], attrs: { dim: [1, 3], keepdim: false } },
  { inputs: [shuffled([2, 3, 2, 3], "i32")], attrs: { dim: [1, 3], keepdim: false } },
  { inputs: [shuffled([3, 4, 5], "i32")], attrs: { dim: [0, 2], keepdim: true } },
];

/** max(x): the gradient is shared by all equals, and by all NaN. */
const whole: Sample<AxisAttrs>[] = [
  ...SIZES.map((n) => normal([n])),
  normal([]),
  normal([3, 4, 5]),
  normal([3, 17], 100),
  shuffled([3, 5], "i32"),
  integers([5], -(2 ** 31), 2 ** 31 - 1),
  bools([5]),
].map((x, i) => ({ inputs: [x], attrs: {}, note: `of all ${i}` }));

const kinks: Sample<AxisAttrs>[] = [
  { inputs: [sprinkled(normal([5, 17]), 4, 3)], attrs: {}, note: "ties" },
  { inputs: [sprinkled(normal([5, 17]), -4, 3)], attrs: {}, note: "ties below" },
  { inputs: [odd], attrs: {}, note: "NaN, Infinity" },
  { inputs: [sprinkled(normal([5, 17]), 4, 3)], attrs: { dim: 0 }, note: "ties" },
  { inputs: [sprinkled(normal([17, 5]), -4, 3)], attrs: { dim: 1 }, note: "ties below" },
  { inputs: [odd], attrs: { dim: 1 }, note: "NaN, Infinity" },
  { inputs: [odd], attrs: { dim: 0, keepdim: true }, note: "NaN, Infinity" },
].map((sample) => ({ ...sample, smooth: false }));

const alongOne: Sample<AxisAttrs>[] = [
  ...axisSamples((shape) => shuffled(shape), {}, { empty: false }),
  { inputs: [shuffled([3, 4, 5])], attrs: { dim: -2, keepdim: true } },
  { inputs: [shuffled([])], attrs: { dim: 0, keepdim: true } },
  { inputs: [shuffled([3, 17], "i32")], attrs: { dim: 1, keepdim: true } },
  { inputs: [huge], attrs: { dim: 0 }, note: "beyond f32" },
  { inputs: [values([0, 1, 0, 0, 1, 1], [3, 2], "bool")], attrs: { dim: 0 } },
];

function ofThreeForms(name: "max" | "min"): OpRef[] {
  const above = name === "max" ? larger : smaller;
  return [
    defineRef<AxisAttrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x) if dim is None else torch.${name}(x, dim, keepdim is True)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], { dim, keepdim = false }) =>
        dim === undefined
          ? reduce(x, {}, (elements) => elements[first(elements, above)], x.dtype)
          : pickAlong(x, { dim, keepdim, count: 1 }, (line) => [first([...line], above)]),
      call: ([x], { dim, keepdim }) => {
        if (dim === undefined) return x[name]();
        const { values, indices } = x[name](dim, keepdim);
        return [values, indices];
      },
      samples: [...whole, ...kinks, ...alongOne].map(({ attrs, ...rest }) => ({
        ...rest,
        attrs: { dim: attrs.dim, keepdim: attrs.keepdim },
      })),
      large: { ...large, attrs: { dim: -1 } },
    }),
    defineRef<Record<string, never>>({
      op: name,
      inputs: ["x", "other"],
      torch: `torch.${name}(x, other)`,
      differentiable: true,
      tolerance: exact,
      forward: (inputs) =>
        elementwise(
          inputs,
          (a, b) => [a, b][first([a, b], above)],
          inputs.every((x) => x.dtype === "i32") ? "i32" : "f32",
        ),
      call: ([x, other]) => x[name](other),
      samples: [
        { inputs: [normal([3, 5]), normal([3, 5])], attrs: {} },
        { inputs: [normal([3, 1]), normal([5])], attrs: {} },
        { inputs: [integers([3, 5], -9, 9), integers([5], -9, 9)], attrs: {} },
        { inputs: [integers([3, 5], -9, 9), normal([5])], attrs: {} },
      ],
    }),
  ];
}

export const refs: readonly OpRef[] = [
  ...(["amax", "amin"] as const).map((name) => {
    const above = name === "amax" ? larger : smaller;
    return defineRef<ReductionAttrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x, dim=() if dim is None else dim, keepdim=keepdim)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], attrs) => reduce(x, attrs, (elements) => elements[first(elements, above)], x.dtype),
      call: ([x], { dim, keepdim }) => x[name](dim, keepdim),
      samples: [...single, ...several, ...flags],
      large,
    });
  }),
  ...(["argmax", "argmin"] as const).map((name) => {
    const above = name === "argmax" ? larger : smaller;
    return defineRef<ReductionAttrs & { dim?: number }>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x, dim=dim, keepdim=keepdim)`,
      differentiable: false,
      tolerance: exact,
      forward: ([x], attrs) => reduce(x, attrs, (elements) => first(elements, above), "i32"),
      call: ([x], { dim, keepdim }) => x[name](dim, keepdim),
      samples: single,
      large,
    });
  }),
  ...ofThreeForms("max"),
  ...ofThreeForms("min"),
];
