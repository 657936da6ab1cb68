// Learning rates as functions of the step, and nanoGPT's in particular. Cosines come from a kernel, so they are the same on
// every machine. Schedulers that set an optimizer's rates as PyTorch's do: scheduler.ts.
import { cos } from "../scalarMath.ts";

export type Schedule = (step: number) => number;

export interface CosineOptions {
  readonly lr: number;
  readonly minLr: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** Linear warm-up to `lr`, then half a cosine down to `minLr` at `totalSteps`, and flat behind: nanoGPT's get_lr. */
export function cosineWithWarmup({ lr, minLr, warmupSteps, totalSteps }: CosineOptions): Schedule {
  return (step) => {
    if (step < warmupSteps) return (lr * (step + 1)) / (warmupSteps + 1);
    if (step > totalSteps) return minLr;
    return halfCosine(lr, minLr, (step - warmupSteps) / Math.max(totalSteps - warmupSteps, 1));
  };
}

/** From `start` to `end` as the progress goes from 0 to 1. */
export function halfCosine(start: number, end: number, progress: number): number {
  return end + ((start - end) / 2) * (1 + cos(Math.PI * progress));
}
