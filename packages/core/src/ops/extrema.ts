// Largest and smallest values, and where they are. torch.amax, amin, argmax, argmin
// The gradient of amax and amin is shared evenly among equal extremes, as in PyTorch.
import { SaccadeError } from "@saccade/kernels";
import { store } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { formatShape } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { to } from "./cast.ts";
import { eq } from "./compare.ts";
import { reducedAxes, reduction, repeated, splitAxes } from "./reduction.ts";
import { withFloat } from "./scalar.ts";
import { sum } from "./sum.ts";

interface Attrs {
  readonly axes: readonly number[];
}

/** The two layouts of a reduction into `y`. */
function layouts(x: Tensor, y: Tensor, axes: readonly number[]) {
  const parts = splitAxes(x, axes);
  const running = engine();
  const kept = running.layout(parts.keptShape, y.strides, parts.keptStrides);
  return [kept, running.layout(parts.reducedShape, parts.reducedStrides)] as const;
}

const keptShape = (x: Tensor, axes: readonly number[]): number[] =>
  x.shape.filter((_, axis) => !axes.includes(axis));

function extremum(name: "amax" | "amin") {
  const op = defineOp<readonly [Tensor], Attrs>({
    name,
    forward([x], { axes }, call) {
      const y = empty(keptShape(x, axes));
      call.save(x, y);
      if (y.numel > 0) engine().run(`${name}_f32`, y.numel, 0, f32(y), f32(x), ...layouts(x, y, axes));
      return y;
    },
    backward(dy, [x, y], { axes }, into) {
      const target = into.target(0);
      if (target === null) return;
      const taken = to(eq(x, repeated(y, axes, x.shape)), "f32");
      const share = div(dy, sum(taken, [...axes]));
      store(target, mul(taken, repeated(share, axes, x.shape)));
    },
    flops: ([x]) => x.numel,
  });
  return (x: Tensor, dim?: number | readonly number[], keepdim = false): Tensor =>
    withFloat(name, x, (input) => {
      checkNotEmpty(name, input, dim);
      return reduction(name, input, dim, keepdim, (axes) => apply(op, [input], { axes }));
    });
}

function position(name: "argmax" | "argmin") {
  const op = defineOp<readonly [Tensor], Attrs>({
    name,
    forward([x], { axes }) {
      const y = empty(keptShape(x, axes), "i32");
      if (y.numel > 0) engine().run(`${name}_i32`, y.numel, 0, i32(y), f32(x), ...layouts(x, y, axes));
      return y;
    },
  });
  return (x: Tensor, dim?: number, keepdim = false): Tensor =>
    withFloat(name, x, (input) => {
      checkNotEmpty(name, input, dim);
      return reduction(name, input, dim, keepdim, (axes) => apply(op, [input], { axes }));
    });
}

function checkNotEmpty(op: string, x: Tensor, dim?: number | readonly number[]): void {
  if (reducedAxes(op, dim, x.rank).some((axis) => x.shape[axis] === 0)) {
    throw new SaccadeError(
      "shape",
      `${op}: of no elements is not defined; the input is ${formatShape(x.shape)}`,
    );
  }
}

/** Largest value over `dim` (all axes by default); NaN wins. */
export const amax = extremum("amax");
/** Smallest value over `dim` (all axes by default); NaN wins. */
export const amin = extremum("amin");
/** Index (i32) of the first largest value over `dim`, or in row-major order over all. */
export const argmax = position("argmax");
/** Index (i32) of the first smallest value over `dim`, or in row-major order over all. */
export const argmin = position("argmin");
