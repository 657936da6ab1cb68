// Gradients over their running root mean square. Tieleman and Hinton, lecture 6e of Neural Networks for Machine Learning, 2012;
// centered: less the square of their mean (Graves, arXiv 1308.0850). torch.optim.RMSprop
// s = alpha s + (1-alpha) g²;  b = momentum b + g / (sqrt(s) + eps);  p -= lr b
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
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<RMSpropOptions>[],
    options: Partial<RMSpropOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
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
    return firstNegative(group, ["lr", "alpha", "eps", "weightDecay", "momentum"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<RMSpropOptions>): void {
    const { lr, alpha, eps, momentum, centered } = group;
    this.countStep(parameter);
    const states = [
      f32(this.state(parameter, "square_avg")),
      f32(momentum > 0 ? this.state(parameter, "momentum_buffer") : null),
      f32(centered ? this.state(parameter, "grad_avg") : null),
    ] as const;
    const n = parameter.numel;
    const pointers = [f32(parameter), f32(gradient), ...states] as const;
    engine().run("rmsprop_f32", n, 0, ...pointers, n, lr, alpha, eps, momentum, ...decays(group, false));
  }
}
