import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface RMSpropOptions extends CommonOptions {
  /** Decay of the averages. */
  alpha: number;
  eps: number;
  momentum: number;
  centered: boolean;
}

const defaults: RMSpropOptions = {
  lr: 1e-2,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
  maximize: false,
};

export class RMSprop extends Optimizer<RMSpropOptions> {
  protected override defaults(): RMSpropOptions {
    return defaults;
  }

  protected override stateNames({ momentum, centered }: Group<RMSpropOptions>): string[] {
    return [
      "step",
      "square_avg",
      ...(momentum > 0 ? ["momentum_buffer"] : []),
      ...(centered ? ["grad_avg"] : []),
    ];
  }

  protected override wrongOption(group: Group<RMSpropOptions>): string | null {
    return firstWrong(group, ["lr", "alpha", "eps", "weightDecay", "momentum"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<RMSpropOptions>): void {
    const { lr, alpha, eps, momentum, centered } = group;
    this.countStep(parameter);
    const states = ["square_avg", momentum > 0 ? "momentum_buffer" : null, centered ? "grad_avg" : null];
    const scalars = [lr, alpha, eps, momentum, ...decays(group, false)];
    this.launch("rmsprop_f32", parameter, gradient, states, scalars);
  }
}
