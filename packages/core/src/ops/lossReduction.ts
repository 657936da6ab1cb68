// What losses share: the element losses summed, averaged or left as they are.
import { SaccadeError } from "@saccade/kernels";
import type { Tensor } from "../tensor.ts";
import { div } from "./binary.ts";
import { sum } from "./sum.ts";

export type Reduction = "mean" | "sum" | "none";

/** The reduction that was asked for, "mean" unless given. */
export function reductionArgument(op: string, reduction: unknown = "mean"): Reduction {
  if (reduction === "mean" || reduction === "sum" || reduction === "none") return reduction;
  throw new SaccadeError("argument", `${op}: reduction is "mean", "sum" or "none", not ${String(reduction)}`);
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
