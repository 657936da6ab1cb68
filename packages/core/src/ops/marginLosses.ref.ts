// References of marginLosses.ts.
import {
  absolute,
  bools,
  build,
  defineRef,
  elementwise,
  integers,
  type LossAttrs,
  lossSamples,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  reduce,
  reducedLoss,
  type Sample,
  SIZES,
  uniform,
  values,
} from "../reference.ts";

interface MultiMargin extends LossAttrs {
  readonly p?: number;
  readonly margin?: number;
}

const softplus = (z: number): number => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));

/** Rows of scores: all of x unless it has two axes. */
function rowsOf(x: RefTensor): number[][] {
  const C = x.shape[x.shape.length - 1] ?? 1;
  return Array.from({ length: x.data.length / C }, (_, n) => [...x.data.subarray(n * C, (n + 1) * C)]);
}

function listed(losses: readonly number[], shape: readonly number[]): RefTensor {
  return { dtype: "f32", shape, data: Float64Array.from(losses) };
}

function multiMargin(
  [x, target, weight]: readonly (RefTensor | null)[],
  { p = 1, margin = 1 }: MultiMargin,
): RefTensor {
  const [scores, wanted] = [x as RefTensor, target as RefTensor];
  const losses = rowsOf(scores).map((row, n) => {
    const y = wanted.data[n];
    const terms = row.map((score, j) => (j === y ? 0 : Math.max(margin - row[y] + score, 0) ** p));
    return ((weight?.data[y] ?? 1) * terms.reduce((sum, term) => sum + term, 0)) / row.length;
  });
  return listed(losses, wanted.shape);
}

function multilabelMargin([x, target]: readonly RefTensor[]): RefTensor {
  const lists = rowsOf(target);
  const losses = rowsOf(x).map((row, n) => {
    const end = lists[n].indexOf(-1);
    const labels = end < 0 ? lists[n] : lists[n].slice(0, end);
    let loss = 0;
    for (const y of labels)
      for (const [j, score] of row.entries())
        if (!labels.includes(j)) loss += Math.max(1 - row[y] + score, 0);
    return loss / row.length;
  });
  return listed(losses, x.shape.slice(0, -1));
}

function multilabelSoftMargin([x, t, weight]: readonly (RefTensor | null)[]): RefTensor {
  const given = [x, t, weight].filter((input): input is RefTensor => input != null);
  const each = elementwise(given, (a, b, w = 1) => w * (b * softplus(-a) + (1 - b) * softplus(a)));
  const input = x as RefTensor;
  const dim = input.shape.length - 1;
  const C = input.shape[dim];
  return reduce(each, { dim }, (line) => line.reduce((sum, loss) => sum + loss, 0) / C);
}

const reductions = ["mean", "sum", "none"] as const;
const plain: LossAttrs = { reduction: undefined };
const plainMargin: MultiMargin = { ...plain, p: undefined, margin: undefined };

/** Lists of labels, most of them ended by −1 somewhere, with anything behind it. */
const lists = (N: number, C: number): Maker => {
  return (random) =>
    build([N, C], ([n, c]) => (c === (2 * n + 1) % (C + 1) ? -1 : random.integer(0, C)), "i32");
};

const signs = (shape: readonly number[]): Maker => {
  const make = integers(shape, 0, 2);
  return (random) => {
    const made = make(random);
    return { ...made, data: made.data.map((bit) => 2 * bit - 1) };
  };
};

const scale =
  <A extends LossAttrs>(each: (inputs: readonly RefTensor[], attrs: A) => RefTensor) =>
  (inputs: readonly RefTensor[], attrs: A): RefTensor =>
    reducedLoss(absolute(each(inputs, attrs)), attrs);

/** The loss of scores around 0 in the largest term: it may cancel to less. */
const top = (x: RefTensor): number => 2 + 2 * Math.max(0, ...absolute(x).data);

