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
export { index, indexPut } from "./advancedIndex.ts";
export { atan2, div, floorDivide, fmod, pow, remainder } from "./arithmetic.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
} from "./avgPool.ts";
export {
  atleast1d,
  atleast2d,
  atleast3d,
  movedim,
  ravel,
  swapaxes,
  tensorSplit,
  unbind,
  unflatten,
} from "./axes.ts";
export { batchNorm, instanceNorm } from "./batchNorm.ts";
export { add, maximum, minimum, mul, sub } from "./binary.ts";
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from "./binaryCrossEntropy.ts";
export { addcdiv, addcmul, fmax, fmin, lerp } from "./blend.ts";
export { to } from "./cast.ts";
export { cat, dstack, hstack, stack, vstack } from "./cat.ts";
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
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./conv.ts";
export { bincount, bucketize, oneHot, searchsorted } from "./counting.ts";
export { crossEntropy } from "./crossEntropy.ts";
export { ctcLoss } from "./ctcLoss.ts";
export { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./cumsum.ts";
export { diag, diagEmbed, diagonal, trace } from "./diagonal.ts";
export { cdist, cosineSimilarity, normalize, pairwiseDistance } from "./distance.ts";
export { dropout } from "./dropout.ts";
export { einsum } from "./einsum.ts";
export { embedding } from "./embedding.ts";
export { embeddingBag } from "./embeddingBag.ts";
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "./embeddingLosses.ts";
export { amax, amin, argmax, argmin, max, min } from "./extrema.ts";
export { flip, rot90 } from "./flip.ts";
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
export { gather, gatherNd, indexSelect, take, takeAlongDim } from "./gather.ts";
export { groupNorm } from "./groupNorm.ts";
export { gru, gruCell } from "./gru.ts";
export { add_, copy_, fill_, mul_, zero_ } from "./inplace.ts";
export { interpolate } from "./interpolate.ts";
export { layerNorm } from "./layerNorm.ts";
export { fullLike, onesLike, zerosLike } from "./like.ts";
export { gaussianNllLoss, klDiv, poissonNllLoss } from "./likelihoodLosses.ts";
export { linear } from "./linear.ts";
export { localResponseNorm } from "./localResponseNorm.ts";
export { logsumexp } from "./logsumexp.ts";
export { lpPool1d, lpPool2d, lpPool3d } from "./lpPool.ts";
export { lstm, lstmCell } from "./lstm.ts";
export {
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "./marginLosses.ts";
export { maskedScatter, maskedSelect, nonzero } from "./masks.ts";
export { matmul } from "./matmul.ts";
export {
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./maxPool.ts";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "./maxUnpool.ts";
export { nllLoss } from "./nllLoss.ts";
export { norm } from "./norm.ts";
export { pad } from "./pad.ts";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./pixelShuffle.ts";
export { alibiSlopes, relativePositionBias, sinusoidalPositions } from "./positions.ts";
export { prod } from "./prod.ts";
export {
  addmm,
  addmv,
  baddbmm,
  bilinear,
  bmm,
  cross,
  dot,
  kron,
  mm,
  mv,
  outer,
  tensordot,
} from "./products.ts";
export { huberLoss, l1Loss, mseLoss, smoothL1Loss } from "./regressionLosses.ts";
export { relativeScores, relativeValues } from "./relativePositions.ts";
export { broadcastTensors, broadcastTo, repeat, tile } from "./repeat.ts";
export { repeatInterleave } from "./repeatInterleave.ts";
export { rmsNorm } from "./rmsNorm.ts";
export { rnn, rnnCell } from "./rnn.ts";
export { roll } from "./roll.ts";
export { rotaryEmbedding, rotaryTable } from "./rotaryEmbedding.ts";
export { ceil, floor, frac, round, trunc } from "./rounding.ts";
export {
  attend,
  attentionScores,
  attentionWeights,
  scaledDotProductAttention,
} from "./scaledDotProductAttention.ts";
export {
  indexAdd,
  indexCopy,
  indexFill,
  put,
  scatter,
  scatterAdd,
  scatterNd,
  scatterReduce,
} from "./scatter.ts";
export { cartesianProd, eye, linspace, logspace, meshgrid, trilIndices, triuIndices } from "./sequences.ts";
export { abs, neg, relu, sign, square } from "./signed.ts";
export { attentionSoftmax, logSoftmax, softmax, softmin } from "./softmax.ts";
export { argsort, kthvalue, median, mode, sort, topk, unique } from "./sort.ts";
export { all, any, countNonzero, mean, nanmean, nansum, sum } from "./sum.ts";
export { tril, triu } from "./triangle.ts";
export { cos, erf, exp, gelu, log, reciprocal, rsqrt, sigmoid, silu, sin, sqrt, tanh } from "./unary.ts";
export { fold, unfold } from "./unfold.ts";
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
