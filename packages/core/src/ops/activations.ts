// Activations beyond relu, sigmoid, tanh, silu and gelu: torch.nn.functional's, with its defaults. Formulas stand with
// the functions; the transcendental ones are computed in f64. Integers give f32, but for those that only choose.
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  axisArgument,
  numberArgument,
  numericTensor,
  optionsArgument,
  rangeArgument,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, div, maximum, minimum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { gt, le } from "./compare.ts";
import { composedSlope, formula } from "./formula.ts";
import { withFloat } from "./scalar.ts";
import { abs as magnitude, sigmoid, tanh } from "./unary.ts";
import { narrow, reshape } from "./views.ts";
import { where } from "./where.ts";

/** An option that must be a number, or its default. */
function option(op: string, name: string, value: number | undefined, otherwise: number): number {
  return value === undefined ? otherwise : numberArgument(op, name, value);
}

const bounded = (name: string) => formula(name, "clamp_f32", { kernel: "between_backward_f32", saves: "x" });
const relu6Op = bounded("relu6");
const hardTanhOp = bounded("hardTanh");

function bound(name: string, op: ReturnType<typeof bounded>, x: Tensor, low: number, high: number): Tensor {
  if (numericTensor(name, "input", x).dtype === "f32") return op(x, [low, high]);
  return scope(() => minimum(maximum(x, Math.trunc(low)), Math.trunc(high)));
}

/** min(max(x, 0), 6); integers stay i32. torch.nn.functional.relu6 */
export function relu6(x: Tensor): Tensor {
  return bound("relu6", relu6Op, x, 0, 6);
}

/** min(max(x, minVal), maxVal), between −1 and 1 unless given; integers stay i32. torch.nn.functional.hardtanh */
export function hardTanh(x: Tensor, options: { minVal?: number; maxVal?: number } = {}): Tensor {
  const given = optionsArgument("hardTanh", options);
  const low = option("hardTanh", "minVal", given.minVal, -1);
  const high = option("hardTanh", "maxVal", given.maxVal, 1);
  if (!(low <= high)) refuse("hardTanh", "minVal", `at most maxVal ${high}`, low);
  return bound("hardTanh", hardTanhOp, x, low, high);
}

const leakyReluOp = formula("leakyRelu", "leaky_relu_f32", {
  kernel: "leaky_relu_backward_f32",
  saves: "x",
});

/** x where x > 0, negativeSlope · x elsewhere (0.01 unless given). torch.nn.functional.leaky_relu */
export function leakyRelu(x: Tensor, options: { negativeSlope?: number } = {}): Tensor {
  const { negativeSlope } = optionsArgument("leakyRelu", options);
  return leakyReluOp(x, [option("leakyRelu", "negativeSlope", negativeSlope, 0.01)]);
}

const preluOp = defineOp<readonly [Tensor, Tensor]>({
  name: "prelu",
  forward([x, weight], _attrs, call) {
    call.save(x, weight);
    return noGrad(() => mul(x, where(gt(x, 0), 1, weight)));
  },
  // dx = dy where x > 0, else weight dy; dweight = sum of x dy where x ≤ 0
  backward(dy, [x, weight], _attrs, into) {
    const positive = gt(x, 0);
    if (into.wants(0)) into.give(0, mul(dy, where(positive, 1, weight)));
    if (into.wants(1)) into.give(1, mul(dy, where(positive, 0, x)));
  },
});

/**
 * x where x > 0, weight · x elsewhere; the weight has one element, or one for each channel (axis 1), or several axes that
 * broadcast to x. torch.nn.functional.prelu, which takes no such weight
 */
