// Sums and means over any axes. torch.sum, torch.mean. The kernel sums fixed blocks pairwise, so the error grows with
// log2 of the count, and the result does not depend on how the work was divided.
import { SaccadeError } from "@saccade/kernels";
import { store } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { broadcastAxes, numel, sameShape } from "../shape.ts";
import { empty, f32, i32, type Tensor, u8 } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { div } from "./binary.ts";
import { fillElements } from "./fill.ts";
import { reducedAxes, reduction, repeated, splitAxes } from "./reduction.ts";
import { reshape } from "./views.ts";

interface Attrs {
  readonly axes: readonly number[];
}

const sumOp = defineOp<readonly [Tensor], Attrs>({
  name: "sum",
  forward([x], { axes }) {
    const running = engine();
    const parts = splitAxes(x, axes);
    const y = empty(parts.keptShape, x.dtype === "f32" ? "f32" : "i32");
    const units = y.numel;
    if (units === 0) return y;
    if (x.numel === 0) {
      fillElements(y, 0);
      return y;
    }
    const kept = running.layout(parts.keptShape, y.strides, parts.keptStrides);
    const reduced = running.layout(parts.reducedShape, parts.reducedStrides);
    if (x.dtype === "f32") running.run("sum_f32", units, 0, f32(y), f32(x), kept, reduced, 0);
    else if (x.dtype === "i32") running.run("sum_i32", units, 0, i32(y), i32(x), kept, reduced);
    else running.run("sum_bool_i32", units, 0, i32(y), u8(x), kept, reduced);
    return y;
  },
  // each summand has the gradient of its sum
  backward(dy, _saved, { axes }, into) {
    const target = into.target(0);
    if (target !== null) store(target, repeated(dy, axes, target.tensor.shape));
  },
  flops: ([x]) => x.numel,
});

/** Sum over `dim` (all axes by default); i32 and bool give i32. torch.sum */
export function sum(x: Tensor, dim?: number | readonly number[], keepdim = false): Tensor {
  tensorArgument("sum", "input", x);
  return reduction("sum", x, dim, keepdim, (axes) => apply(sumOp, [x], { axes }));
}

/** Mean over `dim` (all axes by default) of an f32 tensor. torch.mean */
export function mean(x: Tensor, dim?: number | readonly number[], keepdim = false): Tensor {
  tensorArgument("mean", "input", x);
  if (x.dtype !== "f32") {
    throw new SaccadeError(
      "dtype",
      `mean: of ${x.dtype} is not defined, as in PyTorch; cast with to("f32") first`,
    );
  }
  const axes = reducedAxes("mean", dim, x.rank);
  const total = sum(x, dim, keepdim);
  const y = div(total, numel(axes.map((axis) => x.shape[axis])));
  total.dispose();
  return y;
}

/** Sums a broadcast result back to `shape`; the tensor itself if it has that shape. @internal */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, broadcastAxes(shape, x.shape)), shape);
}
