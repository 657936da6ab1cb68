// Float64 references of the transcendental kernels. JavaScript's Math is within an ULP of f64 for exp, log,
// tanh, sin and cos, far below anything an f32 kernel is measured in; erf and erfc are summed here
// (Abramowitz and Stegun 7.1.6, 7.1.14).

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);

/** erf x for |x| <= 2.5 or so: a series of positive terms. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
}

/**
 * erfc x for x >= 2: the continued fraction 1/(x + 1/2/(x + 1/(x + 3/2/(x + ...)))), evaluated from its
 * end.
 */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = Math.ceil(20 + 200 / (x * x)); n > 0; n--) tail = x + n / 2 / tail;
  return (Math.exp(-x * x) / Math.sqrt(Math.PI)) * (1 / tail);
}

export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  return x < 2 ? 1 - erfSeries(x) : x > 28 ? 0 : erfcFraction(x);
}

export function erf(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  return Math.sign(x) * (a < 2 ? erfSeries(a) : 1 - erfc(a));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
/** NaN at -Infinity, as PyTorch. */
export const silu = (x: number): number => x / (1 + Math.exp(-x));
/** x * Phi(x); NaN at both infinities, as PyTorch. */
export function gelu(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  return x * 0.5 * erfc(-x * Math.SQRT1_2);
}
export const geluTanhArgument = (x: number): number => Math.sqrt(8 / Math.PI) * (x + 0.044715 * x * x * x);
export const geluTanh = (x: number): number => x / (1 + Math.exp(-geluTanhArgument(x)));

export const elu = (x: number): number => (x <= 0 ? Math.expm1(x) : x);
/** alpha and scale of torch.nn.functional.selu. */
export const SELU = [1.6732632423543772, 1.0507009873554805] as const;
export const selu = (x: number): number => SELU[1] * (x <= 0 ? SELU[0] * Math.expm1(x) : x);
/** ln(1 + e^x), x itself above 20, as PyTorch. */
export const softplus = (x: number): number => (x > 20 ? x : Math.log1p(Math.exp(x)));
export const logSigmoid = (x: number): number =>
  x > 0 ? -Math.log1p(Math.exp(-x)) : x - Math.log1p(Math.exp(x));
/** NaN at -Infinity, as PyTorch. */
export const mish = (x: number): number => x * Math.tanh(Math.log1p(Math.exp(x)));
