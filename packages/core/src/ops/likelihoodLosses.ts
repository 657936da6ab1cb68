// Negative log-likelihoods and divergences of distributions. torch.nn.functional.kl_div, poisson_nll_loss,
// gaussian_nll_loss: "Estimating the Mean and Variance of the Target Probability Distribution", Nix and Weigend 1994.
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, formatShape, sameShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import {
  finiteArgument,
  flagArgument,
  floatTensor,
  numericTensor,
  optionsArgument,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, div, maximum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, le, lt } from "./compare.ts";
import { type LossOptions, type Reduction, reduced, reductionArgument } from "./lossReduction.ts";
import { scalarLike } from "./scalar.ts";
import { any } from "./sum.ts";
import { exp, log, square } from "./unary.ts";
import { unsqueeze } from "./views.ts";
import { maskedFill } from "./where.ts";

/** t ln t, 0 at 0; the derivative there is NaN, as PyTorch's of xlogy(t, t). */
const entropyOp = defineOp<readonly [Tensor]>({
  name: "klDiv",
  forward([t], _attrs, call) {
    call.save(t);
    return noGrad(() => maskedFill(mul(t, log(t)), eq(t, 0), 0));
  },
  backward(dy, [t], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, add(log(t), div(t, t))));
  },
});

export interface KlDivOptions {
  /** "batchmean" divides the sum by the size of the first axis, which is the divergence's definition. */
  readonly reduction?: Reduction | "batchmean";
  /** The target holds logarithms, too. */
  readonly logTarget?: boolean;
}

/**
 * t (ln t − input) of log-probabilities `input` and probabilities t, which broadcast; "mean" divides by the number of
 * elements. torch.nn.functional.kl_div
 */
export function klDiv(input: Tensor, target: Tensor, options: KlDivOptions = {}): Tensor {
  const given = optionsArgument("klDiv", options);
  const logTarget = flagArgument("klDiv", "logTarget", given.logTarget ?? false);
  const perItem = given.reduction === "batchmean";
  const reduction = perItem ? "sum" : reductionArgument("klDiv", given.reduction);
  floatTensor("klDiv", "input", input);
  floatTensor("klDiv", "target", target);
  broadcastShapes("klDiv", input.shape, target.shape);
  return scope(() => {
    const losses = logTarget
      ? mul(exp(target), sub(target, input))
      : sub(apply(entropyOp, [target], undefined), mul(target, input));
    const total = reduced(losses, reduction);
    return perItem && input.rank > 0 ? div(total, input.shape[0]) : total;
  });
}

export interface PoissonNllOptions extends LossOptions {
  /** The input is the logarithm of the rate (true unless given). */
  readonly logInput?: boolean;
  /** Adds Stirling's approximation of ln(target!) where the target is above 1. */
  readonly full?: boolean;
  /** Added to the rate before its logarithm is taken. */
  readonly eps?: number;
}

/**
 * e^input − target · input, or input − target · ln(input + eps) of rates; the two broadcast.
 * torch.nn.functional.poisson_nll_loss
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNllOptions = {}): Tensor {
  const name = "poissonNllLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const logInput = flagArgument(name, "logInput", given.logInput ?? true);
  const full = flagArgument(name, "full", given.full ?? false);
  const eps = finiteArgument(name, "eps", given.eps ?? 1e-8);
  numericTensor(name, "input", input);
  tensorArgument(name, "target", target);
  broadcastShapes(name, input.shape, target.shape);
  return scope(() => {
    const [x, t] = [to(input, "f32"), to(target, "f32")];
    const losses = logInput ? sub(exp(x), mul(t, x)) : sub(x, mul(t, log(add(x, eps))));
    return reduced(full ? add(losses, stirling(t)) : losses, reduction);
  });
}

/** t ln t − t + ln(2π t) / 2 where t > 1, else 0 */
function stirling(t: Tensor): Tensor {
  const term = add(sub(mul(t, log(t)), t), mul(log(mul(t, 2 * Math.PI)), 0.5));
  return maskedFill(term, le(t, 1), 0);
}

/** max(variance, eps), whose gradient is that of the variance wherever it lies. */
const flooredOp = defineOp<readonly [Tensor], number>({
  name: "gaussianNllLoss",
  forward([variance], eps) {
    return noGrad(() => maximum(variance, eps));
  },
  backward(dy, _saved, _attrs, into) {
    into.give(0, dy);
  },
});

export interface GaussianNllOptions extends LossOptions {
  /** Adds the constant ln(2π) / 2. */
  readonly full?: boolean;
  /** Least variance, 1e-6 unless given. */
  readonly eps?: number;
}

/**
 * (ln v + (input − target)² / v) / 2 with the variance v: a number, or a tensor of the size of the input, but one axis that
 * may be missing (the last) or of size 1. torch.nn.functional.gaussian_nll_loss
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options: GaussianNllOptions = {},
): Tensor {
  const name = "gaussianNllLoss";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  const full = flagArgument(name, "full", given.full ?? false);
  const eps = finiteArgument(name, "eps", given.eps ?? 1e-6);
  numericTensor(name, "input", input);
  numericTensor(name, "target", target);
  broadcastShapes(name, input.shape, target.shape);
  if (!(variance instanceof Tensor)) finiteArgument(name, "variance", variance);
  else checkVariance(name, floatTensor(name, "variance", variance), input);
  const negative = variance instanceof Tensor ? scope(() => any(lt(variance, 0)).item() !== 0) : variance < 0;
  if (negative) refuse(name, "variance", ">= 0", variance);
  return scope(() => {
    const losses = mul(scaledSquares(input, target, variance, eps), 0.5);
    return reduced(full ? add(losses, 0.5 * LOG_2_PI) : losses, reduction);
  });
}

const LOG_2_PI = 1.8378770664093453;

/** ln v + (input − target)² / v */
function scaledSquares(input: Tensor, target: Tensor, variance: Tensor | number, eps: number): Tensor {
  const squares = square(sub(to(input, "f32"), to(target, "f32")));
  const given = variance instanceof Tensor ? variance : scalarLike(squares, variance);
  const lacksAxis = variance instanceof Tensor && variance.rank < input.rank;
  const v = apply(flooredOp, [lacksAxis ? unsqueeze(given, -1) : given], eps);
  return add(log(v), div(squares, v));
}

function checkVariance(op: string, variance: Tensor, input: Tensor): void {
  const [own, wanted] = [variance.shape, input.shape];
  if (sameShape(own, wanted) || sameShape(own, wanted.slice(0, -1))) return;
  const others = own.filter((size, axis) => size !== wanted[axis]);
  if (own.length === wanted.length && others.length === 1 && others[0] === 1) return;
  refuse(op, "variance", `${formatShape(wanted)}, without the last axis or with one of 1`, variance, "shape");
}
