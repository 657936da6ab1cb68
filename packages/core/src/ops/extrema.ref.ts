// References of extrema.ts. NaN wins; the first of equal positions.
import {
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  type ReductionAttrs,
  reduce,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

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
];

const several: Sample<ReductionAttrs>[] = [
  ...[[0, 1], [0, 2], [1, 2], [-1, 0], [0, 1, 2], []].map((dim) => ({
    inputs: [normal([3, 4, 5])],
    attrs: { dim, keepdim: false },
  })),
  { inputs: [normal([3, 4, 5])], attrs: { dim: [0, -1], keepdim: true } },
  { inputs: [normal([2, 3, 2, 3])], attrs: { dim: [1, 3], keepdim: false } },
];

export const refs: readonly OpRef[] = [
  ...(["amax", "amin"] as const).map((name) => {
    const above = name === "amax" ? larger : smaller;
    return defineRef<ReductionAttrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x, dim=() if dim is None else dim, keepdim=keepdim)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], attrs) => reduce(x, attrs, (elements) => elements[first(elements, above)]),
      call: ([x], { dim, keepdim }) => x[name](dim, keepdim),
      samples: [...single, ...several],
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
    });
  }),
];
