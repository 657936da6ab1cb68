// Up to a high rate and down to almost nothing in one run, momentum the other way round. "Super-Convergence", arXiv
// 1708.07120; torch.optim.lr_scheduler.OneCycleLR
import { choiceArgument, fail, integerArgument, rangeArgument, refuse } from "../ops/arguments.ts";
import type { CommonOptions, Group, Optimizer } from "./optimizer.ts";
import { halfCosine } from "./schedule.ts";
import { LRScheduler, perGroup } from "./scheduler.ts";

export interface OneCycleOptions {
  readonly totalSteps: number;
  /** Part of the steps on the way up. */
  readonly pctStart?: number;
  readonly annealStrategy?: "cos" | "linear";
  /** Lowers momentum, or Adam's first beta, from `maxMomentum` to `baseMomentum` while the rate rises. */
  readonly cycleMomentum?: boolean;
  readonly baseMomentum?: number;
  readonly maxMomentum?: number;
  /** maxLr over the first rate. */
  readonly divFactor?: number;
  /** The first rate over the last. */
  readonly finalDivFactor?: number;
  /** Down to the first rate as fast as it went up, and only then to the last. */
  readonly threePhase?: boolean;
}

type Settings = Required<OneCycleOptions>;

const defaults: Omit<Settings, "totalSteps"> = {
  pctStart: 0.3,
  annealStrategy: "cos",
  cycleMomentum: true,
  baseMomentum: 0.85,
  maxMomentum: 0.95,
  divFactor: 25,
  finalDivFactor: 1e4,
  threePhase: false,
};

interface Momentum {
  momentum?: number;
  betas?: readonly [number, number];
}

/** Values at the ends of the phases. */
type Corners = readonly number[];

export class OneCycleLR extends LRScheduler {
  readonly #momentumAt: ((epoch: number) => number) | null;

  constructor(
    optimizer: Optimizer<CommonOptions>,
    maxLr: number | readonly number[],
    options: OneCycleOptions,
  ) {
    const all: Settings = { ...defaults, ...options };
    const { totalSteps, divFactor, finalDivFactor, threePhase } = all;
    check(optimizer, maxLr, all);
    const top = (i: number): number => (typeof maxLr === "number" ? maxLr : maxLr[i]);
    const ends = phaseEnds(all);
    const walk = (epoch: number, corners: Corners): number => {
      if (epoch > totalSteps) {
        refuse("OneCycleLR", "epoch", `at most ${totalSteps}, totalSteps`, epoch);
      }
      return along(epoch, ends, corners, all.annealStrategy);
    };
    const rates = (highest: number): Corners => {
      const first = highest / divFactor;
      return threePhase
        ? [first, highest, first, first / finalDivFactor]
        : [first, highest, first / finalDivFactor];
    };
    super(optimizer, (epoch, _base, i) => walk(epoch, rates(top(i))));
    const { baseMomentum: low, maxMomentum: high } = all;
    const momenta = threePhase ? [high, low, high, high] : [high, low, high];
    this.#momentumAt = all.cycleMomentum ? (epoch) => walk(epoch, momenta) : null;
    this.setRates(0);
  }

  protected override setRates(epoch: number): void {
    super.setRates(epoch);
    // The base class sets the rates of epoch 0 before this class has its fields.
    if (!(#momentumAt in this) || this.#momentumAt === null) return;
    const value = this.#momentumAt(epoch);
    for (const group of this.groups as readonly (Group<CommonOptions> & Momentum)[]) {
      if (group.betas !== undefined) group.betas = [value, group.betas[1]];
      else group.momentum = value;
    }
  }
}

function phaseEnds({ totalSteps, pctStart, threePhase }: Settings): number[] {
  const up = pctStart * totalSteps - 1;
  return threePhase ? [up, 2 * pctStart * totalSteps - 2, totalSteps - 1] : [up, totalSteps - 1];
}

/** The value at a step between the corners it lies between. */
function along(epoch: number, ends: readonly number[], corners: Corners, anneal: "cos" | "linear"): number {
  const found = ends.findIndex((end) => epoch <= end);
  const phase = found < 0 ? ends.length - 1 : found;
  const begin = phase === 0 ? 0 : ends[phase - 1];
  const progress = (epoch - begin) / (ends[phase] - begin);
  const [from, to] = [corners[phase], corners[phase + 1]];
  return anneal === "cos" ? halfCosine(from, to, progress) : from + (to - from) * progress;
}

function check(
  { groups }: Optimizer<CommonOptions>,
  maxLr: number | readonly number[],
  options: Settings,
): void {
  const { totalSteps, pctStart, annealStrategy, cycleMomentum } = options;
  const op = "OneCycleLR";
  integerArgument(op, "totalSteps", totalSteps, 1);
  rangeArgument(op, "pctStart", pctStart, 0, 1);
  choiceArgument(op, "annealStrategy", annealStrategy, ["cos", "linear"]);
  perGroup(op, "maxLr", maxLr, groups.length);
  if (cycleMomentum && !groups.every((group) => "momentum" in group || "betas" in group))
    fail("argument", `${op}: the optimizer has no momentum to cycle; pass cycleMomentum: false`);
}