export function prelu(x: Tensor, weight: Tensor): Tensor {
  tensorArgument("prelu", "input", x);
  tensorArgument("prelu", "weight", weight);
  const channels = x.rank < 2 ? 1 : x.shape[1];
  const whole = weight.rank > 1 || sameShape(weight.shape, x.shape);
  const broadcasts = (): boolean => sameShape(broadcastShapes("prelu", x.shape, weight.shape), x.shape);
  if (whole ? !broadcasts() : weight.numel !== 1 && weight.numel !== channels) {
    const wanted = `of 1 element or of ${channels}, one for each channel, or broadcast to the input`;
    refuse("prelu", "weight", wanted, weight, "shape");
  }
  return scope(() => {
    const [input, slopes] = [to(x, "f32"), to(weight, "f32")];
    const perChannel = [channels, ...x.shape.slice(2).map(() => 1)];
    const shape = whole ? weight.shape : weight.numel === 1 ? [] : perChannel;
    return apply(preluOp, [input, reshape(slopes, shape)], undefined);
  });
}

const elus = (name: string) => formula(name, "elu_f32", { kernel: "elu_backward_f32", saves: "x" });
const [eluOp, celuOp, seluOp] = ["elu", "celu", "selu"].map(elus);

/** x above 0, alpha (e^x − 1) below (alpha 1 unless given). torch.nn.functional.elu, Clevert et al. 2015 */
export function elu(x: Tensor, options: { alpha?: number } = {}): Tensor {
  const { alpha } = optionsArgument("elu", options);
  return eluOp(x, [option("elu", "alpha", alpha, 1), 1, 1]);
}

