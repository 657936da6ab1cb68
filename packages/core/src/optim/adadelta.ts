import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface AdadeltaOptions extends CommonOptions {
  rho: number;
  eps: number;
}

const defaults: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

export class Adadelta extends Optimizer<AdadeltaOptions> {
  protected override defaults(): AdadeltaOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["step", "square_avg", "acc_delta"];
  }

  protected override wrongOption(group: Group<AdadeltaOptions>): string | null {
    return group.rho >= 0 && group.rho <= 1 ? firstWrong(group, ["lr", "eps", "weightDecay"]) : "rho";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdadeltaOptions>): void {
    const { lr, rho, eps } = group;
    this.countStep(parameter);
    const scalars = [lr, rho, eps, ...decays(group, false)];
    this.launch("adadelta_f32", parameter, gradient, ["square_avg", "acc_delta"], scalars);
  }
}
