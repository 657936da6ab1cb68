// Pooling layers of (N, C, L) or (C, L), and of (N, C, H, W) or (C, H, W). torch.nn.MaxPool2d, AvgPool2d, LPPool2d,
// AdaptiveAvgPool2d, AdaptiveMaxPool2d, MaxUnpool2d. The functions stand in ops.
import {
  type AvgPool2dOptions,
  type AvgPoolOptions,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  avgPool1d,
  avgPool2d,
} from "../ops/avgPool.ts";
import { type LpPoolOptions, lpPool1d, lpPool2d } from "../ops/lpPool.ts";
import {
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  type MaxPoolOptions,
  maxPool1d,
  maxPool2d,
  type Pair,
} from "../ops/maxPool.ts";
import { type MaxUnpoolOptions, maxUnpool1d, maxUnpool2d } from "../ops/maxUnpool.ts";
import type { PerAxis } from "../ops/window.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer, type Layer } from "./defineLayer.ts";
import { axis, type Check, counts, flag, type Rules, real, sizes } from "./options.ts";

interface Kernel {
  readonly kernelSize: PerAxis;
}
type Sizes = PerAxis | null | readonly (number | null)[];

/** Sizes >= 0, one for each axis or one for all; null keeps an axis. */
const outputs: Check = (layer, name, value, axes) => {
  const list = Array.isArray(value) ? value : [value];
  counts(
    layer,
    name,
    list.map((n) => (n === null ? 0 : n)),
    axes,
  );
  return Array.isArray(value) ? [...list] : value;
};

const kernel: Rules<Kernel & { stride?: PerAxis | null }> = { kernelSize: [sizes], stride: [sizes, null] };

// -- maxima: a tensor, or with returnIndices the pair [values, indices] ------------------------------------------------

type Maximal<S, R extends boolean> = Layer<
  S & { returnIndices: boolean },
  [x: Tensor],
  R extends true ? Pair : Tensor
>;
type WithIndices<S, R extends boolean> = Omit<S, "returnIndices"> & { readonly returnIndices?: R };

type MaxPoolClass = new <R extends boolean = false>(
  kernelSize: PerAxis,
  options?: WithIndices<MaxPoolOptions, R>,
) => Maximal<Kernel & MaxPoolOptions, R>;

const maxPool = (run: typeof maxPool1d, axes: number) =>
  defineLayer<Kernel & MaxPoolOptions>(
    (x, { kernelSize, stride, padding, dilation, ceilMode, returnIndices }) =>
      run(x, kernelSize, { stride, padding, dilation, ceilMode, returnIndices }),
    {
      ...kernel,
      padding: [counts, 0],
      dilation: [sizes, 1],
      ceilMode: [flag, false],
      returnIndices: [flag, false],
    },
    { positional: 1, axes },
  ) as unknown as MaxPoolClass;

export class MaxPool1d<R extends boolean = false> extends maxPool(maxPool1d, 1)<R> {}
export class MaxPool2d<R extends boolean = false> extends maxPool(maxPool2d, 2)<R> {}

type AdaptiveMaxPoolClass = new <R extends boolean = false>(
  outputSize: Sizes,
  options?: WithIndices<object, R>,
) => Maximal<{ outputSize: Sizes }, R>;

const adaptiveMaxPool = (run: typeof adaptiveMaxPool1d, axes: number) =>
  defineLayer<{ outputSize: Sizes; returnIndices?: boolean }>(
    (x, { outputSize, returnIndices }) => run(x, outputSize, { returnIndices }),
    { outputSize: [outputs], returnIndices: [flag, false] },
    { positional: 1, axes },
  ) as unknown as AdaptiveMaxPoolClass;

export class AdaptiveMaxPool1d<R extends boolean = false> extends adaptiveMaxPool(adaptiveMaxPool1d, 1)<R> {}
export class AdaptiveMaxPool2d<R extends boolean = false> extends adaptiveMaxPool(adaptiveMaxPool2d, 2)<R> {}

// -- means and norms -----------------------------------------------------------------------------------------------------

const averages: Rules<Kernel & AvgPoolOptions> = {
  ...kernel,
  padding: [counts, 0],
  dilation: [sizes, 1],
  ceilMode: [flag, false],
  countIncludePad: [flag, true],
};

export class AvgPool1d extends defineLayer<
  Kernel & AvgPoolOptions,
  [kernelSize: PerAxis, options?: AvgPoolOptions]
>((x, m) => avgPool1d(x, m.kernelSize, m), averages, { positional: 1, axes: 1 }) {}

export class AvgPool2d extends defineLayer<
  Kernel & AvgPool2dOptions,
  [kernelSize: PerAxis, options?: AvgPool2dOptions]
>(
  (x, m) => avgPool2d(x, m.kernelSize, m),
  { ...averages, divisorOverride: [axis, null] },
  { positional: 1, axes: 2 },
) {}

const adaptiveAvgPool = (run: typeof adaptiveAvgPool1d, axes: number) =>
  defineLayer<{ outputSize: Sizes }, [outputSize: Sizes]>(
    (x, m) => run(x, m.outputSize),
    { outputSize: [outputs] },
    { positional: 1, axes },
  );

export class AdaptiveAvgPool1d extends adaptiveAvgPool(adaptiveAvgPool1d, 1) {}
export class AdaptiveAvgPool2d extends adaptiveAvgPool(adaptiveAvgPool2d, 2) {}

const lpPool = (run: typeof lpPool1d, axes: number) =>
  defineLayer<
    Kernel & LpPoolOptions & { normType: number },
    [normType: number, kernelSize: PerAxis, options?: LpPoolOptions]
  >(
    (x, m) => run(x, m.normType, m.kernelSize, m),
    { normType: [real], ...kernel, padding: [counts, 0], dilation: [sizes, 1], ceilMode: [flag, false] },
    { positional: 2, axes },
  );

export class LPPool1d extends lpPool(lpPool1d, 1) {}
export class LPPool2d extends lpPool(lpPool2d, 2) {}

// -- back ------------------------------------------------------------------------------------------------------------------

type UnpoolSettings = Omit<MaxUnpoolOptions, "outputSize">;

const maxUnpool = (run: typeof maxUnpool1d, axes: number) =>
  defineLayer<
    Kernel & UnpoolSettings,
    [kernelSize: PerAxis, options?: UnpoolSettings],
    [x: Tensor, indices: Tensor, outputSize?: readonly number[] | null]
  >(
    (x, indices, outputSize, { kernelSize, stride, padding }) =>
      run(x, indices, kernelSize, { stride, padding, outputSize }),
    { ...kernel, padding: [counts, 0] },
    { positional: 1, axes, inputs: 3 },
  );

/** Puts values back where maxPool1d found them, by its indices. */
export class MaxUnpool1d extends maxUnpool(maxUnpool1d, 1) {}
/** Puts values back where maxPool2d found them, by its indices. */
export class MaxUnpool2d extends maxUnpool(maxUnpool2d, 2) {}
