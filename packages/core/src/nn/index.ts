// Layers and containers under PyTorch's names.

export { MultiheadAttention } from "./attention.ts";
export { ModuleDict, ModuleList, ParameterDict, ParameterList, Sequential } from "./containers.ts";
export * as init from "./init.ts";
export { Dropout, Embedding, LayerNorm, Linear, parameter } from "./layers.ts";
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
