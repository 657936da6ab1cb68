// Losses of how near vectors are to each other, and of which of two scores is higher. torch.nn.functional.
// cosine_embedding_loss, triplet_margin_loss, margin_ranking_loss, hinge_embedding_loss. "Learning local feature descriptors
// with triplets and shallow convolutional neural networks", Balntas et al. 2016 (swap).
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  finiteArgument,
  flagArgument,
  floatTensor,
  numericTensor,
  optionsArgument,
  rangeArgument,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, div, minimum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { clamp } from "./clamp.ts";
import { eq, ne } from "./compare.ts";
import { pairwiseDistance } from "./distance.ts";
import { checkRanks, type LossOptions, reduced, reductionArgument } from "./lossReduction.ts";
import { sum } from "./sum.ts";
import { neg, sqrt, square } from "./unary.ts";
import { unsqueeze } from "./views.ts";
import { where } from "./where.ts";

export interface MarginOptions extends LossOptions {
  readonly margin?: number;
}

/** max(x, 0), whose slope at 0 is 1 as of torch.clamp_min. */
const positivePart = (x: Tensor): Tensor => clamp(x, 0);

/**
 * 1 − cos(x1, x2) where the target is 1, max(cos − margin, 0) where it is −1 (margin 0 unless given): vectors (N, D) and
 * targets (N), or (D) and (). torch.nn.functional.cosine_embedding_loss
 */
export function cosineEmbeddingLoss(
  x1: Tensor,
  x2: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  const name = "cosineEmbeddingLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const margin = finiteArgument(name, "margin", given.margin ?? 0);
  for (const [label, x] of Object.entries({ x1, x2, target })) tensorArgument(name, label, x);
  const rank = target.rank + 1;
  if (target.rank > 1 || x1.rank !== rank || x2.rank !== rank) {
    const wanted = "(N, D), (N, D) and (N), or (D), (D) and ()";
    refuse(name, "x1, x2 and target", wanted, [x1, x2, target], "shape");
  }
  broadcastShapes(name, broadcastShapes(name, x1.shape, x2.shape).slice(0, -1), target.shape);
  return scope(() => {
    const [a, b] = [to(x1, "f32"), to(x2, "f32")];
    const size = (x: Tensor): Tensor => add(sum(square(x), -1), 1e-12);
    const cosine = div(sum(mul(a, b), -1), sqrt(mul(size(a), size(b))));
    const near = where(eq(target, 1), sub(1, cosine), 0);
    const far = where(eq(target, -1), positivePart(sub(cosine, margin)), 0);
    return reduced(add(near, far), reduction);
  });
}

/** pairwiseDistance, which takes 0-d tensors for vectors of one element here. */
function vectorDistance(a: Tensor, b: Tensor, p = 2, eps = 1e-6): Tensor {
  const vector = (x: Tensor): Tensor => (x.rank === 0 ? unsqueeze(x, 0) : x);
  return pairwiseDistance(vector(a), vector(b), { p, eps });
}

export interface TripletOptions extends MarginOptions {
  /** The distance of positive and negative counts, too, where it is less than that of anchor and negative. */
  readonly swap?: boolean;
}

export interface TripletMarginOptions extends TripletOptions {
  /** Exponent of the norm, 2 unless given. */
  readonly p?: number;
  /** Added to each difference, 1e-6 unless given. */
  readonly eps?: number;
}

export interface TripletDistanceOptions extends TripletOptions {
  /** The distance of two batches of vectors; pairwiseDistance unless given. */
  readonly distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
}

/**
 * max(d(anchor, positive) − d(anchor, negative) + margin, 0) with d = ‖a − b + eps‖_p of vectors (…, D); margin 1 unless
 * given. torch.nn.functional.triplet_margin_loss
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginOptions = {},
): Tensor {
  const name = "tripletMarginLoss";
  const given = optionsArgument(name, options);
  const { p = 2, eps = 1e-6 } = given;
  rangeArgument(name, "p", p, -Infinity);
  finiteArgument(name, "eps", eps);
  return triplet(name, { anchor, positive, negative }, given, (a, b) => vectorDistance(a, b, p, eps));
}

/**
 * max(d(anchor, positive) − d(anchor, negative) + margin, 0) with any distance d; margin 1 unless given.
 * torch.nn.functional.triplet_margin_with_distance_loss
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletDistanceOptions = {},
): Tensor {
  const name = "tripletMarginWithDistanceLoss";
  const given = optionsArgument(name, options);
  const distance = given.distanceFunction ?? vectorDistance;
  if (typeof distance !== "function") refuse(name, "distanceFunction", "a function of two Tensors", distance);
  return triplet(name, { anchor, positive, negative }, given, (a, b) =>
    floatTensor(name, "the result of distanceFunction", distance(a, b)),
  );
}

interface Triplet {
  readonly anchor: Tensor;
  readonly positive: Tensor;
  readonly negative: Tensor;
}

function triplet(
  name: string,
  given: Triplet,
  { margin = 1, swap = false, reduction }: TripletOptions,
  distance: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  const how = reductionArgument(name, reduction);
  flagArgument(name, "swap", swap);
  if (finiteArgument(name, "margin", margin) <= 0) refuse(name, "margin", "> 0", margin);
  for (const [label, x] of Object.entries(given)) numericTensor(name, label, x);
  checkRanks(name, { ...given });
  return scope(() => {
    const { anchor, positive, negative } = given;
    const near = distance(anchor, positive);
    const direct = distance(anchor, negative);
    const far = swap ? minimum(direct, distance(positive, negative)) : direct;
    return reduced(positivePart(sub(add(near, margin), far)), how);
  });
}

/**
 * max(−target (input1 − input2) + margin, 0): the first is to be higher where the target is 1, the second where it is −1;
 * margin 0 unless given. torch.nn.functional.margin_ranking_loss
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginOptions = {},
): Tensor {
  const name = "marginRankingLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const margin = finiteArgument(name, "margin", given.margin ?? 0);
  const inputs = { input1, input2, target };
  for (const [label, x] of Object.entries(inputs)) numericTensor(name, label, x);
  checkRanks(name, inputs);
  broadcastShapes(name, broadcastShapes(name, input1.shape, input2.shape), target.shape);
  return scope(() => {
    const [a, b, t] = [input1, input2, target].map((x) => to(x, "f32"));
    return reduced(positivePart(add(mul(neg(t), sub(a, b)), margin)), reduction);
  });
}

/**
 * x where the target is 1, max(margin − x, 0) where it is −1 (margin 1 unless given); the two broadcast.
 * torch.nn.functional.hinge_embedding_loss
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options: MarginOptions = {}): Tensor {
  const name = "hingeEmbeddingLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const margin = finiteArgument(name, "margin", given.margin ?? 1);
  floatTensor(name, "input", input);
  tensorArgument(name, "target", target);
  broadcastShapes(name, input.shape, target.shape);
  return scope(() => {
    const far = where(ne(target, 1), positivePart(sub(margin, input)), 0);
    return reduced(add(far, where(ne(target, -1), input, 0)), reduction);
  });
}
