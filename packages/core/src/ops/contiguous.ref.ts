// References of contiguous.ts: the same values.
import {
  bools,
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

type Attrs = Record<never, never>;

const samples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([n])], attrs: {} })),
  ...[[], [0, 3], [3, 17], [17, 3], [4, 8], [2, 3, 5], [2, 1, 3, 4]].map((shape) => ({
    inputs: [normal(shape)],
    attrs: {},
  })),
  { inputs: [integers([5, 9], -9, 9)], attrs: {} },
  { inputs: [bools([5, 9])], attrs: {} },
  {
    inputs: [values([Number.NaN, -0, Number.POSITIVE_INFINITY])],
    attrs: {},
    note: "NaN, Infinity, -0",
    smooth: false,
  },
];

export const refs: readonly OpRef[] = (["clone", "contiguous"] as const).map((name) =>
  defineRef<Attrs>({
    op: name,
    inputs: ["x"],
    torch: `x.${name}()`,
    large: { inputs: [normal([1024, 1024])], attrs: {} },
    differentiable: true,
    tolerance: exact,
    forward: ([x]) => x,
    call: ([x]) => x[name](),
    samples,
  }),
);
