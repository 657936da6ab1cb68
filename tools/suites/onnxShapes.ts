// ONNX's operators in calls of the public surface: what makes, moves, gathers and scatters elements.
import type { Tensor } from "@saccade/core";
import * as s from "@saccade/core";
import { axisOf, integers, type OnnxNode, type Operators } from "./onnxNode.ts";

/** Slices of x in place of one axis, as NumPy's take; indices count from either end. */
function taken(x: Tensor, axis: number, at: Tensor): Tensor {
  const colon: { start?: number } = {};
  return s.index(x, [...new Array<typeof colon>(axisOf(axis, x)).fill(colon), at]);
}

/** gather and scatter of PyTorch take no negative places. */
function fromFront(x: Tensor, axis: number, at: Tensor): Tensor {
  return s.where(s.lt(at, 0), s.add(at, x.size(axis)), at);
}

const reductionNames: Readonly<Record<string, string>> = {
  add: "sum",
  mul: "prod",
  max: "amax",
  min: "amin",
};

function scatterElements(n: OnnxNode): Tensor {
  const axis = n.number("axis", 0);
  const at = fromFront(n.x(), axis, n.x(1));
  const reduction = n.text("reduction", "none");
  if (reduction === "none") return s.scatter(n.x(), axis, at, n.x(2));
  return s.scatterReduce(n.x(), axis, at, n.x(2), reductionNames[reduction]);
}

/** [before, after] of the last axis first. */
function padsLastFirst(pads: readonly number[], axes: readonly number[], rank: number): number[] {
  const all = new Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    const at = 2 * (rank - 1 - axis);
    all[at] = pads[i];
    all[at + 1] = pads[i + axes.length];
  }
  return all;
}

const padModes = { constant: "constant", reflect: "reflect", edge: "replicate", wrap: "circular" } as const;

function pad(n: OnnxNode): Tensor {
  const x = n.x();
  const axes = (n.values(3) ?? x.shape.map((_, i) => i)).map((axis) => axisOf(axis, x));
  const pads = padsLastFirst(n.given("pads", 1) as number[], axes, x.rank);
  const mode = padModes[n.text("mode", "constant") as keyof typeof padModes];
  if (mode === "constant") return s.pad(x, pads, { value: n.optional(2)?.item() ?? n.number("value", 0) });
  return s.pad(x, pads, { mode });
}

function slice(n: OnnxNode): Tensor {
  const [starts, ends] = [n.given("starts", 1) as number[], n.given("ends", 2) as number[]];
  const axes = n.given("axes", 3) ?? starts.map((_, i) => i);
  const steps = n.values(4) ?? [];
  return axes.reduce((y, axis, i) => s.slice(y, axis, starts[i], ends[i], steps[i] ?? 1), n.x());
}

function reshape(n: OnnxNode): Tensor {
  const x = n.x();
  const shape = n.given("shape", 1) as number[];
  return s.reshape(x, n.flag("allowzero") ? shape : shape.map((size, i) => (size === 0 ? x.shape[i] : size)));
}

function split(n: OnnxNode): Tensor[] {
  const axis = n.number("axis", 0);
  const sizes = n.given("split", 1);
  const parts = n.number("num_outputs", n.wanted);
  return s.split(n.x(), sizes ?? Math.ceil(n.x().size(axis) / parts), axis);
}

/** An (H, W) of blocks and channels in `order`, as a reshape and a permutation. */
function blocks(
  x: Tensor,
  split: readonly number[],
  order: readonly number[],
  shape: readonly number[],
): Tensor {
  return s.reshape(s.permute(s.reshape(x, split), order), shape);
}

function depthToSpace(n: OnnxNode): Tensor {
  const [B, C, H, W] = n.x().shape;
  const r = n.number("blocksize", 1);
  if (n.text("mode", "DCR") === "CRD") return s.pixelShuffle(n.x(), r);
  const shape = [B, C / r ** 2, H * r, W * r];
  return blocks(n.x(), [B, r, r, C / r ** 2, H, W], [0, 3, 4, 1, 5, 2], shape);
}

function spaceToDepth(n: OnnxNode): Tensor {
  const [B, C, H, W] = n.x().shape;
  const r = n.number("blocksize", 1);
  if (n.text("mode", "DCR") === "CRD") return s.pixelUnshuffle(n.x(), r);
  const shape = [B, C * r ** 2, H / r, W / r];
  return blocks(n.x(), [B, C, H / r, r, W / r, r], [0, 3, 5, 1, 2, 4], shape);
}

function centerCropPad(n: OnnxNode): Tensor {
  const x = n.x();
  const axes = (n.list("axes") ?? x.shape.map((_, i) => i)).map((axis) => axisOf(axis, x));
  const pads = new Array<number>(2 * axes.length).fill(0);
  for (const [i, size] of (n.values(1) as number[]).entries()) {
    const extra = size - x.shape[axes[i]];
    const before = Math.trunc(extra / 2);
    pads[i] = before;
    pads[i + axes.length] = extra - before;
  }
  return s.pad(x, padsLastFirst(pads, axes, x.rank));
}

function oneHot(n: OnnxNode): Tensor {
  const depth = (n.values(1) as number[])[0];
  const at = s.to(n.x(), "i32");
  // Places outside [−depth, depth) give a row without a one.
  const inside = s.logicalAnd(s.ge(at, -depth), s.lt(at, depth));
  const rows = s.oneHot(s.where(inside, s.remainder(at, depth), depth), depth + 1);
  const ones = s.narrow(s.movedim(rows, -1, n.number("axis", -1)), n.number("axis", -1), 0, depth);
  return s.where(s.ne(ones, 0), s.select(n.x(2), 0, 1), s.select(n.x(2), 0, 0));
}

