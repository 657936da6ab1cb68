// Largest and smallest values, and where they are. torch.amax, amin, argmax, argmin, and torch.max, min in their three
// forms. i32 and bool keep their type. The gradient of amax and amin is shared evenly among equal extremes, that of
// max(x) as well, and there NaN equals NaN; that of max(x, dim) goes to the place it names. All as in PyTorch.

import { store } from "../autograd/backward.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, Tensor } from "../tensor.ts";
import { refuse, tensorArgument } from "./arguments.ts";
import { div, maximum, minimum, mul } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, logicalAnd, logicalOr, ne } from "./compare.ts";
import { withAxis } from "./lines.ts";
import { type ValuesIndices, valuesAt } from "./pick.ts";
import {
  type Dim,
  keptShape,
  numbersOf,
  reducedAxes,
  reduceElements,
  reduction,
  repeated,
} from "./reduction.ts";
import { sum } from "./sum.ts";

interface Attrs {
  readonly axes: readonly number[];
  /** Where the result is NaN, every NaN shares in the gradient. */
  readonly sharesNaN: boolean;
}

/** How much of a gradient each element of `x` takes: 1 / (number of its equals), if it equals the result. @internal */
export function shareEqual(
  dy: Tensor,
  x: Tensor,
  y: Tensor,
  axes: readonly number[],
  sharesNaN: boolean,
): Tensor {
  const result = repeated(y, axes, x.shape);
  let equal = eq(x, result);
  if (sharesNaN) equal = logicalOr(equal, logicalAnd(ne(x, x), ne(result, result)));
  const taken = to(equal, "f32");
  return mul(taken, repeated(div(dy, sum(taken, axes)), axes, x.shape));
}

function extremum(name: "amax" | "amin") {
  const least = name === "amin" ? 1 : 0;
  const op = defineOp<readonly [Tensor], Attrs>({
    name,
    forward([x], { axes }, call) {
      const y = empty(keptShape(x, axes), x.dtype);
      call.save(x, y);
      if (x.dtype === "f32") reduceElements(`${name}_f32`, y, x, axes);
      else reduceElements("extreme_i32", y, x, axes, least);
      return y;
    },
    backward(dy, [x, y], { axes, sharesNaN }, into) {
      const target = into.target(0);
      if (target !== null) store(target, shareEqual(dy, x, y, axes, sharesNaN));
    },
    flops: 1,
  });
  return (label: string, x: Tensor, dim: Dim, keepdim: boolean, sharesNaN: boolean): Tensor =>
    scope(() => {
      tensorArgument(label, "input", x);
      checkNotEmpty(label, x, dim);
      const numbers = numbersOf(x);
      const y = reduction(label, numbers, dim, keepdim, (axes) => apply(op, [numbers], { axes, sharesNaN }));
      return to(y, x.dtype);
    });
}

function position(name: "argmax" | "argmin") {
  const least = name === "argmin" ? 1 : 0;
  const op = defineOp<readonly [Tensor], Pick<Attrs, "axes">>({
    name,
    forward([x], { axes }) {
      const y = empty(keptShape(x, axes), "i32");
      if (x.dtype === "f32") reduceElements(`${name}_i32`, y, x, axes);
      else reduceElements("arg_extreme_i32", y, x, axes, least);
      return y;
    },
  });
  return (x: Tensor, dim?: number | null, keepdim = false): Tensor =>
    scope(() => {
      tensorArgument(name, "input", x);
      checkNotEmpty(name, x, dim);
      const numbers = numbersOf(x);
      return reduction(name, numbers, dim, keepdim, (axes) => apply(op, [numbers], { axes }));
    });
}

/** An error when a reduction over `dim` would have nothing to choose from. @internal */
export function checkNotEmpty(op: string, x: Tensor, dim: Dim): void {
  if (reducedAxes(op, dim, x.rank).some((axis) => x.shape[axis] === 0)) {
    refuse(op, "input", "not empty along the axes", x, "shape");
  }
}

const largest = extremum("amax");
const smallest = extremum("amin");

/** Largest value over `dim` (all axes by default), in the type of `x`; NaN wins. torch.amax */
export function amax(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  return largest("amax", x, dim, keepdim, false);
}

/** Smallest value over `dim` (all axes by default), in the type of `x`; NaN wins. torch.amin */
export function amin(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  return smallest("amin", x, dim, keepdim, false);
}

/** Index (i32) of the first largest value over `dim`, or in row-major order over all. torch.argmax */
export const argmax = position("argmax");
/** Index (i32) of the first smallest value over `dim`, or in row-major order over all. torch.argmin */
export const argmin = position("argmin");

/** Largest of |x| over `axes`; where the result is NaN, the gradient goes to what is NaN. For norms. @internal */
export const largestShared = (x: Tensor, axes: readonly number[]): Tensor =>
  largest("norm", x, axes, false, true);
/** Smallest of |x| over `axes`. For norms. @internal */
export const smallestShared = (x: Tensor, axes: readonly number[]): Tensor =>
  smallest("norm", x, axes, false, true);

/** What `max` and `min` are as methods; as functions they take the tensor before. */
export interface ExtremeMethod {
  (): Tensor;
  (dim: number, keepdim?: boolean): ValuesIndices;
  (other: Tensor): Tensor;
}
interface ExtremeFunction {
  (x: Tensor): Tensor;
  (x: Tensor, dim: number, keepdim?: boolean): ValuesIndices;
  (x: Tensor, other: Tensor): Tensor;
}

function inThreeForms(name: "max" | "min"): ExtremeFunction {
  const [whole, place, elementwise] =
    name === "max" ? [largest, argmax, maximum] : [smallest, argmin, minimum];
  function extreme(x: Tensor, by?: unknown, keepdim = false): Tensor | ValuesIndices {
    tensorArgument(name, "input", x);
    if (by instanceof Tensor) return elementwise(x, by);
    if (by === undefined || by === null) return whole(name, x, undefined, false, true);
    if (typeof by !== "number") refuse(name, "dim", "an axis, or a Tensor to compare with", by);
    return scope(() => {
      const { line, axis } = withAxis(name, x, by);
      checkNotEmpty(name, line, axis);
      return valuesAt(x, line, place(line, axis, true), axis, keepdim);
    });
  }
  return extreme as ExtremeFunction;
}

/**
 * max(x): the largest element. max(x, dim, keepdim?): { values, indices } of the largest along an axis, the first of
 * equals. max(x, other): the larger of each two elements. NaN wins. torch.max
 */
export const max = inThreeForms("max");
/**
 * min(x): the smallest element. min(x, dim, keepdim?): { values, indices } of the smallest along an axis, the first of
 * equals. min(x, other): the smaller of each two elements. NaN wins. torch.min
 */
export const min = inThreeForms("min");
