// The table of ops, one line each. Every function here is also a method of Tensor (methods.ts), with the tensor as its
// first argument.
export { add, div, maximum, minimum, mul, sub } from "./binary.ts";
export { to } from "./cast.ts";
export { cat, stack } from "./cat.ts";
export { eq, ge, gt, le, logicalAnd, logicalNot, logicalOr, lt, ne } from "./compare.ts";
export { clone, contiguous } from "./contiguous.ts";
export { crossEntropy } from "./crossEntropy.ts";
export { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./cumsum.ts";
export { dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { amax, amin, argmax, argmin, max, min } from "./extrema.ts";
export { add_, copy_, fill_, mul_, zero_ } from "./inplace.ts";
export { layerNorm } from "./layerNorm.ts";
export { linear } from "./linear.ts";
export { logsumexp } from "./logsumexp.ts";
export { matmul } from "./matmul.ts";
export { norm } from "./norm.ts";
export { prod } from "./prod.ts";
export { attend, attentionWeights, scaledDotProductAttention } from "./scaledDotProductAttention.ts";
export { attentionSoftmax, logSoftmax, softmax } from "./softmax.ts";
export { argsort, kthvalue, median, mode, sort, topk, unique } from "./sort.ts";
export { all, any, countNonzero, mean, nanmean, nansum, sum } from "./sum.ts";
export {
  abs,
  cos,
  erf,
  exp,
  gelu,
  log,
  neg,
  reciprocal,
  relu,
  rsqrt,
  sigmoid,
  silu,
  sin,
  sqrt,
  square,
  tanh,
} from "./unary.ts";
export { std, stdMean, variance as var, varMean } from "./variance.ts";
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
