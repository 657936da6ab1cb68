// Reference of nllLoss.ts. Classes are axis 1 of the log-probabilities, or the only axis.
import {
  absolute,
  build,
  defineRef,
  integers,
  type LossAttrs,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  reducedLoss,
  type Sample,
  SIZES,
  sprinkled,
  uniform,
  values,
} from "../reference.ts";

interface Attrs extends LossAttrs {
  readonly ignoreIndex?: number;
}

const unset: Attrs = { ignoreIndex: undefined, reduction: undefined };

function losses(
  [x, target, weight]: readonly (RefTensor | null)[],
  { ignoreIndex = -100 }: Attrs,
): { each: RefTensor; count: number } {
  const [input, wanted] = [x as RefTensor, target as RefTensor];
  const factor = (value: number): number => (value === ignoreIndex ? 0 : (weight?.data[value] ?? 1));
  const each = build(wanted.shape, (index) => {
    const value = read(wanted, index);
    if (value === ignoreIndex) return 0;
    const place = input.shape.length === 1 ? [value] : [index[0], value, ...index.slice(1)];
    return -factor(value) * read(input, place);
  });
  return { each, count: wanted.data.reduce((sum, value) => sum + factor(value), 0) };
}

/** Targets of which every third is ignored. */
const holes = (shape: readonly number[], classes: number, ignored = -100): Maker =>
  sprinkled(integers(shape, 0, classes), ignored, 3);

const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[5, 17], [5]],
  [[17], []],
  [
    [2, 7, 5],
    [2, 5],
  ],
  [
    [2, 4, 3, 2],
    [2, 3, 2],
  ],
  [
    [2, 3, 2, 2, 2],
    [2, 2, 2, 2],
  ],
];

const samples: readonly Sample<Attrs>[] = [
  ...SIZES.map((C) => ({ inputs: [normal([3, C]), integers([3], 0, C), null], attrs: unset })),
  ...SIZES.map((N) => ({
    inputs: [normal([N, 3]), integers([N], 0, 3), uniform([3], 0.1, 2)],
    attrs: unset,
  })),
  ...(["mean", "sum", "none"] as const).flatMap((reduction) =>
    shapes.flatMap(([x, target]): Sample<Attrs>[] => [
      { inputs: [normal(x), integers(target, 0, x[1] ?? x[0]), null], attrs: { ...unset, reduction } },
      {
        inputs: [normal(x), holes(target, x[1] ?? x[0]), uniform([x[1] ?? x[0]], 0.1, 2)],
        attrs: { ...unset, reduction },
        note: "weighted, some ignored",
      },
      {
        inputs: [normal(x), holes(target, x[1] ?? x[0], 1), null],
        attrs: { ignoreIndex: 1, reduction },
        note: "a class ignored",
      },
    ]),
  ),
  {
    inputs: [values([0, -Infinity, -1, -Infinity, -2, -3], [2, 3]), values([1, 2], [2], "i32"), null],
    attrs: { ...unset, reduction: "none" },
    note: "-Infinity",
    smooth: false,
  },
  {
    inputs: [values([0, -Infinity, -1, Number.NaN, -2, -3], [2, 3]), values([7, 2], [2], "i32"), null],
    attrs: { ignoreIndex: 7, reduction: "sum" },
    note: "not read where ignored",
    smooth: false,
  },
  { inputs: [normal([2, 3]), values([-100, -100], [2], "i32"), null], attrs: unset, note: "all ignored" },
  ...(["mean", "sum", "none"] as const).map((reduction) => ({
    inputs: [normal([0, 3]), integers([0], 0, 3), null],
    attrs: { ...unset, reduction },
  })),
  { inputs: [normal([4, 33], 100), integers([4], 0, 33), null], attrs: unset, note: "×100" },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "nllLoss",
    inputs: ["x", "target", "weight"],
    torch:
      "F.nll_loss(x.contiguous(), target.long(), weight, ignore_index=-100 if ignoreIndex is None else ignoreIndex, reduction=reduction or 'mean')",
    differentiable: true,
    constants: ["weight"],
    tolerance: {
      units: 4,
      of(inputs, attrs) {
        const { each, count } = losses(inputs, attrs);
        return reducedLoss(absolute(each), attrs, count);
      },
    },
    forward(inputs, attrs) {
      const { each, count } = losses(inputs, attrs);
      return reducedLoss(each, attrs, count);
    },
    call: ([x, target, weight], attrs) => x.nllLoss(target, { ...attrs, weight }),
    samples,
    large: { inputs: [normal([1024, 1024]), integers([1024], 0, 1024), null], attrs: unset },
  }),
];
