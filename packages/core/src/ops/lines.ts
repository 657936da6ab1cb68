// Lines of tensors along one axis: what scans, sorts and picks walk. Tensors beside each other agree in all other sizes.
import type { LayoutPtr } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { normalizeAxis, numel } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { numberArgument, tensorArgument } from "./arguments.ts";
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

/** The tensor with one axis at least, and `dim` resolved in it. */
export function withAxis(op: string, x: Tensor, dim: number): { line: Tensor; axis: number } {
  tensorArgument(op, "input", x);
  const axis = normalizeAxis(op, numberArgument(op, "dim", dim), x.rank);
  return { line: x.rank === 0 ? reshape(x, [1]) : x, axis };
}

/** The axes merged into one at the end: a view where memory allows it. */
export function mergeAxes(x: Tensor, axes: readonly number[]): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const sizes = [...kept.map((axis) => x.shape[axis]), numel(axes.map((axis) => x.shape[axis]))];
  return reshape(permute(x, [...kept, ...axes]), sizes);
}
