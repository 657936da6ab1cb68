// A window that slides over images, as convolutions and patches share it: its geometry from what callers pass, and the
// descriptor that kernels read (WindowPtr in kernels/assembly/types.ts). Images have one to three axes; the kernels see
// three, the missing ones in front being 1.

import type { WindowPtr } from "@saccade/kernels";
import { formatShape, numel, type Shape } from "../shape.ts";
import { i32 } from "../tensor.ts";
import { fail, integerArgument, listOrNumber, refuse } from "./arguments.ts";
import { fromHost } from "./contiguous.ts";

/** One number for all axes of the image, or one for each. */
export type PerAxis = number | readonly number[];

export interface Steps {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Zeros in front of and behind the image; cut off there, when the window makes an image. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Channels are those of one group; the grid holds the positions of the window. */
export interface Window extends Steps {
  readonly groups: number;
  readonly channels: number;
  readonly image: readonly number[];
  readonly outChannels: number;
  readonly grid: readonly number[];
  readonly kernel: readonly number[];
}

/** Padded images longer than this along an axis could not be indexed. */
const LONGEST = 2 ** 29;

/** An integer >= `least` for each of n axes. */
export function perAxis(op: string, name: string, value: unknown, n: number, least: number): number[] {
  const given = listOrNumber(op, name, value);
  const list = given.length === 1 ? new Array<number>(n).fill(given[0]) : [...given];
  if (list.length !== n) refuse(op, name, `one number or ${n}, one for each axis`, value);
  for (const x of list) integer(op, name, x, least);
  return list;
}

export function integer(op: string, name: string, x: unknown, least: number): number {
  return integerArgument(op, name, x, least, LONGEST);
}

interface StepOptions {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis | "same" | "valid";
  readonly dilation?: PerAxis;
}

/** The steps that options ask for; a padding of 2 n numbers is [before each axis…, after each axis…]. */
export function stepsOf(op: string, options: StepOptions, kernel: readonly number[]): Steps {
  const n = kernel.length;
  const { padding = 0 } = options;
  const stride = perAxis(op, "stride", options.stride ?? 1, n, 1);
  const dilation = perAxis(op, "dilation", options.dilation ?? 1, n, 1);
  if (padding === "same") {
    if (stride.some((step) => step !== 1)) refuse(op, "stride", '1 for padding "same"', stride);
    const total = kernel.map((size, axis) => dilation[axis] * (size - 1));
    const before = total.map((size) => Math.floor(size / 2));
    return { stride, dilation, before, after: total.map((size, axis) => size - before[axis]) };
  }
  if (typeof padding === "string" && padding !== "valid")
    refuse(op, "padding", '"same", "valid" or numbers', padding);
  if (Array.isArray(padding) && padding.length === 2 * n) {
    const all = perAxis(op, "padding", padding, 2 * n, 0);
    return { stride, dilation, before: all.slice(0, n), after: all.slice(n) };
  }
  const before = perAxis(op, "padding", padding === "valid" ? 0 : padding, n, 0);
  return { stride, dilation, before, after: before };
}

const extent = ({ dilation }: Steps, kernel: readonly number[], axis: number): number =>
  dilation[axis] * (kernel[axis] - 1) + 1;

/** Positions of a window along each axis of an image: floor((image + padding - extent) / stride) + 1. */
export function gridOf(
  op: string,
  image: readonly number[],
  kernel: readonly number[],
  steps: Steps,
): number[] {
  const padded = image.map((size, axis) => size + steps.before[axis] + steps.after[axis]);
  const extents = kernel.map((_, axis) => extent(steps, kernel, axis));
  if (padded.some((size) => size > LONGEST))
    fail("argument", `${op}: a padded image ${formatShape(padded)} is too large`);
  if (image.includes(0) || padded.some((size, axis) => size < extents[axis])) {
    const wanted = `at least the window ${formatShape(extents)} with padding`;
    refuse(op, "the image", wanted, image, "shape");
  }
  return padded.map((size, axis) => Math.floor((size - extents[axis]) / steps.stride[axis]) + 1);
}

/** The image whose windows a grid is: (grid - 1) * stride + extent - padding, and `extra` behind. */
export function imageOf(
  op: string,
  grid: readonly number[],
  kernel: readonly number[],
  steps: Steps,
  extra: readonly number[],
): number[] {
  const image = grid.map((size, axis) => {
    const padding = steps.before[axis] + steps.after[axis];
    const whole = (size - 1) * steps.stride[axis] + extent(steps, kernel, axis) + extra[axis];
    if (whole > LONGEST) fail("argument", `${op}: a result of ${whole} elements along an axis is too large`);
    return whole - padding;
  });
  if (grid.includes(0) || image.some((size) => size < 1)) {
    fail("shape", `${op}: an input of ${formatShape(grid)} gives a result of ${formatShape(image)}`);
  }
  return image;
}

/** Elements of the window in one channel. */
export function tapsOf({ kernel }: Window): number {
  return numel(kernel);
}

/** Shapes of (N, channels, …) on either side. */
export function imageShape({ groups, channels, image }: Window, N: number): Shape {
  return [N, groups * channels, ...image];
}

export function gridShape({ groups, outChannels, grid }: Window, N: number): Shape {
  return [N, groups * outChannels, ...grid];
}

/** Depth, height, width; axes that are not there count as `missing`. */
export function threeAxes(values: readonly number[], missing = 1): readonly number[] {
  return [...new Array<number>(3 - values.length).fill(missing), ...values];
}

/** The descriptor for kernels, valid until the scope around ends. */
export function describeWindow(window: Window): WindowPtr {
  const { groups, channels, image, outChannels, grid, kernel, before, dilation } = window;
  // A step that is never made may be larger than any position.
  const stride = window.stride.map((step, axis) => (grid[axis] === 1 ? 1 : step));
  const sides = [channels, ...threeAxes(image), outChannels, ...threeAxes(grid)];
  const steps = [threeAxes(stride), threeAxes(before, 0), threeAxes(dilation)];
  const words = fromHost([groups, ...sides, ...threeAxes(kernel), ...steps.flat()], "i32");
  return i32(words) as number as WindowPtr;
}
