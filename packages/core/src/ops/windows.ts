// Windows along the spatial axes of pooling: PyTorch's arguments, its checks, its sizes, and where each window lies.

import { checkShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { refuse } from "./arguments.ts";
import { fromHost } from "./contiguous.ts";
import { perAxis } from "./window.ts";

/** How the windows of one axis follow one another. */
export type WindowRule =
  | {
      readonly kind: "window";
      readonly kernel: number;
      readonly stride: number;
      /** Elements of padding in front and behind. */
      readonly before: number;
      readonly after: number;
      readonly dilation: number;
    }
  | { readonly kind: "adaptive" };

/** One axis of a pooling, and the number of its windows. */
export interface WindowAxis {
  readonly rule: WindowRule;
  readonly size: number;
}

/** The window that leaves an axis as it is. */
export const single: WindowRule = { kind: "window", kernel: 1, stride: 1, before: 0, after: 0, dilation: 1 };

/** First elements of the windows and how many each has, padding left out. */
export interface Windows {
  readonly first: Int32Array;
  readonly count: Int32Array;
}

/** The windows of an axis of L elements. */
export function windowsOf({ rule, size }: WindowAxis, L: number): Windows {
  const first = new Int32Array(size);
  const count = new Int32Array(size);
  for (let o = 0; o < size; o++) {
    if (rule.kind === "adaptive") {
      first[o] = Math.floor((o * L) / size);
      count[o] = Math.ceil(((o + 1) * L) / size) - first[o];
      continue;
    }
    const { kernel, stride, before, dilation } = rule;
    const start = o * stride - before;
    const skipped = start < 0 ? Math.ceil(-start / dilation) : 0;
    const begin = start + skipped * dilation;
    const inside = Math.min(kernel - skipped, Math.ceil((L - begin) / dilation));
    count[o] = Math.max(inside, 0);
    // A window that lies outside altogether still names a place that exists.
    first[o] = Math.min(begin, L - 1);
  }
  return { first, count };
}

/** Numbers for a kernel to read. */
export function i32Table(...lists: readonly Int32Array[]): Tensor {
  return fromHost(
    lists.flatMap((list) => [...list]),
    "i32",
  );
}

/** Checks the axes of an input: (C, …) or (N, C, …) with `axes` spatial ones, of which only N may be 0. */
export function checkPlanes(op: string, x: Tensor, axes: number, mayBeEmpty = axes + 1): void {
  const batched = x.rank === axes + 2;
  const names = ["L", "H, W", "D, H, W"][axes - 1];
  if (!batched && x.rank !== axes + 1) refuse(op, "input", `(N, C, ${names}) or (C, ${names})`, x, "shape");
  if (
    x.shape
      .slice(batched ? 1 : 0)
      .slice(-mayBeEmpty)
      .includes(0)
  ) {
    refuse(op, "input", "without empty axes", x, "shape");
  }
}

export interface WindowOptions {
  readonly stride?: number | readonly number[] | null;
  /** One number, one per axis, or [before each axis…, after each axis…]: the last form up to the size of the window. */
  readonly padding?: number | readonly number[];
  readonly dilation?: number | readonly number[];
  readonly ceilMode?: boolean;
}

/** The windows that PyTorch's pooling arguments ask for, one entry per spatial axis of x. */
export function windowAxes(
  op: string,
  x: Tensor,
  axes: number,
  kernelSize: number | readonly number[],
  { stride, padding = 0, dilation = 1, ceilMode = false }: WindowOptions,
): WindowAxis[] {
  checkPlanes(op, x, axes);
  const kernels = perAxis(op, "kernelSize", kernelSize, axes, 1);
  const follows = stride === undefined || stride === null || (Array.isArray(stride) && stride.length === 0);
  const strides = follows ? kernels : perAxis(op, "stride", stride, axes, 1);
  const dilations = perAxis(op, "dilation", dilation, axes, 1);
  const pads = paddings(op, padding, kernels, dilations);
  return kernels.map((kernel, i) => {
    const rule = {
      kind: "window",
      kernel,
      stride: strides[i],
      before: pads[i],
      after: pads[axes + i],
      dilation: dilations[i],
    } as const;
    return { rule, size: outputSize(op, x.shape, i - axes, rule, ceilMode) };
  });
}

/** [before each axis…, after each axis…] of either form; every window must be able to reach the input. */
function paddings(
  op: string,
  padding: number | readonly number[],
  kernels: readonly number[],
  dilations: readonly number[],
): number[] {
  const axes = kernels.length;
  const separate = Array.isArray(padding) && padding.length === 2 * axes;
  const given = perAxis(op, "padding", padding, separate ? 2 * axes : axes, 0);
  const pads = separate ? given : [...given, ...given];
  for (const [i, pad] of pads.entries()) {
    const kernel = kernels[i % axes];
    if (separate && pad > dilations[i % axes] * (kernel - 1))
      refuse(op, "padding", `less than a window of kernel size ${kernel}`, pad);
    if (!separate && pad > Math.floor(kernel / 2))
      refuse(op, "padding", `at most half of the kernel size ${kernel}`, pad);
  }
  return pads;
}

/** How many windows there are; the last one must start inside the input or its left padding. */
function outputSize(
  op: string,
  shape: Shape,
  axis: number,
  { kernel, stride, before, after, dilation }: Extract<WindowRule, { kind: "window" }>,
  ceilMode: boolean,
): number {
  const L = shape.at(axis) as number;
  const room = (L + before + after - dilation * (kernel - 1) - 1) / stride;
  let size = (ceilMode ? Math.ceil(room) : Math.floor(room)) + 1;
  if (ceilMode && (size - 1) * stride >= L + before) size--;
  if (size >= 1) return size;
  const wanted = `at least the window of ${dilation * (kernel - 1) + 1} with padding ${before} and ${after}`;
  return refuse(op, `axis ${axis}`, wanted, L, "shape");
}

/** Windows that divide each spatial axis into `outputSize` parts; null keeps the size of an axis. */
export function adaptiveAxes(
  op: string,
  x: Tensor,
  axes: number,
  outputSize: number | null | readonly (number | null)[],
): WindowAxis[] {
  const given = Array.isArray(outputSize) && outputSize.length === axes ? outputSize : [outputSize].flat();
  const all: unknown[] = given.length === 1 ? new Array(axes).fill(given[0]) : given;
  const sizes = all.map((size, i) => (size === null ? x.shape.at(i - axes) : size));
  return perAxis(op, "outputSize", sizes.length === axes ? sizes : outputSize, axes, 0).map((size) => ({
    rule: { kind: "adaptive" },
    size,
  }));
}

/** Shape of the result: the last axes replaced by the numbers of windows. */
export function pooledShape(op: string, x: Tensor, axes: readonly WindowAxis[]): Shape {
  return checkShape(op, [...x.shape.slice(0, x.rank - axes.length), ...axes.map(({ size }) => size)]);
}