/** x above 0, alpha (e^(x / alpha) − 1) below. torch.nn.functional.celu, Barron 2017 */
export function celu(x: Tensor, options: { alpha?: number } = {}): Tensor {
  const { alpha } = optionsArgument("celu", options);
  const scale = option("celu", "alpha", alpha, 1);
  if (scale === 0) refuse("celu", "alpha", "other than 0", scale);
  return celuOp(x, [scale, 1, 1 / scale]);
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * scale · elu(x, alpha), by default the one that keeps mean 0 and variance 1. torch.nn.functional.selu, Klambauer et al.
 * 2017
 */
export function selu(x: Tensor, options: { alpha?: number; scale?: number } = {}): Tensor {
  const given = optionsArgument("selu", options);
  const scale = option("selu", "scale", given.scale, SELU_SCALE);
  return seluOp(x, [option("selu", "alpha", given.alpha, SELU_ALPHA) * scale, scale, 1]);
}

const mishOp = formula("mish", "mish_f32", { kernel: "mish_backward_f32", saves: "x" });

/** x tanh(softplus(x)). torch.nn.functional.mish, Misra 2019 */
export function mish(x: Tensor): Tensor {
  return mishOp(x);
}

const softplusOp = formula("softplus", "softplus_f32", { kernel: "softplus_backward_f32", saves: "x" });
const logSigmoidOp = formula("logSigmoid", "softplus_f32", {
  kernel: "softplus_backward_f32",
  saves: "x",
});

/** ln(1 + e^(beta x)) / beta, x itself where beta x > threshold (1 and 20 unless given). torch.nn.functional.softplus */
export function softplus(x: Tensor, options: { beta?: number; threshold?: number } = {}): Tensor {
  const given = optionsArgument("softplus", options);
  const beta = option("softplus", "beta", given.beta, 1);
  return softplusOp(x, [beta, option("softplus", "threshold", given.threshold, 20)]);
}

/** ln(sigmoid(x)) = −softplus(−x). torch.nn.functional.logsigmoid */
export function logSigmoid(x: Tensor): Tensor {
  return logSigmoidOp(x, [-1, Number.POSITIVE_INFINITY]);
}

/** x / (1 + |x|). torch.nn.functional.softsign */
export function softsign(x: Tensor): Tensor {
  return withFloat("softsign", x, (input) => scope(() => div(input, add(magnitude(input), 1))));
}

/** x − tanh(x). torch.nn.functional.tanhshrink */
export function tanhShrink(x: Tensor): Tensor {
  return withFloat("tanhShrink", x, (input) => scope(() => sub(input, tanh(input))));
}

const hardSigmoidOp = formula("hardSigmoid", "hard_sigmoid_f32", {
  kernel: "inside_backward_f32",
  saves: "x",
});
/** The largest f32 below 3: the kernel includes the ends of its range, the gradient of hardSigmoid does not. */
const BELOW_3 = 3 - 2 ** -22;

/**
 * min(max(alpha x + beta, 0), 1), with 1/6 and 1/2 unless given. torch.nn.functional.hardsigmoid; alpha and beta are
 * ONNX's.
 */
export function hardSigmoid(x: Tensor, options: { alpha?: number; beta?: number } = {}): Tensor {
  const { alpha, beta } = optionsArgument("hardSigmoid", options);
  if (alpha === undefined && beta === undefined) return hardSigmoidOp(x, [], [-BELOW_3, BELOW_3, 1 / 6]);
  const slope = option("hardSigmoid", "alpha", alpha, 1 / 6);
  const middle = option("hardSigmoid", "beta", beta, 0.5);
  return withFloat("hardSigmoid", x, (input) =>
    scope(() => hardTanhOp(add(mul(input, slope), middle), [0, 1])),
  );
}

const hardSwishOp = formula("hardSwish", "hard_swish_f32", {
  kernel: "hard_swish_backward_f32",
  saves: "x",
});

/** x min(max(x + 3, 0), 6) / 6. torch.nn.functional.hardswish, Howard et al. 2019 */
export function hardSwish(x: Tensor): Tensor {
  return hardSwishOp(x);
}

const shrinking = (name: string, kernel: "soft_shrink_f32" | "hard_shrink_f32") =>
  composedSlope(name, kernel, (dy, x, [width]) => where(le(magnitude(x), width), 0, dy));
const softShrinkOp = shrinking("softShrink", "soft_shrink_f32");
const hardShrinkOp = shrinking("hardShrink", "hard_shrink_f32");

/** x moved toward 0 by lambd, 0 within it (0.5 unless given). torch.nn.functional.softshrink */
export function softShrink(x: Tensor, options: { lambd?: number } = {}): Tensor {
  const { lambd = 0.5 } = optionsArgument("softShrink", options);
  return softShrinkOp(x, [rangeArgument("softShrink", "lambd", lambd, 0)]);
}

/** x where |x| > lambd, else 0 (0.5 unless given). torch.nn.functional.hardshrink */
export function hardShrink(x: Tensor, options: { lambd?: number } = {}): Tensor {
  const { lambd } = optionsArgument("hardShrink", options);
  return hardShrinkOp(x, [option("hardShrink", "lambd", lambd, 0.5)]);
}

const thresholdOp = formula("threshold", "threshold_f32", {
  kernel: "between_backward_f32",
  saves: "x",
});

/** x where x > limit, else value; integers stay i32. torch.nn.functional.threshold */
export function threshold(x: Tensor, limit: number, value: number): Tensor {
  numericTensor("threshold", "input", x);
  numberArgument("threshold", "threshold", limit);
  numberArgument("threshold", "value", value);
  // No x is >= NaN: the gradient is cut at the lower end only.
  if (x.dtype === "f32") return thresholdOp(x, [limit, value], [limit, Number.NaN]);
  return scope(() => where(le(x, Math.trunc(limit)), Math.trunc(value), x));
}

/** a · sigmoid(b) of the two halves of an axis, the last unless given. torch.nn.functional.glu, Dauphin et al. 2016 */
export function glu(x: Tensor, dim = -1): Tensor {
  return withFloat("glu", x, (input) => {
    const axis = axisArgument("glu", input, dim);
    const half = (input.shape[axis] ?? 1) / 2;
    if (!Number.isInteger(half)) refuse("glu", "input", `even along axis ${dim}`, x, "shape");
    return scope(() => mul(narrow(input, axis, 0, half), sigmoid(narrow(input, axis, half, half))));
  });
}
