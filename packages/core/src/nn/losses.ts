// Losses as modules: the functions of ../ops with their options kept. Weights are buffers under PyTorch's names, `weight` and
// `pos_weight`. torch.nn.CrossEntropyLoss …
import { optionsArgument } from "../ops/arguments.ts";
import {
  type BinaryCrossEntropyOptions,
  type BinaryCrossEntropyWithLogitsOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "../ops/binaryCrossEntropy.ts";
import { type CrossEntropyOptions, crossEntropy } from "../ops/crossEntropy.ts";
import { type CtcOptions, ctcLoss } from "../ops/ctcLoss.ts";
import {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  type MarginOptions,
  marginRankingLoss,
  type TripletDistanceOptions,
  type TripletMarginOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../ops/embeddingLosses.ts";
import {
  type GaussianNllOptions,
  gaussianNllLoss,
  type KlDivOptions,
  klDiv,
  type PoissonNllOptions,
  poissonNllLoss,
} from "../ops/likelihoodLosses.ts";
import type { LossOptions } from "../ops/lossReduction.ts";
import {
  type MultilabelSoftMarginOptions,
  type MultiMarginOptions,
  multilabelMarginLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  softMarginLoss,
} from "../ops/marginLosses.ts";
import { type NllOptions, nllLoss } from "../ops/nllLoss.ts";
import { huberLoss, l1Loss, mseLoss, smoothL1Loss } from "../ops/regressionLosses.ts";
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";

/** Options of a loss that are no tensors, as they were given. */
type Settings<Options> = Omit<Options, "weight" | "posWeight">;

abstract class Loss<Options extends object> extends Module {
  readonly options: Settings<Options>;

  constructor(options: Options = {} as Options) {
    super();
    const { ...settings } = optionsArgument(new.target.name, options);
    this.options = settings;
  }
}

interface Weighted {
  readonly weight?: Tensor | null;
}

abstract class WeightedLoss<Options extends Weighted> extends Loss<Options> {
  weight: Tensor | null = null;

  constructor(options: Options = {} as Options) {
    const { weight, ...settings } = optionsArgument(new.target.name, options);
    super(settings as Options);
    if (weight) this.registerBuffer("weight", weight);
  }
}

/** What crossEntropy does with logits and targets. torch.nn.CrossEntropyLoss */
export class CrossEntropyLoss extends WeightedLoss<CrossEntropyOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return crossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** What nllLoss does with log-probabilities and targets. torch.nn.NLLLoss */
export class NLLLoss extends WeightedLoss<NllOptions> {
  forward(logProbs: Tensor, target: Tensor): Tensor {
    return nllLoss(logProbs, target, { ...this.options, weight: this.weight });
  }
}

/** What binaryCrossEntropy does with probabilities. torch.nn.BCELoss */
export class BCELoss extends WeightedLoss<BinaryCrossEntropyOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropy(input, target, { ...this.options, weight: this.weight });
  }
}

/** What binaryCrossEntropyWithLogits does with logits. torch.nn.BCEWithLogitsLoss */
export class BCEWithLogitsLoss extends WeightedLoss<BinaryCrossEntropyWithLogitsOptions> {
  pos_weight: Tensor | null = null;

  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    const { posWeight, ...settings } = optionsArgument("BCEWithLogitsLoss", options);
    super(settings);
    if (posWeight) this.registerBuffer("pos_weight", posWeight);
  }

  forward(input: Tensor, target: Tensor): Tensor {
    const { weight, pos_weight: posWeight } = this;
    return binaryCrossEntropyWithLogits(input, target, { ...this.options, weight, posWeight });
  }
}

/** Squared differences. torch.nn.MSELoss */
export class MSELoss extends Loss<LossOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}

/** Absolute differences. torch.nn.L1Loss */
export class L1Loss extends Loss<LossOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}

/** What smoothL1Loss does. torch.nn.SmoothL1Loss */
export class SmoothL1Loss extends Loss<LossOptions & { readonly beta?: number }> {
  forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}

/** What huberLoss does. torch.nn.HuberLoss */
export class HuberLoss extends Loss<LossOptions & { readonly delta?: number }> {
  forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options);
  }
}

/** What klDiv does with log-probabilities and a target distribution. torch.nn.KLDivLoss */
export class KLDivLoss extends Loss<KlDivOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}

/** What poissonNllLoss does. torch.nn.PoissonNLLLoss */
export class PoissonNLLLoss extends Loss<PoissonNllOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options);
  }
}

/** What gaussianNllLoss does. torch.nn.GaussianNLLLoss */
export class GaussianNLLLoss extends Loss<GaussianNllOptions> {
  forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    return gaussianNllLoss(input, target, variance, this.options);
  }
}

/** What ctcLoss does; (N, T, C) unless `batchFirst` is false. torch.nn.CTCLoss */
export class CTCLoss extends Loss<CtcOptions> {
  forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: readonly number[] | Tensor | number,
    targetLengths: readonly number[] | Tensor | number,
  ): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}

/** What cosineEmbeddingLoss does. torch.nn.CosineEmbeddingLoss */
export class CosineEmbeddingLoss extends Loss<MarginOptions> {
  forward(x1: Tensor, x2: Tensor, target: Tensor): Tensor {
    return cosineEmbeddingLoss(x1, x2, target, this.options);
  }
}

/** What marginRankingLoss does. torch.nn.MarginRankingLoss */
export class MarginRankingLoss extends Loss<MarginOptions> {
  forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.options);
  }
}

/** What hingeEmbeddingLoss does. torch.nn.HingeEmbeddingLoss */
export class HingeEmbeddingLoss extends Loss<MarginOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options);
  }
}

/** What tripletMarginLoss does. torch.nn.TripletMarginLoss */
export class TripletMarginLoss extends Loss<TripletMarginOptions> {
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}

/** What tripletMarginWithDistanceLoss does. torch.nn.TripletMarginWithDistanceLoss */
export class TripletMarginWithDistanceLoss extends Loss<TripletDistanceOptions> {
  forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}

/** What softMarginLoss does. torch.nn.SoftMarginLoss */
export class SoftMarginLoss extends Loss<LossOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options);
  }
}

/** What multiMarginLoss does. torch.nn.MultiMarginLoss */
export class MultiMarginLoss extends WeightedLoss<MultiMarginOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multiMarginLoss(input, target, { ...this.options, weight: this.weight });
  }
}

/** What multilabelMarginLoss does. torch.nn.MultiLabelMarginLoss */
export class MultiLabelMarginLoss extends Loss<LossOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelMarginLoss(input, target, this.options);
  }
}

/** What multilabelSoftMarginLoss does. torch.nn.MultiLabelSoftMarginLoss */
export class MultiLabelSoftMarginLoss extends WeightedLoss<MultilabelSoftMarginOptions> {
  forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, { ...this.options, weight: this.weight });
  }
}
