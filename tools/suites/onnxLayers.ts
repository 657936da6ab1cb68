// ONNX's operators in calls of the public surface: products, norms, convolutions, pooling, resizing and losses.

import type { Tensor } from "@saccade/core";
import * as s from "@saccade/core";
import { axisOf, type OnnxNode, type Operators, Unsupported } from "./onnxNode.ts";

// -- windows -------------------------------------------------------------------------------------------------------

interface Windows {
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  /** Before each axis, then after each. */
  readonly pads: number[];
}

/** Both halves of a padding of `total`; an odd element goes behind unless `lower`. */
function halves(totals: readonly number[], lower: boolean): number[] {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total) => Math.ceil(total / 2));
  return lower ? [...large, ...small] : [...small, ...large];
}

function windows(n: OnnxNode, kernel: number[]): Windows {
  const axes = kernel.length;
  const stride = n.list("strides") ?? new Array<number>(axes).fill(1);
  const dilation = n.list("dilations") ?? new Array<number>(axes).fill(1);
  const auto = n.text("auto_pad", "NOTSET");
  if (!auto.startsWith("SAME")) {
    const pads = (auto === "VALID" ? undefined : n.list("pads")) ?? new Array<number>(2 * axes).fill(0);
    return { kernel, stride, dilation, pads };
  }
  const totals = n
    .x()
    .shape.slice(2)
    .map((size, i) => {
      const extent = dilation[i] * (kernel[i] - 1) + 1;
      return Math.max((Math.ceil(size / stride[i]) - 1) * stride[i] + extent - size, 0);
    });
  return { kernel, stride, dilation, pads: halves(totals, auto === "SAME_LOWER") };
}

/** The function for the number of spatial axes of the input. */
function forAxes<F>(n: OnnxNode, ...functions: readonly F[]): F {
  const f = functions[n.x().rank - 3];
  if (f === undefined) throw new Unsupported(`no such op: ${n.op} over ${n.x().rank - 2} axes`);
  return f;
}

function convolution(n: OnnxNode): Tensor {
  const { stride, dilation, pads } = windows(n, n.x(1).shape.slice(2));
  const options = { stride, dilation, padding: pads, groups: n.number("group", 1) };
  return forAxes(n, s.conv1d, s.conv2d, s.conv3d)(n.x(), n.x(1), n.optional(2), options);
}

function transposedConvolution(n: OnnxNode): Tensor {
  const { kernel, stride, dilation, pads } = windows(n, n.x(1).shape.slice(2));
  const image = n.x().shape.slice(2);
  const outputPadding = n.list("output_padding") ?? image.map(() => 0);
  const auto = n.text("auto_pad", "NOTSET");
  const wanted =
    n.list("output_shape") ?? (auto.startsWith("SAME") ? image.map((L, i) => L * stride[i]) : undefined);
  let padding = pads;
  if (wanted !== undefined) {
    const full = image.map(
      (L, i) => stride[i] * (L - 1) + outputPadding[i] + (kernel[i] - 1) * dilation[i] + 1,
    );
    padding = halves(
      full.map((size, i) => Math.max(size - wanted[i], 0)),
      auto !== "SAME_UPPER",
    );
    for (const [i, size] of full.entries()) outputPadding[i] += Math.max(wanted[i] - size, 0);
  }
  const options = { stride, dilation, padding, outputPadding, groups: n.number("group", 1) };
  const f = forAxes(n, s.convTranspose1d, s.convTranspose2d, s.convTranspose3d);
  return f(n.x(), n.x(1), n.optional(2), options);
}

/** A window as the options of pooling. */
function poolOptions(n: OnnxNode, { stride, dilation, pads }: Windows) {
  return { stride, dilation, padding: pads, ceilMode: n.flag("ceil_mode") };
}

function maxPool(n: OnnxNode): (Tensor | null)[] {
  const w = windows(n, n.list("kernel_shape") as number[]);
  const options = poolOptions(n, w);
  const f = forAxes(n, s.maxPool1d, s.maxPool2d, s.maxPool3d);
  if (n.wanted < 2) return [f(n.x(), w.kernel, options)];
  const [y, places] = f(n.x(), w.kernel, { ...options, returnIndices: true });
  // ONNX counts through the whole tensor, PyTorch within a plane.
  const [N, C, ...plane] = n.x().shape;
  let inside = places;
  if (n.flag("storage_order")) {
    const [H, W] = plane;
    inside = s.add(s.mul(s.remainder(places, W), H), s.floorDivide(places, W));
  }
  const size = plane.reduce((a, b) => a * b, 1);
  const first = s.reshape(s.mul(s.arange(0, N * C), size), [N, C, ...plane.map(() => 1)]);
  return [y, s.add(first, inside)];
}

