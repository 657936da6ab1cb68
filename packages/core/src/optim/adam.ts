// Adam: "Adam: A Method for Stochastic Optimization", arXiv 1412.6980; AdamW, with decoupled weight decay: arXiv 1711.05101.
// m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g²;  p -= lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
// torch.optim.Adam, AdamW. amsgrad: the largest v so far in place of v ("On the Convergence of Adam and Beyond", 1904.09237).
import { engine } from "../engine.ts";
import { pow } from "../scalarMath.ts";
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

  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdamOptions>[],
    options: Partial<AdamOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames({ amsgrad }: Group<AdamOptions>): string[] {
    return ["step", "exp_avg", "exp_avg_sq", ...(amsgrad ? ["max_exp_avg_sq"] : [])];
  }

  protected override wrongOption(group: Group<AdamOptions>): string | null {
    return areDecayRates(group.betas) ? firstNegative(group, ["lr", "eps", "weightDecay"]) : "betas";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdamOptions>): void {
    const { lr, betas, eps, amsgrad } = group;
    const t = this.countStep(parameter);
    const pointers = [
      f32(parameter),
      f32(gradient),
      f32(this.state(parameter, "exp_avg")),
      f32(this.state(parameter, "exp_avg_sq")),
      f32(amsgrad ? this.state(parameter, "max_exp_avg_sq") : null),
    ] as const;
    const scalars = [lr, ...betas, eps, 1 - pow(betas[0], t), 1 - pow(betas[1], t)] as const;
    const n = parameter.numel;
    engine().run("adam_f32", n, 0, ...pointers, n, ...scalars, ...decays(group, this.decoupled));
  }
}

/** Adam with decoupled weight decay, 0.01 unless said otherwise. */
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdamOptions>[],
    options: Partial<AdamOptions> = {},
  ) {
    super(params, { weightDecay: 1e-2, ...definedOf(options) });
  }
}
