// Ops that only look at the same elements differently: no kernel, no copy, and nothing on the tape, since a view shares
// the variable of its tensor and its gradient is the same view of that tensor's gradient (autograd/gradient.ts).
// `reshape` and `flatten` copy when the elements do not lie in order; `expand` is an op, as it repeats elements.
import type { Coverage } from "../autograd/gradient.ts";
import { isRecording } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import {
  axesBut,
  broadcastStrides,
  checkShape,
  clampedPlace,
  formatShape,
  normalizeAxes,
  normalizeAxis,
  numel,
  reshapeStrides,
  resized,
  type Shape,
  sameShape,
} from "../shape.ts";
import { detach, empty, Tensor, viewOf } from "../tensor.ts";
import {
  axisArgument,
  checkBroadcast,
  fail,
  integerArgument,
  listArgument,
  placeArgument,
  rankedTensor,
  realAxis,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { contiguous, copyElements } from "./contiguous.ts";
import { segmentsOp, whole } from "./segments.ts";

/** A view that shows every element of `x` once shows just the part of the variable that `x` shows. */
function rearranged(x: Tensor, shape: Shape, strides: Shape): Tensor {
  return viewOf(x, { shape, strides, offset: x.offset }, x.coverage);
}

/** The axes named, in their order. */
function ofAxes(x: Tensor, axes: readonly number[]): Tensor {
  const [shape, strides] = [x.shape, x.strides].map((values) => axes.map((axis) => values[axis]));
  return rearranged(x, shape, strides);
}

/** Replaces one −1 by the size that makes the number of elements come out. */
function resolveShape(op: string, x: Tensor, shape: Shape): Shape {
  listArgument(op, "shape", shape);
  const unknown = shape.indexOf(-1);
  const known = shape.filter((size) => size !== -1);
  checkShape(op, known);
  const rest = x.numel / Math.max(numel(known), 1);
  const full = unknown < 0 ? known : shape.map((size) => (size === -1 ? rest : size));
  if (unknown >= 0 && numel(known) === 0) refuse(op, "shape", "without −1 beside a 0", shape, "shape");
  if (shape.length - known.length > 1 || !Number.isInteger(rest) || numel(full) !== x.numel) {
    refuse(op, "shape", `of ${x.numel} elements for ${formatShape(x.shape)}`, shape, "shape");
  }
  return full;
}

/** The elements in another shape, without moving them; an error when that is impossible. torch.Tensor.view */
export function view(x: Tensor, shape: Shape): Tensor {
  tensorArgument("view", "input", x);
  const target = resolveShape("view", x, shape);
  const strides = reshapeStrides(x.shape, x.strides, target);
  if (strides === null) {
    const lies = `${formatShape(x.shape)} with strides ${formatShape(x.strides)}`;
    fail("shape", `view: ${lies} cannot be seen as ${formatShape(target)}; use reshape, which copies`);
  }
  return rearranged(x, target, strides);
}

/** The elements in another shape, one size may be −1; copies only if they do not lie in order. torch.reshape */
export function reshape(x: Tensor, shape: Shape): Tensor {
  tensorArgument("reshape", "input", x);
  const target = resolveShape("reshape", x, shape);
  const strides = reshapeStrides(x.shape, x.strides, target);
  if (strides !== null) return rearranged(x, target, strides);
  const dense = contiguous(x);
  const y = view(dense, target);
  dense.dispose();
  return y;
}

/** Merges the axes from `startDim` to `endDim` into one. torch.flatten */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  const start = axisArgument("flatten", x, startDim);
  const end = axisArgument("flatten", x, endDim);
  if (start > end) refuse("flatten", "startDim", `no later than endDim ${endDim}`, startDim, "shape");
  if (x.rank === 0) return reshape(x, [1]);
  const merged = numel(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
}

/** Axes in another order. torch.permute */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  tensorArgument("permute", "input", x);
  const axes = listArgument("permute", "dims", dims).map((dim) => axisArgument("permute", x, dim));
  if (axes.length !== x.rank || new Set(axes).size !== x.rank)
    refuse("permute", "dims", `each of the ${x.rank} axes once`, dims, "shape");
  return ofAxes(x, axes);
}

/** Swaps two axes. torch.transpose */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const a = axisArgument("transpose", x, dim0);
  const b = axisArgument("transpose", x, dim1);
  return ofAxes(
    x,
    x.shape.map((_, axis) => (axis === a ? b : axis === b ? a : axis)),
  );
}

/** The transpose of a matrix (or the tensor itself seen anew, below two axes). torch.t */
export function t(x: Tensor): Tensor {
  rankedTensor("t", "input", x, 0, 2);
  return x.rank < 2 ? rearranged(x, x.shape, x.strides) : transpose(x, 0, 1);
}

/** Drops axes of size 1: all of them, or those given if their size is 1. torch.squeeze */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  tensorArgument("squeeze", "input", x);
  const dropped = new Set(normalizeAxes("squeeze", dim, x.rank));
  return ofAxes(
    x,
    axesBut(x.rank).filter((axis) => !dropped.has(axis) || x.shape[axis] !== 1),
  );
}

/** Inserts an axis of size 1. torch.unsqueeze */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  tensorArgument("unsqueeze", "input", x);
  const axis = normalizeAxis("unsqueeze", dim, x.rank + 1);
  const stride = axis < x.rank ? x.shape[axis] * x.strides[axis] : 1;
  const insert = (values: Shape, value: number): number[] => [
    ...values.slice(0, axis),
    value,
    ...values.slice(axis),
  ];
  return rearranged(x, insert(x.shape, 1), insert(x.strides, stride));
}

