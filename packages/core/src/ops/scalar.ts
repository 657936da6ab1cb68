// Numbers as operands: a 0-d tensor of the type the operation is computed in.

import { type DType, promote } from "../dtype.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { fail, kind, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { filled } from "./fill.ts";

/** What arithmetic takes: a boolean is an element of a bool tensor, as a number is one of the others. */
export type Operand = Tensor | number | boolean;

/** A 0-d tensor that holds `value` beside `x`: an integer stays i32 next to i32, a boolean is bool, all else f32. */
export function scalarLike(x: Tensor, value: number | boolean): Tensor {
  const number = x.dtype !== "f32" && Number.isInteger(value) ? "i32" : "f32";
  return filled([], Number(value), typeof value === "boolean" ? "bool" : number);
}

/**
 * Runs `body` on two operands, numbers made tensors, both in their common type but at least `atLeast`.
 * Whatever had to be made for that is freed again.
 */
export function withOperands(
  op: string,
  a: Operand,
  b: Operand,
  atLeast: DType,
  body: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  if (
    a instanceof Tensor &&
    b instanceof Tensor &&
    a.dtype === b.dtype &&
    promote(a.dtype, atLeast) === a.dtype
  ) {
    return body(a, b);
  }
  return scope(() => {
    const [x, y] = operands(op, a, b);
    const common = promote(promote(x.dtype, y.dtype), atLeast);
    return body(to(x, common), to(y, common));
  });
}

/** Runs `body` on `x` as f32. */
export function withFloat(op: string, x: Tensor, body: (x: Tensor) => Tensor): Tensor {
  tensorArgument(op, "input", x);
  return x.dtype === "f32" ? body(x) : scope(() => body(to(x, "f32")));
}

const isScalar = (x: unknown): x is number | boolean => typeof x === "number" || typeof x === "boolean";

function operands(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (a instanceof Tensor) {
    if (b instanceof Tensor) return [a, b];
    if (isScalar(b)) return [a, scalarLike(a, b)];
  } else if (isScalar(a) && b instanceof Tensor) {
    return [scalarLike(b, a), b];
  }
  return fail("argument", `${op}: takes two tensors, or one and a number; got ${kind(a)} and ${kind(b)}`);
}
