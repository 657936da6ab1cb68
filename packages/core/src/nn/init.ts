// Filling parameters before training; all in place. torch.nn.init

import { noGrad } from "../autograd/tape.ts";
import { full, tensor } from "../create.ts";
import { choiceArgument, rangeArgument, rankedTensor, refuse } from "../ops/arguments.ts";
import { add, maximum, minimum, mul, sub } from "../ops/binary.ts";
import { lt } from "../ops/compare.ts";
import { copy_, fill_ } from "../ops/inplace.ts";
import { erf, log, neg, sqrt, square } from "../ops/unary.ts";
import { where } from "../ops/where.ts";
import { rand, randn } from "../random.ts";
import { scope } from "../scope.ts";
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
  rankedTensor("init", "the parameter", x, 2, Infinity);
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

/** What kaiming initialisers know of the activation that follows. */
export interface KaimingOptions {
  /** "fanIn" keeps the variance of activations, "fanOut" that of gradients. */
  readonly mode?: "fanIn" | "fanOut";
  readonly nonlinearity?: Nonlinearity;
}

function kaimingStd(name: string, x: Tensor, a: number, options: KaimingOptions): number {
  const { mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  choiceArgument(name, "mode", mode, ["fanIn", "fanOut"]);
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(x)[mode]);
}

/** U(−b, b) with b = gain · sqrt(3 / fan), `a` the slope of a leaky ReLU. He et al., arXiv 1502.01852 */
export function kaimingUniform_(x: Tensor, a = 0, options: KaimingOptions = {}): Tensor {
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform_", x, a, options);
  return uniform_(x, -bound, bound);
}

/** N(0, std²) with std = gain / sqrt(fan), `a` the slope of a leaky ReLU. He et al., arXiv 1502.01852 */
export function kaimingNormal_(x: Tensor, a = 0, options: KaimingOptions = {}): Tensor {
  return normal_(x, 0, kaimingStd("kaimingNormal_", x, a, options));
}

export type Nonlinearity = "linear" | "conv" | "sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu";

/** The factor by which weights before a nonlinearity are widened; `slope` is leaky ReLU's. torch.nn.init.calculate_gain */
export function calculateGain(nonlinearity: Nonlinearity, slope = 0.01): number {
  switch (nonlinearity) {
    case "linear":
    case "conv":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.sqrt(2);
    case "leakyRelu":
      return Math.sqrt(2 / (1 + slope * slope));
    case "selu":
      return 3 / 4;
    default:
      return refuse("calculateGain", "nonlinearity", "one of those that have a gain", nonlinearity);
  }
}

/** The polynomials of M. Giles, "Approximating the erfinv function", 2012: for w < 5 in w − 2.5, beyond in sqrt(w) − 3. */
const ERFINV = {
  centre: [
    2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
    -0.00417768164, 0.246640727, 1.50140941,
  ],
  tails: [
    -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
    0.00943887047, 1.00167406, 2.83297682,
  ],
} as const;

/** The inverse of erf, to f32's precision: x · p(w), w = −log(1 − x²). */
function erfinv(x: Tensor): Tensor {
  const w = neg(log(sub(1, square(x))));
  const polynomial = (coefficients: readonly number[], at: Tensor): Tensor =>
    coefficients.slice(1).reduce((sum, c) => add(mul(sum, at), c), full(x.shape, coefficients[0]));
  const centre = polynomial(ERFINV.centre, sub(w, 2.5));
  const tails = polynomial(ERFINV.tails, sub(sqrt(w), 3));
  return mul(x, where(lt(w, 5), centre, tails));
}

/** A normal distribution cut off outside [a, b], which are values and not deviations. torch.nn.init.trunc_normal_ */
export function truncNormal_(x: Tensor, mean = 0, std = 1, a = -2, b = 2): Tensor {
  if (!(a <= b) || !(std > 0)) {
    refuse("truncNormal_", "std, a and b", "numbers with std > 0 and a <= b", [std, a, b]);
  }
  return fillFrom(x, () => {
    const [low, high] = [a, b].map((edge) => erf(full([], (edge - mean) / (std * Math.SQRT2))).item());
    const drawn = mul(erfinv(rand(x.shape, { low, high })), std * Math.SQRT2);
    return minimum(maximum(add(drawn, mean), a), b);
  });
}

