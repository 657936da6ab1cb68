// Classes and bins. torch.nn.functional.one_hot, torch.bincount, searchsorted, bucketize
import { SaccadeError } from "@saccade/kernels";
import { promote } from "../dtype.ts";
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { checkShape, formatShape, sameShape } from "../shape.ts";
import { detach, empty, f32, i32, type Tensor } from "../tensor.ts";
import { kind, numberArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { contiguous } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { takeAlongDim } from "./gather.ts";
import { checkRange, indexArgument, type Picks, scatterInto } from "./picks.ts";
import { scalarLike } from "./scalar.ts";
import { numberLike } from "./scatterFold.ts";
import { expand, reshape } from "./views.ts";

/** The number of classes or bins that i32 values need: the largest and 1, or `least`. */
function countOf(x: Tensor, least: number): number {
  return scope(() => {
    const top = numberLike(x, least - 1);
    const n = x.numel;
    const picks: Picks = { shape: [n], axis: 0, whole: [1], offset: 0, index: [0] };
    scatterInto("max", top, reshape(x, [n]), numberLike(x, 0), picks);
    return top.item() + 1;
  });
}

function integerArgument(op: string, name: string, value: unknown, least: number): number {
  const n = numberArgument(op, name, value);
  if (Number.isInteger(n) && n >= least) return n;
  throw new SaccadeError("argument", `${op}: ${name} is ${n}, it must be an integer >= ${least}`);
}

/** i32 classes (…) → (…, numClasses) of 0 and a single 1; −1 takes as many as there are. torch.nn.functional.one_hot */
export function oneHot(x: Tensor, numClasses = -1): Tensor {
  indexArgument("oneHot", "input", x);
  const asked = integerArgument("oneHot", "numClasses", numClasses, -1);
  if (asked === -1 && x.numel === 0)
    throw new SaccadeError("argument", "oneHot: no classes to count in an empty tensor; give numClasses");
  const classes = asked === -1 ? countOf(x, 0) : asked;
  checkRange("oneHot", "class", x, classes, false);
  checkShape("oneHot", [...x.shape, classes]);
  return scope(() => {
    const y = empty([...x.shape, classes], "i32");
    fillElements(y, 0);
    const index = contiguous(x);
    const shape = [x.numel, 1];
    scatterInto("set", y, numberLike(y, 1), index, {
      shape,
      axis: 1,
      whole: [classes, 1],
      offset: 0,
      index: [1, 1],
    });
    return y;
  });
}

/** How often each of 0, 1, 2 … is in x (n), i32, or the sum of its weights; at least `minlength` bins. torch.bincount */
export function bincount(x: Tensor, options: { weights?: Tensor | null; minlength?: number } = {}): Tensor {
  indexArgument("bincount", "input", x);
  const { weights = null, minlength = 0 } = optionsArgument("bincount", options);
  const least = integerArgument("bincount", "minlength", minlength, 0);
  if (weights !== null) tensorArgument("bincount", "weights", weights);
  if (x.rank !== 1 || (weights !== null && !sameShape(weights.shape, x.shape))) {
    const beside = weights === null ? "" : ` and weights ${formatShape(weights.shape)}`;
    throw new SaccadeError(
      "shape",
      `bincount: input ${formatShape(x.shape)}${beside} must have one axis, the same`,
    );
  }
  checkShape("bincount", [least]);
  const bins = countOf(x, least);
  checkRange("bincount", "value", x, bins, false);
  return scope(() => {
    const y = empty([bins], weights === null ? "i32" : "f32");
    fillElements(y, 0);
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
  if ((side !== null && side !== "left" && side !== "right") || (side === "left" && right)) {
    throw new SaccadeError(
      "argument",
      `searchsorted: side must be "left" or "right" and agree with right, got ${kind(side)}`,
    );
  }
  if (sorter !== null && !sameShape(tensorArgument("searchsorted", "sorter", sorter).shape, sorted.shape)) {
    throw new SaccadeError(
      "shape",
      `searchsorted: sorter ${formatShape(sorter.shape)} must have the shape ${formatShape(sorted.shape)}`,
    );
  }
  return scope(() => {
    const rows = sorter === null ? sorted : takeAlongDim(detach(sorted), sorter, -1);
    return located("searchsorted", rows, values, Boolean(right) || side === "right");
  });
}

/** The bin of each value between ascending `boundaries` (n): i32; as searchsorted with one row. torch.bucketize */
export function bucketize(x: Tensor, boundaries: Tensor, options: { right?: boolean } = {}): Tensor {
  tensorArgument("bucketize", "input", x);
  tensorArgument("bucketize", "boundaries", boundaries);
  const { right = false } = optionsArgument("bucketize", options);
  if (boundaries.rank !== 1)
    throw new SaccadeError(
      "shape",
      `bucketize: boundaries ${formatShape(boundaries.shape)} must have one axis`,
    );
  return scope(() => located("bucketize", boundaries, x, Boolean(right)));
}

function located(op: string, sorted: Tensor, given: Tensor | number, right: boolean): Tensor {
  const value = typeof given === "number" ? scalarLike(sorted, given) : tensorArgument(op, "values", given);
  const rows = sorted.shape.slice(0, -1);
  const beside = sorted.rank === value.rank && sameShape(rows, value.shape.slice(0, -1));
  if (sorted.rank === 0 || (sorted.rank > 1 && !beside)) {
    throw new SaccadeError(
      "shape",
      `${op}: sorted ${formatShape(sorted.shape)} must be one row, or have the axes of ${formatShape(value.shape)} but the last`,
    );
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