const softSamples: readonly Sample<LossAttrs>[] = [
  ...lossSamples((shape) => [normal(shape, 2), signs(shape)], plain),
  ...[[4], [3, 1], []].map((shape) => ({
    inputs: [normal([3, 4]), signs(shape)],
    attrs: plain,
    note: "broadcast",
  })),
  { inputs: [normal([3, 4]), normal([3, 4])], attrs: plain, note: "any targets" },
  // PyTorch's gradient fails for these.
  { inputs: [normal([3, 4]), bools([3, 4])], attrs: plain, torch: false },
  { inputs: [normal([3, 4], 10), signs([3, 4])], attrs: plain, note: "×10" },
  {
    // PyTorch's e^x overflows beyond 88.
    inputs: [normal([3, 4], 100), signs([3, 4])],
    attrs: { reduction: "none" },
    note: "×100",
    torch: false,
  },
];

const multiSamples: readonly Sample<MultiMargin>[] = [
  ...SIZES.map((C, i) => ({
    inputs: [normal([3, C]), integers([3], 0, C), null],
    attrs: { ...plainMargin, reduction: reductions[i % 3] },
  })),
  ...SIZES.map((N, i) => ({
    inputs: [normal([N, 4]), integers([N], 0, 4), uniform([4], 0.1, 2)],
    attrs: { ...plainMargin, reduction: reductions[i % 3] },
  })),
  ...[1, 2].flatMap((p) =>
    [0.3, -0.5, 2.5].flatMap((margin, i): Sample<MultiMargin>[] => [
      { inputs: [normal([5, 7]), integers([5], 0, 7), null], attrs: { p, margin, reduction: reductions[i] } },
      {
        inputs: [normal([5, 7]), integers([5], 0, 7), uniform([7], 0.1, 2)],
        attrs: { p, margin, reduction: reductions[(i + 1) % 3] },
      },
    ]),
  ),
  ...reductions.flatMap((reduction): Sample<MultiMargin>[] => [
    { inputs: [normal([7]), integers([], 0, 7), null], attrs: { ...plainMargin, reduction } },
    { inputs: [normal([7]), integers([1], 0, 7), null], attrs: { ...plainMargin, reduction } },
    { inputs: [normal([1, 7]), integers([], 0, 7), null], attrs: { ...plainMargin, reduction } },
    {
      inputs: [normal([0, 7]), integers([0], 0, 7), null],
      attrs: { ...plainMargin, reduction },
      // PyTorch leaves memory as it was.
      torch: reduction === "none",
    },
  ]),
  { inputs: [normal([]), integers([], 0, 1), null], attrs: plainMargin, note: "one class" },
  { inputs: [normal([4, 33], 100), integers([4], 0, 33), null], attrs: plainMargin, note: "×100" },
];

const multilabelSamples: readonly Sample<LossAttrs>[] = [
  ...lossSamples((shape) => [normal(shape, 2), integers(shape, 0, 2), null], plain, [
    ...SIZES.map((n) => [3, n]),
    [5],
    [2, 3, 4],
    [2, 1, 3, 2, 2],
  ]),
  ...[[4], [3, 1], [], [2, 3, 4], [3, 4]].map((shape, i) => ({
    inputs: [normal([3, 4], 2), uniform([3, 4], 0, 1), uniform(shape, 0.1, 2)],
    attrs: { reduction: reductions[i % 3] },
    note: "weighted",
  })),
  ...[
    [[3, 4], [4]],
    [[4], [3, 4]],
    [
      [3, 1],
      [1, 4],
    ],
    [[3, 4], []],
  ].map(([a, b], i) => ({
    inputs: [normal(a), uniform(b, 0, 1), null],
    attrs: { reduction: reductions[i % 3] },
    note: "broadcast",
  })),
  { inputs: [normal([4, 33], 100), integers([4, 33], 0, 2), null], attrs: plain, note: "×100" },
];