function reverseSequence(n: OnnxNode): Tensor {
  const [x, time, batch] = [n.x(), n.number("time_axis", 0), n.number("batch_axis", 1)];
  const line = (axis: number): number[] => x.shape.map((size, i) => (i === axis ? size : 1));
  const at = s.reshape(s.arange(0, x.size(time)), line(time));
  const lengths = s.reshape(n.x(1), line(batch));
  return s.takeAlongDim(x, s.where(s.lt(at, lengths), s.sub(s.sub(lengths, 1), at), at), time);
}

/** A cache with an update written at a place of its own in each sequence. */
function tensorScatter(n: OnnxNode): Tensor {
  const [cache, update] = [n.x(0), n.x(1)];
  const axis = axisOf(n.number("axis", -2), cache);
  const [B, length] = [cache.size(0), cache.size(axis)];
  const line = (rank: number): number[] => cache.shape.map((_, i) => (i === rank ? -1 : 1));
  const first = s.reshape(n.optional(2) ?? s.zeros([B], { dtype: "i32" }), line(0));
  const at = s.add(first, s.reshape(s.arange(0, update.size(axis)), line(axis)));
  const places = n.text("mode", "linear") === "circular" ? s.remainder(at, length) : at;
  return s.scatter(cache, axis, s.expand(places, update.shape), update);
}

function compress(n: OnnxNode): Tensor {
  const line = n.has("axis") ? n.x() : s.ravel(n.x());
  const axis = n.number("axis", 0);
  const chosen = s.ravel(s.nonzero(n.x(1)));
  return s.indexSelect(line, axis, chosen);
}

function constant(n: OnnxNode): Tensor {
  const numbers = n.list("value_ints") ?? n.list("value_floats");
  if (numbers !== undefined) {
    return s.tensor(n.has("value_ints") ? Int32Array.from(numbers) : Float32Array.from(numbers));
  }
  const value = n.tensor("value");
  if (value !== undefined) return value;
  if (n.has("value_int")) return s.full([], n.number("value_int", 0), { dtype: "i32" });
  return s.full([], n.number("value_float", 0));
}

function shapeOf(n: OnnxNode): Tensor {
  return integers(n.x().shape.slice(n.number("start", 0), n.has("end") ? n.number("end", 0) : undefined));
}

export const movements: Operators = {
  Concat: (n) => s.cat(n.all(), n.number("axis", 0)),
  Constant: constant,
  ConstantOfShape: (n) => {
    const value = n.tensor("value");
    return s.full(n.values(0) as number[], value?.item() ?? 0, { dtype: value?.dtype ?? "f32" });
  },
  Shape: shapeOf,
  Size: (n) => s.full([], n.x().numel, { dtype: "i32" }),
  Range: (n) => {
    const [start, limit, delta] = [n.x(0).item(), n.x(1).item(), n.x(2).item()];
    const empty = (limit - start) / delta < 0;
    return s.arange(start, empty ? start : limit, delta, { dtype: n.x().dtype });
  },
  EyeLike: (n) => {
    const [rows, columns] = n.x().shape;
    const ones = s.ones([rows, columns], { dtype: n.text("dtype", n.x().dtype) as s.DType });
    return s.tril(s.triu(ones, n.number("k", 0)), n.number("k", 0));
  },
  Trilu: (n) => (n.flag("upper", true) ? s.triu : s.tril)(n.x(), (n.values(1) ?? [0])[0]),
  Reshape: reshape,
  Flatten: (n) => {
    const axis = axisOf(n.number("axis", 1), n.x());
    const rows = n.x().shape.slice(0, axis);
    return s.reshape(n.x(), [
      rows.reduce((a, b) => a * b, 1),
      n
        .x()
        .shape.slice(axis)
        .reduce((a, b) => a * b, 1),
    ]);
  },
  Squeeze: (n) => s.squeeze(n.x(), n.given("axes", 1)),
  Unsqueeze: (n) => {
    const axes = n.given("axes", 1) as number[];
    const rank = n.x().rank + axes.length;
    const places = axes.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
    return places.reduce((y, axis) => s.unsqueeze(y, axis), n.x());
  },
  Transpose: (n) => s.permute(n.x(), n.list("perm") ?? n.x().shape.map((_, i) => n.x().rank - 1 - i)),
  Expand: (n) => {
    const like = s.zeros(n.values(1) as number[], { dtype: n.x().dtype });
    return s.broadcastTensors(n.x(), like)[0];
  },
  Tile: (n) => s.tile(n.x(), n.values(1) as number[]),
  Split: split,
  Slice: slice,
  Pad: pad,
  CenterCropPad: centerCropPad,
  Gather: (n) => taken(n.x(), n.number("axis", 0), n.x(1)),
  GatherElements: (n) => {
    const axis = n.number("axis", 0);
    return s.gather(n.x(), axis, fromFront(n.x(), axis, n.x(1)));
  },
  GatherND: (n) => s.gatherNd(n.x(), n.x(1), { batchDims: n.number("batch_dims", 0) }),
  Scatter: scatterElements,
  ScatterElements: scatterElements,
  ScatterND: (n) => s.scatterNd(n.x(), n.x(1), n.x(2), { reduction: n.text("reduction", "none") }),
  TensorScatter: tensorScatter,
  Compress: compress,
  NonZero: (n) => s.transpose(s.nonzero(n.x()), 0, 1),
  OneHot: oneHot,
  ReverseSequence: reverseSequence,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
};
