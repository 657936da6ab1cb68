// The three products of a window, its images and its grid, on dense f32 memory: what conv.ts computes forward and
// backward, and with the roles exchanged convTranspose.ts. Depthwise windows have kernels of their own.
// A packed weight is widened for the call.
import { engine } from "../engine.ts";
import { numel } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { contiguous, weightRows } from "./contiguous.ts";
import { describeWindow, gridShape, imageShape, tapsOf, threeAxes, type Window } from "./window.ts";

const BYTES = 4;
/** Fewer outputs per channel than this are not worth a matrix product. */
const FEW = 4;

/** Whether a flat window has one channel of the image and so few outputs that a product would be the slower way. */
function isDepthwise({ channels, outChannels, image, grid, kernel }: Window): boolean {
  const deep = [image, grid, kernel].some((values) => threeAxes(values)[0] !== 1);
  return channels === 1 && outChannels < FEW && !deep;
}

/** Bytes of the frame around a plane of the grid spread by the stride, or null where that is mostly zeros. */
function spreadBytes(window: Window): number | null {
  const [image, kernel, dilation] = [window.image, window.kernel, window.dilation].map((x) => threeAxes(x));
  const frame = numel([1, 2].map((axis) => image[axis] + (kernel[axis] - 1) * dilation[axis]));
  if (frame > 65536 + 4 * (numel(window.image) + numel(window.grid))) return null;
  return (tapsOf(window) + frame + 16) * BYTES;
}

/** y = weight over the patches of x, plus bias: (N, groups * channels, …) to (N, groups * outChannels, …). */
export function correlate(window: Window, x: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const N = x.shape[0];
  const y = empty(gridShape(window, N));
  if (N === 0) return y;
  const running = engine();
  const words = describeWindow(window);
  const inputs = [f32(contiguous(x)), f32(weightRows(weight)), f32(bias && contiguous(bias)), words] as const;
  if (isDepthwise(window)) {
    const bytes = running.kernels.depthwise_work_f32(words) >>> 0;
    running.run("depthwise_f32", N * window.groups * window.outChannels, bytes, f32(y), ...inputs);
    return y;
  }
  const units = running.kernels.conv_units_f32(words, N);
  running.run("conv_f32", units, running.kernels.conv_work_f32(words) >>> 0, f32(y), ...inputs);
  return y;
}

/** The transpose of correlate, plus bias: (N, groups * outChannels, …) to (N, groups * channels, …). */
export function spread(window: Window, y: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
  const N = y.shape[0];
  const x = empty(imageShape(window, N));
  if (N === 0) return x;
  const running = engine();
  const words = describeWindow(window);
  const inputs = [f32(contiguous(y)), f32(weightRows(weight)), f32(bias && contiguous(bias)), words] as const;
  const frame = isDepthwise(window) ? spreadBytes(window) : null;
  if (frame !== null) {
    running.run("depthwise_input_f32", N * window.groups, frame, f32(x), ...inputs);
    return x;
  }
  const units = running.kernels.conv_input_units_f32(words, N);
  running.run("conv_input_f32", units, running.kernels.conv_input_work_f32(words) >>> 0, f32(x), ...inputs);
  return x;
}

/** The gradient of the weight, of N > 0 images x and the gradient y of their grids. */
export function weightGradient(window: Window, x: Tensor, y: Tensor): Tensor {
  const { groups, channels, outChannels, kernel } = window;
  const N = x.shape[0];
  const weight = empty([groups * outChannels, channels, ...kernel]);
  const running = engine();
  const words = describeWindow(window);
  const inputs = [f32(contiguous(x)), f32(contiguous(y)), words, N] as const;
  if (channels === 1 && outChannels < FEW) {
    const bytes = running.kernels.depthwise_weight_work_f32(words) >>> 0;
    running.run("depthwise_weight_f32", groups * outChannels, bytes, f32(weight), ...inputs);
    return weight;
  }
  const units = running.kernels.conv_weight_units_f32(words);
  running.run(
    "conv_weight_f32",
    units,
    running.kernels.conv_weight_work_f32(words) >>> 0,
    f32(weight),
    ...inputs,
  );
  return weight;
}

/** Floating-point operations of each of the three. */
export function productFlops(window: Window, N: number): number {
  return 2 * numel(gridShape(window, N)) * window.channels * tapsOf(window);
}
