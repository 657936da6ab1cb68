// Adam with decoupled weight decay. "Decoupled Weight Decay Regularization", arXiv 1711.05101; torch.optim.AdamW
// p -= lr wd p;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g²;  p -= lr (m / (1-b1^t)) / (sqrt(v / (1-b2^t)) + eps)
import { engine } from "../engine.ts";
import { writeElements } from "../ops/contiguous.ts";
import { pow } from "../scalarMath.ts";
import { f32, type Tensor } from "../tensor.ts";
import { definedOf, firstNegative, type Group, Optimizer, type ParameterGroup } from "./optimizer.ts";

export interface AdamWOptions {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

const defaults: AdamWOptions = { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 1e-2 };

export class AdamW extends Optimizer<AdamWOptions> {
  protected override readonly stateNames = ["step", "exp_avg", "exp_avg_sq"];

  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdamWOptions>[],
    options: Partial<AdamWOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override wrongOption(group: Group<AdamWOptions>): keyof AdamWOptions | null {
    if (!group.betas.every((beta) => beta >= 0 && beta < 1)) return "betas";
    return firstNegative(group, ["lr", "eps", "weightDecay"]);
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdamWOptions>): void {
    const { lr, betas, eps, weightDecay } = group;
    // t counts the parameter's own steps, as it may have had no gradient in some.
    const step = this.state(parameter, "step");
    const t = step.item() + 1;
    writeElements(step, [t]);
    const moments = [
      f32(this.state(parameter, "exp_avg")),
      f32(this.state(parameter, "exp_avg_sq")),
    ] as const;
    const corrections = [1 - pow(betas[0], t), 1 - pow(betas[1], t)] as const;
    const n = parameter.numel;
    const pointers = [f32(parameter), f32(gradient), ...moments] as const;
    engine().run(
      "adamw_f32",
      n,
      0,
      ...pointers,
      n,
      lr,
      betas[0],
      betas[1],
      eps,
      weightDecay,
      ...corrections,
      1,
    );
  }
}
