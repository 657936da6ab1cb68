// Connectionist temporal classification: −log of the probability of a label sequence, summed over all its alignments with the
// frames. "Connectionist Temporal Classification: Labelling Unsegmented Sequence Data with Recurrent Neural Networks", Graves
// et al., 2006. torch.nn.functional.ctc_loss; batch first, `batchFirst: false` is PyTorch's (T, N, C).

import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatPlace } from "../shape.ts";
import { empty, f32, i32, Tensor } from "../tensor.ts";
import {
  floatTensor,
  integerArgument,
  optionsArgument,
  refuse,
  tensorArgument,
  typedTensor,
} from "./arguments.ts";
import { div, maximum } from "./binary.ts";
import { to } from "./cast.ts";
import { eq } from "./compare.ts";
import { contiguous, fromHost } from "./contiguous.ts";
import { hasDenseRows } from "./gemm.ts";
import { type Reduction, reduced, reductionArgument } from "./lossReduction.ts";
import { mean } from "./sum.ts";
import { reshape, transpose, unsqueeze } from "./views.ts";
import { maskedFill } from "./where.ts";

interface Attrs {
  readonly blank: number;
  readonly zeroInfinity: boolean;
  /** The most labels of an item. */
  readonly longest: number;
}

/** Rows of classes a kernel can read: dense. */

/** logProbs (N, T, C), labels (…), and per item: where its labels start, how many, how many frames → (N) */
const ctcOp = defineOp<readonly [Tensor, Tensor, Tensor, Tensor, Tensor], Attrs>({
  name: "ctcLoss",
  forward([logProbs, labels, starts, counts, frames], { blank, longest }, call) {
    const [N, T] = logProbs.shape;
    const x = hasDenseRows(logProbs) ? logProbs : contiguous(logProbs);
    const loss = empty([N]);
    call.save(x, labels, starts, counts, frames);
    const running = engine();
    const pointers = [f32(loss), f32(x), i32(labels), i32(starts), i32(counts), i32(frames)] as const;
    const work = running.kernels.ctc_work_f32(T, longest);
    running.run("ctc_f32", N, work, ...pointers, x.strides[0], x.strides[1], blank);
    return loss;
  },
  backward(dLoss, [x, labels, starts, counts, frames], { blank, zeroInfinity, longest }, into) {
    const target = into.target(0, hasDenseRows);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    const [N, T, C] = x.shape;
    const running = engine();
    const weights = contiguous(dLoss);
    const pointers = [i32(labels), i32(starts), i32(counts), i32(frames)] as const;
    const strides = [x.strides[0], x.strides[1], dx.strides[0], dx.strides[1]] as const;
    const flags = [blank, zeroInfinity ? 1 : 0, acc] as const;
    const work = running.kernels.ctc_work_f32(T, longest);
    running.run(
      "ctc_backward_f32",
      N,
      work,
      f32(dx),
      f32(weights),
      f32(x),
      ...pointers,
      T,
      C,
      ...strides,
      ...flags,
    );
  },
});

export interface CtcOptions {
  /** Class of the blank. */
  readonly blank?: number;
  /** "mean" divides each loss by its number of labels first. */
  readonly reduction?: Reduction;
  /** Infinite losses, of labels that do not fit into the frames, count as 0 and have no gradient. */
  readonly zeroInfinity?: boolean;
  /** logProbs are (N, T, C), PyTorch's (T, N, C) when false. */
  readonly batchFirst?: boolean;
}

