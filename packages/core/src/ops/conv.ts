// y[o, p] = Σ weight[o, c, t] x[c, p · stride - padding + t · dilation] + bias[o]: convolution as deep learning has it
// (cross-correlation), over one to three axes, and its transpose. torch.nn.functional.conv2d, conv_transpose2d
// With col(x) the patches of x:  dx = colᵀ(Wᵀ dy),  dW = dy col(x)ᵀ,  db = Σ dy. The transpose exchanges y and x.
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { axesBut, checkShape, formatShape, numel } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  floatTensor,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { correlate, productFlops, spread, weightGradient } from "./convolve.ts";
import { withFloat } from "./scalar.ts";
import { sum } from "./sum.ts";
import { squeeze, unsqueeze } from "./views.ts";
import {
  gridOf,
  gridShape,
  imageOf,
  imageShape,
  integer,
  type PerAxis,
  perAxis,
  stepsOf,
  type Window,
} from "./window.ts";

type Parts = readonly [Tensor, Tensor, Tensor | null];

/** x (N, channels, …), weight (outChannels, channels / groups, …), bias (outChannels) or null. */
/** The op that looks at windows of x, or its transpose: either is the other's gradient of x. */
function windowOp(name: string, transposed: boolean) {
  const [there, back] = transposed ? [spread, correlate] : [correlate, spread];
  return defineOp<Parts, Window>({
    name,
    forward([x, weight, bias], window, call) {
      call.save(x, weight);
      return there(window, x, weight, bias);
    },
    backward(dy, [x, weight], window, into) {
      if (into.wants(0)) into.give(0, back(window, dy, weight, null));
      if (x.shape[0] === 0) into.zero(1);
      else if (into.wants(1)) {
        const [image, grid] = transposed ? [dy, x] : [x, dy];
        into.give(1, weightGradient(window, image, grid));
      }
      if (into.wants(2)) into.give(2, sum(dy, axesBut(dy.rank, [1])));
    },
    flops: ([x], window) => productFlops(window, x.shape[0]),
  });
}

const convOp = windowOp("conv", false);
const convTransposeOp = windowOp("convTranspose", true);

/** x (N, channels, …), weight (channels, outChannels / groups, …), bias (outChannels) or null. */

export interface ConvOptions {
  /** Positions of the window are so far apart (default 1). */
  readonly stride?: PerAxis;
  /**
   * Zeros around the image (default 0): one number, one per axis, or [before each axis…, after each axis…]. "same" keeps
   * the size at stride 1, an odd zero going behind; "valid" is 0.
   */
  readonly padding?: PerAxis | "same" | "valid";
  /** Elements under the window are so far apart (default 1). */
  readonly dilation?: PerAxis;
  /** Channels are cut into so many groups that do not see each other (default 1); as many as channels is depthwise. */
  readonly groups?: number;
}