function averagePool(n: OnnxNode): Tensor {
  const w = windows(n, n.list("kernel_shape") as number[]);
  const options = { ...poolOptions(n, w), countIncludePad: n.flag("count_include_pad") };
  return forAxes(n, s.avgPool1d, s.avgPool2d, s.avgPool3d)(n.x(), w.kernel, options);
}

function lpPool(n: OnnxNode): Tensor {
  const w = windows(n, n.list("kernel_shape") as number[]);
  return forAxes(n, s.lpPool1d, s.lpPool2d, s.lpPool3d)(
    s.abs(n.x()),
    n.number("p", 2),
    w.kernel,
    poolOptions(n, w),
  );
}

function maxUnpool(n: OnnxNode): Tensor {
  const { kernel, stride, pads } = windows(n, n.list("kernel_shape") as number[]);
  const [N, C, ...small] = n.x().shape;
  const least = small.map((L, i) => (L - 1) * stride[i] - pads[i] - pads[i + kernel.length] + kernel[i]);
  const area = least.reduce((a, b) => a * b, 1);
  const first = s.reshape(s.mul(s.arange(0, N * C), area), [N, C, ...small.map(() => 1)]);
  const places = s.sub(n.x(1), first);
  const y = forAxes(n, s.maxUnpool1d, s.maxUnpool2d, s.maxUnpool3d)(n.x(), places, kernel, {
    stride,
    outputSize: least,
  });
  const wanted = n.values(2);
  if (wanted === undefined) return y;
  // A larger output has more elements behind.
  const more = least.map((size, axis) => [0, wanted[axis + 2] - size]);
  return s.pad(y, more.reverse().flat());
}

// -- resizing ------------------------------------------------------------------------------------------------------

type Interpolation = NonNullable<Parameters<typeof s.interpolate>[1]>;

const roundings = {
  round_prefer_floor: "half-down",
  round_prefer_ceil: "half-up",
  floor: "floor",
  ceil: "ceil",
} as const;

/** The options of `interpolate` for ONNX's attributes. */
function interpolation(n: OnnxNode, axes: number): Interpolation {
  const mode = n.text("mode", "nearest");
  const asked = n.text("coordinate_transformation_mode", n.op === "Upsample" ? "asymmetric" : "half_pixel");
  const refuse = (what: string): never => {
    throw new Unsupported(`option: resize ${what}`);
  };
  const alignCorners = asked === "align_corners";
  const coordinates = asked === "asymmetric" ? "asymmetric" : "half-pixel";
  if (!["asymmetric", "half_pixel", "align_corners"].includes(asked)) refuse(asked);
  if (mode === "nearest") {
    if (alignCorners) refuse(`nearest ${asked}`);
    const rounding = n.text("nearest_mode", n.op === "Upsample" ? "floor" : "round_prefer_floor");
    return { mode: "nearest", coordinates, rounding: roundings[rounding as keyof typeof roundings] };
  }
  if (n.flag("exclude_outside")) refuse("exclude_outside");
  const antialias = n.flag("antialias");
  const placed = { coordinates, alignCorners, antialias } as const;
  if (mode === "linear") return { mode: (["linear", "bilinear", "trilinear"] as const)[axes - 1], ...placed };
  if (n.number("cubic_coeff_a", -0.75) !== (antialias ? -0.5 : -0.75)) refuse("cubic_coeff_a with antialias");
  if (axes !== 2) refuse("cubic over other than 2 axes");
  return { mode: "bicubic", ...placed };
}

