// Reference of embeddingBag.ts.
import {
  defineRef,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";
import { wrapped } from "./gather.ref.ts";

interface Attrs {
  readonly mode: "sum" | "mean" | "max";
  readonly includeLastOffset?: boolean;
  readonly paddingIdx?: number;
}

const bag = (
  ids: Maker,
  weight: Maker,
  offsets: readonly number[] | null,
  attrs: Attrs,
  factors: Maker | null = null,
): Sample<Attrs> => ({
  inputs: [ids, weight, offsets === null ? null : values(offsets, [offsets.length], "i32"), factors],
  attrs: { includeLastOffset: undefined, paddingIdx: undefined, ...attrs },
  note: offsets === null ? undefined : `from ${offsets}`,
});

/** Rows of the table, times their factors, in each bag. */
function bagged(
  [ids, weight, offsets, factors]: readonly (RefTensor | null)[],
  { includeLastOffset, paddingIdx }: Attrs,
): number[][][] {
  const [list, table] = [ids as RefTensor, weight as RefTensor];
  const [rows, C] = table.shape;
  const size = list.shape[1];
  const starts = offsets?.data ?? Array.from({ length: list.shape[0] }, (_, i) => i * size);
  const ends = [...starts.slice(1), ...(includeLastOffset ? [] : [list.data.length])];
  return ends.map((end, b) => {
    const inside = Array.from({ length: end - starts[b] }, (_, i) => starts[b] + i);
    const counted = inside.filter(
      (i) => paddingIdx === undefined || list.data[i] !== wrapped(paddingIdx, rows),
    );
    return counted.map((i) =>
      Array.from({ length: C }, (_, c) => table.data[list.data[i] * C + c] * (factors?.data[i] ?? 1)),
    );
  });
}

function reduced(bags: number[][][], C: number, f: (column: number[]) => number): RefTensor {
  const data = bags.flatMap((rows) =>
    Array.from({ length: C }, (_, c) => (rows.length === 0 ? 0 : f(rows.map((row) => row[c])))),
  );
  return { dtype: "f32", shape: [bags.length, C], data: Float64Array.from(data) };
}

const total = (column: number[]): number => column.reduce((sum, x) => sum + x, 0);
const modes = {
  sum: total,
  mean: (column: number[]) => total(column) / column.length,
  max: (column: number[]) => Math.max(...column),
};

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "embeddingBag",
    inputs: ["ids", "weight", "offsets", "factors"],
    torch:
      "F.embedding_bag(ids, weight, offsets, mode=mode, per_sample_weights=factors, " +
      "include_last_offset=bool(includeLastOffset), padding_idx=paddingIdx)",
    differentiable: true,
    tolerance: {
      units: 4,
      of: (inputs, attrs) =>
        reduced(bagged(inputs, attrs), inputs[1].shape[1], (column) => total(column.map(Math.abs))),
    },
    forward: (inputs, attrs) => reduced(bagged(inputs, attrs), inputs[1].shape[1], modes[attrs.mode]),
    call: ([ids, weight, offsets, factors], attrs) =>
      ids.embeddingBag(weight, offsets, { ...attrs, perSampleWeights: factors }),
    samples: (["sum", "mean", "max"] as const).flatMap((mode) => [
      ...SIZES.map((C) => bag(integers([3, 4], 0, 7), normal([7, C]), null, { mode })),
      bag(integers([9], 0, 7), normal([7, 5]), [0, 2, 2, 7], { mode }),
      bag(integers([9], 0, 7), normal([7, 5]), [0, 4, 9], { mode, includeLastOffset: true }),
      bag(integers([9], 0, 3), normal([3, 5]), [0, 4], { mode, paddingIdx: 1 }),
      bag(integers([2, 5], 0, 3), normal([3, 17]), null, { mode, paddingIdx: -1 }),
      bag(integers([0], 0, 3), normal([3, 5]), [0, 0], { mode }),
      ...(mode === "sum"
        ? [
            bag(integers([9], 0, 7), normal([7, 5]), [0, 2, 2, 7], { mode }, normal([9])),
            bag(integers([3, 4], 0, 7), normal([7, 5]), null, { mode, paddingIdx: 2 }, normal([3, 4])),
          ]
        : []),
    ]),
    large: bag(integers([256, 32], 0, 4096), normal([4096, 128]), null, { mode: "mean" }),
  }),
];
