// Cross-entropy of logits against class indices, or against a distribution over the classes. torch.nn.functional.cross_entropy
// Indices: loss = logsumexp(x) - (1 - e) x[target] - e mean(x), e the label smoothing; 0 where the target is ignored. The
// softmax is not kept: backward computes it again.  dx = dloss (softmax(x) - (1 - e) onehot(target) - e / V)
// Distributions, and smoothing with class weights, are composed: loss = -sum(w t log softmax(x)).

import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatPlace, formatShape, sameShape } from "../shape.ts";
import { detach, empty, f32, i32, type Tensor } from "../tensor.ts";
import {
  integerArgument,
  optionalTensor,
  optionsArgument,
  rangeArgument,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { add, mul } from "./binary.ts";
import { eq, logicalNot } from "./compare.ts";
import { contiguous } from "./contiguous.ts";
import { embedding } from "./embedding.ts";
import { type Reduction, reduced, reductionArgument } from "./lossReduction.ts";
import { type Rows, rowsOf } from "./rows.ts";
import { logSoftmax } from "./softmax.ts";
import { sum } from "./sum.ts";
import { neg } from "./unary.ts";
import { permute, reshape } from "./views.ts";
import { maskedFill, where } from "./where.ts";

/** Rows with a single stride. */
function singleStride(x: { shape: readonly number[]; strides: readonly number[] }): boolean {
  return rowsOf(x)?.D0 === 1;
}

type Settings = Required<Omit<CrossEntropyOptions, "weight" | "reduction">>;

/** logits (R, V), target (R) → (R) */
const crossEntropyOp = defineOp<readonly [Tensor, Tensor], Settings>({
  name: "crossEntropy",
  forward([logits, target], { ignoreIndex, labelSmoothing }, call) {
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
      labelSmoothing / V,
    );
    return loss;
  },
  backward(dLoss, [x, index, lse], { ignoreIndex, labelSmoothing }, into) {
    const target = into.target(0, singleStride);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    const [R, V] = x.shape;
    const strides = [(rowsOf(x) as Rows).strides[1], (rowsOf(dx) as Rows).strides[1]] as const;
    const pointers = [f32(dx), f32(x), i32(index), f32(lse), f32(dLoss)] as const;
    engine().run(
      "cross_entropy_backward_f32",
      R,
      0,
      ...pointers,
      1,
      1,
      R,
      V,
      ...strides,
      ignoreIndex,
      labelSmoothing / V,
      acc,
    );
  },
  flops: ([x]) => 5 * x.numel,
});

export interface CrossEntropyOptions {
  /** A factor for each class (V). */
  readonly weight?: Tensor | null;
  /** Target indices of this value count for nothing. */
  readonly ignoreIndex?: number;
  readonly reduction?: Reduction;
  /** Part of the target that is spread over all classes. arXiv 1512.00567 */
  readonly labelSmoothing?: number;
}

/**
 * Cross-entropy of `input` (V), (N, V) or (N, V, d1, …) against i32 class indices `target` (), (N) or (N, d1, …), or against
 * f32 probabilities of the shape of `input`. "mean" divides by the weights of the targets that are not ignored, or, of
 * probabilities, by their number. torch.nn.functional.cross_entropy
 */
