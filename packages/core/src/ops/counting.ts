// Classes and bins. torch.nn.functional.one_hot, torch.bincount, searchsorted, bucketize

import { arange } from "../create.ts";
import { promote } from "../dtype.ts";
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { checkShape, formatShape, sameShape } from "../shape.ts";
import { detach, empty, f32, i32, type Tensor } from "../tensor.ts";
import {
  choiceArgument,
  fail,
  integerArgument,
  optionsArgument,
  rankedTensor,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { to } from "./cast.ts";
import { eq } from "./compare.ts";
import { contiguous } from "./contiguous.ts";
import { amax } from "./extrema.ts";
import { filled } from "./fill.ts";
import { takeAlongDim } from "./gather.ts";
import { checkRange, indexArgument, scatterInto } from "./picks.ts";
import { scalarLike } from "./scalar.ts";
import { numberLike } from "./scatterFold.ts";
import { expand, unsqueeze } from "./views.ts";

/** The number of classes or bins that i32 values need: the largest and 1, or `least`. */
function countOf(x: Tensor, least: number): number {
  return x.numel === 0 ? least : scope(() => Math.max(amax(x).item() + 1, least));
}

/** i32 classes (…) → (…, numClasses) of 0 and a single 1; −1 takes as many as there are. torch.nn.functional.one_hot */
export function oneHot(x: Tensor, numClasses = -1): Tensor {
  indexArgument("oneHot", "input", x);
  const asked = integerArgument("oneHot", "numClasses", numClasses, -1);
  if (asked === -1 && x.numel === 0)
    fail("argument", "oneHot: no classes to count in an empty tensor; give numClasses");
  const classes = asked === -1 ? countOf(x, 0) : asked;
  checkRange("oneHot", "class", x, classes, false);
  checkShape("oneHot", [...x.shape, classes]);
  return scope(() => to(eq(unsqueeze(x, -1), arange(classes)), "i32"));
}

/** How often each of 0, 1, 2 … is in x (n), i32, or the sum of its weights; at least `minlength` bins. torch.bincount */
export function bincount(x: Tensor, options: { weights?: Tensor | null; minlength?: number } = {}): Tensor {
  indexArgument("bincount", "input", x);
  const { weights = null, minlength = 0 } = optionsArgument("bincount", options);
  const least = integerArgument("bincount", "minlength", minlength, 0);
  rankedTensor("bincount", "input", x, 1);
  if (weights !== null) shapedTensor("bincount", "weights", weights, x.shape);
  checkShape("bincount", [least]);
  const bins = countOf(x, least);
  checkRange("bincount", "value", x, bins, false);
  return scope(() => {
    const y = filled([bins], 0, weights === null ? "i32" : "f32");
    const part = weights === null ? expand(numberLike(y, 1), x.shape) : to(weights, "f32");
    scatterInto("add", y, part, x, { shape: x.shape, axis: 0, whole: [1], offset: 0, index: x.strides });
    return y;
  });
}

/**
 * Where each value belongs in its sorted row: i32, as many elements as lie before it, those equal to it included if
 * `right` (or `side` "right"). sorted (…, n) beside values (…, m), or (n) beside any values; with `sorter`, the places
 * argsort gives, it need not be in order itself. torch.searchsorted
 */
export function searchsorted(
  sorted: Tensor,
  values: Tensor | number,
  options: { right?: boolean; side?: "left" | "right" | null; sorter?: Tensor | null } = {},
): Tensor {
  tensorArgument("searchsorted", "sorted", sorted);
  const { right = false, side = null, sorter = null } = optionsArgument("searchsorted", options);
  if (side !== null) choiceArgument("searchsorted", "side", side, right ? ["right"] : ["left", "right"]);
  if (sorter !== null) shapedTensor("searchsorted", "sorter", sorter, sorted.shape);
  return scope(() => {
    const rows = sorter === null ? sorted : takeAlongDim(detach(sorted), sorter, -1);
    return located("searchsorted", rows, values, Boolean(right) || side === "right");
  });
}

/** The bin of each value between ascending `boundaries` (n): i32; as searchsorted with one row. torch.bucketize */
export function bucketize(x: Tensor, boundaries: Tensor, options: { right?: boolean } = {}): Tensor {
  tensorArgument("bucketize", "input", x);
  rankedTensor("bucketize", "boundaries", boundaries, 1);
  const { right = false } = optionsArgument("bucketize", options);

  return scope(() => located("bucketize", boundaries, x, Boolean(right)));
}

function located(op: string, sorted: Tensor, given: Tensor | number, right: boolean): Tensor {
  const value = typeof given === "number" ? scalarLike(sorted, given) : tensorArgument(op, "values", given);
  const rows = sorted.shape.slice(0, -1);
  const beside = sorted.rank === value.rank && sameShape(rows, value.shape.slice(0, -1));
  if (sorted.rank === 0 || (sorted.rank > 1 && !beside)) {
    refuse(op, "sorted", `one row, or ${formatShape(value.shape)} but for the last axis`, sorted, "shape");
  }
  const common = promote(promote(sorted.dtype, value.dtype), "i32");
  const [from, wanted] = [contiguous(to(sorted, common)), contiguous(to(value, common))];
  const y = empty(value.shape, "i32");
  const n = sorted.shape[sorted.rank - 1];
  const perRow = sorted.rank === 1 ? y.numel : value.shape[value.rank - 1];
  const sizes = [n, perRow, n, right ? 1 : 0] as const;
  if (common === "f32")
    engine().run("searchsorted_f32", y.numel, 0, i32(y), f32(from), f32(wanted), ...sizes);
  else engine().run("searchsorted_i32", y.numel, 0, i32(y), i32(from), i32(wanted), ...sizes);
  return y;
}