/**
 * CTC loss of `logProbs` (N, T, C), or (T, C) for one item, against i32 `targets`: (N, S) padded, or all labels one behind the
 * other. `inputLengths` and `targetLengths` say how many frames and labels of each item count. The gradient is PyTorch's, that
 * of a log-softmax's input. torch.nn.functional.ctc_loss
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: readonly number[] | Tensor | number,
  targetLengths: readonly number[] | Tensor | number,
  options: CtcOptions = {},
): Tensor {
  const given = optionsArgument("ctcLoss", options);
  const { blank = 0, zeroInfinity = false, batchFirst = true } = given;
  const reduction = reductionArgument("ctcLoss", given.reduction);
  checkTypes(tensorArgument("ctcLoss", "logProbs", logProbs), tensorArgument("ctcLoss", "targets", targets));
  return scope(() => {
    const single = logProbs.rank === 2;
    const items = single ? unsqueeze(logProbs, 0) : batchFirst ? logProbs : transpose(logProbs, 0, 1);
    const [N, T, C] = items.shape;
    integerArgument("ctcLoss", "blank", blank, 0, C - 1);
    const frames = lengths("inputLengths", inputLengths, N, T);
    const padded = targets.rank === 2 || single;
    const counts = lengths("targetLengths", targetLengths, N, padded ? targets.size(-1) : targets.numel);
    const starts = startsOf(targets, counts, padded && !single);
    checkLabels(targets, starts, counts, C);
    const [at, many, long] = [starts, counts, frames].map((list) => fromHost(list, "i32"));
    const longest = counts.reduce((top, count) => Math.max(top, count), 0);
    const inputs = [items, contiguous(targets), at, many, long] as const;
    const losses = apply(ctcOp, inputs, { blank, zeroInfinity, longest });
    const finite = zeroInfinity ? maskedFill(losses, eq(losses, Number.POSITIVE_INFINITY), 0) : losses;
    if (reduction !== "mean") return reduced(single ? reshape(finite, []) : finite, reduction);
    return mean(div(finite, to(maximum(many, 1), "f32")));
  });
}

function checkTypes(logProbs: Tensor, targets: Tensor): void {
  floatTensor("ctcLoss", "logProbs", logProbs);
  typedTensor("ctcLoss", "targets", targets, "i32");
  const fits = logProbs.rank === 2 ? targets.rank === 1 : targets.rank === 1 || targets.rank === 2;
  if ((logProbs.rank === 2 || logProbs.rank === 3) && fits) return;
  const wanted = "(N, T, C) and (N, S) or (sum of lengths), or (T, C) and (S)";
  refuse("ctcLoss", "logProbs and targets", wanted, [logProbs, targets], "shape");
}

/** One length per item, each in 0…limit. */
function lengths(
  name: string,
  given: readonly number[] | Tensor | number,
  items: number,
  limit: number,
): number[] {
  const list =
    typeof given === "number" ? [given] : given instanceof Tensor ? [...given.toTypedArray()] : given;
  const valid = (length: unknown): boolean =>
    Number.isInteger(length) && (length as number) >= 0 && (length as number) <= limit;
  if (Array.isArray(list) && list.length === items && list.every(valid)) return [...list];
  return refuse("ctcLoss", name, `${items} integers in 0…${limit}, one per item`, list);
}

/** Where each item's labels begin in the targets. */
function startsOf(targets: Tensor, counts: readonly number[], padded: boolean): number[] {
  if (padded && targets.rank === 2) {
    if (targets.shape[0] === counts.length) return counts.map((_, i) => i * targets.shape[1]);
    refuse("ctcLoss", "targets", `of the ${counts.length} items of logProbs`, targets, "shape");
  }
  let begin = 0;
  const starts = counts.map((count) => {
    begin += count;
    return begin - count;
  });
  if (begin <= targets.numel) return starts;
  return refuse("ctcLoss", "the sum of targetLengths", `at most ${targets.numel}`, begin);
}

/** Every label that counts names a class; what pads them is not looked at. */
function checkLabels(
  targets: Tensor,
  starts: readonly number[],
  counts: readonly number[],
  classes: number,
): void {
  const labels = targets.toTypedArray();
  for (const [item, start] of starts.entries()) {
    for (let i = start; i < start + counts[item]; i++) {
      if (labels[i] >= 0 && labels[i] < classes) continue;
      const at = formatPlace(i, targets.shape);
      refuse("ctcLoss", `target at ${at}`, `in 0…${classes - 1}`, labels[i], "index");
    }
  }
}