export function crossEntropy(input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor {
  const name = "crossEntropy";
  const given = optionsArgument(name, options);
  const { ignoreIndex = -100, labelSmoothing = 0 } = given;
  const reduction = reductionArgument(name, given.reduction);
  const weight = optionalTensor(name, "weight", given.weight);
  checkTypes(tensorArgument(name, "input", input), tensorArgument(name, "target", target));
  integerArgument(name, "ignoreIndex", ignoreIndex);
  rangeArgument(name, "labelSmoothing", labelSmoothing, 0, 1);
  const classes = input.rank === 1 ? input.shape[0] : input.shape[1];
  checkClassWeight(name, weight, classes);
  return scope(() => {
    const rows = classesLast(input);
    if (target.dtype === "f32") {
      return ofProbabilities(rows, classesLast(target), weight, labelSmoothing, reduction);
    }
    checkTargets(name, target, classes, ignoreIndex);
    const flat = reshape(rows, [target.numel, classes]);
    return ofIndices(flat, target, weight, { ignoreIndex, labelSmoothing }, reduction);
  });
}

/** logits (R, V), target of R elements in any shape */
function ofIndices(
  logits: Tensor,
  target: Tensor,
  weight: Tensor | null,
  { ignoreIndex, labelSmoothing }: Settings,
  reduction: Reduction,
): Tensor {
  const index = reshape(target, [target.numel]);
  const ignored = eq(index, ignoreIndex);
  if (weight === null) {
    const losses = apply(crossEntropyOp, [logits, index], { ignoreIndex, labelSmoothing });
    return reduced(reshape(losses, target.shape), reduction, () => sum(logicalNot(ignored)));
  }
  const weights = weightsOf(weight, index, ignored);
  const hits = mul(apply(crossEntropyOp, [logits, index], { ignoreIndex, labelSmoothing: 0 }), weights);
  if (labelSmoothing === 0) return reduced(reshape(hits, target.shape), reduction, () => sum(weights));
  const everyClass = neg(sum(mul(logSoftmax(logits, -1), detach(weight)), -1));
  const spread = mul(maskedFill(everyClass, ignored, 0), labelSmoothing / logits.shape[1]);
  const losses = add(mul(hits, 1 - labelSmoothing), spread);
  return reduced(reshape(losses, target.shape), reduction, () => sum(weights));
}

/** The weight of each target's class, 0 where it is ignored; no gradient flows to weights. */
function weightsOf(weight: Tensor, index: Tensor, ignored: Tensor): Tensor {
  const classOf = where(ignored, 0, index);
  const found = embedding(classOf, reshape(detach(weight), [weight.numel, 1]));
  return maskedFill(reshape(found, index.shape), ignored, 0);
}

/** logits and target (…, V) */
function ofProbabilities(
  logits: Tensor,
  target: Tensor,
  weight: Tensor | null,
  labelSmoothing: number,
  reduction: Reduction,
): Tensor {
  const classes = logits.size(-1);
  const goal = labelSmoothing === 0 ? target : add(mul(target, 1 - labelSmoothing), labelSmoothing / classes);
  const logarithms = logSoftmax(logits, -1);
  const terms = mul(weight === null ? logarithms : mul(logarithms, detach(weight)), goal);
  const losses = neg(sum(terms, -1));
  return reduced(losses, reduction, () => losses.numel);
}

function checkTypes(input: Tensor, target: Tensor): void {
  if (input.dtype !== "f32" || target.dtype === "bool") {
    const wanted = "f32 logits and i32 targets or f32 probabilities";
    refuse("crossEntropy", "input and target", wanted, [input, target], "dtype");
  }
  const indices = input.rank === 1 ? [] : [input.shape[0], ...input.shape.slice(2)];
  const expected = target.dtype === "f32" ? input.shape : indices;
  if (input.rank === 0 || !sameShape(target.shape, expected)) {
    const wanted = `${formatShape(indices)} of i32 or ${formatShape(input.shape)} of f32 (classes are axis 1)`;
    refuse("crossEntropy", "target", wanted, target, "shape");
  }
}

/** Weights of classes: f32 (V). @internal */
export function checkClassWeight(op: string, weight: Tensor | null, classes: number): void {
  if (weight !== null) shapedTensor(op, "weight", weight, [classes], "f32");
}

/** Checks that every target names a class or is to be ignored. @internal */
export function checkTargets(op: string, target: Tensor, classes: number, ignoreIndex: number): void {
  const values = target.toTypedArray();
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === ignoreIndex || (value >= 0 && value < classes)) continue;
    const wanted = `in 0…${classes - 1} or ignoreIndex ${ignoreIndex}`;
    refuse(op, `target at ${formatPlace(i, target.shape)}`, wanted, value, "index");
  }
}

/** Axis 1, the classes, as the last. @internal */
export function classesLast(input: Tensor): Tensor {
  if (input.rank <= 2) return input;
  const others = input.shape.map((_, axis) => axis).slice(2);
  return permute(input, [0, ...others, 1]);
}
