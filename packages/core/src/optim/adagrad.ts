import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface AdagradOptions extends CommonOptions {
  lrDecay: number;
  initialAccumulatorValue: number;
  eps: number;
}

const defaults: AdagradOptions = {
  lr: 1e-2,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
  maximize: false,
};

export class Adagrad extends Optimizer<AdagradOptions> {
  protected override defaults(): AdagradOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["step", "sum"];
  }

  protected override wrongOption(group: Group<AdagradOptions>): string | null {
    return firstWrong(group, ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdagradOptions>): void {
    const { lr, lrDecay, initialAccumulatorValue, eps } = group;
    const rate = lr / (1 + (this.countStep(parameter) - 1) * lrDecay);
    this.state(parameter, "sum", initialAccumulatorValue);
    this.launch("adagrad_f32", parameter, gradient, ["sum"], [rate, eps, ...decays(group, false)]);
  }
}
