// Optimizers, schedules and clipping under PyTorch's names.
export { Adadelta, type AdadeltaOptions } from "./adadelta.ts";
export { Adagrad, type AdagradOptions } from "./adagrad.ts";
export { Adam, type AdamOptions, AdamW } from "./adam.ts";
export { Adamax, type AdamaxOptions } from "./adamax.ts";
export { ExponentialMovingAverage } from "./average.ts";
export { clipGradNorm, clipGradValue } from "./clip.ts";
export { Lion, type LionOptions } from "./lion.ts";
export { NAdam, type NAdamOptions } from "./nadam.ts";
export { OneCycleLR, type OneCycleOptions } from "./oneCycle.ts";
export { type CommonOptions, type Group, Optimizer, type ParameterGroup } from "./optimizer.ts";
export { type PlateauOptions, type PlateauState, ReduceLROnPlateau } from "./plateau.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropOptions } from "./rmsprop.ts";
export { type CosineOptions, cosineWithWarmup, type Schedule } from "./schedule.ts";
export {
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  LRScheduler,
  MultiStepLR,
  PolynomialLR,
  type Rate,
  type SchedulerState,
  StepLR,
} from "./scheduler.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
