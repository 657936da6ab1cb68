import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

export interface LionOptions extends CommonOptions {
  betas: readonly [number, number];
}

const defaults: LionOptions = { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false };

export class Lion extends Optimizer<LionOptions> {
  protected override defaults(): LionOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["exp_avg"];
  }

  protected override wrongOption(group: Group<LionOptions>): string | null {
    return firstWrong(group, ["betas", "lr", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<LionOptions>): void {
    const { lr, betas } = group;
    this.launch("lion_f32", parameter, gradient, ["exp_avg"], [lr, ...betas, ...decays(group, true)]);
  }
}
