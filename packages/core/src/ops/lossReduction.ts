// What losses share: the element losses summed, averaged or left as they are, and the checks of what they compare.
import { SaccadeError } from "@saccade/kernels";
import { broadcastShapes, formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { optionalTensor, tensorArgument } from "./arguments.ts";
import { div } from "./binary.ts";
import { sum } from "./sum.ts";

export type Reduction = "mean" | "sum" | "none";

export interface LossOptions {
  /** The mean of all losses unless given. */
  readonly reduction?: Reduction;
}

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

/** An error unless the target has the size of the input. */
export function checkSameSize(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  throw new SaccadeError(
    "shape",
    `${op}: input ${formatShape(input.shape)} and target ${formatShape(target.shape)} must have the same size`,
  );
}

/** An error unless `x` broadcasts to `shape`, that of the input. */
export function checkBroadcasts(op: string, name: string, x: Tensor, shape: Shape): void {
  if (sameShape(broadcastShapes(op, x.shape, shape), shape)) return;
  throw new SaccadeError(
    "shape",
    `${op}: ${name} ${formatShape(x.shape)} must broadcast to the input ${formatShape(shape)}`,
  );
}

/** Factors of element losses that broadcast to the shape of the input; left out, null. */
export function factorArgument(op: string, name: string, x: unknown, shape: Shape): Tensor | null {
  const factor = optionalTensor(op, name, x);
  if (factor !== null) checkBroadcasts(op, name, factor, shape);
  return factor;
}

/** An error unless the tensors have as many axes as each other. */
export function checkRanks(op: string, tensors: Record<string, unknown>): void {
  const given = Object.entries(tensors).map(([name, x]) => tensorArgument(op, name, x));
  if (given.every((x) => x.rank === given[0].rank)) return;
  const shapes = given.map((x) => formatShape(x.shape)).join(", ");
  throw new SaccadeError(
    "shape",
    `${op}: ${Object.keys(tensors).join(", ")} must have as many axes as each other, got ${shapes}`,
  );
}
