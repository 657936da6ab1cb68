// Reference of cumsum.ts.
import {
  absolute,
  alongAxis,
  bools,
  defineRef,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

interface Attrs {
  readonly dim: number;
}

function runningSum(line: Float64Array): Float64Array {
  let total = 0;
  return line.map((x) => {
    total += x;
    return total;
  });
}

const samples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: { dim: -1 } })),
  ...SIZES.map((n) => ({ inputs: [normal([n, 3])], attrs: { dim: 0 } })),
  ...[0, 1, 2, -1, -2, -3].map((dim) => ({ inputs: [normal([3, 4, 5])], attrs: { dim } })),
  { inputs: [normal([2, 3, 2, 5])], attrs: { dim: 1 } },
  { inputs: [normal([2, 1000])], attrs: { dim: 1 } },
  { inputs: [normal([17])], attrs: { dim: 0 } },
  { inputs: [normal([])], attrs: { dim: 0 } },
  { inputs: [normal([])], attrs: { dim: -1 } },
  { inputs: [normal([0, 3])], attrs: { dim: 0 }, note: "of nothing" },
  { inputs: [normal([3, 0])], attrs: { dim: 0 }, note: "empty" },
  { inputs: [normal([3, 33], 100)], attrs: { dim: 1 }, note: "×100" },
  {
    inputs: [values([1, NaN, 2, 1, Infinity, -Infinity], [2, 3])],
    attrs: { dim: 1 },
    note: "NaN, Infinity",
    smooth: false,
  },
  { inputs: [integers([3, 17], -99, 99)], attrs: { dim: 1 } },
  { inputs: [integers([3, 4, 5], -99, 99)], attrs: { dim: 1 } },
  { inputs: [bools([3, 17])], attrs: { dim: 1 } },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "cumsum",
    inputs: ["x"],
    torch: "torch.cumsum(x, dim)",
    differentiable: true,
    tolerance: { units: 1, of: ([x], { dim }) => alongAxis(absolute(x), dim, runningSum) },
    forward: ([x], { dim }) => ({
      ...alongAxis(x, dim, runningSum),
      dtype: x.dtype === "f32" ? "f32" : "i32",
    }),
    call: ([x], { dim }) => x.cumsum(dim),
    samples,
  }),
];
