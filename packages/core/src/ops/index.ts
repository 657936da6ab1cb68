// The table of ops, one line each. Every function here is also a method of Tensor (methods.ts), with the tensor as its
// first argument.
export {
  celu,
  elu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu6,
  selu,
  softplus,
  softShrink,
  softsign,
  tanhShrink,
  threshold,
} from "./activations.ts";
export { atan2, floorDivide, fmod, pow, remainder } from "./arithmetic.ts";
export { add, div, maximum, minimum, mul, sub } from "./binary.ts";
export { addcdiv, addcmul, fmax, fmin, lerp } from "./blend.ts";
export { to } from "./cast.ts";
export { cat, stack } from "./cat.ts";
export { clamp } from "./clamp.ts";
export {
  eq,
  ge,
  gt,
  isFinite,
  isInf,
  isNaN,
  le,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  lt,
  ne,
} from "./compare.ts";
export { clone, contiguous } from "./contiguous.ts";
export { crossEntropy } from "./crossEntropy.ts";
export { cumsum } from "./cumsum.ts";
export { dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { amax, amin, argmax, argmin } from "./extrema.ts";
export {
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atanh,
  cosh,
  erfc,
  exp2,
  expm1,
  log1p,
  log2,
  log10,
  sinh,
  tan,
} from "./functions.ts";
export { add_, copy_, fill_, mul_, zero_ } from "./inplace.ts";
export { layerNorm } from "./layerNorm.ts";
export { linear } from "./linear.ts";
export { logsumexp } from "./logsumexp.ts";
export { matmul } from "./matmul.ts";
export { ceil, floor, frac, round, trunc } from "./rounding.ts";
export { attend, attentionWeights, scaledDotProductAttention } from "./scaledDotProductAttention.ts";
export { abs, neg, relu, sign, square } from "./signed.ts";
export { attentionSoftmax, logSoftmax, softmax } from "./softmax.ts";
export { mean, sum } from "./sum.ts";
export {
  cos,
  erf,
  exp,
  gelu,
  log,
  reciprocal,
  rsqrt,
  sigmoid,
  silu,
  sin,
  sqrt,
  tanh,
} from "./unary.ts";
export {
  chunk,
  expand,
  flatten,
  narrow,
  permute,
  reshape,
  select,
  slice,
  split,
  squeeze,
  t,
  transpose,
  unsqueeze,
  view,
} from "./views.ts";
export { maskedFill, where } from "./where.ts";
