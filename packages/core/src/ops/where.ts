// Choosing elements by a condition. torch.where, torch.Tensor.masked_fill
import { SaccadeError } from "@saccade/kernels";
import { promote } from "../dtype.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides, formatShape } from "../shape.ts";
import { empty, f32, i32, Tensor, u8 } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { nonzero } from "./masks.ts";
import { type Operand, scalarLike, withOperands } from "./scalar.ts";
import { sourceOf } from "./scatter.ts";

const whereOp = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "where",
  forward([condition, a, b], _attrs, call) {
    const shape = broadcastShapes("where", condition.shape, broadcastShapes("where", a.shape, b.shape));
    const y = empty(shape, a.dtype);
    call.save(condition);
    if (y.numel === 0) return y;
    const running = engine();
    const strides = [condition, a, b].map((x) => broadcastStrides(x.shape, x.strides, shape));
    const layout = running.layout(shape, y.strides, ...strides);
    if (y.dtype === "f32")
      running.run("where_f32", y.numel, 0, f32(y), u8(condition), f32(a), f32(b), layout, 0);
    else running.run("where_i32", y.numel, 0, i32(y), u8(condition), i32(a), i32(b), layout);
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
  if (value instanceof Tensor && value.rank > 0)
    throw new SaccadeError("shape", `maskedFill: value must be 0-d, got ${formatShape(value.shape)}`);
  return scope(() => {
    const fill = value instanceof Tensor ? to(value, x.dtype) : sourceOf("maskedFill", "value", x, value, []);
    return chosen(mask, fill, x);
  });
}
