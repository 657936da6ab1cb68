// Rates that shrink with the squares of the gradients so far. "Adaptive Subgradient Methods for Online Learning and Stochastic
// Optimization", Duchi et al. 2011; torch.optim.Adagrad.  sum += g²;  p -= lr / (1 + (t-1) lrDecay) g / (sqrt(sum) + eps)
import { engine } from "../engine.ts";
import { f32, type Tensor } from "../tensor.ts";
import {
  type CommonOptions,
  decays,
  definedOf,
  firstNegative,
  type Group,
  Optimizer,
  type ParameterGroup,
} from "./optimizer.ts";

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
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdagradOptions>[],
    options: Partial<AdagradOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["step", "sum"];
  }

  protected override wrongOption(group: Group<AdagradOptions>): string | null {
    return firstNegative(group, ["lr", "lrDecay", "weightDecay", "initialAccumulatorValue", "eps"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdagradOptions>): void {
    const { lr, lrDecay, initialAccumulatorValue, eps } = group;
    const rate = lr / (1 + (this.countStep(parameter) - 1) * lrDecay);
    const sum = f32(this.state(parameter, "sum", initialAccumulatorValue));
    const n = parameter.numel;
    engine().run(
      "adagrad_f32",
      n,
      0,
      f32(parameter),
      f32(gradient),
      sum,
      n,
      rate,
      eps,
      ...decays(group, false),
    );
  }
}
