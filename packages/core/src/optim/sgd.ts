// Stochastic gradient descent with momentum. torch.optim.SGD
// g += wd p;  b = momentum b + (1 - dampening) g (b = g at first);  p -= lr (nesterov ? g + momentum b : b)

import { fail } from "../ops/arguments.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonOptions, firstWrong, type Group, Optimizer, type ParameterGroup } from "./optimizer.ts";

export interface SGDOptions extends CommonOptions {
  momentum: number;
  dampening: number;
  nesterov: boolean;
}

const defaults: SGDOptions = {
  lr: 1e-3,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
};

export class SGD extends Optimizer<SGDOptions> {
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<SGDOptions>[],
    options: Partial<SGDOptions> = {},
  ) {
    super(params, options);
    for (const { nesterov, momentum, dampening } of this.groups) {
      if (nesterov && (momentum <= 0 || dampening !== 0)) {
        fail("argument", "SGD: nesterov needs a momentum above 0 and dampening 0");
      }
    }
  }

  protected override defaults(): SGDOptions {
    return defaults;
  }

  protected override stateNames({ momentum }: Group<SGDOptions>): string[] {
    return momentum === 0 ? [] : ["momentum_buffer"];
  }

  protected override wrongOption(group: Group<SGDOptions>): string | null {
    if (!Number.isFinite(group.dampening)) return "dampening";
    return firstWrong(group, ["lr", "momentum", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const first = !this.hasState(parameter, "momentum_buffer");
    const states = [momentum === 0 ? null : "momentum_buffer"];
    const flags = [nesterov ? 1 : 0, first ? 1 : 0, maximize ? -1 : 1];
    const scalars = [lr, momentum, dampening, weightDecay, ...flags];
    this.launch("sgd_f32", parameter, gradient, states, scalars);
  }
}
