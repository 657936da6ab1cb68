// y = x / (k + alpha mean(x² over `size` neighbouring channels))^beta; zeros stand beyond the first and last channel.
// Krizhevsky, Sutskever and Hinton 2012; torch.nn.functional.local_response_norm

import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { floatTensor, integerArgument, numberArgument, optionsArgument, rankedTensor } from "./arguments.ts";
import { pow } from "./arithmetic.ts";
import { add, div, mul } from "./binary.ts";
import { clone } from "./contiguous.ts";
import { resample } from "./resample.ts";
import { square } from "./unary.ts";
import { flatten, reshape } from "./views.ts";

export interface LocalResponseNormOptions {
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}

/** Divides (N, C, …) by what `size` channels around each one hold. torch.nn.functional.local_response_norm */
export function localResponseNorm(x: Tensor, size: number, options: LocalResponseNormOptions = {}): Tensor {
  const op = "localResponseNorm";
  const { alpha = 1e-4, beta = 0.75, k = 1 } = optionsArgument(op, options);
  floatTensor(op, "input", x);
  for (const [name, value] of Object.entries({ alpha, beta, k })) numberArgument(op, name, value);
  rankedTensor(op, "input", x, 3, Infinity);
  integerArgument(op, "size", size, 1, 2 ** 31 - 1);
  if (x.numel === 0) return clone(x);
  return scope(() => {
    const planes = flatten(x, 2);
    const [, C, S] = planes.shape;
    const window = {
      kind: "window",
      kernel: size,
      stride: 1,
      before: Math.floor(size / 2),
      after: 0,
      dilation: 1,
    } as const;
    const sums = resample(square(planes), [
      { rule: window, size: C },
      { rule: { kind: "adaptive" }, size: S },
    ]);
    const divisor = pow(add(mul(sums, alpha / size), k), beta);
    return div(x, reshape(divisor, x.shape));
  });
}
