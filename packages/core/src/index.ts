// @saccade/core: tensors with autograd, layers, optimizers and files over the kernels of @saccade/kernels.
import "./methods.ts";

export { OutOfMemoryError, SaccadeError, WorkerLostError } from "@saccade/kernels";
export { noGrad } from "./autograd/tape.ts";
export { arange, type CreateOptions, full, ones, type TensorOptions, tensor, zeros } from "./create.ts";
export { type Collated, defaultCollate } from "./data/collate.ts";
export { ConcatDataset, type Dataset, randomSplit, Subset, TensorDataset } from "./data/dataset.ts";
export { DataLoader, type LoaderOptions } from "./data/loader.ts";
export type { DType, TypedArray } from "./dtype.ts";
export {
  type EngineInfo,
  type InitOptions,
  info,
  init,
  type MemoryUse,
  memory,
  terminate,
} from "./engine.ts";
export { HostRandom, type HostRandomState } from "./hostRandom.ts";
export * as files from "./io/index.ts";
export { loadSafetensors, saveSafetensors } from "./io/safetensors.ts";
export * as nn from "./nn/index.ts";
export { withFastProducts } from "./ops/gemm.ts";
export * from "./ops/index.ts";
export type { LinearActivation } from "./ops/linear.ts";
export type { PackOptions } from "./ops/packing.ts";
export type { RotaryScaling } from "./ops/rotaryFrequencies.ts";
export type { AttentionOptions, AttentionResult } from "./ops/scaledDotProductAttention.ts";
export * as optim from "./optim/index.ts";
export {
  chromeTrace,
  type Profile,
  type ProfileEvent,
  type ProfileOptions,
  type ProfileRow,
  profile,
} from "./profile.ts";
export {
  bernoulli,
  manualSeed,
  type RandomStream,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randomState,
  randperm,
  setRandomState,
} from "./random.ts";
export * as scalarMath from "./scalarMath.ts";
export { persistent, type Scope, scope } from "./scope.ts";
export type { Shape } from "./shape.ts";
export { type NestedArray, onLeak, Tensor, type WeightFormat } from "./tensor.ts";
