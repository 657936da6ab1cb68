// Losses of a difference d = input − target, which broadcast. torch.nn.functional.mse_loss, l1_loss, smooth_l1_loss and
// huber_loss: "Robust Estimation of a Location Parameter", Huber 1964.
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  finiteArgument,
  numericTensor,
  optionalTensor,
  optionsArgument,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { clamp } from "./clamp.ts";
import { contiguous } from "./contiguous.ts";
import { type LossOptions, reduced, reductionArgument } from "./lossReduction.ts";
import { abs } from "./signed.ts";
import { sum } from "./sum.ts";
import { square } from "./unary.ts";

export interface WeightedLossOptions extends LossOptions {
  /** Factors of the size of the input. */
  readonly weight?: Tensor | null;
}

interface Bowl {
  readonly rate: number;
  readonly limit: number;
}

/** s (d − s / (2 rate)) with the slope s = rate · d within ±limit: a parabola that goes on as a line. */
const bowlOp = defineOp<readonly [Tensor], Bowl>({
  name: "huberLoss",
  forward([d], { rate, limit }, call) {
    return noGrad(() => {
      const slope = clamp(rate === 1 ? d : mul(d, rate), -limit, limit);
      call.save(slope);
      return mul(slope, sub(d, mul(slope, 0.5 / rate)));
    });
  },
  backward(dy, [slope], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, slope));
  },
});

/** Numbers that broadcast, of which at least one is f32; the target may be of truths where PyTorch allows that. */
function checkPair(op: string, input: Tensor, target: Tensor, truths: boolean): void {
  numericTensor(op, "input", input);
  if (truths) tensorArgument(op, "target", target);
  else numericTensor(op, "target", target);
  if (input.dtype !== "f32" && target.dtype !== "f32")
    refuse(op, "input or target", "f32", [input, target], "dtype");
  broadcastShapes(op, input.shape, target.shape);
}

function weightArgument(op: string, given: unknown, input: Tensor): Tensor | null {
  const weight = optionalTensor(op, "weight", given);
  return weight && shapedTensor(op, "weight", weight, input.shape);
}

const difference = (input: Tensor, target: Tensor): Tensor => sub(to(input, "f32"), to(target, "f32"));

/** A loss of differences whose mean divides by the sum of the weights. */
function weighted(
  op: string,
  input: Tensor,
  target: Tensor,
  options: WeightedLossOptions,
  f: typeof abs,
): Tensor {
  const given = optionsArgument(op, options);
  const reduction = reductionArgument(op, given.reduction);
  checkPair(op, input, target, op === "mseLoss");
  const weight = weightArgument(op, given.weight, input);
  return scope(() => {
    const losses = f(difference(input, target));
    if (weight === null) return reduced(losses, reduction);
    // Dense, as the order of a sum follows the memory.
    const factors = contiguous(to(weight, "f32"));
    return reduced(mul(losses, factors), reduction, () => sum(factors));
  });
}

/** (input − target)²; with weights the mean divides by their sum. torch.nn.functional.mse_loss */
export function mseLoss(input: Tensor, target: Tensor, options: WeightedLossOptions = {}): Tensor {
  return weighted("mseLoss", input, target, options, square);
}

/** |input − target|; with weights the mean divides by their sum. torch.nn.functional.l1_loss */
export function l1Loss(input: Tensor, target: Tensor, options: WeightedLossOptions = {}): Tensor {
  return weighted("l1Loss", input, target, options, abs);
}

/** d² / (2 beta) where |d| < beta (1 unless given), else |d| − beta / 2. torch.nn.functional.smooth_l1_loss */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor,
  options: LossOptions & { readonly beta?: number } = {},
): Tensor {
  const name = "smoothL1Loss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const beta = finiteArgument(name, "beta", given.beta ?? 1);
  if (beta < 0) refuse(name, "beta", ">= 0", beta);
  checkPair(name, input, target, true);
  return scope(() => {
    const d = difference(input, target);
    return reduced(beta === 0 ? abs(d) : apply(bowlOp, [d], { rate: 1 / beta, limit: 1 }), reduction);
  });
}

/**
 * d² / 2 where |d| <= delta (1 unless given), else delta (|d| − delta / 2); times the weights.
 * torch.nn.functional.huber_loss
 */
export function huberLoss(
  input: Tensor,
  target: Tensor,
  options: WeightedLossOptions & { readonly delta?: number } = {},
): Tensor {
  const name = "huberLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const delta = finiteArgument(name, "delta", given.delta ?? 1);
  if (delta <= 0) refuse(name, "delta", "> 0", delta);
  checkPair(name, input, target, true);
  const weight = weightArgument(name, given.weight, input);
  return scope(() => {
    const losses = apply(bowlOp, [difference(input, target)], { rate: 1, limit: delta });
    return reduced(weight === null ? losses : mul(losses, to(weight, "f32")), reduction);
  });
}
