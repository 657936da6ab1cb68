// Elements or slices written, or combined, to where an index says; a new tensor each time. torch.scatter, scatter_add,
// scatter_reduce, index_add, index_copy, index_fill, put; ONNX ScatterND. Repeated indices meet their place in order, so
// without a reduction the last one wins, and it alone has a gradient.
import { scope } from "../scope.ts";
import { checkShape, denseStrides, numel, type Shape, sameShape } from "../shape.ts";
import { empty, Tensor } from "../tensor.ts";
import {
  axisArgument,
  choiceArgument,
  numberArgument,
  optionsArgument,
  rankedTensor,
  refuse,
  shapedTensor,
  tensorArgument,
  valueArgument,
} from "./arguments.ts";
import { mul } from "./binary.ts";
import { to } from "./cast.ts";
import { contiguous } from "./contiguous.ts";
import { checkElements, checkTuples, flatPicks, tupleAxes } from "./gather.ts";
import {
  checkRange,
  elementPicks,
  indexArgument,
  lifted,
  type Picks,
  positionsOf,
  sameType,
  slicePicks,
  vectorArgument,
} from "./picks.ts";
import type { Operand } from "./scalar.ts";
import { numberLike, type Reduction, reducedInto, scattered } from "./scatterFold.ts";
import { expand, narrow, reshape } from "./views.ts";

/** The geometry that x has once it is copied. @internal */
export const denseForm = (x: Tensor) => ({ shape: x.shape, strides: denseStrides(x.shape) });

/** A tensor of x's type in `shape` from a number or a tensor that broadcasts to it. @internal */
export function sourceOf(op: string, name: string, x: Tensor, source: Operand, shape: Shape): Tensor {
  if (typeof source === "boolean") return expand(numberLike(x, Number(source)), shape);
  if (typeof source === "number") {
    return expand(numberLike(x, valueArgument(op, name, source, x.dtype)), shape);
  }
  if (!(source instanceof Tensor)) refuse(op, name, "a Tensor or a number", source);
  sameType(op, x, name, source);
  return sameShape(source.shape, shape) ? source : expand(source, shape);
}

const REDUCTIONS: Readonly<Record<string, Reduction>> = {
  add: "sum",
  sum: "sum",
  mul: "prod",
  multiply: "prod",
  prod: "prod",
  mean: "mean",
  max: "amax",
  amax: "amax",
  min: "amin",
  amin: "amin",
};

function reductionArgument(
  op: string,
  name: string,
  reduce: unknown,
  known = Object.keys(REDUCTIONS),
): Reduction {
  return REDUCTIONS[choiceArgument(op, name, reduce, known)];
}

// -- element by element ----------------------------------------------------------------------------------------------

interface Elements {
  readonly part: Tensor;
  readonly picks: Picks;
}

/** Checks of scatter and its kin, and the part of `src` that the index reaches. */
function elementsOf(op: string, x: Tensor, dim: number, index: Tensor, src: Tensor | number): Elements {
  const axis = axisArgument(op, x, dim);
  indexArgument(op, "index", index);
  checkElements(op, "input", x, index, axis);
  if (src instanceof Tensor) {
    checkElements(op, "src", src, index, -1);
    sameType(op, x, "src", src);
  }
  checkRange(op, "index", index, lifted(x).shape[axis], false);
  const picks = elementPicks(denseForm(x), index, axis);
  const { shape } = picks;
  if (!(src instanceof Tensor)) return { part: sourceOf(op, "src", x, src, shape), picks };
  if (index.numel === 0) return { part: empty(shape, x.dtype), picks };
  let part = src.rank === 0 ? reshape(src, [1]) : src;
  for (const [i, size] of shape.entries()) if (size < part.shape[i]) part = narrow(part, i, 0, size);
  return { part, picks };
}

/**
 * x with src, or a number, at y[i][index[i][j][k]][k] for `dim` 1, or combined with what is there: `reduce` is one of
 * "add", "multiply", "amax", "amin". torch.scatter
 */
export function scatter(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | number,
  options: { reduce?: string | null } = {},
): Tensor {
  const { reduce } = optionsArgument("scatter", options);
  return scope(() => {
    const { part, picks } = elementsOf("scatter", x, dim, index, src);
    if (reduce === undefined || reduce === null) return scattered(x, part, index, picks, false);
    return reducedInto(reductionArgument("scatter", "reduce", reduce), x, part, index, picks);
  });
}

/** x with the elements of src added where the index says. torch.scatter_add */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, src: Tensor): Tensor {
  tensorArgument("scatterAdd", "src", src);
  return scope(() => {
    const { part, picks } = elementsOf("scatterAdd", x, dim, index, src);
    return scattered(x, part, index, picks, true);
  });
}

/**
 * The sum, prod, mean, amax or amin of what src brings to each element of x, and of the element itself unless
 * `includeSelf` is false. torch.scatter_reduce
 */
export function scatterReduce(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: string,
  options: { includeSelf?: boolean } = {},
): Tensor {
  const { includeSelf = true } = optionsArgument("scatterReduce", options);
  tensorArgument("scatterReduce", "src", src);
  const how = reductionArgument("scatterReduce", "reduce", reduce, ["sum", "prod", "mean", "amax", "amin"]);
  return scope(() => {
    const { part, picks } = elementsOf("scatterReduce", x, dim, index, src);
    return reducedInto(how, x, part, index, picks, Boolean(includeSelf));
  });
}

