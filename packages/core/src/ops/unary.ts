// Functions of one element: one row per op. Kernels are `<name>_f32` and `<name>_backward_f32`; the table says whether
// the derivative is computed from the input x or the result y, and gives its formula. Integers are computed as f32.

import { apply, defineOp } from "../op.ts";
import { empty, type Tensor } from "../tensor.ts";
import { choiceArgument, optionsArgument } from "./arguments.ts";
import { elementwise, elementwiseGradient } from "./elementwise.ts";
import { withFloat } from "./scalar.ts";

const table = {
  abs: "x", //        sign(x)
  exp: "y", //        y
  log: "x", //        1 / x
  sqrt: "y", //       1 / (2 y)
  rsqrt: "y", //      -y³ / 2
  reciprocal: "y", // -y²
  square: "x", //     2 x
  sin: "x", //        cos(x)
  cos: "x", //        -sin(x)
  tanh: "y", //       1 - y²
  erf: "x", //        2 / sqrt(pi) exp(-x²)
  sigmoid: "y", //    y (1 - y)
  relu: "y", //       y > 0
  silu: "x", //       s (1 + x (1 - s)),  s = sigmoid(x)
  gelu: "x", //       phi(x) + x phi'(x), phi the normal distribution
  gelu_tanh: "x", //  of 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x³)))
} as const;

type UnaryName = keyof typeof table;

function unary(name: UnaryName) {
  const saves = table[name];
  const op = defineOp<readonly [Tensor]>({
    name,
    forward([x], _attrs, call) {
      const y = empty(x.shape);
      elementwise(`${name}_f32`, y, [x]);
      call.save(saves === "x" ? x : y);
      return y;
    },
    backward(dy, [saved], _attrs, into) {
      elementwiseGradient(into, `${name}_backward_f32`, [dy, saved]);
    },
    flops: 1,
  });
  return (x: Tensor): Tensor => withFloat(name, x, (input) => apply(op, [input], undefined));
}

const negOp = defineOp<readonly [Tensor]>({
  name: "neg",
  forward([x]) {
    const y = empty(x.shape);
    elementwise("neg_f32", y, [x]);
    return y;
  },
  backward(dy, _saved, _attrs, into) {
    if (into.wants(0)) into.give(0, neg(dy));
  },
});

/** −x */
export function neg(x: Tensor): Tensor {
  return withFloat("neg", x, (input) => apply(negOp, [input], undefined));
}
/** |x| */
export const abs = unary("abs");
/** e^x */
export const exp = unary("exp");
/** Natural logarithm. */
export const log = unary("log");
export const sqrt = unary("sqrt");
/** 1 / sqrt(x) */
export const rsqrt = unary("rsqrt");
/** 1 / x */
export const reciprocal = unary("reciprocal");
/** x² */
export const square = unary("square");
export const sin = unary("sin");
export const cos = unary("cos");
export const tanh = unary("tanh");
/** Error function. */
export const erf = unary("erf");
/** 1 / (1 + e^−x) */
export const sigmoid = unary("sigmoid");
/** max(x, 0) */
export const relu = unary("relu");
/** x · sigmoid(x), also called swish */
export const silu = unary("silu");

const geluErf = unary("gelu");
const geluTanh = unary("gelu_tanh");

/** x · Phi(x); with approximate "tanh" the form GPT-2 uses ("gelu_new"). torch.nn.functional.gelu */
export function gelu(x: Tensor, options: { approximate?: "none" | "tanh" } = {}): Tensor {
  const { approximate = "none" } = optionsArgument("gelu", options);
  choiceArgument("gelu", "approximate", approximate, ["none", "tanh"]);
  return approximate === "tanh" ? geluTanh(x) : geluErf(x);
}
