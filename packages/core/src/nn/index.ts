// Layers and containers under PyTorch's names.

export * from "./activations.ts";
export { MultiheadAttention } from "./attention.ts";
export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential } from "./containers.ts";
export {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
  Fold,
  Unfold,
} from "./conv.ts";
export { CosineSimilarity, PairwiseDistance } from "./distances.ts";
export * from "./dropouts.ts";
export * as init from "./init.ts";
export {
  Bilinear,
  Embedding,
  EmbeddingBag,
  type EmbeddingBagLayerOptions,
  type EmbeddingLayerOptions,
  Identity,
  LayerNorm,
  Linear,
  parameter,
} from "./layers.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  CosineEmbeddingLoss,
  CrossEntropyLoss,
  CTCLoss,
  GaussianNLLLoss,
  HingeEmbeddingLoss,
  HuberLoss,
  KLDivLoss,
  L1Loss,
  MarginRankingLoss,
  MSELoss,
  MultiLabelMarginLoss,
  MultiLabelSoftMarginLoss,
  MultiMarginLoss,
  NLLLoss,
  PoissonNLLLoss,
  SmoothL1Loss,
  SoftMarginLoss,
  TripletMarginLoss,
  TripletMarginWithDistanceLoss,
} from "./losses.ts";
export {
  build,
  type ForwardHook,
  type ForwardPreHook,
  type Hook,
  type LoadReport,
  Module,
  type Packable,
  Parameter,
} from "./module.ts";
export * from "./norm.ts";
export * from "./pooling.ts";
export { PositionalEncoding, RotaryEmbedding } from "./positions.ts";
export { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from "./recurrent.ts";
export { stateDictError } from "./stateDictError.ts";
export {
  generateSquareSubsequentMask,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from "./transformer.ts";
export * from "./vision.ts";
