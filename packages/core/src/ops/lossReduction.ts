// What losses share: the element losses summed, averaged or left as they are, and the checks of what they compare.
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkBroadcast,
  choiceArgument,
  optionalTensor,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { div } from "./binary.ts";
import { sum } from "./sum.ts";

export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** The mean of all losses unless given. */
  readonly reduction?: Reduction;
}

/** The reduction that was asked for, "mean" unless given. */
export function reductionArgument(op: string, reduction: unknown = "mean"): Reduction {
  return choiceArgument(op, "reduction", reduction, ["mean", "sum", "none"]);
}

/** The losses reduced; a mean divides by what `count` says, all of them unless given. */
export function reduced(
  losses: Tensor,
  reduction: Reduction,
  count: () => Tensor | number = () => losses.numel,
): Tensor {
  if (reduction === "none") return losses;
  const total = sum(losses);
  return reduction === "sum" ? total : div(total, count());
}

/** An error unless the target has the size of the input. */
export function checkSameSize(op: string, input: Tensor, target: Tensor): void {
  shapedTensor(op, "target", target, input.shape);
}

/** Factors of element losses that broadcast to the shape of the input; left out, null. */
export function factorArgument(op: string, name: string, x: unknown, shape: Shape): Tensor | null {
  const factor = optionalTensor(op, name, x);
  if (factor !== null) checkBroadcast(op, name, factor, shape);
  return factor;
}

/** An error unless the tensors have as many axes as each other. */
export function checkRanks(op: string, tensors: Record<string, unknown>): void {
  const given = Object.entries(tensors).map(([name, x]) => tensorArgument(op, name, x));
  if (given.every((x) => x.rank === given[0].rank)) return;
  refuse(op, Object.keys(tensors).join(", "), "of as many axes as each other", given, "shape");
}