/** New sizes or scale factors of `axes`, as they are given or in proportion. */
function resizing(n: OnnxNode, axes: readonly number[]): Pick<Interpolation, "size" | "scaleFactor"> {
  const older = n.op === "Upsample" || n.opset < 11;
  const sizes = older ? [] : (n.values(3) ?? []);
  if (sizes.length === 0) return { scaleFactor: n.list("scales") ?? n.values(older ? 1 : 2) };
  const policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return { size: sizes };
  const ratios = sizes.map((size, i) => size / n.x().shape[axes[i]]);
  const ratio = policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
  return { size: axes.map((axis) => Math.floor(ratio * n.x().shape[axis] + 0.5)) };
}

function resize(n: OnnxNode): Tensor {
  const x = n.x();
  const axes = (n.list("axes") ?? x.shape.map((_, i) => i)).map((axis) => axisOf(axis, x));
  const [[kind, target]] = Object.entries(resizing(n, axes)) as [string, number[]][];
  const still = (i: number): boolean => target[i] === (kind === "size" ? x.shape[axes[i]] : 1);
  const moved = axes.filter((_, i) => !still(i));
  const spatial = moved.length === 0 ? axes.slice(-2) : moved;
  const rest = x.shape.map((_, i) => i).filter((axis) => !spatial.includes(axis));
  const order = [...rest, ...spatial];
  const images = s.reshape(s.permute(x, order), [1, -1, ...spatial.map((axis) => x.shape[axis])]);
  const chosen = { [kind]: spatial.map((axis) => target[axes.indexOf(axis)]) };
  const y = s.interpolate(images, { ...interpolation(n, spatial.length), ...chosen });
  const apart = s.reshape(y, [...rest.map((axis) => x.shape[axis]), ...y.shape.slice(2)]);
  return s.permute(
    apart,
    x.shape.map((_, i) => order.indexOf(i)),
  );
}

// -- norms ---------------------------------------------------------------------------------------------------------

/** The axes from `axis` on, as the shape that is normalised. */
const normalized = (n: OnnxNode): number[] => n.x().shape.slice(axisOf(n.number("axis", -1), n.x()));

function layerNormalization(n: OnnxNode): Tensor[] {
  const eps = n.number("epsilon", 1e-5);
  const shape = normalized(n);
  const whole = (x: Tensor | null): Tensor | null => (x === null ? null : s.broadcastTo(x, shape));
  const y = s.layerNorm(n.x(), shape, whole(n.optional(1)), whole(n.optional(2)), eps);
  const [variance, mean] = s.varMean(
    n.x(),
    shape.map((_, i) => -1 - i),
    { correction: 0, keepdim: true },
  );
  return [y, mean, s.rsqrt(s.add(variance, eps))];
}

function batchNormalization(n: OnnxNode): Tensor[] {
  const [x, weight, bias, mean, variance] = n.all();
  const options = { weight, bias, eps: n.number("epsilon", 1e-5) };
  if (!n.flag("training_mode")) return [s.batchNorm(x, mean, variance, options)];
  // PyTorch's running variance is the unbiased one, ONNX's is not.
  const axes = x.shape.map((_, i) => i).filter((axis) => axis !== 1);
  const [own, center] = s.varMean(x, axes, { correction: 0 });
  const kept = n.number("momentum", 0.9);
  return [
    s.batchNorm(x, null, null, { ...options, training: true }),
    s.lerp(center, mean, kept),
    s.lerp(own, variance, kept),
  ];
}

function localResponse(n: OnnxNode): Tensor {
  const { alpha, beta, k } = {
    alpha: n.number("alpha", 1e-4),
    beta: n.number("beta", 0.75),
    k: n.number("bias", 1),
  };
  return s.localResponseNorm(n.x(), n.number("size", 1), { alpha, beta, k });
}

function meanVariance(n: OnnxNode): Tensor {
  const axes = n.list("axes") ?? [0, 2, 3];
  const [variance, mean] = s.varMean(n.x(), axes, { correction: 0, keepdim: true });
  return s.div(s.sub(n.x(), mean), s.add(s.sqrt(variance), 1e-9));
}

// -- products and losses ---------------------------------------------------------------------------------------------

function gemm(n: OnnxNode): Tensor {
  const a = n.flag("transA") ? s.t(n.x(0)) : n.x(0);
  const b = n.flag("transB") ? s.t(n.x(1)) : n.x(1);
  const [c, alpha, beta] = [n.optional(2), n.number("alpha", 1), n.number("beta", 1)];
  return c === null ? s.mul(s.matmul(a, b), alpha) : s.addmm(c, a, b, { alpha, beta });
}

