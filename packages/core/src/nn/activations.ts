// Activations as layers, each named as in torch.nn; formulas and sources stand with the functions in ops.
import {
  celu,
  elu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu6,
  selu,
  softplus,
  softShrink,
  softsign,
  tanhShrink,
  threshold,
} from "../ops/activations.ts";
import { relu } from "../ops/signed.ts";
import { logSoftmax, softmax, softmin } from "../ops/softmax.ts";
import { gelu, sigmoid, silu, tanh } from "../ops/unary.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer } from "./defineLayer.ts";
import { constant_ } from "./init.ts";
import { parameter } from "./layers.ts";
import { Module, type Parameter } from "./module.ts";
import { axis, notNegative, type Rules, real, settings, size } from "./options.ts";

const plain = (run: (x: Tensor) => Tensor) => defineLayer<object>(run);
const optional = <S extends object>(run: (x: Tensor, options?: S) => Tensor, rules: Rules<NoInfer<S>>) =>
  defineLayer<S>(run, rules);

export class ReLU extends plain(relu) {}
export class ReLU6 extends plain(relu6) {}
export class LeakyReLU extends optional(leakyRelu, { negativeSlope: [real, 0.01] }) {}
export class ELU extends optional(elu, { alpha: [real, 1] }) {}
export class CELU extends optional(celu, { alpha: [real, 1] }) {}
export class SELU extends plain(selu) {}
export class GELU extends optional(gelu, { approximate: [["none", "tanh"], "none"] }) {}
export class SiLU extends plain(silu) {}
export class Mish extends plain(mish) {}
export class Softplus extends optional(softplus, {
  beta: [real, 1],
  threshold: [real, 20],
}) {}
export class Softsign extends plain(softsign) {}
export class Sigmoid extends plain(sigmoid) {}
export class Tanh extends plain(tanh) {}
export class LogSigmoid extends plain(logSigmoid) {}
export class Hardsigmoid extends plain(hardSigmoid) {}
export class Hardswish extends plain(hardSwish) {}
export class Hardtanh extends optional(hardTanh, { minVal: [real, -1], maxVal: [real, 1] }) {}
export class Tanhshrink extends plain(tanhShrink) {}
export class Softshrink extends optional(softShrink, { lambd: [notNegative, 0.5] }) {}
export class Hardshrink extends optional(hardShrink, { lambd: [real, 0.5] }) {}

/** x where x > threshold, else value. */
export class Threshold extends defineLayer<
  { threshold: number; value: number },
  [threshold: number, value: number]
>((x, m) => threshold(x, m.threshold, m.value), { threshold: [real], value: [real] }, { positional: 2 }) {}

interface Along {
  readonly dim: number;
}
const along = <A extends readonly unknown[] = [dim: number]>(
  run: (x: Tensor, dim: number) => Tensor,
  dim?: number,
) => defineLayer<Along, A>((x, m) => run(x, m.dim), { dim: [axis, dim] }, { positional: 1 });

export class GLU extends along<[dim?: number]>(glu, -1) {}
export class Softmax extends along(softmax) {}
export class LogSoftmax extends along(logSoftmax) {}
export class Softmin extends along(softmin) {}

/** x where x > 0, weight · x elsewhere, the weight learned: one for all, or one for each channel. */
export class PReLU extends Module {
  readonly numParameters: number;
  weight: Parameter;

  constructor(numParameters = 1, options: { init?: number } = {}) {
    super();
    const rules: Rules<{ numParameters: number; init: number }> = {
      numParameters: [size],
      init: [real, 0.25],
    };
    const { init } = settings(this.constructor.name, { numParameters }, options, rules);
    this.numParameters = numParameters;
    this.weight = parameter(numParameters);
    constant_(this.weight, init);
  }

  forward(x: Tensor): Tensor {
    return prelu(x, this.weight);
  }
}
