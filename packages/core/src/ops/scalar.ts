// Numbers as operands: a 0-d tensor of the type the operation is computed in.

import { type DType, promote } from "../dtype.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { fail, kind, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { filled } from "./fill.ts";

/** A 0-d tensor that holds `value` beside `x`: an integer stays i32 next to i32, everything else is f32. */
export function scalarLike(x: Tensor, value: number): Tensor {
  return filled([], value, x.dtype !== "f32" && Number.isInteger(value) ? "i32" : "f32");
}

/**
 * Runs `body` on two operands, numbers made tensors, both in their common type but at least `atLeast`.
 * Whatever had to be made for that is freed again.
 */
export function withOperands(
  op: string,
  a: Tensor | number,
  b: Tensor | number,
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

function operands(op: string, a: Tensor | number, b: Tensor | number): [Tensor, Tensor] {
  if (a instanceof Tensor) {
    if (b instanceof Tensor) return [a, b];
    if (typeof b === "number") return [a, scalarLike(a, b)];
  } else if (typeof a === "number" && b instanceof Tensor) {
    return [scalarLike(b, a), b];
  }
  return fail("argument", `${op}: takes two tensors, or one and a number; got ${kind(a)} and ${kind(b)}`);
}