// -- slices across an axis -------------------------------------------------------------------------------------------

interface Slices {
  readonly index: Tensor;
  readonly picks: Picks;
}

function slicesOf(op: string, x: Tensor, dim: number, index: Tensor, negative = false): Slices {
  const axis = axisArgument(op, x, dim);
  vectorArgument(op, index);
  const size = lifted(x).shape[axis];
  checkRange(op, "index", index, size, negative);
  const place = negative ? positionsOf(index.shape, [{ index, size, stride: 1 }]) : index;
  return { index: place, picks: slicePicks(denseForm(x), place, axis) };
}

/** The source of indexAdd and indexCopy: of x's shape with as many slices as the index has elements. */
function slicesSource(op: string, x: Tensor, source: Tensor, { shape }: Picks): Tensor {
  tensorArgument(op, "source", source);
  sameType(op, x, "source", source);
  const single = x.rank === 0 && source.rank === 0 && shape[0] === 1;
  return single ? reshape(source, [1]) : shapedTensor(op, "source", source, shape);
}

/** x with alpha · source[i] added to its slice index[i] across `dim`. torch.index_add */
export function indexAdd(
  x: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  options: { alpha?: number } = {},
): Tensor {
  const { alpha = 1 } = optionsArgument("indexAdd", options);
  numberArgument("indexAdd", "alpha", alpha);
  return scope(() => {
    const { index: place, picks } = slicesOf("indexAdd", x, dim, index);
    const part = slicesSource("indexAdd", x, source, picks);
    const factor = valueArgument("indexAdd", "alpha", alpha, x.dtype === "f32" ? "f32" : "i32");
    const scaled = factor === 1 ? part : to(mul(part, factor), x.dtype);
    return scattered(x, scaled, place, picks, true);
  });
}

/** x with source[i] as its slice index[i] across `dim`. torch.index_copy */
export function indexCopy(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  return scope(() => {
    const { index: place, picks } = slicesOf("indexCopy", x, dim, index);
    return scattered(x, slicesSource("indexCopy", x, source, picks), place, picks, false);
  });
}

/** x with `value`, a number or a 0-d tensor, in the slices that the index lists; negative from the end. torch.index_fill */
export function indexFill(x: Tensor, dim: number, index: Tensor, value: Operand): Tensor {
  if (value instanceof Tensor) rankedTensor("indexFill", "value", value, 0);
  return scope(() => {
    const { index: place, picks } = slicesOf("indexFill", x, dim, index, true);
    return scattered(x, sourceOf("indexFill", "value", x, value, picks.shape), place, picks, false);
  });
}

// -- coordinates -----------------------------------------------------------------------------------------------------

/** x, taken as flat, with the elements of source at `index` (negative from the end), or added to them. torch.put */
export function put(
  x: Tensor,
  index: Tensor,
  source: Tensor,
  options: { accumulate?: boolean } = {},
): Tensor {
  tensorArgument("put", "input", x);
  indexArgument("put", "index", index);
  sameType("put", x, "source", tensorArgument("put", "source", source));
  const { accumulate = false } = optionsArgument("put", options);
  if (source.numel !== index.numel)
    refuse("put", "source", `of ${index.numel} elements, as index`, source, "shape");
  checkRange("put", "index", index, x.numel, true);
  return scope(() => {
    const flat = reshape(contiguous(x), [x.numel]);
    const place = positionsOf([index.numel], [{ index: reshape(index, [-1]), size: x.numel, stride: 1 }]);
    const part = reshape(source, [source.numel]);
    return reshape(scattered(flat, part, place, flatPicks(place), Boolean(accumulate)), x.shape);
  });
}

/**
 * x with slices written or combined at coordinates: indices (…, k), i32, negative from the end, name the first k axes
 * of x; updates (…, rest of x). `reduction` is "none", "add", "mul", "max" or "min". ONNX ScatterND
 */
export function scatterNd(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  options: { reduction?: string } = {},
): Tensor {
  tensorArgument("scatterNd", "input", x);
  indexArgument("scatterNd", "indices", indices);
  sameType("scatterNd", x, "updates", tensorArgument("scatterNd", "updates", updates));
  const { reduction = "none" } = optionsArgument("scatterNd", options);
  const known = ["none", "add", "mul", "max", "min"];
  const how = reductionArgument("scatterNd", "reduction", reduction, known) as Reduction | undefined;
  const depth = checkTuples("scatterNd", x, indices, 0);
  const rows = indices.shape.slice(0, -1);
  const inner = x.shape.slice(depth);
  shapedTensor("scatterNd", "updates", updates, checkShape("scatterNd", [...rows, ...inner]));
  return scope(() => {
    const { strides } = denseForm(x);
    const place = positionsOf(rows, tupleAxes("scatterNd", x, strides, indices, 0));
    const picks: Picks = {
      shape: [numel(rows), ...inner],
      axis: 0,
      whole: [1, ...strides.slice(depth)],
      offset: 0,
      index: [1, ...inner.map(() => 0)],
    };
    const part = reshape(updates, picks.shape);
    if (how === undefined) return scattered(x, part, place, picks, false);
    return reducedInto(how, x, part, place, picks);
  });
}
