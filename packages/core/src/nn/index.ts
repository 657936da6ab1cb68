// Layers and containers under PyTorch's names.
export { ModuleList, Sequential } from "./containers.ts";
export * as init from "./init.ts";
export { Dropout, Embedding, LayerNorm, Linear, parameter } from "./layers.ts";
export {
  build,
  type Hook,
  type LoadReport,
  Module,
  type Packable,
  Parameter,
  stateDictError,
} from "./module.ts";
export { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from "./recurrent.ts";
