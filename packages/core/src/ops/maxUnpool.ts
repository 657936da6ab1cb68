// Puts the values of a max pooling back where its indices say, zeros elsewhere. torch.nn.functional.max_unpool1d, …
// Each input has the gradient of the place it was put at.

import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { checkShape, formatShape, numel, type Shape } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { floatTensor, optionsArgument, refuse, shapedTensor } from "./arguments.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { checkRange } from "./picks.ts";
import { perAxis } from "./window.ts";
import { checkPlanes, type WindowOptions } from "./windows.ts";

interface Attrs {
  readonly shape: Shape;
  /** Elements of a plane, before and after. */
  readonly n: number;
  readonly m: number;
}

const maxUnpoolOp = defineOp<readonly [Tensor, Tensor], Attrs>({
  name: "maxUnpool",
  forward([x, indices], { shape, n, m }, call) {
    const y = empty(shape);
    const index = contiguousTensor(indices);
    call.save(index);
    const [to, from, at] = [f32(y), f32(contiguousTensor(x)), i32(index)];
    if (y.numel > 0) engine().run("plane_scatter_f32", y.numel / m, 0, to, from, at, m, n, 0, 0);
    return y;
  },
  backward(dy, [index], { n, m }, into) {
    const target = into.target(0, contiguous);
    if (target === null) return;
    const { tensor: dx, acc } = target;
    if (dx.numel > 0)
      engine().run("plane_gather_f32", dx.numel / n, 0, f32(dx), f32(dy), i32(index), m, n, acc);
  },
});

export interface MaxUnpoolOptions extends Pick<WindowOptions, "stride" | "padding"> {
  /** Spatial sizes of the result; by default those of the smallest input that gives `x` when pooled. */
  readonly outputSize?: readonly number[] | null;
}

function maxUnpool(op: string, axes: number) {
  return (
    x: Tensor,
    indices: Tensor,
    kernelSize: number | readonly number[],
    options: MaxUnpoolOptions = {},
  ): Tensor => {
    const { stride, padding = 0, outputSize } = optionsArgument(op, options);
    checkPlanes(op, floatTensor(op, "input", x), axes);
    shapedTensor(op, "indices", indices, x.shape, "i32");
    const kernels = perAxis(op, "kernelSize", kernelSize, axes, 1);
    const strides = stride == null ? kernels : perAxis(op, "stride", stride, axes, 1);
    const paddings = perAxis(op, "padding", padding, axes, 0);
    const lead = x.shape.slice(0, -axes);
    const least = x.shape.slice(-axes).map((n, i) => (n - 1) * strides[i] - 2 * paddings[i] + kernels[i]);
    const sizes = outputSize == null ? least : perAxis(op, "outputSize", outputSize.slice?.(-axes), axes, 1);
    if (sizes.some((size, i) => size < 1 || Math.abs(size - least[i]) >= strides[i])) {
      refuse(op, "outputSize", `within a stride of ${formatShape(least)}`, sizes, "shape");
    }
    const shape = checkShape(op, [...lead, ...sizes]);
    checkRange(op, "index", indices, numel(sizes), false);
    return apply(maxUnpoolOp, [x, indices], { shape, n: numel(x.shape.slice(-axes)), m: numel(sizes) });
  };
}

/** The inverse of maxPool1d by its indices: (N, C, L) or (C, L). torch.nn.functional.max_unpool1d */
export const maxUnpool1d = maxUnpool("maxUnpool1d", 1);
/** The inverse of maxPool2d by its indices: (N, C, H, W) or (C, H, W). torch.nn.functional.max_unpool2d */
export const maxUnpool2d = maxUnpool("maxUnpool2d", 2);
/** The inverse of maxPool3d by its indices: (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.max_unpool3d */
export const maxUnpool3d = maxUnpool("maxUnpool3d", 3);
