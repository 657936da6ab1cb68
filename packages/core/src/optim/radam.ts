import { pow } from "../scalarMath.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface RAdamOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  decoupledWeightDecay: boolean;
}

const defaults: RAdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  decoupledWeightDecay: false,
  maximize: false,
};

export class RAdam extends Optimizer<RAdamOptions> {
  protected override defaults(): RAdamOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["step", "exp_avg", "exp_avg_sq"];
  }

  protected override wrongOption(group: Group<RAdamOptions>): string | null {
    return firstWrong(group, ["betas", "lr", "eps", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<RAdamOptions>): void {
    const { lr, betas, eps, decoupledWeightDecay } = group;
    const t = this.countStep(parameter);
    const biases = [1 - pow(betas[0], t), 1 - pow(betas[1], t), rectification(betas[1], t)];
    const scalars = [lr, ...betas, eps, ...biases, ...decays(group, decoupledWeightDecay)];
    this.launch("radam_f32", parameter, gradient, ["exp_avg", "exp_avg_sq"], scalars);
  }
}

/** The factor r_t of the paper's equation 4, or 0 while there is none. */
function rectification(beta2: number, t: number): number {
  const limit = 2 / (1 - beta2) - 1;
  const rho = limit - (2 * t * pow(beta2, t)) / (1 - pow(beta2, t));
  if (rho <= 5) return 0;
  return Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
}
