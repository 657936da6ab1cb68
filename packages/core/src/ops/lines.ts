// Lines of tensors along one axis: what scans, sorts and picks walk. Tensors beside each other agree in all other sizes.
import type { LayoutPtr, ParallelKernel } from "@saccade/kernels";
import { engine, type KernelArguments } from "../engine.ts";
import { axesBut, numel } from "../shape.ts";
import { bytePtr, type Tensor } from "../tensor.ts";
import { axisArgument } from "./arguments.ts";
import { splitAxes } from "./reduction.ts";
import { permute, reshape } from "./views.ts";

export interface Lines {
  readonly layout: LayoutPtr;
  /** How many lines there are. */
  readonly units: number;
  /** From one element of a line to the next, in each tensor. */
  readonly steps: readonly number[];
}

export function linesOf(axis: number, ...tensors: readonly Tensor[]): Lines {
  const parts = tensors.map((x) => splitAxes(x, [axis]));
  const { keptShape } = parts[0];
  return {
    layout: engine().layout(keptShape, ...parts.map(({ keptStrides }) => keptStrides)),
    units: numel(keptShape),
    steps: tensors.map((x) => x.strides[axis]),
  };
}

interface LineArguments {
  /** What stands before the layout, between it and the steps, and behind them. */
  readonly flags?: readonly number[];
  readonly sizes: readonly number[];
  readonly after?: readonly number[];
  /** Bytes of scratch. */
  readonly work?: number;
}

/**
 * Runs a kernel over the lines of `tensors`: it is called as (addresses, flags, layout, sizes, a step for each tensor, after).
 * Tables vouch for its arguments.
 */
export function runLines<K extends ParallelKernel>(
  kernel: K,
  axis: number,
  tensors: readonly Tensor[],
  { flags = [], sizes, after = [], work = 0 }: LineArguments,
): void {
  if (tensors[0].numel === 0) return;
  const { layout, units, steps } = linesOf(axis, ...tensors);
  const args: readonly number[] = [...tensors.map(bytePtr), ...flags, layout, ...sizes, ...steps, ...after];
  engine().run(kernel, units, work, ...(args as unknown as KernelArguments<K>));
}

/** The tensor with one axis at least, and `dim` resolved in it. */
export function withAxis(op: string, x: Tensor, dim: number): { line: Tensor; axis: number } {
  const axis = axisArgument(op, x, dim);
  return { line: x.rank === 0 ? reshape(x, [1]) : x, axis };
}

/** The axes merged into one at the end: a view where memory allows it. */
export function mergeAxes(x: Tensor, axes: readonly number[]): Tensor {
  const kept = axesBut(x.rank, axes);
  const sizes = [...kept.map((axis) => x.shape[axis]), numel(axes.map((axis) => x.shape[axis]))];
  return reshape(permute(x, [...kept, ...axes]), sizes);
}
