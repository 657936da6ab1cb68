// Choosing elements by a condition. torch.where, torch.Tensor.masked_fill

import { promote } from "../dtype.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import { empty, Tensor } from "../tensor.ts";
import { rankedTensor, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { elementwise } from "./elementwise.ts";
import { nonzero } from "./masks.ts";
import { type Operand, scalarLike, withOperands } from "./scalar.ts";
import { sourceOf } from "./scatter.ts";

const whereOp = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "where",
  forward([condition, a, b], _attrs, call) {
    const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", a.shape, b.shape));
    const y = empty(shape, a.dtype);
    call.save(condition);
    if (y.dtype === "f32") elementwise("where_f32", y, [condition, a, b], 0);
    else elementwise("where_i32", y, [condition, a, b]);
    return y;
  },
  // da = dy where the condition holds, db = dy where it does not
  backward(dy, [condition], _attrs, into) {
    if (into.wants(1)) into.give(1, where(condition, dy, 0));
    if (into.wants(2)) into.give(2, where(condition, 0, dy));
  },
});

function chosen(condition: Tensor, a: Operand, b: Operand): Tensor {
  return withOperands("where", a, b, "bool", (x, y) =>
    scope(() => {
      // The kernel chooses between words.
      const wide = promote(x.dtype, "i32");
      return to(apply(whereOp, [to(condition, "bool"), to(x, wide), to(y, wide)], undefined), x.dtype);
    }),
  );
}

/**
 * Elements of `a` where `condition` holds, of `b` elsewhere; all three broadcast. Without a and b the coordinates of the
 * elements that are not 0, one tensor per axis. torch.where
 */
export function where(condition: Tensor): Tensor[];
export function where(condition: Tensor, a: Operand, b: Operand): Tensor;
export function where(condition: Tensor, a?: Operand, b?: Operand): Tensor | Tensor[] {
  tensorArgument("where", "condition", condition);
  if (a === undefined && b === undefined) return nonzero(condition, { asTuple: true });
  const given = [a, b] as [Operand, Operand];
  if (given.some((x) => typeof x !== "number" && typeof x !== "boolean")) return chosen(condition, ...given);
  // Two numbers: integers if both are.
  return scope(() => chosen(condition, scalarLike(empty([], "i32"), a as number | boolean), given[1]));
}

/**
 * The tensor with `value`, a number or a 0-d tensor, wherever `mask` (both broadcast) is true; of the type of x.
 * torch.Tensor.masked_fill
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  tensorArgument("maskedFill", "input", x);
  tensorArgument("maskedFill", "mask", mask);
  if (value instanceof Tensor) rankedTensor("maskedFill", "value", value, 0);
  return scope(() => {
    const fill = value instanceof Tensor ? to(value, x.dtype) : sourceOf("maskedFill", "value", x, value, []);
    return chosen(mask, fill, x);
  });
}
