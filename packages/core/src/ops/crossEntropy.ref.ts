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
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs {
  readonly ignoreIndex?: number;
  readonly reduction?: "mean" | "sum" | "none";
}

/** Loss of each target in float64. */
function losses(x: RefTensor, target: RefTensor, ignoreIndex: number): RefTensor {
  const classAxis = x.shape.length === 1 ? 0 : 1;
  const V = x.shape[classAxis];
  const step = numel(x.shape.slice(classAxis + 1));
  let next = 0;
  return build(target.shape, () => {
    const item = next++;
    const start = Math.floor(item / step) * V * step + (item % step);
    const wanted = target.data[item];
    if (wanted === ignoreIndex) return 0;
    const row = Array.from({ length: V }, (_, v) => x.data[start + v * step]);
    const top = Math.max(...row);
    const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
    return top + Math.log(total) - row[wanted];
  });
}

/** Targets of which every third is ignored. */
const holes = (shape: readonly number[], classes: number, ignored = -100): Maker =>
  sprinkled(integers(shape, 0, classes), ignored, 3);

const reductions = ["mean", "sum", "none"] as const;

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "crossEntropy",
    inputs: ["x", "target"],
    torch: "F.cross_entropy(x, target.long(), ignore_index=ignoreIndex, reduction=reduction)",
    differentiable: true,
    tolerance: {
      units: ([x]) => 8 * (2 + Math.log2(x.shape[x.shape.length === 1 ? 0 : 1])),
      of([x, target], { reduction }) {
        const top = Math.max(1, ...absolute(x).data.filter(Number.isFinite));
        return {
          dtype: "f32",
          shape: [],
          data: Float64Array.of(reduction === "sum" ? top * target.data.length : top),
        };
      },
    },
    forward([x, target], { ignoreIndex = -100, reduction = "mean" }) {
      const each = losses(x, target, ignoreIndex);
      if (reduction === "none") return each;
      const total = each.data.reduce((sum, loss) => sum + loss, 0);
      const counted = target.data.filter((value) => value !== ignoreIndex).length;
      return {
        dtype: "f32",
        shape: [],
        data: Float64Array.of(reduction === "sum" ? total : total / counted),
      };
    },
    call: ([x, target], attrs) => x.crossEntropy(target, attrs),
    samples: [
      ...SIZES.map((V) => ({
        inputs: [normal([3, V]), integers([3], 0, V)],
        attrs: { ignoreIndex: -100, reduction: "mean" } as const,
      })),
      ...reductions.flatMap((reduction) => [
        {
          inputs: [normal([5, 17]), holes([5], 17)],
          attrs: { ignoreIndex: -100, reduction },
          note: "some ignored",
        },
        { inputs: [normal([2, 7, 5]), integers([2, 5], 0, 7)], attrs: { ignoreIndex: -100, reduction } },
        { inputs: [normal([17]), integers([], 0, 17)], attrs: { ignoreIndex: -100, reduction } },
      ]),
      ...reductions.slice(0, 2).map((reduction) => ({
        inputs: [normal([2, 4, 3, 2]), holes([2, 3, 2], 4, 1)],
        attrs: { ignoreIndex: 1, reduction },
        note: "a class ignored",
      })),
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
    ],
  }),
];
