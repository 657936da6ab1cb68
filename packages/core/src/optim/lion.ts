// The sign of an interpolated momentum. "Symbolic Discovery of Optimization Algorithms", arXiv 2302.06675; not in torch.optim
// p -= lr (sign(b1 m + (1-b1) g) + wd p);  m = b2 m + (1-b2) g
import { engine } from "../engine.ts";
import { f32, type Tensor } from "../tensor.ts";
import {
  areDecayRates,
  type CommonOptions,
  decays,
  definedOf,
  firstNegative,
  type Group,
  Optimizer,
  type ParameterGroup,
} from "./optimizer.ts";

export interface LionOptions extends CommonOptions {
  betas: readonly [number, number];
}

const defaults: LionOptions = { lr: 1e-4, betas: [0.9, 0.99], weightDecay: 0, maximize: false };

export class Lion extends Optimizer<LionOptions> {
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<LionOptions>[],
    options: Partial<LionOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["exp_avg"];
  }

  protected override wrongOption(group: Group<LionOptions>): string | null {
    return areDecayRates(group.betas) ? firstNegative(group, ["lr", "weightDecay"]) : "betas";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<LionOptions>): void {
    const { lr, betas } = group;
    const mean = f32(this.state(parameter, "exp_avg"));
    const n = parameter.numel;
    engine().run(
      "lion_f32",
      n,
      0,
      f32(parameter),
      f32(gradient),
      mean,
      n,
      lr,
      ...betas,
      ...decays(group, true),
    );
  }
}
