// ONNX's operators in calls of the public surface: what works element by element or reduces. Semantics:
// https://onnx.ai/onnx/operators. A line that needs more than one call shows what ONNX has and PyTorch has not.

import type { Tensor } from "@saccade/core";
import * as s from "@saccade/core";
import { integers, type Operator, type Operators, Unsupported } from "./onnxNode.ts";

type Unary = (x: Tensor) => Tensor;
type Binary = (a: Tensor, b: Tensor) => Tensor;

const unary =
  (f: Unary): Operator =>
  (n) =>
    f(n.x());
const binary =
  (f: Binary): Operator =>
  (n) =>
    f(n.x(0), n.x(1));
/** Over any number of inputs. */
const folded =
  (f: Binary): Operator =>
  (n) =>
    n.all().reduce((a, b) => f(a, b));

const each = <F>(wrap: (f: F) => Operator, table: Readonly<Record<string, F>>): Operators =>
  Object.fromEntries(Object.entries(table).map(([name, f]) => [name, wrap(f)]));

export const elementwise: Operators = {
  ...each<Unary>(unary, {
    Abs: s.abs,
    Acos: s.acos,
    Acosh: s.acosh,
    Asin: s.asin,
    Asinh: s.asinh,
    Atan: s.atan,
    Atanh: s.atanh,
    Ceil: s.ceil,
    Cos: s.cos,
    Cosh: s.cosh,
    Erf: s.erf,
    Exp: s.exp,
    Floor: s.floor,
    HardSwish: s.hardSwish,
    Identity: (x) => x,
    IsNaN: s.isNaN,
    Log: s.log,
    Mish: s.mish,
    Neg: s.neg,
    Not: s.logicalNot,
    Reciprocal: s.reciprocal,
    Relu: s.relu,
    Round: (x) => s.round(x),
    Sigmoid: s.sigmoid,
    Sign: s.sign,
    Sin: s.sin,
    Sinh: s.sinh,
    Softplus: (x) => s.softplus(x),
    Softsign: s.softsign,
    Sqrt: s.sqrt,
    Tan: s.tan,
    Tanh: s.tanh,
  }),
  ...each<Binary>(binary, {
    Add: s.add,
    And: s.logicalAnd,
    Equal: s.eq,
    Greater: s.gt,
    GreaterOrEqual: s.ge,
    Less: s.lt,
    LessOrEqual: s.le,
    Mul: s.mul,
    Or: s.logicalOr,
    Sub: s.sub,
    Xor: s.logicalXor,
    Pow: (a, b) => s.to(s.pow(a, b), a.dtype),
    Div: (a, b) => s.div(a, b, { roundingMode: a.dtype === "f32" ? null : "trunc" }),
  }),
  ...each<Binary>(folded, { Max: s.maximum, Min: s.minimum, Sum: s.add }),
  Mean: (n) => s.div(folded(s.add)(n) as Tensor, n.inputs.length),
  Mod: (n) => (n.flag("fmod") ? s.fmod : s.remainder)(n.x(0), n.x(1)),
  // The slopes broadcast from the last axis; one axis of them is channels to PyTorch and older operator sets.
  PRelu: (n) => {
    const [x, slope] = [n.x(0), n.x(1)];
    const wide = n.opset >= 9 && slope.rank === 1 && slope.numel > 1;
    return s.prelu(x, wide ? s.expand(slope, x.shape) : slope);
  },
  Celu: (n) => s.celu(n.x(), { alpha: n.number("alpha", 1) }),
  Elu: (n) => s.elu(n.x(), { alpha: n.number("alpha", 1) }),
  Gelu: (n) => s.gelu(n.x(), { approximate: n.text("approximate", "none") as "none" | "tanh" }),
  LeakyRelu: (n) => s.leakyRelu(n.x(), { negativeSlope: n.number("alpha", 0.01) }),
  Selu: (n) => s.selu(n.x(), { alpha: n.number("alpha", 1.6732632), scale: n.number("gamma", 1.050701) }),
  ThresholdedRelu: (n) => s.threshold(n.x(), n.number("alpha", 1), 0),
  HardSigmoid: (n) => s.hardSigmoid(n.x(), { alpha: n.number("alpha", 0.2), beta: n.number("beta", 0.5) }),
  Swish: (n) => s.mul(n.x(), s.sigmoid(s.mul(n.x(), n.number("alpha", 1)))),
  SwiGLU: (n) => s.mul(s.mul(n.x(), s.sigmoid(s.mul(n.x(), n.number("alpha", 1)))), n.x(1)),
  Shrink: (n) => {
    const [x, bias, lambd] = [n.x(), n.number("bias", 0), n.number("lambd", 0.5)];
    return s.sub(s.hardShrink(x, { lambd }), s.mul(s.sign(s.hardShrink(x, { lambd })), bias));
  },
  Clip: (n) => {
    if (n.has("min") || n.has("max"))
      return s.clamp(n.x(), n.number("min", -Infinity), n.number("max", Infinity));
    const [min, max] = [n.optional(1), n.optional(2)];
    return min === null && max === null ? n.x() : s.clamp(n.x(), min, max);
  },
  IsInf: (n) => {
    const [negative, positive] = [n.flag("detect_negative", true), n.flag("detect_positive", true)];
    if (negative && positive) return s.isInf(n.x());
    return negative || positive ? s.eq(n.x(), negative ? -Infinity : Infinity) : s.ne(n.x(), n.x());
  },
  Where: (n) => s.where(n.x(0), n.x(1), n.x(2)),
  Cast: (n) => s.to(n.x(), n.text("to", "f32") as s.DType),
  CastLike: (n) => s.to(n.x(), n.x(1).dtype),
  Dropout: (n) => {
    const training = n.optional(2);
    const ratio = n.optional(1)?.item() ?? n.number("ratio", 0.5);
    if (training !== null && training.item() !== 0 && ratio > 0) throw new Unsupported("random");
    return [n.x(), s.onesLike(n.x(), { dtype: "bool" })];
  },
};

