// The p-norm of each window: (sum of x^p)^(1/p), with no absolute values, as PyTorch has it. Windows cut off by
// `ceilMode` are scaled up to full size. torch.nn.functional.lp_pool1d, lp_pool2d

import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { finiteArgument, floatTensor, optionsArgument, refuse } from "./arguments.ts";
import { pow } from "./arithmetic.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./avgPool.ts";
import { mul } from "./binary.ts";
import { perAxis } from "./window.ts";
import type { WindowOptions } from "./windows.ts";

/** PyTorch has no padding and dilation here; zeros of the padding add nothing to a norm. */
export type LpPoolOptions = WindowOptions;

function lpPool(op: string, axes: number, average: typeof avgPool1d) {
  return (
    x: Tensor,
    normType: number,
    kernelSize: number | readonly number[],
    options: LpPoolOptions = {},
  ): Tensor => {
    const { stride, padding, dilation, ceilMode } = optionsArgument(op, options);
    floatTensor(op, "input", x);
    if (finiteArgument(op, "normType", normType) <= 0) refuse(op, "normType", "> 0", normType);
    const elements = perAxis(op, "kernelSize", kernelSize, axes, 1).reduce((n, size) => n * size, 1);
    return scope(() => {
      const means = average(pow(x, normType), kernelSize, { stride, padding, dilation, ceilMode });
      return pow(mul(means, elements), 1 / normType);
    });
  };
}

/** p-norm over windows of (N, C, L) or (C, L), p = normType. torch.nn.functional.lp_pool1d */
export const lpPool1d = lpPool("lpPool1d", 1, avgPool1d);
/** The same over windows of (N, C, H, W) or (C, H, W). torch.nn.functional.lp_pool2d */
export const lpPool2d = lpPool("lpPool2d", 2, avgPool2d);
/** The same over windows of (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.lp_pool3d */
export const lpPool3d = lpPool("lpPool3d", 3, avgPool3d);