const labelSamples: readonly Sample<LossAttrs>[] = [
  ...SIZES.filter((C) => C < 34).map((C, i) => ({
    inputs: [normal([3, C]), lists(3, C)],
    attrs: { reduction: reductions[i % 3] },
  })),
  ...reductions.flatMap((reduction): Sample<LossAttrs>[] => [
    { inputs: [normal([4, 6]), lists(4, 6)], attrs: { reduction } },
    { inputs: [normal([5]), values([3, 0, -1, 1, 4], [5], "i32")], attrs: { reduction } },
  ]),
  { inputs: [normal([4]), values([1, 1, -1, 2], [4], "i32")], attrs: plain, note: "the same label twice" },
  { inputs: [normal([4]), values([-1, 1, 2, 2], [4], "i32")], attrs: plain, note: "no label" },
  { inputs: [normal([]), values([0], [], "i32")], attrs: plain, note: "one class" },
  { inputs: [normal([0, 3]), integers([0, 3], 0, 3)], attrs: { reduction: "none" } },
  { inputs: [normal([4, 6], 100), lists(4, 6)], attrs: plain, note: "×100" },
];

export const refs: readonly OpRef[] = [
  defineRef<LossAttrs>({
    op: "softMarginLoss",
    inputs: ["x", "target"],
    torch: "F.soft_margin_loss(x, target, reduction=reduction or 'mean')",
    differentiable: true,
    constants: ["target"],
    tolerance: { units: 8 },
    forward: ([x, target], attrs) =>
      reducedLoss(
        elementwise([x, target], (a, t) => softplus(-t * a)),
        attrs,
      ),
    call: ([x, target], attrs) => x.softMarginLoss(target, attrs),
    samples: softSamples,
    large: { inputs: [normal([512, 512]), signs([512, 512])], attrs: plain },
  }),
  defineRef<MultiMargin>({
    op: "multiMarginLoss",
    inputs: ["x", "target", "weight"],
    torch:
      "F.multi_margin_loss(x, target.long(), p=1 if p is None else p, margin=1.0 if margin is None else margin, " +
      "weight=weight, reduction=reduction or 'mean')",
    differentiable: true,
    constants: ["weight"],
    tolerance: { units: 16, of: scale(multiMargin) },
    forward: (inputs, attrs) => reducedLoss(multiMargin(inputs, attrs), attrs),
    call: ([x, target, weight], attrs) => x.multiMarginLoss(target, { ...attrs, weight }),
    samples: multiSamples,
    large: { inputs: [normal([1024, 256]), integers([1024], 0, 256), null], attrs: plainMargin },
  }),
  defineRef<LossAttrs>({
    op: "multilabelSoftMarginLoss",
    inputs: ["x", "target", "weight"],
    torch: "F.multilabel_soft_margin_loss(x, target, weight, reduction=reduction or 'mean')",
    differentiable: true,
    tolerance: {
      units: 8,
      of: ([x, t, weight], attrs) => {
        const lines = multilabelSoftMargin([x, t, weight]);
        const most = top(x) * Math.max(1, ...(weight?.data ?? []));
        return reducedLoss({ ...lines, data: lines.data.map(() => most) }, attrs);
      },
    },
    forward: (inputs, attrs) => reducedLoss(multilabelSoftMargin(inputs), attrs),
    call: ([x, target, weight], attrs) => x.multilabelSoftMarginLoss(target, { ...attrs, weight }),
    samples: multilabelSamples,
    large: { inputs: [normal([512, 512]), integers([512, 512], 0, 2), null], attrs: plain },
  }),
  defineRef<LossAttrs>({
    op: "multilabelMarginLoss",
    inputs: ["x", "target"],
    torch: "F.multilabel_margin_loss(x, target.long(), reduction=reduction or 'mean')",
    differentiable: true,
    tolerance: { units: 16 },
    forward: (inputs, attrs) => reducedLoss(multilabelMargin(inputs), attrs),
    call: ([x, target], attrs) => x.multilabelMarginLoss(target, attrs),
    samples: labelSamples,
    large: { inputs: [normal([256, 64]), lists(256, 64)], attrs: plain },
  }),
];
