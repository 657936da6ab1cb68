// Losses of classifiers that want margins between scores. torch.nn.functional.soft_margin_loss, multi_margin_loss,
// multilabel_soft_margin_loss, multilabel_margin_loss: "On the Algorithmic Implementation of Multiclass Kernel-based Vector
// Machines", Crammer and Singer 2001.
import { arange } from "../create.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, checkShape, sameShape } from "../shape.ts";
import { detach, type Tensor } from "../tensor.ts";
import { logSigmoid } from "./activations.ts";
import {
  checkBroadcast,
  finiteArgument,
  floatTensor,
  integerArgument,
  numericTensor,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, div, mul, sub } from "./binary.ts";
import { logitLosses } from "./binaryCrossEntropy.ts";
import { to } from "./cast.ts";
import { eq, gt, logicalAnd, logicalNot, lt } from "./compare.ts";
import { checkClassWeight } from "./crossEntropy.ts";
import { cumsum } from "./cumsum.ts";
import { gather, indexSelect } from "./gather.ts";
import { type LossOptions, reduced, reductionArgument } from "./lossReduction.ts";
import { checkRange, indexArgument } from "./picks.ts";
import { scatterAdd } from "./scatter.ts";
import { sum } from "./sum.ts";
import { neg, relu, square } from "./unary.ts";
import { reshape, unsqueeze } from "./views.ts";
import { maskedFill, where } from "./where.ts";

/**
 * ln(1 + e^(−target x)) for targets of ±1 that broadcast to the input; no gradient flows to them.
 * torch.nn.functional.soft_margin_loss
 */
export function softMarginLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const name = "softMarginLoss";
  const reduction = reductionArgument(name, optionsArgument(name, options).reduction);
  floatTensor(name, "input", input);
  checkBroadcast(name, "target", tensorArgument(name, "target", target), input.shape);
  return scope(() => reduced(neg(logSigmoid(mul(input, to(detach(target), "f32")))), reduction));
}

export interface MultiMarginOptions extends LossOptions {
  /** 1 unless given, or 2. */
  readonly p?: number;
  /** 1 unless given. */
  readonly margin?: number;
  /** A factor for each class (C); no gradient flows to it. */
  readonly weight?: Tensor | null;
}

/**
 * Mean over the classes j other than the target y of weight[y] · max(margin − x[y] + x[j], 0)^p: scores (N, C) and i32 targets
 * (N), or (C) and (). torch.nn.functional.multi_margin_loss
 */
export function multiMarginLoss(input: Tensor, target: Tensor, options: MultiMarginOptions = {}): Tensor {
  const name = "multiMarginLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const { p = 1 } = given;
  integerArgument(name, "p", p, 1, 2);
  const margin = finiteArgument(name, "margin", given.margin ?? 1);
  const weight = optionalTensor(name, "weight", given.weight);
  floatTensor(name, "input", input);
  indexArgument(name, "target", target);
  const [N, C] = input.rank === 2 ? input.shape : [1, input.numel];
  if (input.rank > 2 || C === 0 || target.rank > 1 || target.numel !== N) {
    const wanted = "(N, C) and (N), or (C) and (), with a class or more";
    refuse(name, "input and target", wanted, [input, target], "shape");
  }
  checkClassWeight(name, weight, C);
  checkRange(name, "target", target, C, false);
  return scope(() => {
    const [rows, index] = [reshape(input, [N, C]), reshape(target, [N, 1])];
    const gaps = relu(add(sub(rows, gather(rows, 1, index)), margin));
    const own = eq(unsqueeze(arange(C), 0), index);
    const others = maskedFill(p === 1 ? gaps : square(gaps), own, 0);
    const total = div(sum(others, 1), C);
    const losses = weight === null ? total : mul(total, indexSelect(detach(weight), 0, reshape(target, [N])));
    return reduced(reshape(losses, target.shape), reduction);
  });
}

export interface MultilabelSoftMarginOptions extends LossOptions {
  /** Factors that broadcast with the input: one per class, say. */
  readonly weight?: Tensor | null;
}

/**
 * Mean over the classes, the last axis, of −t ln sigmoid(x) − (1 − t) ln sigmoid(−x); all broadcast.
 * torch.nn.functional.multilabel_soft_margin_loss
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options: MultilabelSoftMarginOptions = {},
): Tensor {
  const name = "multilabelSoftMarginLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const weight = optionalTensor(name, "weight", given.weight);
  floatTensor(name, "input", input);
  numericTensor(name, "target", target);
  const shape = broadcastShapes(name, input.shape, target.shape);
  if (weight !== null) broadcastShapes(name, shape, weight.shape);
  rankedTensor(name, "input", input, 1, Infinity);
  return scope(() => {
    const losses = logitLosses(input, to(target, "f32"));
    const scaled = weight === null ? losses : mul(losses, to(weight, "f32"));
    return reduced(div(sum(scaled, input.rank - 1), input.size(-1)), reduction);
  });
}

/**
 * Sum over the labels y of an item and the classes j that are none of them of max(1 − x[y] + x[j], 0) / C. Scores (N, C) or (C);
 * i32 targets of the same size list the labels, up to the first −1. torch.nn.functional.multilabel_margin_loss
 */
export function multilabelMarginLoss(input: Tensor, target: Tensor, options: LossOptions = {}): Tensor {
  const name = "multilabelMarginLoss";
  const reduction = reductionArgument(name, optionsArgument(name, options).reduction);
  floatTensor(name, "input", input);
  indexArgument(name, "target", target);
  const [N, C] = input.rank === 2 ? input.shape : [1, input.numel];
  if (input.rank > 2 || C === 0 || !sameShape(input.shape, target.shape)) {
    const wanted = "(N, C) or (C), both, with a class or more";
    refuse(name, "input and target", wanted, [input, target], "shape");
  }
  checkShape(name, [N, C, C]);
  return scope(() => {
    const [rows, labels] = [reshape(input, [N, C]), reshape(target, [N, C])];
    // −1 is class 0 here and counts for nothing below.
    const shifted = add(labels, 1);
    checkRange(name, "target + 1", shifted, C + 1, false);
    const counts = eq(cumsum(to(lt(labels, 0), "i32"), 1), 0);
    const index = where(counts, labels, 0);
    const isLabel = gt(scatterAdd(mul(shifted, 0), 1, index, to(counts, "i32")), 0);
    const gaps = relu(add(sub(unsqueeze(rows, 1), unsqueeze(gather(rows, 1, index), 2)), 1));
    const pairs = logicalAnd(unsqueeze(counts, 2), unsqueeze(logicalNot(isLabel), 1));
    const losses = div(sum(where(pairs, gaps, 0), [1, 2]), C);
    return reduced(reshape(losses, input.shape.slice(0, -1)), reduction);
  });
}
