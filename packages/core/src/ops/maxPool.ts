// Largest value of each window, and its place in the plane as PyTorch counts it. torch.nn.functional.max_pool1d, …
// The gradient of an output goes to the place of its maximum.
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { numel, type Shape } from "../shape.ts";
import { empty, f32, i32, Tensor } from "../tensor.ts";
import { floatTensor, optionsArgument, tensorArgument } from "./arguments.ts";
import { floorDivide } from "./arithmetic.ts";
import { add, mul } from "./binary.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { gather } from "./gather.ts";
import { reshape } from "./views.ts";
import {
  adaptiveAxes,
  checkPlanes,
  i32Table,
  pooledShape,
  single,
  type WindowAxis,
  type WindowOptions,
  windowAxes,
  windowsOf,
} from "./windows.ts";

interface Attrs {
  /** Height and width; of a line the height is 1. */
  readonly axes: readonly [WindowAxis, WindowAxis];
  /** Spatial sizes of the input. */
  readonly plane: readonly [number, number];
  readonly shape: Shape;
}

/** x (…, H, W) and, where they are wanted, the indices (…, OH, OW) to write. */
const maxPoolOp = defineOp<readonly [Tensor, Tensor | null], Attrs>({
  name: "maxPool",
  forward([x, wanted], { axes, plane: [H, W], shape }, call) {
    const y = empty(shape, x.dtype);
    const indices = wanted ?? (call.recording ? empty(shape, "i32") : null);
    call.save(indices);
    if (y.numel === 0) return y;
    const [rows, columns] = [windowsOf(axes[0], H), windowsOf(axes[1], W)];
    const top = i32Table(rows.first, rows.count);
    const left = i32Table(columns.first, columns.count);
    const [OH, OW] = [axes[0].size, axes[1].size];
    const [dH, dW] = axes.map(({ rule }) => (rule.kind === "window" ? rule.dilation : 1));
    const source = contiguousTensor(x);
    const geometry = [i32(top), i32(left), H, W, OH, OW, dH, dW] as const;
    const units = y.numel / OW;
    if (x.dtype === "f32")
      engine().run("max_pool_f32", units, 0, f32(y), i32(indices), f32(source), ...geometry);
    else engine().run("max_pool_i32", units, 0, i32(y), i32(indices), i32(source), ...geometry);
    return y;
  },
  backward(dy, [indices], { plane, axes }, into) {
    const target = into.target(0, contiguous);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    if (dx.numel === 0) return;
    const [m, n] = [numel(plane), axes[0].size * axes[1].size];
    engine().run("plane_scatter_f32", dx.numel / m, 0, f32(dx), f32(dy), i32(indices), m, n, 1, acc);
  },
  flops: (_inputs, { axes }, y) =>
    axes.reduce((n, { rule }) => n * (rule.kind === "window" ? rule.kernel : 1), y.numel),
});

/** Runs the op over the last axes, one to three; with the indices if they are wanted. */
function pool(op: string, x: Tensor, axes: readonly WindowAxis[], returnIndices: boolean): Tensor | Pair {
  const shape = pooledShape(op, x, axes);
  if (axes.length === 3) return scope(() => volumes(x, axes, shape, returnIndices));
  const [W, H] = [x.shape[x.rank - 1], axes.length === 1 ? 1 : x.shape[x.rank - 2]];
  const both = [axes.length === 1 ? { rule: single, size: 1 } : axes[0], axes[axes.length - 1]] as const;
  const attrs: Attrs = { axes: both, plane: [H, W], shape };
  return planes(x, attrs, returnIndices);
}

function planes(x: Tensor, attrs: Attrs, returnIndices: boolean): Tensor | Pair {
  if (!returnIndices) return apply(maxPoolOp, [x, null], attrs);
  return scope((): Pair => {
    const indices = empty(attrs.shape, "i32");
    return [apply(maxPoolOp, [x, indices], attrs), indices];
  });
}

/**
 * Pools each plane (H, W) of a volume, then the results along D: of equal maxima the first plane's is the first in the
 * volume, too.
 */
