import { writeElements } from "../ops/contiguous.ts";
import { pow } from "../scalarMath.ts";
import type { Tensor } from "../tensor.ts";
import { type CommonOptions, decays, firstWrong, type Group, Optimizer } from "./optimizer.ts";

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
  protected override defaults(): NAdamOptions {
    return defaults;
  }

  protected override stateNames(): string[] {
    return ["step", "mu_product", "exp_avg", "exp_avg_sq"];
  }

  protected override wrongOption(group: Group<NAdamOptions>): string | null {
    return firstWrong(group, ["betas", "lr", "eps", "weightDecay", "momentumDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<NAdamOptions>): void {
    const { lr, betas, eps, momentumDecay, decoupledWeightDecay } = group;
    const t = this.countStep(parameter);
    const momentum = (step: number): number => betas[0] * (1 - 0.5 * pow(0.96, step * momentumDecay));
    const [mu, next] = [momentum(t), momentum(t + 1)];
    const product = this.state(parameter, "mu_product", 1);
    writeElements(product, [product.item() * mu]);
    const sofar = product.item();
    const steps = [(lr * (1 - mu)) / (1 - sofar), (lr * next) / (1 - sofar * next)];
    const scalars = [...betas, eps, 1 - pow(betas[1], t), ...steps, ...decays(group, decoupledWeightDecay)];
    this.launch("nadam_f32", parameter, gradient, ["exp_avg", "exp_avg_sq"], scalars);
  }
}
