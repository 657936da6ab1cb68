// Reference of crossEntropy.ts. Classes are axis 1 of the logits, or the only axis.
import {
  absolute,
  build,
  defineRef,
  integers,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
  uniform,
  values,
} from "../reference.ts";

interface Attrs {
  readonly ignoreIndex?: number;
  readonly reduction?: "mean" | "sum" | "none";
  readonly labelSmoothing?: number;
}

type Distribution = (item: number, classIndex: number) => number;

/** Loss of each target in float64: −sum over the classes of w t log softmax(x). `target` is what t is for an item. */
function losses(
  x: RefTensor,
  shape: readonly number[],
  weight: RefTensor | null,
  target: Distribution,
): RefTensor {
  const classAxis = x.shape.length === 1 ? 0 : 1;
  const V = x.shape[classAxis];
  const step = numel(x.shape.slice(classAxis + 1));
  let next = 0;
  return build(shape, () => {
    const item = next++;
    const start = Math.floor(item / step) * V * step + (item % step);
    const row = Array.from({ length: V }, (_, v) => x.data[start + v * step]);
    const top = Math.max(...row);
    const lse = top + Math.log(row.reduce((sum, value) => sum + Math.exp(value - top), 0));
    let loss = 0;
    for (const [v, value] of row.entries()) {
      const t = target(item, v) * (weight === null ? 1 : weight.data[v]);
      if (t !== 0) loss += t * (lse - value);
    }
    return loss;
  });
}

function ofIndices(
  x: RefTensor,
  target: RefTensor,
  weight: RefTensor | null,
  { ignoreIndex = -100, labelSmoothing = 0 }: Attrs,
): { each: RefTensor; count: number } {
  const V = x.shape[x.shape.length === 1 ? 0 : 1];
  const weightOf = (value: number): number => (value === ignoreIndex ? 0 : (weight?.data[value] ?? 1));
  const each = losses(x, target.shape, weight, (item, v) => {
    const wanted = target.data[item];
    if (wanted === ignoreIndex) return 0;
    return (v === wanted ? 1 - labelSmoothing : 0) + labelSmoothing / V;
  });
  return { each, count: target.data.reduce((sum, value) => sum + weightOf(value), 0) };
}

/** Of each item's classes, as they lie in a tensor whose axis 1 they are. */
function ofProbabilities(
  x: RefTensor,
  target: RefTensor,
  weight: RefTensor | null,
  { labelSmoothing = 0 }: Attrs,
): { each: RefTensor; count: number } {
  const classAxis = x.shape.length === 1 ? 0 : 1;
  const V = x.shape[classAxis];
  const step = numel(x.shape.slice(classAxis + 1));
  const shape = x.shape.filter((_, axis) => axis !== classAxis);
  const each = losses(x, shape, weight, (item, v) => {
    const t = target.data[Math.floor(item / step) * V * step + (item % step) + v * step];
    return t * (1 - labelSmoothing) + labelSmoothing / V;
  });
  return { each, count: numel(shape) };
}

/** Targets of which every third is ignored. */
const holes = (shape: readonly number[], classes: number, ignored = -100): Maker =>
  sprinkled(integers(shape, 0, classes), ignored, 3);

const reductions = ["mean", "sum", "none"] as const;

