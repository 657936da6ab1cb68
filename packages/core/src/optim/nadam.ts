// Adam with Nesterov momentum. "Incorporating Nesterov Momentum into Adam", Dozat 2016; torch.optim.NAdam
// mu_t = b1 (1 - 0.96^(t psi) / 2), psi the momentum decay;
// p -= lr ((1 - mu_t) g / (1 - mu_1…mu_t) + mu_(t+1) m / (1 - mu_1…mu_(t+1))) / (sqrt(v / (1-b2^t)) + eps)
import { engine } from "../engine.ts";
import { writeElements } from "../ops/contiguous.ts";
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

export interface NAdamOptions extends CommonOptions {
  betas: readonly [number, number];
  eps: number;
  momentumDecay: number;
  decoupledWeightDecay: boolean;
}

const defaults: NAdamOptions = {
  lr: 2e-3,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  momentumDecay: 4e-3,
  decoupledWeightDecay: false,
  maximize: false,
};

export class NAdam extends Optimizer<NAdamOptions> {
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<NAdamOptions>[],
    options: Partial<NAdamOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["step", "mu_product", "exp_avg", "exp_avg_sq"];
  }

  protected override wrongOption(group: Group<NAdamOptions>): string | null {
    return areDecayRates(group.betas)
      ? firstNegative(group, ["lr", "eps", "weightDecay", "momentumDecay"])
      : "betas";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<NAdamOptions>): void {
    const { lr, betas, eps, momentumDecay, decoupledWeightDecay } = group;
    const t = this.countStep(parameter);
    const momentum = (step: number): number => betas[0] * (1 - 0.5 * pow(0.96, step * momentumDecay));
    const [mu, next] = [momentum(t), momentum(t + 1)];
    const product = this.state(parameter, "mu_product", 1);
    writeElements(product, [product.item() * mu]);
    const sofar = product.item();
    const pointers = [
      f32(parameter),
      f32(gradient),
      f32(this.state(parameter, "exp_avg")),
      f32(this.state(parameter, "exp_avg_sq")),
    ] as const;
    const steps = [(lr * (1 - mu)) / (1 - sofar), (lr * next) / (1 - sofar * next)] as const;
    const scalars = [...betas, eps, 1 - pow(betas[1], t), ...steps] as const;
    const n = parameter.numel;
    engine().run("nadam_f32", n, 0, ...pointers, n, ...scalars, ...decays(group, decoupledWeightDecay));
  }
}
