// Cross-entropy of logits against class indices: loss = logsumexp(x) - x[target], 0 where the target is ignored.
// The softmax is not kept: backward computes it again from the log-sum-exp.  dx = dloss (softmax(x) - onehot(target))
// torch.nn.functional.cross_entropy
import { SaccadeError } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { optionsArgument, tensorArgument } from "./arguments.ts";
import { div } from "./binary.ts";
import { contiguous } from "./contiguous.ts";
import { formatPlace } from "./embedding.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { sum } from "./sum.ts";
import { permute, reshape } from "./views.ts";

/** Rows with a single stride. */
function singleStride(x: { shape: readonly number[]; strides: readonly number[] }): boolean {
  return rowsOf(x)?.D0 === 1;
}

/** logits (R, V), target (R) → (R) */
const crossEntropyOp = defineOp<readonly [Tensor, Tensor], { ignoreIndex: number }>({
  name: "crossEntropy",
  forward([logits, target], { ignoreIndex }, call) {
    const [R, V] = logits.shape;
    const x = singleStride(logits) ? logits : contiguous(logits);
    const index = contiguous(target);
    const loss = empty([R]);
    const lse = empty([R]);
    call.save(x, index, lse);
    const stride = (rowsOf(x) as Rows).strides[1];
    engine().run(
      "cross_entropy_f32",
      R,
      0,
      f32(loss),
      f32(lse),
      f32(x),
      i32(index),
      R,
      V,
      stride,
      ignoreIndex,
    );
    return loss;
  },
  backward(dLoss, [x, index, lse], { ignoreIndex }, into) {
    const target = into.target(0, singleStride);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    const [R, V] = x.shape;
    const strides = [(rowsOf(x) as Rows).strides[1], (rowsOf(dx) as Rows).strides[1]] as const;
    const pointers = [f32(dx), f32(x), i32(index), f32(lse), f32(dLoss)] as const;
    engine().run("cross_entropy_backward_f32", R, 0, ...pointers, 1, 1, R, V, ...strides, ignoreIndex, acc);
  },
  flops: ([x]) => 5 * x.numel,
});

export interface CrossEntropyOptions {
  /** Targets with this value count for nothing. */
  readonly ignoreIndex?: number;
  readonly reduction?: "mean" | "sum" | "none";
}

/**
 * Cross-entropy of `input` (V), (N, V) or (N, V, d1, …) against i32 class indices `target` (), (N) or (N, d1, …).
 * "mean" divides by the number of targets that are not ignored. torch.nn.functional.cross_entropy
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const { ignoreIndex = -100, reduction = "mean" } = optionsArgument("crossEntropy", options);
  if (!["mean", "sum", "none"].includes(reduction)) {
    throw new SaccadeError(
      "argument",
      `crossEntropy: reduction is "mean", "sum" or "none", not ${String(reduction)}`,
    );
  }
  if (!Number.isInteger(ignoreIndex)) {
    throw new SaccadeError(
      "argument",
      `crossEntropy: ignoreIndex is ${String(ignoreIndex)}, it must be an integer`,
    );
  }
  checkTypes(
    tensorArgument("crossEntropy", "input", input),
    tensorArgument("crossEntropy", "target", target),
  );
  const classes = input.rank === 1 ? input.shape[0] : input.shape[1];
  const counted = checkTargets(target, classes, ignoreIndex);
  return scope(() => {
    const rows = reshape(classesLast(input), [target.numel, classes]);
    const losses = apply(crossEntropyOp, [rows, reshape(target, [target.numel])], { ignoreIndex });
    if (reduction === "none") return reshape(losses, target.shape);
    const total = sum(losses);
    return reduction === "sum" ? total : div(total, counted);
  });
}

function checkTypes(input: Tensor, target: Tensor): void {
  if (input.dtype !== "f32" || target.dtype !== "i32") {
    throw new SaccadeError(
      "dtype",
      `crossEntropy: wants f32 logits and i32 targets, got ${input.dtype} and ${target.dtype}`,
    );
  }
  const expected = input.rank === 1 ? [] : [input.shape[0], ...input.shape.slice(2)];
  if (input.rank === 0 || !sameShape(target.shape, expected)) {
    throw new SaccadeError(
      "shape",
      `crossEntropy: logits ${formatShape(input.shape)} want targets ${formatShape(expected)}, got ${formatShape(target.shape)}; ` +
        "the classes are axis 1 of the logits",
    );
  }
}

/** Checks every target and returns how many are not ignored. */
function checkTargets(target: Tensor, classes: number, ignoreIndex: number): number {
  const values = target.toTypedArray();
  let counted = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === ignoreIndex) continue;
    if (value < 0 || value >= classes) {
      throw new SaccadeError(
        "index",
        `crossEntropy: target ${value} at ${formatPlace(i, target.shape)} is outside 0…${classes - 1} and is not ignoreIndex ${ignoreIndex}`,
      );
    }
    counted++;
  }
  return counted;
}

function classesLast(input: Tensor): Tensor {
  if (input.rank <= 2) return input;
  const others = input.shape.map((_, axis) => axis).slice(2);
  return permute(input, [0, ...others, 1]);
}
