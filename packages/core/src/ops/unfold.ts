// Patches of images as columns, and images as sums of patches; each is the gradient of the other.
// torch.nn.functional.unfold, torch.nn.functional.fold

import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { checkShape, formatShape, numel } from "../shape.ts";
import { bytePtr, empty, f32, type Tensor } from "../tensor.ts";
import {
  axisArgument,
  integerArgument,
  optionsArgument,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { movedim } from "./axes.ts";
import { to } from "./cast.ts";
import { contiguous } from "./contiguous.ts";
import { batched } from "./conv.ts";
import { indexSelect } from "./gather.ts";
import { withFloat } from "./scalar.ts";
import { reshape } from "./views.ts";
import {
  describeWindow,
  gridOf,
  imageShape,
  type PerAxis,
  perAxis,
  stepsOf,
  tapsOf,
  type Window,
} from "./window.ts";
import { i32Table } from "./windows.ts";

/** (N, C, H, W) → (N, C · taps, positions) */
function columnsOf(window: Window, x: Tensor): Tensor {
  const rows = window.channels * tapsOf(window);
  const y = empty([x.shape[0], rows, numel(window.grid)], x.dtype);
  const units = x.shape[0] * rows;
  engine().run("unfold_b4", units, 0, bytePtr(y), bytePtr(contiguous(x)), describeWindow(window));
  return y;
}

/** (N, C · taps, positions) → (N, C, H, W) */
function imagesOf(window: Window, columns: Tensor): Tensor {
  const y = empty(imageShape(window, columns.shape[0]));
  const units = columns.shape[0] * window.channels;
  engine().run("fold_f32", units, 0, f32(y), f32(contiguous(columns)), describeWindow(window));
  return y;
}

const unfoldOp = defineOp<readonly [Tensor], Window>({
  name: "unfold",
  forward: ([x], window) => columnsOf(window, x),
  backward(dy, _saved, window, into) {
    into.give(0, imagesOf(window, dy));
  },
});

const foldOp = defineOp<readonly [Tensor], Window>({
  name: "fold",
  forward: ([x], window) => imagesOf(window, x),
  backward(dy, _saved, window, into) {
    into.give(0, columnsOf(window, dy));
  },
  flops: 1,
});

export interface UnfoldOptions {
  readonly dilation?: PerAxis;
  /** Zeros around the image (default 0): one number, one per axis, or [top, left, bottom, right]. */
  readonly padding?: PerAxis;
  readonly stride?: PerAxis;
}

/** The window over images of H × W whose patches make `rows` rows, `channels` of them known or not. */
function windowOf(
  op: string,
  image: number[],
  kernelSize: unknown,
  options: UnfoldOptions,
): Omit<Window, "channels"> {
  const { padding = 0, ...steps } = optionsArgument(op, options);
  const kernel = perAxis(op, "kernelSize", kernelSize, 2, 1);
  checkShape(op, kernel);
  const sides = Array.isArray(padding) && padding.length === 4 ? 4 : 2;
  const taken = stepsOf(op, { ...steps, padding: perAxis(op, "padding", padding, sides, 0) }, kernel);
  return { ...taken, groups: 1, outChannels: 1, kernel, image, grid: gridOf(op, image, kernel, taken) };
}

/** Runs `body` on x with a batch axis in front of `axes` others. */

/** The windows of `size` along one axis, `step` apart, behind all other axes: a copy. */
function windowsAlong(x: Tensor, dimension: number, size: unknown, step: unknown): Tensor {
  const axis = axisArgument("unfold", x, dimension);
  const length = x.rank === 0 ? 1 : x.shape[axis];
  const width = integerArgument("unfold", "size", size, 0, length);
  const stride = integerArgument("unfold", "step", step, 1, 2 ** 31 - 1);
  const count = Math.floor((length - width) / stride) + 1;
  checkShape("unfold", [...x.shape, count, width]);
  const places = Int32Array.from(
    { length: count * width },
    (_, i) => Math.floor(i / width) * stride + (i % width),
  );
  return scope(() => {
    const line = x.rank === 0 ? reshape(x, [1]) : x;
    const taken = indexSelect(line, axis, i32Table(places));
    if (x.rank === 0) return taken;
    const shape = [...x.shape.slice(0, axis), count, width, ...x.shape.slice(axis + 1)];
    return movedim(reshape(taken, shape), axis + 1, -1);
  });
}

/**
 * The patches that a window of `kernelSize` meets: x (N, C, H, W) or (C, H, W) → (N, C · KH · KW, positions).
 * torch.nn.functional.unfold. With three numbers the windows of `size` along one axis, `step` apart, behind all other
 * axes (as a copy). torch.Tensor.unfold
 */
export function unfold(x: Tensor, dimension: number, size: number, step: number): Tensor;
export function unfold(x: Tensor, kernelSize: PerAxis, options?: UnfoldOptions): Tensor;
export function unfold(
  x: Tensor,
  kernelSize: PerAxis,
  options: UnfoldOptions | number = {},
  step?: number,
): Tensor {
  tensorArgument("unfold", "input", x);
  if (typeof options === "number") return windowsAlong(x, kernelSize as number, options, step);
  if (rankedTensor("unfold", "input", x, 3, 4).shape.slice(-3).includes(0))
    refuse("unfold", "input", "(N, C, H, W) or (C, H, W), empty in N alone", x, "shape");
  const window = { ...windowOf("unfold", x.shape.slice(-2), kernelSize, options), channels: x.size(-3) };
  const N = x.rank === 4 ? x.shape[0] : 1;
  checkShape("unfold", [N, window.channels, ...window.kernel, ...window.grid]);
  const run = (all: Tensor): Tensor => batched(all, 2, (images) => apply(unfoldOp, [images], window));
  return x.dtype === "bool" ? scope(() => to(run(to(x, "i32")), "bool")) : run(x);
}

/**
 * Images of `outputSize` (H, W) as sums of overlapping patches: x (N, C · KH · KW, positions) or without N →
 * (N, C, H, W). torch.nn.functional.fold
 */
export function fold(
  x: Tensor,
  outputSize: PerAxis,
  kernelSize: PerAxis,
  options: UnfoldOptions = {},
): Tensor {
  rankedTensor("fold", "input", x, 2, 3);
  const image = perAxis("fold", "outputSize", outputSize, 2, 1);
  checkShape("fold", image);
  const window = windowOf("fold", image, kernelSize, options);
  const [taps, positions] = [numel(window.kernel), numel(window.grid)];
  if (x.size(-1) !== positions || x.size(-2) % taps !== 0 || x.size(-2) === 0) {
    const wanted = `(N, C * ${taps}, ${positions}) or without N for an image ${formatShape(image)}`;
    refuse("fold", "input", wanted, x, "shape");
  }
  const channels = x.size(-2) / taps;
  checkShape("fold", [x.rank === 3 ? x.shape[0] : 1, channels, ...image]);
  return withFloat("fold", x, (all) =>
    batched(all, 1, (columns) => apply(foldOp, [columns], { ...window, channels })),
  );
}
