// What all reductions share: sorting axes into kept and reduced ones, and keepdim.

import type { ParallelKernel } from "@saccade/kernels";
import { engine, type KernelArguments } from "../engine.ts";
import { normalizeAxes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { bytePtr } from "../tensor.ts";
import { to } from "./cast.ts";
import { expand, reshape, view } from "./views.ts";

/** One axis, several, or all of them where it is left out or empty. */
export type Dim = number | readonly number[] | null | undefined;

export interface ReductionAxes {
  readonly keptShape: Shape;
  readonly keptStrides: Shape;
  readonly reducedShape: Shape;
  readonly reducedStrides: Shape;
}

export function splitAxes(x: Tensor, axes: readonly number[]): ReductionAxes {
  const pick = (values: Shape, kept: boolean): number[] =>
    values.filter((_, axis) => axes.includes(axis) !== kept);
  return {
    keptShape: pick(x.shape, true),
    keptStrides: pick(x.strides, true),
    reducedShape: pick(x.shape, false),
    reducedStrides: pick(x.strides, false),
  };
}

/** The axes to reduce over; PyTorch takes an empty list for all of them. */
export function reducedAxes(op: string, dim: Dim, rank: number): number[] {
  return normalizeAxes(op, dim === null || (Array.isArray(dim) && dim.length === 0) ? undefined : dim, rank);
}

/** What is left of the shape of `x`. */
export function keptShape(x: Tensor, axes: readonly number[]): number[] {
  return x.shape.filter((_, axis) => !axes.includes(axis));
}

/** Runs a kernel that is called as (y, x, kept, reduced, parameters …); tables vouch for its arguments. */
export function reduceElements<K extends ParallelKernel>(
  kernel: K,
  y: Tensor,
  x: Tensor,
  axes: readonly number[],
  ...parameters: readonly number[]
): void {
  const args: readonly number[] = [bytePtr(y), bytePtr(x), ...layouts(x, y, axes), ...parameters];
  engine().run(kernel, y.numel, 0, ...(args as unknown as KernelArguments<K>));
}

/** The numbers of a reduction: truth values count as i32. */
export function numbersOf(x: Tensor): Tensor {
  return x.dtype === "bool" ? to(x, "i32") : x;
}

/** The two layouts of a reduction into `y`. */
export function layouts(x: Tensor, y: Tensor, axes: readonly number[]) {
  const parts = splitAxes(x, axes);
  const running = engine();
  const kept = running.layout(parts.keptShape, y.strides, parts.keptStrides);
  return [kept, running.layout(parts.reducedShape, parts.reducedStrides)] as const;
}

/** Runs a reduction that drops its axes, and puts them back as size 1 for `keepdim`. */
export function reduction(
  op: string,
  x: Tensor,
  dim: Dim,
  keepdim: boolean,
  body: (axes: number[]) => Tensor,
): Tensor {
  const axes = reducedAxes(op, dim, x.rank);
  const y = body(axes);
  if (!keepdim) return y;
  const kept = reshape(
    y,
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
  y.dispose();
  return kept;
}

/** A reduced tensor seen in the shape of its input again: what a backward broadcasts. */
export function repeated(y: Tensor, axes: readonly number[], shape: Shape): Tensor {
  const kept = view(
    y,
    shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
  return expand(kept, shape);
}
