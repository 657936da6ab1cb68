// Learning rates as functions of the step. The cosine comes from a kernel, so it is the same on every machine.
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
    const progress = (step - warmupSteps) / Math.max(totalSteps - warmupSteps, 1);
    return minLr + 0.5 * (1 + cos(Math.PI * progress)) * (lr - minLr);
  };
}
