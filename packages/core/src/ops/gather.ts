// Elements or slices picked by an index. torch.gather, take_along_dim, index_select, take; ONNX GatherND
// The gradient adds each element of dy to the place it came from, in the order of the index.
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import {
  broadcastShapes,
  broadcastStrides,
  checkShape,
  denseStrides,
  formatShape,
  numel,
  resized,
  type Shape,
  sameShape,
} from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import {
  axisArgument,
  integerArgument,
  optionsArgument,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import {
  checkRange,
  elementPicks,
  gatherInto,
  type IndexedAxis,
  indexArgument,
  lifted,
  type Picks,
  positionsOf,
  prepared,
  scatterInto,
  slicePicks,
  vectorArgument,
} from "./picks.ts";
import { expand, reshape, select } from "./views.ts";

const gatherOp = defineOp<readonly [Tensor, Tensor], Picks>({
  name: "gather",
  forward([x, index], picks, call) {
    const y = empty(picks.shape, x.dtype);
    call.save(index);
    gatherInto(y, 0, x, index, picks);
    return y;
  },
  backward(dy, [index], picks, into) {
    const target = into.target(0);
    if (target !== null) scatterInto("add", prepared(target), dy, index, picks);
  },
});

/** What `picks` takes from x, in the shape of its iteration space. The indices are checked. @internal */
export function picked(x: Tensor, index: Tensor, picks: Picks): Tensor {
  return apply(gatherOp, [x, index], picks);
}

/** The shapes of an index with an axis for each of x's, none longer than there except along `axis`. @internal */
export function checkElements(op: string, name: string, x: Tensor, index: Tensor, axis: number): void {
  const [own, other] = [lifted(x).shape, lifted(index).shape];
  const fits = own.length === other.length && other.every((size, i) => i === axis || size <= own[i]);
  if (fits || index.numel === 0) return;
  refuse(
    op,
    "index",
    `no longer than ${name} ${formatShape(x.shape)} but along axis ${axis}`,
    index,
    "shape",
  );
}

/** y[i][j][k] = x[i][index[i][j][k]][k] for `dim` 1; the shape is that of `index` (i32). torch.gather */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisArgument("gather", x, dim);
  indexArgument("gather", "index", index);
  checkElements("gather", "input", x, index, axis);
  checkRange("gather", "index", index, lifted(x).shape[axis], false);
  return scope(() => reshape(picked(x, index, elementPicks(x, index, axis)), index.shape));
}

/**
 * gather with an index that broadcasts with x along all other axes, and may be negative. Without `dim` both count as
 * flat. torch.take_along_dim
 */
export function takeAlongDim(x: Tensor, index: Tensor, dim?: number | null): Tensor {
  tensorArgument("takeAlongDim", "input", x);
  indexArgument("takeAlongDim", "index", index);
  return scope(() => {
    if (dim === undefined || dim === null)
      return takeAlongDim(reshape(x, [x.numel]), reshape(index, [index.numel]), 0);
    const axis = axisArgument("takeAlongDim", x, dim);
    rankedTensor("takeAlongDim", "index", index, x.rank);
    if (x.rank === 0) return reshape(takeAlongDim(reshape(x, [1]), reshape(index, [1]), 0), []);
    const at = (shape: Shape, size: number): number[] => resized(shape, axis, size);
    const common = broadcastShapes("takeAlongDim", at(x.shape, 1), at(index.shape, 1));
    checkRange("takeAlongDim", "index", index, x.shape[axis], true);
    const shape = checkShape("takeAlongDim", at(common, index.shape[axis]));
    // A repeated x is made an op of its own, so that no two lines share a place in its gradient.
    const wide = at(common, x.shape[axis]);
    const whole = sameShape(wide, x.shape) ? x : expand(x, wide);
    const place = positionsOf(index.shape, [{ index, size: x.shape[axis], stride: 1 }]);
    const strides = broadcastStrides(place.shape, place.strides, shape);
    return picked(whole, place, { shape, axis, whole: whole.strides, offset: 0, index: strides });
  });
}