function volumes(
  x: Tensor,
  axes: readonly WindowAxis[],
  shape: Shape,
  returnIndices: boolean,
): Tensor | Pair {
  const lead = x.shape.slice(0, -3);
  const [D, H, W] = x.shape.slice(-3);
  const [deep, high, wide] = axes;
  const P = high.size * wide.size;
  const flat = { axes: [high, wide], plane: [H, W], shape: [...lead, D, high.size, wide.size] } as const;
  const columns = { rule: single, size: P } as const;
  const along = { axes: [deep, columns], plane: [D, P], shape: [...lead, deep.size, P] } as const;
  const across = planes(x, flat, returnIndices);
  const [values, inside] = across instanceof Tensor ? [across, null] : across;
  const chosen = planes(reshape(values, [...lead, D, P]), along, returnIndices);
  if (chosen instanceof Tensor || inside === null) return reshape(chosen as Tensor, shape);
  const [y, places] = chosen;
  const found = gather(reshape(inside, [...lead, D * P]), -1, reshape(places, [...lead, deep.size * P]));
  const plane = mul(floorDivide(reshape(places, shape), Math.max(P, 1)), H * W);
  return [reshape(y, shape), add(plane, reshape(found, shape))];
}

/** Values and where each stands in its plane (i32, row-major). */
export type Pair = [values: Tensor, indices: Tensor];

export interface MaxPoolOptions extends WindowOptions {
  readonly returnIndices?: boolean;
}
type Sizes = number | readonly number[];

interface MaxPool {
  (x: Tensor, kernelSize: Sizes, options: MaxPoolOptions & { readonly returnIndices: true }): Pair;
  (x: Tensor, kernelSize: Sizes, options?: MaxPoolOptions): Tensor;
}

function maxPool(op: string, spatial: number): MaxPool {
  return ((x: Tensor, kernelSize: Sizes, options: MaxPoolOptions = {}) => {
    const { returnIndices = false, ...rest } = optionsArgument(op, options);
    if (tensorArgument(op, "input", x).dtype === "bool") floatTensor(op, "input", x);
    return pool(op, x, windowAxes(op, x, spatial, kernelSize, rest), returnIndices === true);
  }) as MaxPool;
}

type AdaptiveSize = number | null | readonly (number | null)[];

interface AdaptiveMaxPool {
  (x: Tensor, outputSize: AdaptiveSize, options: { readonly returnIndices: true }): Pair;
  (x: Tensor, outputSize: AdaptiveSize, options?: { readonly returnIndices?: boolean }): Tensor;
}

function adaptiveMaxPool(op: string, spatial: number): AdaptiveMaxPool {
  return ((x: Tensor, outputSize: AdaptiveSize, options: { returnIndices?: boolean } = {}) => {
    const { returnIndices = false } = optionsArgument(op, options);
    checkPlanes(op, floatTensor(op, "input", x), spatial);
    return pool(op, x, adaptiveAxes(op, x, spatial, outputSize), returnIndices === true);
  }) as AdaptiveMaxPool;
}

/**
 * Maximum over windows of (N, C, L) or (C, L), padded with −Infinity; `stride` defaults to the kernel size. With
 * `returnIndices` the pair [values, indices]. NaN wins; of equal maxima the first. torch.nn.functional.max_pool1d
 */
export const maxPool1d = maxPool("maxPool1d", 1);
/** The same over windows of (N, C, H, W) or (C, H, W); indices are h · W + w. torch.nn.functional.max_pool2d */
export const maxPool2d = maxPool("maxPool2d", 2);
/** The same over windows of (N, C, D, H, W) or (C, D, H, W); indices are (d · H + h) · W + w. torch.nn.functional.max_pool3d */
export const maxPool3d = maxPool("maxPool3d", 3);
/**
 * Maximum over `outputSize` parts of (N, C, L) or (C, L), null for as many as there are elements; with `returnIndices` the
 * pair [values, indices]. torch.nn.functional.adaptive_max_pool1d
 */
export const adaptiveMaxPool1d = adaptiveMaxPool("adaptiveMaxPool1d", 1);
/** The same for (N, C, H, W) or (C, H, W). torch.nn.functional.adaptive_max_pool2d */
export const adaptiveMaxPool2d = adaptiveMaxPool("adaptiveMaxPool2d", 2);
/** The same for (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.adaptive_max_pool3d */
export const adaptiveMaxPool3d = adaptiveMaxPool("adaptiveMaxPool3d", 3);