/** The part [start, start + length) of one axis; start may be a 0-d integer tensor. torch.narrow */
export function narrow(x: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  const axis = realAxis("narrow", x, dim);
  const size = x.shape[axis];
  const first = start instanceof Tensor && start.rank === 0 && start.dtype === "i32" ? start.item() : start;
  const begin = typeof first === "number" && first < 0 ? first + size : first;
  const valid =
    typeof begin === "number" &&
    Number.isInteger(begin) &&
    Number.isInteger(length) &&
    begin >= 0 &&
    length >= 0 &&
    begin + length <= size;
  if (!valid)
    refuse("narrow", "start and length", `inside the ${size} of axis ${dim}`, [start, length], "shape");
  return cut(x, axis, begin, length);
}

function cut(x: Tensor, axis: number, begin: number, length: number): Tensor {
  const shape = resized(x.shape, axis, length);
  const offset = x.offset + begin * x.strides[axis];
  return viewOf(x, { shape, strides: x.strides, offset }, slabCoverage(x, axis, begin, begin + length));
}

/** A part of a whole variable along one of its own axes is a slab of it. */
function slabCoverage(x: Tensor, axis: number, begin: number, end: number): Coverage {
  const root = x.variable?.geometry;
  if (root === undefined || begin >= end) return "some";
  if (begin === 0 && end === x.shape[axis]) return x.coverage;
  const isRoot =
    sameShape(root.shape, x.shape) && sameShape(root.strides, x.strides) && root.offset === x.offset;
  return isRoot ? { axis, begin, end } : "some";
}

/** One element of an axis, which disappears. torch.select */
export function select(x: Tensor, dim: number, index: number): Tensor {
  const axis = axisArgument("select", x, dim);
  const at = placeArgument("select", "index", index, x.shape[axis] ?? 0);
  const slab = cut(x, axis, at, 1);
  const y = squeeze(slab, axis);
  slab.dispose();
  return y;
}

const sliceOp = segmentsOp("slice");

/**
 * Every `step`-th element of [start, end) of one axis, clamped as in Python: a negative step goes backwards, from the
 * last element unless `start` says otherwise, and gives a copy.
 */
export function slice(x: Tensor, dim: number, start?: number | null, end?: number | null, step = 1): Tensor {
  const axis = realAxis("slice", x, dim);
  if (![start ?? 0, end ?? 0, step].every(Number.isInteger) || step === 0)
    refuse("slice", "start, end and step", "integers, the step not 0", [start, end, step]);
  const size = x.shape[axis];
  // Backwards the places before the first and of the last element are the bounds, else the first and behind the last.
  const [low, high] = step < 0 ? [-1, size - 1] : [0, size];
  const begin = start == null ? (step < 0 ? high : low) : clampedPlace(start, size, low, high);
  const stop = end == null ? (step < 0 ? low : high) : clampedPlace(end, size, low, high);
  const length = Math.max(Math.ceil((stop - begin) / step), 0);
  if (step === 1) return cut(x, axis, begin, length);
  const shape = resized(x.shape, axis, length);
  if (step < 0) {
    const runs = shape.map((n, i) => (i === axis ? [{ to: 0, from: begin, step, length }] : whole(n)));
    return apply(sliceOp, [x], { shape, runs, fill: null, once: step === -1 && length === size });
  }
  const strides = x.strides.map((stride, i) => (i === axis ? stride * step : stride));
  return viewOf(x, { shape, strides, offset: x.offset + begin * x.strides[axis] }, "some");
}

/** Parts of one axis, of one size (the last may be smaller) or of the sizes given. torch.split */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  const axis = realAxis("split", x, dim);
  const total = x.shape[axis];
  const parts = typeof sizes === "number" ? equalParts(sizes, total) : listArgument("split", "sizes", sizes);
  const valid = parts.every((size) => Number.isInteger(size) && size >= 0);
  if (!valid || parts.reduce((sum, size) => sum + size, 0) !== total)
    refuse("split", "sizes", `integers that add up to the ${total} of axis ${dim}`, sizes, "shape");
  let begin = 0;
  return parts.map((length) => {
    const part = cut(x, axis, begin, length);
    begin += length;
    return part;
  });
}

function equalParts(size: number, total: number): number[] {
  if (!Number.isInteger(size) || size < 1) return [Number.NaN];
  if (total === 0) return [0];
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}

/** At most `chunks` parts of equal size. torch.chunk */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  const axis = axisArgument("chunk", x, dim);
  integerArgument("chunk", "chunks", chunks, 1);
  return split(x, Math.max(Math.ceil((x.shape[axis] ?? 0) / chunks), 1), dim);
}

// With a gradient the repeated elements get memory of their own: gradients are views of one buffer (see above), and a
// view that shows an element twice has no place in it.
const expandOp = defineOp<readonly [Tensor], { shape: Shape }>({
  name: "expand",
  forward([x], { shape }) {
    const y = empty(shape, x.dtype);
    copyElements(y, x);
    return y;
  },
  backward(dy, _saved, _attrs, into) {
    into.give(0, dy);
  },
});

/** The tensor repeated along axes of size 1, without copying if no gradient is asked for; −1 keeps a size. torch.expand */
export function expand(x: Tensor, shape: Shape): Tensor {
  tensorArgument("expand", "input", x);
  listArgument("expand", "shape", shape);
  const lead = shape.length - x.rank;
  const target = shape.map((size, axis) => (size === -1 && axis >= lead ? x.shape[axis - lead] : size));
  checkShape("expand", target);
  checkBroadcast("expand", "input", x, target);
  if (x.requiresGrad && isRecording()) return apply(expandOp, [x], { shape: target });
  const source = x.requiresGrad ? detach(x) : x;
  const strides = broadcastStrides(x.shape, x.strides, target);
  const y = viewOf(source, { shape: target, strides, offset: x.offset }, "some");
  if (source !== x) source.dispose();
  return y;
}
