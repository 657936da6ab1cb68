// The p-norm of each window: (sum of x^p)^(1/p), with no absolute values, as PyTorch has it. Windows cut off by
// `ceilMode` are scaled up to full size. torch.nn.functional.lp_pool1d, lp_pool2d
import { SaccadeError } from "@saccade/kernels";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { floatTensor, numberArgument, optionsArgument } from "./arguments.ts";
import { avgPool1d, avgPool2d, avgPool3d } from "./avgPool.ts";
import { mul } from "./binary.ts";
import { power } from "./power.ts";
import type { WindowOptions } from "./windows.ts";
import { perAxis } from "./windows.ts";

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
    if (!(numberArgument(op, "normType", normType) > 0 && Number.isFinite(normType))) {
      throw new SaccadeError("argument", `${op}: normType must be finite and > 0, got ${normType}`);
    }
    const elements = perAxis(op, "kernelSize", kernelSize, axes, 1).reduce((n, size) => n * size, 1);
    return scope(() => {
      const means = average(power(x, normType), kernelSize, { stride, padding, dilation, ceilMode });
      return power(mul(means, elements), 1 / normType);
    });
  };
}

/** p-norm over windows of (N, C, L) or (C, L), p = normType. torch.nn.functional.lp_pool1d */
export const lpPool1d = lpPool("lpPool1d", 1, avgPool1d);
/** The same over windows of (N, C, H, W) or (C, H, W). torch.nn.functional.lp_pool2d */
export const lpPool2d = lpPool("lpPool2d", 2, avgPool2d);
/** The same over windows of (N, C, D, H, W) or (C, D, H, W). torch.nn.functional.lp_pool3d */
export const lpPool3d = lpPool("lpPool3d", 3, avgPool3d);