/** The slices of x across `dim` that `index` (n), i32, lists. torch.index_select */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  const axis = axisArgument("indexSelect", x, dim);
  vectorArgument("indexSelect", index);
  if (x.rank === 0 && index.numel !== 1)
    refuse("indexSelect", "index", "one index of a 0-d tensor", index, "shape");
  checkRange("indexSelect", "index", index, lifted(x).shape[axis], false);
  const picks = slicePicks(x, index, axis);
  checkShape("indexSelect", picks.shape);
  return scope(() => {
    const y = picked(x, index, picks);
    return x.rank === 0 ? reshape(y, []) : y;
  });
}

/** Elements of x, taken as flat, at `index` (any shape, negative from the end). torch.take */
export function take(x: Tensor, index: Tensor): Tensor {
  tensorArgument("take", "input", x);
  indexArgument("take", "index", index);
  checkRange("take", "index", index, x.numel, true);
  return scope(() => {
    const flat = reshape(contiguous(x), [x.numel]);
    const place = positionsOf([index.numel], [{ index: reshape(index, [-1]), size: x.numel, stride: 1 }]);
    return reshape(picked(flat, place, flatPicks(place)), index.shape);
  });
}

/** Picks of single elements from a dense tensor by their positions in it. @internal */
export function flatPicks(place: Tensor): Picks {
  return { shape: [place.numel], axis: 0, whole: [1], offset: 0, index: [1] };
}

/** The axes that the last axis of `indices` names, from `first` on, checked. @internal */
export function tupleAxes(
  op: string,
  x: Tensor,
  strides: Shape,
  indices: Tensor,
  first: number,
): IndexedAxis[] {
  return Array.from({ length: indices.shape[indices.rank - 1] }, (_, i) => {
    const index = select(indices, indices.rank - 1, i);
    checkRange(op, `index of axis ${first + i}`, index, x.shape[first + i], true);
    return { index, size: x.shape[first + i], stride: strides[first + i] };
  });
}

/** Indices that end with an axis of `depth` coordinates for the axes of x from `first` on. @internal */
export function checkTuples(op: string, x: Tensor, indices: Tensor, first: number): number {
  const depth = indices.shape[indices.rank - 1];
  if (indices.rank > 0 && depth <= x.rank - first) return depth;
  return refuse(op, "indices", `(…, n) with n at most ${x.rank - first} axes of the input`, indices, "shape");
}

/**
 * Slices of x at coordinates: indices (…, k), i32, negative from the end, name the first k axes behind the `batchDims`
 * axes that both share. ONNX GatherND, tf.gather_nd
 */
export function gatherNd(x: Tensor, indices: Tensor, options: { batchDims?: number } = {}): Tensor {
  tensorArgument("gatherNd", "input", x);
  indexArgument("gatherNd", "indices", indices);
  const { batchDims = 0 } = optionsArgument("gatherNd", options);
  const most = Math.min(Math.max(indices.rank, 1) - 1, x.rank);
  const b = integerArgument("gatherNd", "batchDims", batchDims, 0, most);
  const depth = checkTuples("gatherNd", x, indices, b);
  const batch = x.shape.slice(0, b);
  if (!sameShape(batch, indices.shape.slice(0, b)))
    refuse("gatherNd", "indices", `of the batch axes ${formatShape(batch)}`, indices, "shape");
  const rows = indices.shape.slice(0, -1);
  const inner = x.shape.slice(b + depth);
  checkShape("gatherNd", [...rows, ...inner]);
  return scope(() => {
    const place = positionsOf(rows, tupleAxes("gatherNd", x, x.strides, indices, b));
    const y = picked(x, place, {
      shape: [...batch, numel(rows.slice(b)), ...inner],
      axis: b,
      whole: [...x.strides.slice(0, b), 1, ...x.strides.slice(b + depth)],
      offset: 0,
      index: [...denseStrides(rows).slice(0, b), 1, ...inner.map(() => 0)],
    });
    return reshape(y, [...rows, ...inner]);
  });
}
