// Sums, means and counts over any axes. torch.sum, mean, nansum, nanmean, count_nonzero, any, all. The kernel sums fixed blocks pairwise, so the error grows with
// log2 of the count, and the result does not depend on how the work was divided.
import { store } from "../autograd/backward.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastAxes, numel, sameShape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { floatTensor, tensorArgument } from "./arguments.ts";
import { div } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, ne } from "./compare.ts";
import { fillElements } from "./fill.ts";
import { type Dim, keptShape, reducedAxes, reduceElements, reduction, repeated } from "./reduction.ts";
import { reshape } from "./views.ts";
import { where } from "./where.ts";

interface Attrs {
  readonly axes: readonly number[];
}

const sumOp = defineOp<readonly [Tensor], Attrs>({
  name: "sum",
  forward([x], { axes }) {
    const y = empty(keptShape(x, axes), x.dtype === "f32" ? "f32" : "i32");
    if (x.numel === 0) fillElements(y, 0);
    else if (x.dtype === "f32") reduceElements("sum_f32", y, x, axes, 0);
    else reduceElements(x.dtype === "i32" ? "sum_i32" : "sum_bool_i32", y, x, axes);
    return y;
  },
  // each summand has the gradient of its sum
  backward(dy, _saved, { axes }, into) {
    const target = into.target(0);
    if (target !== null) store(target, repeated(dy, axes, target.tensor.shape));
  },
  flops: 1,
});

/** Sum over `dim` (all axes by default); i32 and bool give i32. torch.sum */
export function sum(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  tensorArgument("sum", "input", x);
  return reduction("sum", x, dim, keepdim, (axes) => apply(sumOp, [x], { axes }));
}

/** Mean over `dim` (all axes by default) of an f32 tensor. torch.mean */
export function mean(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  floatTensor("mean", "input", x);
  const axes = reducedAxes("mean", dim, x.rank);
  const total = sum(x, dim, keepdim);
  const y = div(total, numel(axes.map((axis) => x.shape[axis])));
  total.dispose();
  return y;
}

/** Sum over `dim` of what is not NaN. torch.nansum */
export function nansum(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  tensorArgument("nansum", "input", x);
  return scope(() => sum(x.dtype === "f32" ? where(ne(x, x), 0, x) : x, dim, keepdim));
}

/** Mean over `dim` of what is not NaN; NaN where nothing is. torch.nanmean */
export function nanmean(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  floatTensor("nanmean", "input", x);
  return scope(() => div(nansum(x, dim, keepdim), sum(eq(x, x), dim, keepdim)));
}

/** How many elements over `dim` are not 0, as i32. torch.count_nonzero */
export function countNonzero(x: Tensor, dim?: Dim): Tensor {
  tensorArgument("countNonzero", "input", x);
  return scope(() => sum(to(x, "bool"), dim));
}

/** Whether an element over `dim` is true (not 0, NaN included); false for none. torch.any */
export function any(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  tensorArgument("any", "input", x);
  return scope(() => ne(sum(to(x, "bool"), dim, keepdim), 0));
}

/** Whether every element over `dim` is true (not 0, NaN included); true for none. torch.all */
export function all(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  tensorArgument("all", "input", x);
  const count = numel(reducedAxes("all", dim, x.rank).map((axis) => x.shape[axis]));
  return scope(() => eq(sum(to(x, "bool"), dim, keepdim), count));
}

/** Sums a broadcast result back to `shape`; the tensor itself if it has that shape. @internal */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, broadcastAxes(shape, x.shape)), shape);
}
