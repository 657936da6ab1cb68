// Lowers the rates when a metric has stopped getting better. torch.optim.lr_scheduler.ReduceLROnPlateau

import { choiceArgument, refuse } from "../ops/arguments.ts";
import type { CommonOptions, Optimizer } from "./optimizer.ts";
import { perGroup } from "./scheduler.ts";

export interface PlateauOptions {
  readonly mode?: "min" | "max";
  /** What a rate is multiplied by. */
  readonly factor?: number;
  /** Steps without progress that are put up with. */
  readonly patience?: number;
  readonly threshold?: number;
  /** Whether `threshold` is a part of the best value or a distance from it. */
  readonly thresholdMode?: "rel" | "abs";
  /** Steps after a reduction in which nothing is counted. */
  readonly cooldown?: number;
  readonly minLr?: number | readonly number[];
  /** Smaller changes of a rate are not made. */
  readonly eps?: number;
}

export interface PlateauState {
  readonly best: number;
  readonly badSteps: number;
  readonly cooldownLeft: number;
}

const defaults = {
  mode: "min",
  factor: 0.1,
  patience: 10,
  threshold: 1e-4,
  thresholdMode: "rel",
  cooldown: 0,
  minLr: 0,
  eps: 1e-8,
} as const;

export class ReduceLROnPlateau {
  readonly #optimizer: Optimizer<CommonOptions>;
  readonly #options: Required<PlateauOptions>;
  #best: number;
  #badSteps = 0;
  #cooldownLeft = 0;

  constructor(optimizer: Optimizer<CommonOptions>, options: PlateauOptions = {}) {
    this.#optimizer = optimizer;
    this.#options = { ...defaults, ...options };
    const { mode, factor, thresholdMode, minLr } = this.#options;
    const op = "ReduceLROnPlateau";
    if (!(factor < 1)) refuse(op, "factor", "a number < 1", factor);
    choiceArgument(op, "mode", mode, ["min", "max"]);
    choiceArgument(op, "thresholdMode", thresholdMode, ["rel", "abs"]);
    perGroup(op, "minLr", minLr, optimizer.groups.length);
    this.#best = mode === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Takes the metric of an epoch, for example the loss on a validation split. */
  step(metric: number): void {
    const { patience, cooldown } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#badSteps = 0;
    } else {
      this.#badSteps++;
    }
    if (this.#cooldownLeft > 0) {
      this.#cooldownLeft--;
      this.#badSteps = 0;
    }
    if (this.#badSteps > patience) {
      this.#reduce();
      this.#cooldownLeft = cooldown;
      this.#badSteps = 0;
    }
  }

  getLastLr(): number[] {
    return this.#optimizer.groups.map(({ lr }) => lr);
  }

  stateDict(): PlateauState {
    return { best: this.#best, badSteps: this.#badSteps, cooldownLeft: this.#cooldownLeft };
  }

  loadStateDict({ best, badSteps, cooldownLeft }: PlateauState): void {
    this.#best = best;
    this.#badSteps = badSteps;
    this.#cooldownLeft = cooldownLeft;
  }

  #isBetter(metric: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const best = this.#best;
    const margin = thresholdMode === "rel" ? best * threshold : threshold;
    // An infinite best times a threshold of 0 is no number: anything finite is better than it.
    const limit = Number.isFinite(best) ? (mode === "min" ? best - margin : best + margin) : best;
    return mode === "min" ? metric < limit : metric > limit;
  }

  #reduce(): void {
    const { factor, minLr, eps } = this.#options;
    for (const [i, group] of this.#optimizer.groups.entries()) {
      const lowered = Math.max(group.lr * factor, typeof minLr === "number" ? minLr : minLr[i]);
      if (group.lr - lowered > eps) group.lr = lowered;
    }
  }
}
