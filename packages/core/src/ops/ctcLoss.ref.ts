// Reference of ctcLoss.ts: alignments counted forward through the frames, in logarithms.
import {
  defineRef,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  values,
} from "../reference.ts";

interface Attrs {
  readonly inputLengths: readonly number[];
  readonly targetLengths: readonly number[];
  readonly blank?: number;
  readonly reduction?: "mean" | "sum" | "none";
  readonly zeroInfinity?: boolean;
  readonly batchFirst?: boolean;
}

function logSum(...terms: readonly number[]): number {
  const top = Math.max(...terms);
  if (top === -Infinity) return -Infinity;
  return top + Math.log(terms.reduce((sum, term) => sum + Math.exp(term - top), 0));
}

function logSoftmax(row: readonly number[]): number[] {
  const total = logSum(...row);
  return row.map((value) => value - total);
}

/** −log p(labels | frames), frames being rows of log-probabilities. */
function loss(frames: readonly (readonly number[])[], labels: readonly number[], blank: number): number {
  const states = [blank, ...labels.flatMap((label) => [label, blank])];
  let row = states.map((_, s) => (s === 0 ? 0 : -Infinity));
  for (const [t, frame] of frames.entries()) {
    const before = row;
    row = states.map((label, s) => {
      if (t === 0) return s < 2 ? frame[label] : -Infinity;
      const skip = s > 1 && label !== blank && label !== states[s - 2];
      return frame[label] + logSum(before[s], before[s - 1] ?? -Infinity, skip ? before[s - 2] : -Infinity);
    });
  }
  return -logSum(row[row.length - 1], frames.length > 0 ? (row[row.length - 2] ?? -Infinity) : -Infinity);
}

function losses(x: RefTensor, targets: RefTensor, attrs: Attrs, normalise: boolean): number[] {
  const { inputLengths, targetLengths, blank = 0, batchFirst = true } = attrs;
  const single = x.shape.length === 2;
  const [T, C] = single || batchFirst ? x.shape.slice(-2) : [x.shape[0], x.shape[2]];
  const N = inputLengths.length;
  let next = 0;
  return inputLengths.map((length, n) => {
    const frames = Array.from({ length }, (_, t) => {
      const start = single || batchFirst ? (n * T + t) * C : (t * N + n) * C;
      const row = Array.from(x.data.subarray(start, start + C));
      return normalise ? logSoftmax(row) : row;
    });
    const start = targets.shape.length === 2 ? n * targets.shape[1] : next;
    next += targetLengths[n];
    return loss(frames, Array.from(targets.data.subarray(start, start + targetLengths[n])), blank);
  });
}

function forward(x: RefTensor, targets: RefTensor, attrs: Attrs, normalise: boolean): RefTensor {
  const each = losses(x, targets, attrs, normalise).map((value) =>
    attrs.zeroInfinity && value === Infinity ? 0 : value,
  );
  const { reduction = "mean", targetLengths } = attrs;
  if (reduction === "none") {
    return { dtype: "f32", shape: x.shape.length === 2 ? [] : [each.length], data: Float64Array.from(each) };
  }
  const terms = reduction === "sum" ? each : each.map((value, n) => value / Math.max(targetLengths[n], 1));
  const total = terms.reduce((sum, value) => sum + value, 0);
  return {
    dtype: "f32",
    shape: [],
    data: Float64Array.of(reduction === "sum" ? total : total / each.length),
  };
}

const unset = { blank: undefined, reduction: undefined, zeroInfinity: undefined, batchFirst: undefined };

function sample(inputs: readonly Maker[], attrs: Attrs, note?: string): Sample<Attrs> {
  return { inputs, attrs: { ...unset, ...attrs }, note };
}

