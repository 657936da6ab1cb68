// References of embeddingLosses.ts.
import {
  absolute,
  bools,
  broadcast,
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
  read,
  reducedLoss,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Margin extends LossAttrs {
  readonly margin?: number;
}

interface Triplet extends Margin {
  readonly p?: number;
  readonly eps?: number;
  readonly swap?: boolean;
  readonly distance?: "cityBlock" | "dot";
}

/** ±1 at random. */
const signs = (shape: readonly number[], dtype: "f32" | "i32" = "i32"): Maker => {
  const make = integers(shape, 0, 2);
  return (random) => {
    const made = make(random);
    return { ...made, dtype, data: made.data.map((bit) => 2 * bit - 1) };
  };
};

/** The last axis of tensors that broadcast together, line by line. */
function lines(inputs: readonly RefTensor[], f: (...lines: number[][]) => number): RefTensor {
  const full = broadcast(...inputs.map((x) => x.shape));
  const D = full[full.length - 1] ?? 1;
  return build(full.slice(0, -1), (index) =>
    f(
      ...inputs.map((x) =>
        Array.from({ length: D }, (_, i) => read(x, [...index, i].slice(-full.length || 1))),
      ),
    ),
  );
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

function cosineEmbedding([x1, x2, target]: readonly RefTensor[], { margin = 0 }: Margin): RefTensor {
  const cosine = lines([x1, x2], (a, b) => dot(a, b) / Math.sqrt((dot(a, a) + 1e-12) * (dot(b, b) + 1e-12)));
  return elementwise([cosine, target], (c, t) => (t === 1 ? 1 - c : t === -1 ? Math.max(c - margin, 0) : 0));
}

function distanceOf({ p = 2, eps = 1e-6, distance }: Triplet): (a: number[], b: number[]) => number {
  if (distance === "dot") return (a, b) => -dot(a, b);
  if (distance === "cityBlock") return (a, b) => a.reduce((sum, x, i) => sum + Math.abs(x - b[i]), 0);
  return (a, b) => {
    const sizes = a.map((x, i) => Math.abs(x - b[i] + eps));
    if (p === Infinity) return Math.max(0, ...sizes);
    if (p === 0) return sizes.filter((size) => size !== 0).length;
    return sizes.reduce((sum, size) => sum + size ** p, 0) ** (1 / p);
  };
}

function triplet(inputs: readonly RefTensor[], attrs: Triplet): RefTensor {
  const { margin = 1, swap = false } = attrs;
  const d = distanceOf(attrs);
  return lines(inputs, (anchor, positive, negative) => {
    const direct = d(anchor, negative);
    const far = swap ? Math.min(direct, d(positive, negative)) : direct;
    return Math.max(d(anchor, positive) - far + margin, 0);
  });
}

const ranking = (inputs: readonly RefTensor[], { margin = 0 }: Margin): RefTensor =>
  elementwise(inputs, (a, b, t) => Math.max(-t * (a - b) + margin, 0));

const hinge = (inputs: readonly RefTensor[], { margin = 1 }: Margin): RefTensor =>
  elementwise(inputs, (x, t) => (t === 1 ? 0 : Math.max(margin - x, 0)) + (t === -1 ? 0 : x));

const reductions = ["mean", "sum", "none"] as const;
const plain: Margin = { margin: undefined, reduction: undefined };
const plainTriplet: Triplet = { ...plain, p: undefined, eps: undefined, swap: undefined };
const plainDistance: Triplet = { ...plain, swap: undefined, distance: undefined };
const of1 = (): RefTensor => ({ dtype: "f32", shape: [], data: Float64Array.of(1) });

/** Batches of vectors of every size. */
const batches: readonly (readonly number[])[] = [...SIZES.map((D) => [3, D]), ...SIZES.map((N) => [N, 5])];

const cosineSamples: readonly Sample<Margin>[] = [
  ...batches.map(([N, D], i) => ({
    inputs: [normal([N, D]), normal([N, D]), signs([N])],
    attrs: { ...plain, reduction: reductions[i % 3] },
    note: "of every size",
  })),
  ...[-0.5, 0.3, 0.9].flatMap((margin) =>
    reductions.map((reduction) => ({
      inputs: [normal([8, 5]), normal([8, 5]), signs([8], "f32")],
      attrs: { margin, reduction },
    })),
  ),
  ...[1, -1, 0].map((target) => ({
    inputs: [normal([7]), normal([7]), values([target], [], "i32")],
    attrs: { ...plain, margin: -0.9 },
    note: `target ${target}`,
  })),
  { inputs: [normal([5, 4]), normal([1, 4]), signs([5])], attrs: plain, note: "broadcast" },
  { inputs: [normal([5, 4]), normal([5, 4]), signs([1])], attrs: plain, note: "one target" },
  { inputs: [integers([5, 4], -3, 4), normal([5, 4]), signs([5])], attrs: plain },
  { inputs: [normal([5, 4]), normal([5, 4]), bools([5])], attrs: plain },
  { inputs: [normal([5, 4]), normal([5, 4]), integers([5], -2, 3)], attrs: plain, note: "other targets" },
  ...reductions.map((reduction) => ({
    inputs: [normal([0, 4]), normal([0, 4]), signs([0])],
    attrs: { ...plain, reduction },
  })),
  {
    inputs: [values(new Array(8).fill(0), [2, 4]), normal([2, 4]), signs([2])],
    attrs: { ...plain, margin: -0.5, reduction: "none" },
    note: "zeros",
    smooth: false,
  },
  { inputs: [normal([4, 17], 100), normal([4, 17]), signs([4])], attrs: plain, note: "×100" },
];

function threes(a: readonly number[], attrs: Triplet, note?: string): Sample<Triplet> {
  return { inputs: [normal(a), normal(a), normal(a)], attrs, note };
}

const tripletSamples = (plainAttrs: Triplet): Sample<Triplet>[] => [
  ...batches.map((shape, i) =>
    threes(shape, { ...plainAttrs, margin: 3, reduction: reductions[i % 3] }, "of every size"),
  ),
  ...[[5], [2, 3, 4], [2, 1, 3, 5], []].map((shape) => threes(shape, { ...plainAttrs, margin: 3 })),
  ...[false, true].flatMap((swap) =>
    reductions.map((reduction) => threes([9, 5], { ...plainAttrs, swap, reduction, margin: 1.5 })),
  ),
  threes([9, 5], plainAttrs),
  ...reductions.map((reduction) => threes([0, 4], { ...plainAttrs, reduction })),
  {
    inputs: [normal([5, 4]), normal([1, 4]), normal([5, 1])],
    attrs: { ...plainAttrs, margin: 3 },
    note: "broadcast",
  },
  {
    inputs: [normal([5, 4]), integers([5, 4], -3, 4), normal([5, 4])],
    attrs: { ...plainAttrs, margin: 3 },
  },
  {
    inputs: [normal([5, 17], 100), normal([5, 17], 100), normal([5, 17], 100)],
    attrs: { ...plainAttrs, margin: 500 },
    note: "×100",
  },
];

const marginOf = (otherwise: number): string =>
  `margin=${otherwise.toFixed(1)} if margin is None else margin, reduction=reduction or 'mean'`;

/** The magnitude of a loss is that of what it subtracts. */
const tripletScale = (inputs: readonly RefTensor[], attrs: Triplet): RefTensor => {
  const [anchor, positive, negative] = inputs.map(absolute);
  const d = distanceOf({ ...attrs, distance: attrs.distance === undefined ? undefined : "cityBlock" });
  const minus = (x: RefTensor): RefTensor => ({ ...x, data: x.data.map((value) => -value) });
  const each = lines([anchor, minus(positive), minus(negative)], (a, p, n) => {
    const squares = attrs.distance === "dot" ? -dot(a, p) - dot(a, n) : 0;
    return d(a, p) + d(a, n) + squares + Math.abs(attrs.margin ?? 1);
  });
  return reducedLoss(each, attrs);
};

export const refs: readonly OpRef[] = [
  defineRef<Margin>({
    op: "cosineEmbeddingLoss",
    inputs: ["x1", "x2", "target"],
    torch: `F.cosine_embedding_loss(x1, x2, target, ${marginOf(0)})`,
    differentiable: true,
    constants: ["target"],
    tolerance: {
      units: 16,
      of: (inputs, attrs) =>
        attrs.reduction === "sum"
          ? reducedLoss(
              build([inputs[0].shape[0]], () => 1),
              attrs,
            )
          : of1(),
    },
    forward: (inputs, attrs) => reducedLoss(cosineEmbedding(inputs, attrs), attrs),
    call: ([x1, x2, target], attrs) => x1.cosineEmbeddingLoss(x2, target, attrs),
    samples: cosineSamples,
    large: { inputs: [normal([2048, 256]), normal([2048, 256]), signs([2048])], attrs: plain },
  }),
  defineRef<Triplet>({
    op: "tripletMarginLoss",
    inputs: ["anchor", "positive", "negative"],
    torch:
      "F.triplet_margin_loss(anchor, positive, negative, p=2.0 if p is None else p, eps=1e-6 if eps is None else eps, " +
      `swap=bool(swap), ${marginOf(1)})`,
    differentiable: true,
    tolerance: { units: 24, of: tripletScale },
    forward: (inputs, attrs) => reducedLoss(triplet(inputs, attrs), attrs),
    call: ([anchor, positive, negative], attrs) => anchor.tripletMarginLoss(positive, negative, attrs),
    samples: [
      ...tripletSamples(plainTriplet),
      ...[1, 3, 1.5, Infinity, 0].map((p) => threes([4, 7], { ...plainTriplet, p, margin: 3 })),
      ...[0, 0.5].map((eps) => threes([4, 7], { ...plainTriplet, eps, margin: 3 })),
    ],
    large: threes([2048, 256], plainTriplet),
  }),
  defineRef<Triplet>({
    op: "tripletMarginWithDistanceLoss",
    inputs: ["anchor", "positive", "negative"],
    torch:
      "F.triplet_margin_with_distance_loss(anchor, positive, negative, distance_function=" +
      "{'cityBlock': lambda a, b: (a - b).abs().sum(-1), 'dot': lambda a, b: -(a * b).sum(-1), None: None}[distance], " +
      `swap=bool(swap), ${marginOf(1)})`,
    differentiable: true,
    tolerance: { units: 24, of: tripletScale },
    forward: (inputs, attrs) => reducedLoss(triplet(inputs, attrs), attrs),
    call([anchor, positive, negative], { distance, ...attrs }) {
      const distances = {
        cityBlock: (a: typeof anchor, b: typeof anchor) => a.sub(b).abs().sum(-1),
        dot: (a: typeof anchor, b: typeof anchor) => a.mul(b).sum(-1).neg(),
      };
      const distanceFunction = distance === undefined ? null : distances[distance];
      return anchor.tripletMarginWithDistanceLoss(positive, negative, { ...attrs, distanceFunction });
    },
    samples: [
      ...tripletSamples(plainDistance),
      ...(["cityBlock", "dot"] as const).flatMap((distance) =>
        [false, true].map((swap) => threes([6, 5], { ...plainDistance, distance, swap, margin: 2 })),
      ),
    ],
    large: threes([2048, 256], plainDistance),
  }),
  defineRef<Margin>({
    op: "marginRankingLoss",
    inputs: ["input1", "input2", "target"],
    torch: `F.margin_ranking_loss(input1, input2, target, ${marginOf(0)})`,
    differentiable: true,
    tolerance: { units: 8 },
    forward: (inputs, attrs) => reducedLoss(ranking(inputs, attrs), attrs),
    call: ([input1, input2, target], attrs) => input1.marginRankingLoss(input2, target, attrs),
    samples: [
      ...lossSamples((shape) => [normal(shape), normal(shape), signs(shape)], plain),
      ...[-0.5, 0.5, 3].map((margin) => ({
        inputs: [normal([17]), normal([17]), signs([17], "f32")],
        attrs: { ...plain, margin },
      })),
      { inputs: [normal([3, 1]), normal([1, 4]), signs([3, 4])], attrs: plain, note: "broadcast" },
      { inputs: [normal([3, 1]), normal([1, 1]), normal([3, 4])], attrs: plain, note: "any target" },
      { inputs: [integers([9], -4, 5), integers([9], -4, 5), signs([9])], attrs: plain },
      {
        inputs: [normal([5]), values([0], [1]), values([0], [1])],
        attrs: plain,
        note: "ties",
        smooth: false,
      },
      { inputs: [normal([4, 33], 100), normal([4, 33], 100), signs([4, 33])], attrs: plain, note: "×100" },
    ],
    large: { inputs: [normal([2 ** 18]), normal([2 ** 18]), signs([2 ** 18])], attrs: plain },
  }),
  defineRef<Margin>({
    op: "hingeEmbeddingLoss",
    inputs: ["x", "target"],
    torch: `F.hinge_embedding_loss(x, target, ${marginOf(1)})`,
    differentiable: true,
    constants: ["target"],
    tolerance: {
      units: 8,
      of: (inputs, attrs) => reducedLoss(absolute(hinge(inputs, attrs)), attrs),
    },
    forward: (inputs, attrs) => reducedLoss(hinge(inputs, attrs), attrs),
    call: ([x, target], attrs) => x.hingeEmbeddingLoss(target, attrs),
    samples: [
      ...lossSamples((shape) => [normal(shape), signs(shape)], plain),
      ...[-0.5, 0.5, 3].map((margin) => ({
        inputs: [normal([17]), signs([17], "f32")],
        attrs: { ...plain, margin },
      })),
      { inputs: [normal([17]), sprinkled(signs([17]), 0, 3)], attrs: plain, note: "other targets" },
      ...[
        [[3, 4], [4]],
        [[4], [3, 4]],
        [
          [3, 1],
          [1, 4],
        ],
        [[3, 4], []],
      ].map(([a, b]) => ({ inputs: [normal(a), signs(b)], attrs: plain, note: "broadcast" })),
      { inputs: [normal([5]), bools([5])], attrs: plain },
      { inputs: [values([1, 1, 0, -0]), signs([4])], attrs: plain, note: "at the margin", smooth: false },
      { inputs: [normal([4, 33], 100), signs([4, 33])], attrs: plain, note: "×100" },
    ],
    large: { inputs: [normal([2 ** 18]), signs([2 ** 18])], attrs: plain },
  }),
];
