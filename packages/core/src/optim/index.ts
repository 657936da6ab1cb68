// Optimizers, schedules and clipping under PyTorch's names.
export { AdamW, type AdamWOptions } from "./adamw.ts";
export { clipGradNorm } from "./clip.ts";
export { type Group, Optimizer, type ParameterGroup } from "./optimizer.ts";
export { type CosineOptions, cosineWithWarmup, type Schedule } from "./schedule.ts";
export { SGD, type SGDOptions } from "./sgd.ts";
