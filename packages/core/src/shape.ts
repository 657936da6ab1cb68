// Shapes and strides: pure integer arithmetic, no tensors. Strides count elements, as in PyTorch.
import { SaccadeError } from "@saccade/kernels";
import { shown } from "./show.ts";

export type Shape = readonly number[];

/** Where a tensor's elements lie in its storage. */
export interface Geometry {
  readonly shape: Shape;
  readonly strides: Shape;
  readonly offset: number;
}

/** More axes than this are a mistake (PyTorch's limit is the same). */
export const MAX_AXES = 64;

export function numel(shape: Shape): number {
  let n = 1;
  for (const size of shape) n *= size;
  return n;
}

/** Row-major strides: the last axis is dense. */
export function denseStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= Math.max(shape[axis], 1);
  }
  return strides;
}

/** True when the elements lie one behind the other in row-major order. */
export function isContiguous(shape: Shape, strides: Shape): boolean {
  if (shape.includes(0)) return true;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis];
  }
  return true;
}

/** True when the elements fill one block of memory without gap or overlap, in whatever order of axes. */
export function isDense(shape: Shape, strides: Shape): boolean {
  const axes = shape.map((_, axis) => axis).filter((axis) => shape[axis] !== 1);
  axes.sort((a, b) => strides[b] - strides[a]);
  return isContiguous(
    axes.map((axis) => shape[axis]),
    axes.map((axis) => strides[axis]),
  );
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A place that counts from the end when negative, kept in [low, high]; as Python's slices have it. */
export function clampedPlace(at: number, size: number, low = 0, high = size): number {
  return Math.min(Math.max(at < 0 ? at + size : at, low), high);
}

/** Multi-axis position of a row-major one: "[3, 17]". */
export function formatPlace(flat: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return formatShape(place).replace("(", "[").replace(")", "]");
}

/** The shape with another size of one axis. */
export function resized(shape: Shape, axis: number, size: number): number[] {
  return shape.map((n, i) => (i === axis ? size : n));
}

/** The values of all axes but one. */
export function without<T>(values: readonly T[], axis: number): T[] {
  return values.filter((_, i) => i !== axis);
}

/** The axes 0 … rank − 1, but for those left out. */
export function axesBut(rank: number, left: readonly number[] = []): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !left.includes(axis));
}

export function formatShape(shape: Shape): string {
  return `(${shape.join(", ")})`;
}

/** Resolves a negative axis; `rank` 0 admits 0 and −1 as PyTorch does. */
export function normalizeAxis(op: string, dim: number, rank: number): number {
  const limit = Math.max(rank, 1);
  if (!Number.isInteger(dim) || dim < -limit || dim >= limit) {
    throw new SaccadeError(
      "shape",
      `${op}: dim ${dim} is outside ${-limit}…${limit - 1} of a tensor with ${rank} axes`,
    );
  }
  return dim < 0 ? dim + limit : dim;
}

/** Axes of a reduction, sorted and distinct; undefined means all of them. */
export function normalizeAxes(
  op: string,
  dim: number | readonly number[] | undefined,
  rank: number,
): number[] {
  if (dim === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  if (typeof dim !== "number" && !Array.isArray(dim)) {
    throw new SaccadeError("argument", `${op}: dim must be an axis or an array of axes, got ${shown(dim)}`);
  }
  const axes = (typeof dim === "number" ? [dim] : dim).map((axis) => normalizeAxis(op, axis, rank));
  if (new Set(axes).size !== axes.length) {
    throw new SaccadeError("shape", `${op}: an axis appears twice in dim [${axes.join(", ")}]`);
  }
  return axes.filter((axis) => axis < rank).sort((a, b) => a - b);
}

/** Checks a shape given by a caller: integers ≥ 0 whose product stays addressable. */
export function checkShape(op: string, shape: unknown): Shape {
  const sizes = Array.isArray(shape) && shape.length <= MAX_AXES ? [...shape] : null;
  if (sizes?.every((size) => Number.isSafeInteger(size) && size >= 0) && numel(sizes) <= 2 ** 31 - 1)
    return sizes;
  const given = Array.isArray(shape) ? `(${shape.slice(0, MAX_AXES).map(shown).join(", ")})` : shown(shape);
  throw new SaccadeError(
    "shape",
    `${op}: ${given} is no shape; sizes are integers >= 0, at most 2^31 - 1 elements and ${MAX_AXES} axes`,
  );
}

/** NumPy's broadcasting rule: align at the right, sizes must be equal or 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  const out = new Array<number>(rank);
  for (let axis = 0; axis < rank; axis++) {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new SaccadeError(
        "shape",
        `${op}: shapes ${formatShape(a)} and ${formatShape(b)} do not broadcast: ` +
          `${sizeA} and ${sizeB} differ at axis ${axis} of ${rank} and neither is 1`,
      );
    }
    out[axis] = sizeA === 1 ? sizeB : sizeA;
  }
  return out;
}

/** Strides that read a tensor of `shape` as if it had been expanded to `target`: 0 on broadcast axes. */
export function broadcastStrides(shape: Shape, strides: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  return target.map((size, axis) =>
    axis < lead || (shape[axis - lead] === 1 && size !== 1) ? 0 : strides[axis - lead],
  );
}

/** Axes of `target` along which a tensor of `shape` is repeated, so along which its gradient is summed. */
export function broadcastAxes(shape: Shape, target: Shape): number[] {
  const lead = target.length - shape.length;
  return target
    .map((_, axis) => axis)
    .filter((axis) => axis < lead || (shape[axis - lead] === 1 && target[axis] !== 1));
}

/** Strides of a reshaped view, or null when the elements would have to move (PyTorch's computeStride). */
export function reshapeStrides(shape: Shape, strides: Shape, target: Shape): number[] | null {
  if (numel(shape) === 0) return denseStrides(target);
  const out = new Array<number>(target.length).fill(1);
  let axis = shape.length - 1;
  let view = target.length - 1;
  while (axis >= 0 || view >= 0) {
    // Take one run of axes that lie dense behind one another…
    let size = 1;
    let stride = 1;
    if (axis >= 0) {
      size = shape[axis];
      stride = strides[axis];
      axis--;
      while (axis >= 0 && (shape[axis] === 1 || size === 1 || strides[axis] === stride * size)) {
        if (size === 1) stride = strides[axis];
        size *= shape[axis];
        axis--;
      }
    }
    // …and cover it with target axes.
    let covered = 1;
    while (view >= 0 && (covered < size || target[view] === 1)) {
      out[view] = stride * covered;
      covered *= target[view];
      view--;
    }
    if (covered !== size) return null;
  }
  return out;
}

export interface Collapsed {
  readonly sizes: number[];
  /** One array of strides per operand. */
  readonly strides: number[][];
}

/** Drops axes of size 1 and merges neighbours that are one dense run for every operand. */
export function collapse(shape: Shape, operands: readonly Shape[]): Collapsed {
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis];
    if (size === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && operands.every((operand, i) => strides[i][last] === operand[axis] * size)) {
      sizes[last] *= size;
      for (let i = 0; i < operands.length; i++) strides[i][last] = operands[i][axis];
    } else {
      sizes.push(size);
      for (let i = 0; i < operands.length; i++) strides[i].push(operands[i][axis]);
    }
  }
  return { sizes, strides };
}