const unset: Attrs = { ignoreIndex: undefined, reduction: undefined, labelSmoothing: undefined };
const samples: readonly Sample<Attrs>[] = [
  ...[0, 0.1, 1].flatMap((labelSmoothing): Sample<Attrs>[] =>
    reductions.flatMap((reduction): Sample<Attrs>[] => [
      {
        inputs: [normal([5, 17]), holes([5], 17), null],
        attrs: { ignoreIndex: -100, reduction, labelSmoothing },
        note: "smoothed",
      },
      {
        inputs: [normal([3, 5, 2]), holes([3, 2], 5), uniform([5], 0.1, 2)],
        attrs: { ignoreIndex: -100, reduction, labelSmoothing },
        note: "weighted",
      },
      {
        inputs: [normal([3, 5, 2]), uniform([3, 5, 2], 0, 1), uniform([5], 0.1, 2)],
        attrs: { reduction, labelSmoothing },
        note: "probabilities, weighted",
      },
      { inputs: [normal([4, 9]), uniform([4, 9], 0, 1), null], attrs: { reduction, labelSmoothing } },
      { inputs: [normal([9]), uniform([9], 0, 1), null], attrs: { reduction, labelSmoothing } },
    ]),
  ),
  ...SIZES.map(
    (V): Sample<Attrs> => ({
      inputs: [normal([3, V]), integers([3], 0, V)],
      attrs: { ignoreIndex: -100, reduction: "mean" },
    }),
  ),
  ...reductions.flatMap((reduction): Sample<Attrs>[] => [
    {
      inputs: [normal([5, 17]), holes([5], 17)],
      attrs: { ignoreIndex: -100, reduction },
      note: "some ignored",
    },
    { inputs: [normal([2, 7, 5]), integers([2, 5], 0, 7)], attrs: { ignoreIndex: -100, reduction } },
    { inputs: [normal([17]), integers([], 0, 17)], attrs: { ignoreIndex: -100, reduction } },
  ]),
  ...reductions.slice(0, 2).map(
    (reduction): Sample<Attrs> => ({
      inputs: [normal([2, 4, 3, 2]), holes([2, 3, 2], 4, 1)],
      attrs: { ignoreIndex: 1, reduction },
      note: "a class ignored",
    }),
  ),
  {
    inputs: [normal([4, 33], 100), integers([4], 0, 33)],
    attrs: { ignoreIndex: -100, reduction: "mean" },
    note: "×100",
  },
  {
    inputs: [values([0, -Infinity, 1, 2, 0.5, -Infinity], [2, 3]), values([0, 1], [2], "i32")],
    attrs: { ignoreIndex: -100, reduction: "none" },
    note: "-Infinity",
    smooth: false,
  },
  {
    inputs: [normal([2, 3]), values([-100, -100], [2], "i32")],
    attrs: { ignoreIndex: -100, reduction: "mean" },
    note: "all ignored",
  },
  {
    inputs: [normal([0, 3]), integers([0], 0, 3)],
    attrs: { ignoreIndex: -100, reduction: "sum" },
    note: "empty",
  },
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "crossEntropy",
    inputs: ["x", "target", "weight"],
    torch:
      "F.cross_entropy(x, target if target.is_floating_point() else target.long(), " +
      "weight, " +
      "ignore_index=-100 if ignoreIndex is None else ignoreIndex, reduction=reduction or 'mean', label_smoothing=labelSmoothing or 0)",
    differentiable: true,
    constants: ["weight"],
    tolerance: {
      units: ([x]) => 8 * (2 + Math.log2(x.shape[x.shape.length === 1 ? 0 : 1])),
      of([x, target], { reduction }) {
        const top = 2 * Math.max(1, ...absolute(x).data.filter(Number.isFinite));
        return {
          dtype: "f32",
          shape: [],
          data: Float64Array.of(reduction === "sum" ? top * target.data.length : top),
        };
      },
    },
    forward([x, target, weight = null], attrs) {
      const of = target.dtype === "f32" ? ofProbabilities : ofIndices;
      const { each, count } = of(x, target, weight, attrs);
      if (attrs.reduction === "none") return each;
      const total = each.data.reduce((sum, loss) => sum + loss, 0);
      return {
        dtype: "f32",
        shape: [],
        data: Float64Array.of(attrs.reduction === "sum" ? total : total / count),
      };
    },
    call: ([x, target, weight], attrs) => x.crossEntropy(target, { ...attrs, weight }),
    large: { inputs: [normal([1024, 1024]), integers([1024], 0, 1024)], attrs: { reduction: "mean" } },
    samples: samples.map(({ attrs, ...sample }) => ({ ...sample, attrs: { ...unset, ...attrs } })),
  }),
];
