// Choosing elements by a condition. torch.where, torch.Tensor.masked_fill
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides } from "../shape.ts";
import { empty, f32, i32, type Tensor, u8 } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { withOperands } from "./scalar.ts";

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

/** Elements of `a` where `condition` holds, of `b` elsewhere; all three broadcast. */
export function where(condition: Tensor, a: Tensor | number, b: Tensor | number): Tensor {
  tensorArgument("where", "condition", condition);
  return withOperands("where", a, b, "i32", (x, y) =>
    scope(() => apply(whereOp, [to(condition, "bool"), x, y], undefined)),
  );
}

/** The tensor with `value` wherever `mask` (broadcast to it) is true. */
export function maskedFill(x: Tensor, mask: Tensor, value: number): Tensor {
  tensorArgument("maskedFill", "input", x);
  return where(mask, value, x);
}