export interface ConvTransposeOptions {
  readonly stride?: PerAxis;
  /** Elements cut off around the result (default 0); forms as for a convolution. */
  readonly padding?: PerAxis;
  /** More elements behind the result (default 0), fewer than the stride or the dilation. */
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

/** Checks what both directions share and returns the window's size and the number of groups. */
function checkInputs(
  op: string,
  n: number,
  [x, weight, bias]: Parts,
  groups: unknown,
  outChannels: number,
): void {
  const wrongWeight = (wanted: string): never => refuse(op, "weight", wanted, weight, "shape");
  rankedTensor(op, "input", x, n + 1, n + 2);
  rankedTensor(op, "weight", floatTensor(op, "weight", weight), n + 2);
  if (weight.numel === 0) wrongWeight("of one element or more");
  integer(op, "groups", groups, 1);
  if (weight.shape[0] % (groups as number) !== 0) wrongWeight(`divisible into ${groups} groups`);
  if (numel(weight.shape.slice(1)) > 2 ** 24) wrongWeight("of windows of at most 2^24 elements");
  if (bias !== null) shapedTensor(op, "bias", bias, [outChannels], "f32");
}

function checkChannels(op: string, n: number, x: Tensor, weight: Tensor, wanted: number): void {
  const channels = x.size(-n - 1);
  if (channels === wanted) return;
  refuse(op, "input", `of ${wanted} channels for the weight ${formatShape(weight.shape)}`, x, "shape");
}

/** Runs `body` on x with a batch axis. */
export function batched(x: Tensor, n: number, body: (x: Tensor) => Tensor): Tensor {
  return x.rank === n + 2 ? body(x) : scope(() => squeeze(body(unsqueeze(x, 0)), 0));
}

function checkTensors(op: string, x: unknown, weight: unknown, bias: unknown): Parts {
  return [
    tensorArgument(op, "input", x),
    tensorArgument(op, "weight", weight),
    optionalTensor(op, "bias", bias),
  ];
}

function conv(op: string, n: number, inputs: Parts, options: ConvOptions): Tensor {
  const { groups = 1, ...steps } = optionsArgument(op, options);
  const [x, weight, bias] = checkTensors(op, ...inputs);
  checkInputs(op, n, [x, weight, bias], groups, weight.shape[0]);
  checkChannels(op, n, x, weight, weight.shape[1] * groups);
  const [kernel, image] = [weight.shape.slice(2), x.shape.slice(-n)];
  const taken = stepsOf(op, steps, kernel);
  const grid = gridOf(op, image, kernel, taken);
  const [channels, outChannels] = [weight.shape[1], weight.shape[0] / groups];
  const window: Window = { ...taken, groups, channels, outChannels, kernel, image, grid };
  checkShape(op, gridShape(window, x.rank === n + 2 ? x.shape[0] : 1));
  return withFloat(op, x, (input) => batched(input, n, (all) => apply(convOp, [all, weight, bias], window)));
}

/** The public form of one of the two above, over n axes. */
function withDefaults<O>(
  op: string,
  n: number,
  body: (op: string, n: number, inputs: Parts, options: O) => Tensor,
): (x: Tensor, weight: Tensor, bias?: Tensor | null, options?: O) => Tensor {
  return (x, weight, bias = null, options = {} as O) => body(op, n, [x, weight, bias], options);
}

function convTranspose(op: string, n: number, inputs: Parts, options: ConvTransposeOptions): Tensor {
  const { groups = 1, outputPadding = 0, ...steps } = optionsArgument(op, options);
  const [x, weight, bias] = checkTensors(op, ...inputs);
  checkInputs(op, n, [x, weight, bias], groups, (weight.shape[1] ?? 0) * Number(groups));
  checkChannels(op, n, x, weight, weight.shape[0]);
  const [kernel, grid] = [weight.shape.slice(2), x.shape.slice(-n)];
  if (typeof steps.padding === "string") perAxis(op, "padding", steps.padding, n, 0);
  const taken = stepsOf(op, steps, kernel);
  const extra = perAxis(op, "outputPadding", outputPadding, n, 0);
  for (const [axis, size] of extra.entries()) {
    const limit = Math.max(taken.stride[axis], taken.dilation[axis]);
    if (size >= limit) refuse(op, "outputPadding", `below the stride or the dilation, ${limit}`, size);
  }
  const image = imageOf(op, grid, kernel, taken, extra);
  const [channels, outChannels] = [weight.shape[1], weight.shape[0] / groups];
  const window: Window = { ...taken, groups, channels, outChannels, kernel, image, grid };
  checkShape(op, imageShape(window, x.rank === n + 2 ? x.shape[0] : 1));
  return withFloat(op, x, (input) =>
    batched(input, n, (all) => apply(convTransposeOp, [all, weight, bias], window)),
  );
}

/**
 * Convolution along one axis: x (N, C, L) or (C, L), weight (O, C / groups, K), bias (O) → (N, O, L').
 * torch.nn.functional.conv1d
 */
export const conv1d = withDefaults("conv1d", 1, conv);

/**
 * Convolution of images: x (N, C, H, W) or (C, H, W), weight (O, C / groups, KH, KW), bias (O) → (N, O, H', W').
 * torch.nn.functional.conv2d
 */
export const conv2d = withDefaults("conv2d", 2, conv);

/**
 * Convolution of volumes: x (N, C, D, H, W) or (C, D, H, W), weight (O, C / groups, KD, KH, KW), bias (O).
 * torch.nn.functional.conv3d
 */
export const conv3d = withDefaults("conv3d", 3, conv);

/**
 * The transpose of conv1d: x (N, C, L) or (C, L), weight (C, O / groups, K), bias (O) → (N, O, L') with
 * L' = (L - 1) stride - 2 padding + dilation (K - 1) + outputPadding + 1. torch.nn.functional.conv_transpose1d
 */
export const convTranspose1d = withDefaults("convTranspose1d", 1, convTranspose);

/**
 * The transpose of conv2d: x (N, C, H, W) or (C, H, W), weight (C, O / groups, KH, KW), bias (O); sizes as for
 * convTranspose1d. torch.nn.functional.conv_transpose2d
 */
export const convTranspose2d = withDefaults("convTranspose2d", 2, convTranspose);

/** The transpose of conv3d, as convTranspose2d with one axis more. torch.nn.functional.conv_transpose3d */
export const convTranspose3d = withDefaults("convTranspose3d", 3, convTranspose);
