// Mean of each window: its sum, one axis after the other (resample.ts), over the number of elements that PyTorch counts.
// torch.nn.functional.avg_pool1d, …

import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { floatTensor, optionsArgument, refuse } from "./arguments.ts";
import { div, mul } from "./binary.ts";
import { fromHost } from "./contiguous.ts";
import { resample } from "./resample.ts";
import { reshape } from "./views.ts";
import {
  adaptiveAxes,
  checkPlanes,
  pooledShape,
  type WindowAxis,
  type WindowOptions,
  windowAxes,
  windowsOf,
} from "./windows.ts";

/** How many elements the windows of an axis of L count for; with `padded` zeros around the input count, too. */
function countsOf(axis: WindowAxis, L: number, padded: boolean): Int32Array {
  const { rule, size } = axis;
  if (!padded || rule.kind === "adaptive") return windowsOf(axis, L).count;
  const { kernel, stride, before, after, dilation } = rule;
  return Int32Array.from({ length: size }, (_, o) =>
    Math.min(kernel, Math.ceil((L + after - (o * stride - before)) / dilation)),
  );
}

/** The number of elements of each window: one number if they are all the same, else one per output of a plane. */
function divisorOf(x: Tensor, axes: readonly WindowAxis[], padded: boolean): Tensor | number {
  const counts = axes.map((axis, i) => countsOf(axis, x.shape[x.rank - axes.length + i], padded));
  if (counts.every((list) => list.every((n) => n === list[0])))
    return counts.reduce((n, [first]) => n * (first ?? 1), 1);
  const factors = counts.map((list) => fromHost(list));
  return factors.reduce((rows, columns) => mul(reshape(rows, [...rows.shape, 1]), columns));
}

/** Mean of every window of the last axes. @internal */
export function average(
  op: string,
  x: Tensor,
  axes: readonly WindowAxis[],
  padded = false,
  divisor: number | null = null,
): Tensor {
  pooledShape(op, x, axes);
  return scope(() => div(resample(x, axes), divisor ?? divisorOf(x, axes, padded)));
}

export interface AvgPoolOptions extends WindowOptions {
  /** Whether zeros of the padding count as elements. */
  readonly countIncludePad?: boolean;
}

export interface AvgPool2dOptions extends AvgPoolOptions {
  /** What sums are divided by instead of the number of elements. */
  readonly divisorOverride?: number | null;
}

/** The windows of average pooling and the divisor of its options. */
function averaged(
  op: string,
  x: Tensor,
  axes: number,
  kernelSize: number | readonly number[],
  options: object,
) {
  const given: AvgPool2dOptions = optionsArgument(op, options);
  const { countIncludePad = true, divisorOverride = null, ...steps } = given;
  floatTensor(op, "input", x);
  if (divisorOverride !== null && (!Number.isInteger(divisorOverride) || divisorOverride === 0)) {
    refuse(op, "divisorOverride", "an integer other than 0", divisorOverride);
  }
  const windows = windowAxes(op, x, axes, kernelSize, steps);
  return average(op, x, windows, countIncludePad !== false, divisorOverride);
}

/**
 * Mean over windows of (N, C, L) or (C, L), padded with zeros; `stride` defaults to the kernel size.
 * torch.nn.functional.avg_pool1d
 */
export function avgPool1d(
  x: Tensor,
  kernelSize: number | readonly number[],
  options: AvgPoolOptions = {},
): Tensor {
  return averaged("avgPool1d", x, 1, kernelSize, options);
}

/** The same over windows of (N, C, H, W) or (C, H, W). torch.nn.functional.avg_pool2d */
export function avgPool2d(
  x: Tensor,
  kernelSize: number | readonly number[],
  options: AvgPool2dOptions = {},
): Tensor {
  return averaged("avgPool2d", x, 2, kernelSize, options);
}

/** The same over windows of (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.avg_pool3d */
export function avgPool3d(
  x: Tensor,
  kernelSize: number | readonly number[],
  options: AvgPool2dOptions = {},
): Tensor {
  return averaged("avgPool3d", x, 3, kernelSize, options);
}

function adaptive(op: string, spatial: number) {
  return (x: Tensor, outputSize: number | null | readonly (number | null)[]): Tensor => {
    checkPlanes(op, floatTensor(op, "input", x), spatial, spatial);
    return average(op, x, adaptiveAxes(op, x, spatial, outputSize));
  };
}

/** Mean over `outputSize` parts of (N, C, L) or (C, L); null keeps L. torch.nn.functional.adaptive_avg_pool1d */
export const adaptiveAvgPool1d = adaptive("adaptiveAvgPool1d", 1);
/** The same for (N, C, H, W) or (C, H, W). torch.nn.functional.adaptive_avg_pool2d */
export const adaptiveAvgPool2d = adaptive("adaptiveAvgPool2d", 2);
/** The same for (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.adaptive_avg_pool3d */
export const adaptiveAvgPool3d = adaptive("adaptiveAvgPool3d", 3);
