// Comparisons (bool results, no gradient) and logic of bools. torch.eq … torch.ge, logical_and / or / xor / not; isnan, isinf, isfinite

import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import { detach, empty, type Tensor } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { elementwise } from "./elementwise.ts";
import { type Operand, withFloat, withOperands } from "./scalar.ts";
import { abs } from "./unary.ts";

type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";
type Logic = "and" | "or" | "xor";

function comparison(name: Comparison) {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    forward([a, b]) {
      const y = empty(broadcastShapes(name, a.shape, b.shape), "bool");
      elementwise(`${name}_${a.dtype as "f32" | "i32"}`, y, [a, b]);
      return y;
    },
  });
  return (a: Operand, b: Operand): Tensor =>
    withOperands(name, a, b, "i32", (x, y) => apply(op, [x, y], undefined));
}

function logic(name: Logic, label: string) {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name: label,
    forward([a, b]) {
      const y = empty(broadcastShapes(label, a.shape, b.shape), "bool");
      elementwise(`${name}_bool`, y, [a, b]);
      return y;
    },
  });
  return (a: Tensor, b: Tensor): Tensor => {
    tensorArgument(label, "input", a);
    tensorArgument(label, "other", b);
    return scope(() => apply(op, [to(a, "bool"), to(b, "bool")], undefined));
  };
}

const notOp = defineOp<readonly [Tensor]>({
  name: "logicalNot",
  forward([x]) {
    const y = empty(x.shape, "bool");
    elementwise("not_bool", y, [x]);
    return y;
  },
});

/** a = b, element by element */
export const eq = comparison("eq");
/** a ≠ b */
export const ne = comparison("ne");
/** a < b */
export const lt = comparison("lt");
/** a ≤ b */
export const le = comparison("le");
/** a > b */
export const gt = comparison("gt");
/** a ≥ b */
export const ge = comparison("ge");
/** Both are true (non-zero). */
export const logicalAnd = logic("and", "logicalAnd");
/** One at least is true (non-zero). */
export const logicalOr = logic("or", "logicalOr");

/** One of both is true (non-zero), not the other. torch.logical_xor */
export const logicalXor = logic("xor", "logicalXor");

/** True where x is no number; nowhere in integers. torch.isnan */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name of PyTorch
export function isNaN(x: Tensor): Tensor {
  return withFloat("isNaN", x, (input) => ne(input, input));
}

/** True where x is Infinity or −Infinity. torch.isinf */
export function isInf(x: Tensor): Tensor {
  return withFloat("isInf", x, (input) => scope(() => eq(abs(detach(input)), Number.POSITIVE_INFINITY)));
}

/** True where x is neither infinite nor NaN. torch.isfinite */
// biome-ignore lint/suspicious/noShadowRestrictedNames: the name of PyTorch
export function isFinite(x: Tensor): Tensor {
  return withFloat("isFinite", x, (input) => scope(() => lt(abs(detach(input)), Number.POSITIVE_INFINITY)));
}

/** True where x is false (zero). */
export function logicalNot(x: Tensor): Tensor {
  tensorArgument("logicalNot", "input", x);
  return scope(() => apply(notOp, [to(x, "bool")], undefined));
}
