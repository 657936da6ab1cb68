// Schedulers: each sets the learning rates of an optimizer's groups when it is made and at every step(). The rate is a
// closed form of the epoch and the group's first rate, so a state is one number. torch.optim.lr_scheduler
import { integerArgument, refuse } from "../ops/arguments.ts";
import { pow } from "../scalarMath.ts";
import type { CommonOptions, Group, Optimizer } from "./optimizer.ts";
import { halfCosine } from "./schedule.ts";

type AnyOptimizer = Optimizer<CommonOptions>;
type AnyGroup = Group<CommonOptions>;

/** The rate at an epoch of group `i`, which began with `base`. */
export type Rate = (epoch: number, base: number, i: number) => number;

export interface SchedulerState {
  readonly lastEpoch: number;
  readonly baseLrs: readonly number[];
}

export class LRScheduler {
  readonly #groups: readonly AnyGroup[];
  readonly #rate: Rate;
  #baseLrs: readonly number[];
  #lastEpoch = 0;

  /** Sets the rates of epoch 0, over those the groups have. */
  constructor(optimizer: AnyOptimizer, rate: Rate) {
    this.#groups = optimizer.groups;
    this.#baseLrs = this.#groups.map(({ lr }) => lr);
    this.#rate = rate;
    this.setRates(0);
  }

  get lastEpoch(): number {
    return this.#lastEpoch;
  }

  /** The rates set last, one per group. */
  getLastLr(): number[] {
    return this.#groups.map(({ lr }) => lr);
  }

  /** Goes on to the next epoch, or to the one given: call it after the optimizer's step. */
  step(epoch = this.#lastEpoch + 1): void {
    if (!(epoch >= 0)) {
      refuse(`${this.constructor.name}.step`, "epoch", "a number >= 0", epoch);
    }
    this.setRates(epoch);
    this.#lastEpoch = epoch;
  }

  protected setRates(epoch: number): void {
    for (const [i, group] of this.#groups.entries()) group.lr = this.#rate(epoch, this.#baseLrs[i], i);
  }

  protected get groups(): readonly AnyGroup[] {
    return this.#groups;
  }

  stateDict(): SchedulerState {
    return { lastEpoch: this.#lastEpoch, baseLrs: this.#baseLrs };
  }

  /** Goes on where another scheduler of this kind stopped. */
  loadStateDict({ lastEpoch, baseLrs }: SchedulerState): void {
    if (baseLrs.length !== this.#groups.length) {
      const wanted = `of the ${this.#groups.length} groups of the optimizer`;
      refuse(this.constructor.name, "baseLrs", wanted, baseLrs, "stateDict");
    }
    this.#baseLrs = [...baseLrs];
    this.step(lastEpoch);
  }
}

function positive(name: string, option: string, value: number): void {
  if (!(value > 0)) refuse(name, option, "a number > 0", value);
}

/** The first rate times lambda(epoch); one lambda for all groups, or one for each. */
export class LambdaLR extends LRScheduler {
  constructor(
    optimizer: AnyOptimizer,
    lambda: ((epoch: number) => number) | readonly ((epoch: number) => number)[],
  ) {
    const lambdas = Array.isArray(lambda) ? lambda : optimizer.groups.map(() => lambda);
    if (lambdas.length !== optimizer.groups.length || !lambdas.every((f) => typeof f === "function")) {
      refuse("LambdaLR", "lambda", `a function, or ${optimizer.groups.length}, one per group`, lambda);
    }
    super(optimizer, (epoch, base, i) => base * lambdas[i](epoch));
  }
}

/** Times gamma every `stepSize` epochs. */
export class StepLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, stepSize: number, gamma = 0.1) {
    positive("StepLR", "stepSize", stepSize);
    super(optimizer, (epoch, base) => base * pow(gamma, Math.floor(epoch / stepSize)));
  }
}

/** Times gamma at each milestone. */
export class MultiStepLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, milestones: readonly number[], gamma = 0.1) {
    const passed = (epoch: number): number => milestones.filter((milestone) => milestone <= epoch).length;
    super(optimizer, (epoch, base) => base * pow(gamma, passed(epoch)));
  }
}

/** Times gamma every epoch. */
export class ExponentialLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, gamma: number) {
    super(optimizer, (epoch, base) => base * pow(gamma, epoch));
  }
}

/** `factor` of the rate for `totalIters` epochs, then all of it. */
export class ConstantLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, options: { factor?: number; totalIters?: number } = {}) {
    const { factor = 1 / 3, totalIters = 5 } = options;
    super(optimizer, (epoch, base) => (epoch < totalIters ? base * factor : base));
  }
}

/** From `startFactor` to `endFactor` of the rate in a straight line of `totalIters` epochs: a warm-up. */
export class LinearLR extends LRScheduler {
  constructor(
    optimizer: AnyOptimizer,
    options: { startFactor?: number; endFactor?: number; totalIters?: number } = {},
  ) {
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    positive("LinearLR", "totalIters", totalIters);
    super(
      optimizer,
      (epoch, base) =>
        base * (startFactor + ((endFactor - startFactor) * Math.min(epoch, totalIters)) / totalIters),
    );
  }
}

/** Down to 0 in `totalIters` epochs as a power of what is left. */
export class PolynomialLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, options: { totalIters?: number; power?: number } = {}) {
    const { totalIters = 5, power = 1 } = options;
    positive("PolynomialLR", "totalIters", totalIters);
    super(optimizer, (epoch, base) => {
      const left = 1 - Math.min(epoch, totalIters) / totalIters;
      return left === 0 ? 0 : base * pow(left, power);
    });
  }
}

/** Half a cosine down to `etaMin` in `tMax` epochs, and back. SGDR, arXiv 1608.03983, without the restarts. */
export class CosineAnnealingLR extends LRScheduler {
  constructor(optimizer: AnyOptimizer, tMax: number, options: { etaMin?: number } = {}) {
    const { etaMin = 0 } = options;
    positive("CosineAnnealingLR", "tMax", tMax);
    super(optimizer, (epoch, base) => halfCosine(base, etaMin, epoch / tMax));
  }
}

/** Half a cosine down to `etaMin` in `t0` epochs, from the top again in `tMult` times as many, … SGDR, arXiv 1608.03983 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  constructor(optimizer: AnyOptimizer, t0: number, options: { tMult?: number; etaMin?: number } = {}) {
    const { tMult = 1, etaMin = 0 } = options;
    positive("CosineAnnealingWarmRestarts", "t0", t0);
    integerArgument("CosineAnnealingWarmRestarts", "tMult", tMult, 1);
    super(optimizer, (epoch, base) => {
      if (tMult === 1) return halfCosine(base, etaMin, (epoch % t0) / t0);
      let [length, rest] = [t0, epoch];
      for (; rest >= length; length *= tMult) rest -= length;
      return halfCosine(base, etaMin, rest / length);
    });
  }
}

/** An error unless the value is one number, or as many as there are groups. */
export function perGroup(op: string, name: string, value: number | readonly number[], groups: number): void {
  if (typeof value !== "number" && value.length !== groups)
    refuse(op, name, `a number or ${groups}, one per group`, value);
}
