// Adam with the infinity norm. arXiv 1412.6980, section 7; torch.optim.Adamax
// m = b1 m + (1-b1) g;  u = max(b2 u, |g| + eps);  p -= lr / (1-b1^t) m / u
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

export interface AdamaxOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
}

const defaults: AdamaxOptions = { lr: 2e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, maximize: false };

export class Adamax extends Optimizer<AdamaxOptions> {
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdamaxOptions>[],
    options: Partial<AdamaxOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["step", "exp_avg", "exp_inf"];
  }

  protected override wrongOption(group: Group<AdamaxOptions>): string | null {
    return areDecayRates(group.betas) ? firstNegative(group, ["lr", "eps", "weightDecay"]) : "betas";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdamaxOptions>): void {
    const { lr, betas, eps } = group;
    const t = this.countStep(parameter);
    const states = [f32(this.state(parameter, "exp_avg")), f32(this.state(parameter, "exp_inf"))] as const;
    const scalars = [lr, ...betas, eps, 1 - pow(betas[0], t)] as const;
    const n = parameter.numel;
    const pointers = [f32(parameter), f32(gradient), ...states] as const;
    engine().run("adamax_f32", n, 0, ...pointers, n, ...scalars, ...decays(group, false));
  }
}
