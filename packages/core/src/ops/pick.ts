// y[…, i, …] = x[…, at[…, i, …], …] along one axis: how the values of a sort or an extreme are taken by their places.
// Internal; the places come from kernels and are not checked. dx gathers dy where it was taken.
import type { BytePtr } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { to } from "./cast.ts";
import { linesOf } from "./lines.ts";
import { reshape } from "./views.ts";

/** What PyTorch's named tuples of values and their places are here. */
export interface ValuesIndices {
  readonly values: Tensor;
  /** i32, places along the axis. */
  readonly indices: Tensor;
}

/** The address of elements of 4 bytes, f32 or i32. */
export function words(x: Tensor): BytePtr {
  return (x.dtype === "f32" ? f32(x) : i32(x)) as number as BytePtr;
}

const pickOp = defineOp<readonly [Tensor, Tensor], { axis: number }>({
  name: "pick",
  forward([x, at], { axis }, call) {
    const y = empty(at.shape, x.dtype);
    call.save(at);
    if (y.numel === 0) return y;
    const { layout, units, steps } = linesOf(axis, y, x, at);
    const [toY, toX, toAt] = steps;
    engine().run("pick_b4", units, 0, words(y), words(x), i32(at), layout, at.shape[axis], toY, toX, toAt);
    return y;
  },
  backward(dy, [at], { axis }, into) {
    const target = into.target(0);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    const { layout, units, steps } = linesOf(axis, dx, dy, at);
    const [toX, toY, toAt] = steps;
    const sizes = [dx.shape[axis], dy.shape[axis]] as const;
    engine().run(
      "pick_backward_f32",
      units,
      0,
      f32(dx),
      f32(dy),
      i32(at),
      layout,
      ...sizes,
      toX,
      toY,
      toAt,
      acc,
    );
  },
});

/** The elements of `x`, of any type, at the places `at` along `axis`. @internal */
export function pick(x: Tensor, at: Tensor, axis: number): Tensor {
  if (x.dtype !== "bool") return apply(pickOp, [x, at], { axis });
  return scope(() => to(apply(pickOp, [to(x, "i32"), at], { axis }), "bool"));
}

/** Values and places in the shape of `x`, or without `axis`: what came out of lines. @internal */
export function picked(x: Tensor, line: Tensor, at: Tensor, axis: number, keepdim = true): ValuesIndices {
  const values = pick(line, at, axis);
  const shape = keepdim ? x.shape.map((size, i) => (i === axis ? at.shape[axis] : size)) : dropped(x, axis);
  return { values: reshape(values, shape), indices: reshape(at, shape) };
}

const dropped = (x: Tensor, axis: number): number[] => x.shape.filter((_, i) => i !== axis);
