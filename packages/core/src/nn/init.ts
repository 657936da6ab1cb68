// Filling parameters before training; all in place. torch.nn.init
import { SaccadeError } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { copy_, fill_ } from "../ops/inplace.ts";
import { rand, randn } from "../random.ts";
import { scope } from "../scope.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

let skipping = false;

/** Runs `body` with all initialisers doing nothing: for models whose weights are loaded next. torch.nn.utils.skip_init */
export function skip<T>(body: () => T): T {
  const before = skipping;
  skipping = true;
  try {
    return body();
  } finally {
    skipping = before;
  }
}

function fillFrom(x: Tensor, make: () => Tensor): Tensor {
  if (skipping) return x;
  return noGrad(() =>
    scope(() => {
      copy_(x, make());
      return x;
    }),
  );
}

export function uniform_(x: Tensor, low = 0, high = 1): Tensor {
  return fillFrom(x, () => rand(x.shape, { low, high }));
}

export function normal_(x: Tensor, mean = 0, std = 1): Tensor {
  return fillFrom(x, () => randn(x.shape, { mean, std }));
}

export function constant_(x: Tensor, value: number): Tensor {
  return skipping ? x : noGrad(() => fill_(x, value));
}

export function zeros_(x: Tensor): Tensor {
  return constant_(x, 0);
}

export function ones_(x: Tensor): Tensor {
  return constant_(x, 1);
}

/** Inputs and outputs of a weight (out, in, …receptive field). */
function fans(x: Tensor): { fanIn: number; fanOut: number } {
  if (x.rank < 2)
    throw new SaccadeError(
      "shape",
      `init: fan in and out need two axes or more, got ${formatShape(x.shape)}`,
    );
  const field = x.shape.slice(2).reduce((a, b) => a * b, 1);
  return { fanIn: x.size(1) * field, fanOut: x.size(0) * field };
}

/** U(−a, a) with a = gain · sqrt(6 / (fanIn + fanOut)). Glorot & Bengio, 2010 */
export function xavierUniform_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(x);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(x, -bound, bound);
}

/** N(0, std²) with std = gain · sqrt(2 / (fanIn + fanOut)). Glorot & Bengio, 2010 */
export function xavierNormal_(x: Tensor, gain = 1): Tensor {
  const { fanIn, fanOut } = fans(x);
  return normal_(x, 0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** U(−b, b) with b = sqrt(6 / ((1 + a²) fanIn)), a the slope of a leaky ReLU. He et al., arXiv 1502.01852 */
export function kaimingUniform_(x: Tensor, a = 0): Tensor {
  const bound = Math.sqrt(6 / ((1 + a * a) * fans(x).fanIn));
  return uniform_(x, -bound, bound);
}

/** N(0, std²) with std = sqrt(2 / ((1 + a²) fanIn)). He et al., arXiv 1502.01852 */
export function kaimingNormal_(x: Tensor, a = 0): Tensor {
  return normal_(x, 0, Math.sqrt(2 / ((1 + a * a) * fans(x).fanIn)));
}
