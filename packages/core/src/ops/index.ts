// The table of ops, one line each. Every function here is also a method of Tensor (methods.ts), with the tensor as its
// first argument.
export { adaptiveAvgPool1d, adaptiveAvgPool2d, avgPool1d, avgPool2d } from "./avgPool.ts";
export { batchNorm, instanceNorm } from "./batchNorm.ts";
export { add, div, maximum, minimum, mul, sub } from "./binary.ts";
export { to } from "./cast.ts";
export { cat, stack } from "./cat.ts";
export { eq, ge, gt, le, logicalAnd, logicalNot, logicalOr, lt, ne } from "./compare.ts";
export { clone, contiguous } from "./contiguous.ts";
export { crossEntropy } from "./crossEntropy.ts";
export { cumsum } from "./cumsum.ts";
export { dropout } from "./dropout.ts";
export { embedding } from "./embedding.ts";
export { amax, amin, argmax, argmin } from "./extrema.ts";
export { groupNorm } from "./groupNorm.ts";
export { add_, copy_, fill_, mul_, zero_ } from "./inplace.ts";
export { interpolate } from "./interpolate.ts";
export { layerNorm } from "./layerNorm.ts";
export { linear } from "./linear.ts";
export { localResponseNorm } from "./localResponseNorm.ts";
export { logsumexp } from "./logsumexp.ts";
export { lpPool1d, lpPool2d } from "./lpPool.ts";
export { matmul } from "./matmul.ts";
export { adaptiveMaxPool1d, adaptiveMaxPool2d, maxPool1d, maxPool2d } from "./maxPool.ts";
export { maxUnpool1d, maxUnpool2d } from "./maxUnpool.ts";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./pixelShuffle.ts";
export { rmsNorm } from "./rmsNorm.ts";
export { attend, attentionWeights, scaledDotProductAttention } from "./scaledDotProductAttention.ts";
export { attentionSoftmax, logSoftmax, softmax, softmin } from "./softmax.ts";
export { mean, sum } from "./sum.ts";
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