const samples: readonly Sample<Attrs>[] = [
  ...(["mean", "sum", "none"] as const).flatMap((reduction) => [
    sample([normal([3, 9, 5]), integers([3, 4], 1, 5)], {
      inputLengths: [9, 7, 8],
      targetLengths: [4, 2, 3],
      reduction,
    }),
    sample([normal([9, 3, 5]), integers([9], 1, 5)], {
      inputLengths: [9, 7, 8],
      targetLengths: [4, 2, 3],
      reduction,
      batchFirst: false,
    }),
    sample([normal([7, 4]), integers([3], 1, 4)], { inputLengths: [7], targetLengths: [3], reduction }),
  ]),
  sample([normal([2, 6, 4]), integers([2, 3], 0, 3)], {
    inputLengths: [6, 5],
    targetLengths: [3, 2],
    blank: 3,
  }),
  sample(
    [normal([2, 8, 3]), values([1, 1, 2, 2, 2, 1, 1, 1], [2, 4], "i32")],
    { inputLengths: [8, 7], targetLengths: [4, 3] },
    "the same label twice",
  ),
  sample(
    [normal([2, 5, 3]), integers([2, 2], 1, 3)],
    { inputLengths: [5, 3], targetLengths: [0, 1] },
    "no labels",
  ),
  sample(
    [normal([2, 4, 3]), values([1, 1, 1, 1, 2, 1], [2, 3], "i32")],
    { inputLengths: [4, 4], targetLengths: [3, 2], zeroInfinity: true },
    "labels that do not fit",
  ),
  sample(
    [normal([2, 4, 3]), values([2, 77, -5, 1, 2, 77], [2, 3], "i32")],
    { inputLengths: [4, 4], targetLengths: [1, 2] },
    "padding of any value",
  ),
  sample([normal([1, 33, 17], 5), integers([1, 9], 1, 17)], { inputLengths: [33], targetLengths: [9] }, "×5"),
  sample(
    [normal([2, 12, 6], 100), integers([2, 3], 1, 6)],
    { inputLengths: [12, 12], targetLengths: [3, 3] },
    "×100",
  ),
  sample([normal([5, 65, 8]), integers([5, 16], 1, 8)], {
    inputLengths: [65, 64, 33, 40, 17],
    targetLengths: [16, 15, 3, 1, 8],
  }),
];

const torch = (x: string): string =>
  `F.ctc_loss(${x} if x.dim() == 2 or batchFirst is False else (${x}).transpose(0, 1), targets.long().clamp(0, x.shape[-1] - 1), ` +
  "torch.tensor(inputLengths if x.dim() == 3 else inputLengths[0]), torch.tensor(targetLengths if x.dim() == 3 else targetLengths[0]), " +
  "blank=blank or 0, reduction=reduction or 'mean', zero_infinity=bool(zeroInfinity))";

const tolerance = { units: 8 };

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "ctcLoss",
    inputs: ["x", "targets"],
    torch: torch("x.log_softmax(-1)"),
    differentiable: true,
    tolerance,
    forward: ([x, targets], attrs) => forward(x, targets, attrs, true),
    call: ([x, targets], { inputLengths, targetLengths, ...attrs }) =>
      x.logSoftmax(-1).ctcLoss(targets, inputLengths, targetLengths, attrs),
    samples,
    large: sample([normal([16, 128, 32]), integers([16, 32], 1, 32)], {
      inputLengths: Array.from({ length: 16 }, () => 128),
      targetLengths: Array.from({ length: 16 }, () => 32),
    }),
  }),
  // PyTorch's gradient takes its input for normalised, so central differences say something else.
  defineRef<Attrs>({
    op: "ctcLoss",
    inputs: ["x", "targets"],
    torch: torch("x"),
    differentiable: true,
    tolerance,
    forward: ([x, targets], attrs) => forward(x, targets, attrs, false),
    call: ([x, targets], { inputLengths, targetLengths, ...attrs }) =>
      x.ctcLoss(targets, inputLengths, targetLengths, attrs),
    samples: [
      ...samples.slice(0, 9),
      // For a class that cannot be there PyTorch's gradient is NaN, ours 0.
      {
        ...sample([values([0.5, -Infinity, -1, -0.3, -0.2, -Infinity], [1, 2, 3]), integers([1, 1], 2, 3)], {
          inputLengths: [2],
          targetLengths: [1],
        }),
        torch: false,
      },
    ].map((one) => ({
      ...one,
      smooth: false,
      note: [one.note, "not normalised"].filter(Boolean).join(", "),
    })),
  }),
];
