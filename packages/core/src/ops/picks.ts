// What every op with an index shares. A "whole" tensor, an index and the "part" that the index picks from the whole are
// seen in one iteration space: the index moves along one axis of it, and each operand has a stride for every axis. Any
// gather is one walk over the part, any scatter one over the lines of the whole (kernels/assembly/indexing.ts).

import { bytesOf } from "../dtype.ts";
import { engine } from "../engine.ts";
import {
  broadcastStrides,
  formatPlace,
  type Geometry,
  numel,
  resized,
  type Shape,
  without,
} from "../shape.ts";
import { bytePtr, empty, i32, type Tensor } from "../tensor.ts";
import { rankedTensor, refuse, typedTensor } from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import { elementwise } from "./elementwise.ts";
import { fillElements } from "./fill.ts";

export interface Picks {
  readonly shape: Shape;
  /** The axis along which the elements of the index follow each other. */
  readonly axis: number;
  /** Strides of the whole; along `axis`, how far one step of the index goes. */
  readonly whole: Shape;
  /** Elements before the first of the whole that a pick may reach. */
  readonly offset: number;
  /** Strides of the index; 0 where neighbours share it. */
  readonly index: Shape;
}

export type Meeting = "set" | "add" | "mul" | "max" | "min";

function wholePtr(whole: Tensor, { offset }: Picks) {
  return (bytePtr(whole) + offset * bytesOf[whole.dtype]) as ReturnType<typeof bytePtr>;
}

/** part = what the index picks from the whole, or part += it. The part has the shape of the iteration space. */
export function gatherInto(part: Tensor, acc: 0 | 1, whole: Tensor, index: Tensor, picks: Picks): void {
  if (part.numel === 0) return;
  const { shape, axis, whole: strides } = picks;
  const fixed = strides.map((stride, i) => (i === axis ? 0 : stride));
  const layout = engine().layout(shape, part.strides, picks.index, fixed);
  const kernel = acc === 1 ? "gather_add_f32" : whole.dtype === "bool" ? "gather_b1" : "gather_b4";
  const [out, source] = [bytePtr(part), wholePtr(whole, picks)];
  engine().run(kernel, part.numel, 0, out as never, source as never, i32(index), layout, strides[axis]);
}

/** The elements of the part meet those of the whole that the index names, in its order. Types are equal. */
export function scatterInto(meet: Meeting, whole: Tensor, part: Tensor, index: Tensor, picks: Picks): void {
  const kind = whole.dtype === "f32" ? "f32" : "i32";
  const setter = whole.dtype === "bool" ? "scatter_b1" : "scatter_b4";
  alongLines(meet === "set" ? setter : `scatter_${meet}_${kind}`, whole, part, index, picks);
}

/** part += what the last writer of each place has there; those places of the whole become 0. */
export function takeInto(part: Tensor, whole: Tensor, index: Tensor, picks: Picks): void {
  alongLines("scatter_take_f32", whole, part, index, picks);
}

type LineKernel =
  | "scatter_b4"
  | "scatter_b1"
  | "scatter_take_f32"
  | `scatter_${Exclude<Meeting, "set">}_${"f32" | "i32"}`;

function alongLines(kernel: LineKernel, whole: Tensor, part: Tensor, index: Tensor, picks: Picks): void {
  const { shape, axis } = picks;
  if (numel(shape) === 0) return;
  const from = broadcastStrides(part.shape, part.strides, shape);
  const lines = without(shape, axis);
  const operands = [picks.whole, from, picks.index].map((strides) => without(strides, axis));
  const layout = engine().layout(lines, ...operands);
  const steps = [picks.whole[axis], from[axis], picks.index[axis]] as const;
  const [out, source] = [wholePtr(whole, picks), bytePtr(part)];
  engine().run(
    kernel,
    numel(lines),
    0,
    out as never,
    source as never,
    i32(index),
    layout,
    shape[axis],
    ...steps,
  );
}

// -- the two ways an index names elements -------------------------------------------------------------------------

/** A 0-d tensor counts as one of a single axis. */
export const lifted = ({ shape, strides }: Pick<Geometry, "shape" | "strides">) =>
  shape.length > 0 ? { shape, strides } : { shape: [1], strides: [1] };

/** An index with an axis for each of the whole, moving along `axis`; the shape is that of the index. */
export function elementPicks(whole: Pick<Geometry, "shape" | "strides">, index: Tensor, axis: number): Picks {
  const { shape, strides } = lifted(index);
  const own = lifted(whole).strides;
  // Nothing is picked by an empty index, which may have any number of axes.
  const fits = own.length === shape.length;
  return { shape, axis, whole: fits ? own : shape.map(() => 0), offset: 0, index: strides };
}

/** One index for whole slices across `axis`: the whole's shape with the index in place of that axis. */
export function slicePicks(whole: Pick<Geometry, "shape" | "strides">, index: Tensor, axis: number): Picks {
  const { shape, strides } = lifted(whole);
  return {
    shape: resized(shape, axis, index.numel),
    axis,
    whole: strides,
    offset: 0,
    index: shape.map((_, i) => (i === axis ? lifted(index).strides[0] : 0)),
  };
}

// -- checks ----------------------------------------------------------------------------------------------------------

export function indexArgument(op: string, name: string, index: unknown): Tensor {
  return typedTensor(op, name, index, "i32");
}

export function sameType(op: string, x: Tensor, name: string, other: Tensor): void {
  typedTensor(op, name, other, x.dtype);
}

/** An error that names the first index outside [−size, size), or [0, size), and its place. */
export function checkRange(op: string, name: string, index: Tensor, size: number, negative: boolean): void {
  if (index.numel === 0) return;
  const dense = contiguous(index);
  const { kernels } = engine();
  const check = negative ? kernels.index_check_signed_i32 : kernels.index_check_i32;
  const bad = check(i32(dense), dense.numel, size);
  const value = bad < 0 ? 0 : dense.toTypedArray()[bad];
  if (dense !== index) dense.dispose();
  if (bad < 0) return;
  const range = `in ${negative ? -size : 0}…${size - 1}`;
  refuse(op, `${name} at ${formatPlace(bad, index.shape)}`, range, value, "index");
}

/** An index vector for slices of an axis: 1-d, or 0-d for a single one. */
export function vectorArgument(op: string, index: unknown, name = "index"): Tensor {
  return rankedTensor(op, name, indexArgument(op, name, index), 0, 1);
}

// -- positions: several indices, or negative ones, made one ----------------------------------------------------------

export interface IndexedAxis {
  readonly index: Tensor;
  readonly size: number;
  readonly stride: number;
}

/** Sum over the axes of index · stride, as a dense tensor of `shape`, to which the indices broadcast. */
export function positionsOf(shape: Shape, axes: readonly IndexedAxis[]): Tensor {
  const place = empty(shape, "i32");
  if (place.numel === 0) return place;
  if (axes.length === 0) fillElements(place, 0);
  for (const [i, { index, size, stride }] of axes.entries()) {
    elementwise("index_place_i32", place, [index], size, stride, i === 0 ? 0 : 1);
  }
  return place;
}

/** Zeroes memory for sums unless something is there already. */
export function prepared({ tensor, acc }: { tensor: Tensor; acc: 0 | 1 }): Tensor {
  if (acc === 0) fillElements(tensor, 0);
  return tensor;
}