/** Ones on the diagonal of a matrix, zeros elsewhere. torch.nn.init.eye_ */
export function eye_(x: Tensor): Tensor {
  rankedTensor("eye_", "input", x, 2);
  return fromHost(x, (values) => {
    const [rows, columns] = x.shape;
    for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1;
  });
}

/** A convolution's weight (out, in, …) that passes its inputs on, in each of `groups`. torch.nn.init.dirac_ */
export function dirac_(x: Tensor, groups = 1): Tensor {
  const out = x.shape[0] / groups;
  rankedTensor("dirac_", "input", x, 3, 5);
  if (!Number.isInteger(out)) refuse("dirac_", "input", `divisible into ${groups} groups`, x, "shape");
  return fromHost(x, (values) => {
    const field = x.shape.slice(2);
    const cells = field.reduce((a, b) => a * b, 1);
    const middle = field.reduce((at, size) => at * size + Math.floor(size / 2), 0);
    for (let group = 0; group < groups; group++) {
      for (let i = 0; i < Math.min(out, x.shape[1]); i++) {
        values[((group * out + i) * x.shape[1] + i) * cells + middle] = 1;
      }
    }
  });
}

/** Rows or columns, whichever are fewer, orthogonal to each other and of length `gain`. Saxe et al., arXiv 1312.6120 */
export function orthogonal_(x: Tensor, gain = 1): Tensor {
  rankedTensor("orthogonal_", "input", x, 2, Infinity);
  return fromHost(x, (values) => {
    const drawn = randn(x.shape);
    values.set(drawn.toTypedArray());
    drawn.dispose();
    const rows = x.shape[0];
    const columns = rows === 0 ? 0 : values.length / rows;
    // The fewer vectors, one behind the other: rows as they lie, or columns gathered.
    const wide = rows <= columns;
    const [count, length] = wide ? [rows, columns] : [columns, rows];
    const place = (vector: number, i: number): number => (wide ? vector * columns + i : i * columns + vector);
    const basis = Array.from({ length: count }, (_, vector) =>
      Float64Array.from({ length }, (_, i) => values[place(vector, i)]),
    );
    orthonormalise(basis);
    for (const [vector, line] of basis.entries()) {
      for (let i = 0; i < length; i++) values[place(vector, i)] = gain * line[i];
    }
  });
}

/** Gram–Schmidt, each vector against those before it twice, which leaves them orthogonal to the last bits of f64. */
function orthonormalise(basis: readonly Float64Array[]): void {
  const dot = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
    return sum;
  };
  for (const [at, vector] of basis.entries()) {
    for (let pass = 0; pass < 2; pass++) {
      for (let before = 0; before < at; before++) {
        const part = dot(vector, basis[before]);
        for (let i = 0; i < vector.length; i++) vector[i] -= part * basis[before][i];
      }
    }
    const norm = Math.sqrt(dot(vector, vector));
    for (let i = 0; i < vector.length; i++) vector[i] /= norm;
  }
}

/** N(0, std²) with the part `sparsity` of each column zero. Martens, 2010; torch.nn.init.sparse_ */
export function sparse_(x: Tensor, sparsity: number, std = 0.01): Tensor {
  rankedTensor("sparse_", "input", x, 2);
  rangeArgument("sparse_", "sparsity", sparsity, 0, 1);
  return fromHost(x, (values) => {
    const [rows, columns] = x.shape;
    const [drawn, ranks] = [randn(x.shape, { std }), rand(x.shape)];
    values.set(drawn.toTypedArray());
    const scores = ranks.toTypedArray();
    drawn.dispose();
    ranks.dispose();
    const zeros = Math.ceil(sparsity * rows);
    for (let column = 0; column < columns; column++) {
      const order = Array.from({ length: rows }, (_, row) => row);
      order.sort((a, b) => scores[a * columns + column] - scores[b * columns + column]);
      for (const row of order.slice(0, zeros)) values[row * columns + column] = 0;
    }
  });
}

/** Fills x from an array in row-major order that starts as zeros. */
function fromHost(x: Tensor, write: (values: Float32Array) => void): Tensor {
  return fillFrom(x, () => {
    const values = new Float32Array(x.numel);
    write(values);
    return tensor(values, { shape: x.shape });
  });
}
