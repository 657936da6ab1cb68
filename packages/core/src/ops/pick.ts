// y[…, i, …] = x[…, at[…, i, …], …] along one axis: how the values of a sort or an extreme are taken by their places.
// Internal; the places come from kernels and are not checked. dx gathers dy where it was taken.

import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { resized, without } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { empty } from "../tensor.ts";
import { to } from "./cast.ts";
import { runLines } from "./lines.ts";
import { numbersOf } from "./reduction.ts";
import { reshape } from "./views.ts";

/** What PyTorch's named tuples of values and their places are here. */
export interface ValuesIndices {
  readonly values: Tensor;
  /** i32, places along the axis. */
  readonly indices: Tensor;
}

// Not gather: its gradient sums what meets in a place before it adds the sum, where a scatter adds one by one.
const pickOp = defineOp<readonly [Tensor, Tensor], { axis: number }>({
  name: "pick",
  forward([x, at], { axis }, call) {
    const y = empty(at.shape, x.dtype);
    call.save(at);
    runLines("pick_b4", axis, [y, x, at], { sizes: [at.shape[axis]] });
    return y;
  },
  backward(dy, [at], { axis }, into) {
    const target = into.target(0);
    if (target === null) return;
    const sizes = [target.tensor.shape[axis], dy.shape[axis]];
    runLines("pick_backward_f32", axis, [target.tensor, dy, at], { sizes, after: [target.acc] });
  },
});

/** The elements of `x`, of any type, at the places `at` along `axis`. @internal */
export function pick(x: Tensor, at: Tensor, axis: number): Tensor {
  return scope(() => to(apply(pickOp, [numbersOf(x), at], { axis }), x.dtype));
}

/** Values and places in the shape of `x`, or without `axis`: what came out of lines. @internal */
export function valuesAt(x: Tensor, line: Tensor, at: Tensor, axis: number, keepdim = true): ValuesIndices {
  const values = pick(line, at, axis);
  const shape = keepdim ? resized(x.shape, axis, at.shape[axis]) : without(x.shape, axis);
  return { values: reshape(values, shape), indices: reshape(at, shape) };
}
