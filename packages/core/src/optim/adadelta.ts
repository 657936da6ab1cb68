// Steps measured by those before. "ADADELTA: An Adaptive Learning Rate Method", arXiv 1212.5701; torch.optim.Adadelta
// s = rho s + (1-rho) g²;  d = sqrt(a + eps) / sqrt(s + eps) g;  a = rho a + (1-rho) d²;  p -= lr d
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

export interface AdadeltaOptions extends CommonOptions {
  rho: number;
  eps: number;
}

const defaults: AdadeltaOptions = { lr: 1, rho: 0.9, eps: 1e-6, weightDecay: 0, maximize: false };

export class Adadelta extends Optimizer<AdadeltaOptions> {
  constructor(
    params: readonly Tensor[] | readonly ParameterGroup<AdadeltaOptions>[],
    options: Partial<AdadeltaOptions> = {},
  ) {
    super(params, { ...defaults, ...definedOf(options) });
  }

  protected override stateNames(): string[] {
    return ["step", "square_avg", "acc_delta"];
  }

  protected override wrongOption(group: Group<AdadeltaOptions>): string | null {
    return group.rho >= 0 && group.rho <= 1 ? firstNegative(group, ["lr", "eps", "weightDecay"]) : "rho";
  }

  protected override update(parameter: Tensor, gradient: Tensor, group: Group<AdadeltaOptions>): void {
    const { lr, rho, eps } = group;
    this.countStep(parameter);
    const states = [
      f32(this.state(parameter, "square_avg")),
      f32(this.state(parameter, "acc_delta")),
    ] as const;
    const n = parameter.numel;
    const pointers = [f32(parameter), f32(gradient), ...states] as const;
    engine().run("adadelta_f32", n, 0, ...pointers, n, lr, rho, eps, ...decays(group, false));
  }
}
