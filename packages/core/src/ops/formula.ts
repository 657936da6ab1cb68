// Functions of one element whose kernels take parameters: what their files have in common. A kernel is called as (out,
// x, layout, parameters), its gradient as (dx, dy, x or y, layout, parameters, acc).

import type { ParallelKernel } from "@saccade/kernels";
import { apply, defineOp } from "../op.ts";
import { empty, type Tensor } from "../tensor.ts";
import { elementwise, elementwiseGradient } from "./elementwise.ts";
import { withFloat } from "./scalar.ts";

type Parameters_ = readonly number[];

/** A gradient kernel and what it reads, the argument x or the result y. */
interface Slope {
  readonly kernel: ParallelKernel;
  readonly saves: "x" | "y";
}

interface Attrs {
  readonly forward: Parameters_;
  readonly backward: Parameters_;
}

/** Runs a kernel whose arguments a table vouches for. */

/** y = f(x) of one kernel, dense. @internal */
export function mapped(kernel: ParallelKernel, x: Tensor, parameters: Parameters_ = []): Tensor {
  const y = empty(x.shape);
  elementwise(kernel, y, [x], ...parameters);
  return y;
}

/**
 * The op of a kernel, a function of x and the parameters; those of the gradient are the same unless given. Integers are
 * computed as f32.
 */
export function formula(name: string, kernel: ParallelKernel, slope: Slope) {
  const op = defineOp<readonly [Tensor], Attrs>({
    name,
    forward([x], attrs, call) {
      const y = mapped(kernel, x, attrs.forward);
      call.save(slope.saves === "x" ? x : y);
      return y;
    },
    backward(dy, [saved], attrs, into) {
      elementwiseGradient(into, slope.kernel, [dy, saved], ...attrs.backward);
    },
    flops: 1,
  });
  return (x: Tensor, forward: Parameters_ = [], backward: Parameters_ = forward): Tensor =>
    withFloat(name, x, (input) => apply(op, [input], { forward, backward }));
}

/** The op of a kernel whose gradient is made of other ops: `slope` gets dy, the argument and the parameters. */
export function composedSlope(
  name: string,
  kernel: ParallelKernel,
  slope: (dy: Tensor, x: Tensor, parameters: Parameters_) => Tensor,
): (x: Tensor, parameters?: Parameters_) => Tensor {
  const op = defineOp<readonly [Tensor], Parameters_>({
    name,
    forward([x], parameters, call) {
      call.save(x);
      return mapped(kernel, x, parameters);
    },
    backward(dy, [x], parameters, into) {
      if (into.wants(0)) into.give(0, slope(dy, x, parameters));
    },
    flops: 1,
  });
  return (x, parameters = []) => withFloat(name, x, (input) => apply(op, [input], parameters));
}