// -- reductions --------------------------------------------------------------------------------------------------

type Reduce = (x: Tensor, axes: number[] | undefined, keepdim: boolean) => Tensor;

const reducing =
  (f: Reduce): Operator =>
  (n) => {
    const axes = n.given("axes", 1);
    const empty = axes === undefined || axes.length === 0;
    // PyTorch's reductions over no axes are over all, those of ONNX may be over none.
    if (empty && n.flag("noop_with_empty_axes")) {
      return s.reshape(f(s.unsqueeze(n.x(), 0), [0], false), n.x().shape);
    }
    return f(n.x(), axes, n.flag("keepdims", true));
  };

/** argmax and argmin, of the last of equals if that is wanted. */
const placed =
  (f: typeof s.argmax): Operator =>
  (n) => {
    const [x, axis, keepdim] = [n.x(), n.number("axis", 0), n.flag("keepdims", true)];
    if (!n.flag("select_last_index")) return f(x, axis, keepdim);
    return s.sub(integers([x.size(axis) - 1]).reshape([]), f(s.flip(x, axis), axis, keepdim));
  };

const running =
  (f: typeof s.cumsum): Operator =>
  (n) =>
    f(n.x(), (n.values(1) as number[])[0], { exclusive: n.flag("exclusive"), reverse: n.flag("reverse") });

/** Over the last axis unless one is given; in older operator sets over all axes from that on. */
const normalizing =
  (f: (x: Tensor, dim: number) => Tensor): Operator =>
  (n) => {
    if (n.opset >= 13) return f(n.x(), n.number("axis", -1));
    return s.reshape(f(s.flatten(n.x(), n.number("axis", 1)), -1), n.x().shape);
  };

export const reductions: Operators = {
  ...each<Reduce>(reducing, {
    ReduceL1: (x, axes, keep) => (x.dtype === "f32" ? s.norm(x, 1, axes, keep) : s.sum(s.abs(x), axes, keep)),
    ReduceL2: (x, axes, keep) => s.norm(x, 2, axes, keep),
    ReduceLogSum: (x, axes, keep) => s.log(s.sum(x, axes, keep)),
    ReduceLogSumExp: s.logsumexp,
    ReduceMax: s.amax,
    ReduceMean: s.mean,
    ReduceMin: s.amin,
    ReduceProd: s.prod,
    ReduceSum: s.sum,
    ReduceSumSquare: (x, axes, keep) => s.sum(s.square(x), axes, keep),
  }),
  ArgMax: placed(s.argmax),
  ArgMin: placed(s.argmin),
  CumSum: running(s.cumsum),
  CumProd: running(s.cumprod),
  Softmax: normalizing(s.softmax),
  LogSoftmax: normalizing(s.logSoftmax),
  Hardmax: normalizing((x, dim) =>
    s.to(s.movedim(s.oneHot(s.argmax(x, dim), x.size(dim)), -1, dim), x.dtype),
  ),
  TopK: (n) => {
    const k = (n.values(1) as number[])[0];
    const { values, indices } = s.topk(n.x(), k, n.number("axis", -1), { largest: n.flag("largest", true) });
    return [values, indices];
  },
  Unique: (n) => {
    if (n.has("axis") || !n.flag("sorted", true))
      throw new Unsupported("option: unique along an axis, or unsorted");
    const { values, inverse, counts } = s.unique(n.x());
    const places = s.reshape(s.arange(0, n.x().numel), [1, -1]);
    const same = s.eq(s.reshape(inverse, [1, -1]), s.unsqueeze(s.arange(0, values.numel), 1));
    const first = s.amin(s.where(same, places, n.x().numel), 1);
    return [values, first, s.ravel(inverse), counts];
  },
};