type Reduction = "mean" | "sum" | "none";

function crossEntropy(n: OnnxNode): Tensor[] {
  const reduction = n.text("reduction", "mean") as Reduction;
  const options = { weight: n.optional(2), ignoreIndex: n.number("ignore_index", -100), reduction };
  return [s.crossEntropy(n.x(0), n.x(1), options), s.logSoftmax(n.x(0), 1)];
}

function negativeLogLikelihood(n: OnnxNode): Tensor {
  const reduction = n.text("reduction", "mean") as Reduction;
  const options = { weight: n.optional(2), ignoreIndex: n.number("ignore_index", -100), reduction };
  return s.nllLoss(n.x(0), n.x(1), options);
}

/** A depthwise convolution of what came before and what comes now. */
function causalConvolution(n: OnnxNode): Tensor[] {
  const [N, C] = n.x().shape;
  const kept = n.x(1).size(2) - 1;
  const past = n.optional(3) ?? s.zeros([N, C, kept]);
  const line = s.cat([past, n.x()], 2);
  const y = s.conv1d(line, n.x(1), n.optional(2), { groups: C });
  const present = s.narrow(line, 2, line.size(2) - kept, kept);
  return [n.text("activation", "none") === "none" ? y : s.silu(y), present];
}

function columnsToImage(n: OnnxNode): Tensor {
  const [size, block] = [n.values(1) as number[], n.values(2) as number[]];
  const axes = size.length;
  if (axes !== 2) throw new Unsupported(`no such op: fold over ${axes} axes`);
  const { stride, dilation, pads } = windows(n, block);
  return s.fold(n.x(), size, block, { stride, dilation, padding: pads });
}

/** a0 − a1 cos(2π i / N) + a2 cos(4π i / N), as the windows of signals are. */
function cosineWindow(a0: number, a1: number, a2: number): (n: OnnxNode) => Tensor {
  return (n) => {
    const size = n.x().item();
    const N = n.flag("periodic", true) ? size : size - 1;
    const angle = s.mul(s.arange(0, size, 1, { dtype: "f32" }), (2 * Math.PI) / N);
    const terms = s.sub(a0, s.mul(s.cos(angle), a1));
    return s.add(terms, s.mul(s.cos(s.mul(angle, 2)), a2));
  };
}

const global = (pool: (x: Tensor, axes: number[]) => Tensor) => (n: OnnxNode) =>
  pool(
    n.x(),
    n
      .x()
      .shape.slice(2)
      .map((_, i) => i + 2),
  );

export const layers: Operators = {
  MatMul: (n) => s.matmul(n.x(0), n.x(1)),
  Gemm: gemm,
  Einsum: (n) => s.einsum(n.text("equation", ""), ...n.all()),
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  MaxUnpool: maxUnpool,
  GlobalAveragePool: global((x, axes) => s.mean(x, axes, true)),
  GlobalMaxPool: global((x, axes) => s.amax(x, axes, true)),
  Col2Im: columnsToImage,
  Resize: resize,
  Upsample: resize,
  BatchNormalization: batchNormalization,
  InstanceNormalization: (n) =>
    s.instanceNorm(n.x(), { weight: n.x(1), bias: n.x(2), eps: n.number("epsilon", 1e-5) }),
  GroupNormalization: (n) =>
    s.groupNorm(n.x(), n.number("num_groups", 1), n.x(1), n.x(2), n.number("epsilon", 1e-5)),
  LayerNormalization: layerNormalization,
  RMSNormalization: (n) =>
    s.rmsNorm(n.x(), normalized(n), s.broadcastTo(n.x(1), normalized(n)), n.number("epsilon", 1e-5)),
  LpNormalization: (n) => s.normalize(n.x(), { p: n.number("p", 2), dim: n.number("axis", -1) }),
  MeanVarianceNormalization: meanVariance,
  LRN: localResponse,
  SoftmaxCrossEntropyLoss: crossEntropy,
  NegativeLogLikelihoodLoss: negativeLogLikelihood,
  CausalConvWithState: causalConvolution,
  BlackmanWindow: cosineWindow(0.42, 0.5, 0.08),
  HannWindow: cosineWindow(0.5, 0.5, 0),
  HammingWindow: cosineWindow(25 / 46, 21 / 46, 0),
};
