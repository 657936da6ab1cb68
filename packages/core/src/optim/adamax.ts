import { pow } from "../scalarMath.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface AdamaxOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
}

const defaults: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };

export class Adamax extends Optimizer<AdamaxOptions> {
  protected override defaults(): AdamaxOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["step", "exp_avg", "exp_inf"];
  }

  protected override wrongOption(group: Group<AdamaxOptions>): string | null {
    return firstWrong(group, ["betas", "lr", "eps", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdamaxOptions>): void {
    const { lr, betas, eps } = group;
    const t = this.countStep(parameter);
    const scalars = [lr, ...betas, eps, 1 - pow(betas[0], t), ...decays(group, false)];
    this.launch("adamax_f32", parameter, gradient, ["exp_avg", "exp_inf"], scalars);
  }
}
