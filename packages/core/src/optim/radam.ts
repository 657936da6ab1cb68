// Adam with the variance of its early steps rectified. "On the Variance of the Adaptive Learning Rate and Beyond",
// arXiv 1908.03265; torch.optim.RAdam. While that variance is not tractable (rho <= 5) a step is momentum alone.
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
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<RAdamOptions>[],
    options: Partial<RAdamOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["step", "exp_avg", "exp_avg_sq"];
  }

  protected override wrongOption(group: Group<RAdamOptions>): string | null {
    return areDecayRates(group.betas) ? firstNegative(group, ["lr", "eps", "weightDecay"]) : "betas";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<RAdamOptions>): void {
    const { lr, betas, eps, decoupledWeightDecay } = group;
    const t = this.countStep(parameter);
    const pointers = [
      f32(parameter),
      f32(gradient),
      f32(this.state(parameter, "exp_avg")),
      f32(this.state(parameter, "exp_avg_sq")),
    ] as const;
    const biases = [1 - pow(betas[0], t), 1 - pow(betas[1], t)] as const;
    const scalars = [lr, ...betas, eps, ...biases, rectification(betas[1], t)] as const;
    const n = parameter.numel;
    engine().run("radam_f32", n, 0, ...pointers, n, ...scalars, ...decays(group, decoupledWeightDecay));
  }
}

/** The factor r_t of the paper's equation 4, or 0 while there is none. */
function rectification(beta2: number, t: number): number {
  const limit = 2 / (1 - beta2) - 1;
  const rho = limit - (2 * t * pow(beta2, t)) / (1 - pow(beta2, t));
  if (rho <= 5) return 0;
  return Math.sqrt(((rho - 4) * (rho - 2) * limit) / ((limit - 4) * (limit - 2) * rho));
}
