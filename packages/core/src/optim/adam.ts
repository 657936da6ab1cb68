import { pow } from "../scalarMath.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface AdamOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  amsgrad: boolean;
}

const defaults: AdamOptions = {
  lr: 1e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
  maximize: false,
};

export class Adam extends Optimizer<AdamOptions> {
  /** Weight decay acts on the parameters and not through the gradient. */
  protected readonly decoupled: boolean = false;

  protected override defaults(): AdamOptions {
    return defaults;
  }

  protected override stateNames({ amsgrad }: Group<AdamOptions>): string[] {
    return ["step", "exp_avg", "exp_avg_sq", ...(amsgrad ? ["max_exp_avg_sq"] : [])];
  }

  protected override wrongOption(group: Group<AdamOptions>): string | null {
    return firstWrong(group, ["betas", "lr", "eps", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdamOptions>): void {
    const { lr, betas, eps, amsgrad } = group;
    const t = this.countStep(parameter);
    const states = ["exp_avg", "exp_avg_sq", amsgrad ? "max_exp_avg_sq" : null];
    const scalars = [lr, ...betas, eps, 1 - pow(betas[0], t), 1 - pow(betas[1], t)];
    this.launch("adam_f32", parameter, gradient, states, [...scalars, ...decays(group, this.decoupled)]);
  }
}

/** Adam with decoupled weight decay, 0.01 unless said otherwise. */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  protected override defaults(): AdamOptions {
    return { ...defaults, weightDecay: 1e-2 };
  }
}
