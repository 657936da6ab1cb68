// −log p of the class each target names, given log-probabilities: what crossEntropy is without its log-softmax.
// torch.nn.functional.nll_loss

import { scope } from "../scope.ts";
import { without } from "../shape.ts";
import { detach, type Tensor } from "../tensor.ts";
import {
  floatTensor,
  integerArgument,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  shapedTensor,
} from "./arguments.ts";
import { mul } from "./binary.ts";
import { eq, logicalNot } from "./compare.ts";
import { checkClassWeight, checkTargets } from "./crossEntropy.ts";
import { picked } from "./gather.ts";
import { type LossOptions, reduced, reductionArgument } from "./lossReduction.ts";
import { elementPicks, indexArgument } from "./picks.ts";
import { sum } from "./sum.ts";
import { neg } from "./unary.ts";
import { reshape, unsqueeze } from "./views.ts";
import { maskedFill } from "./where.ts";

export interface NllOptions extends LossOptions {
  /** A factor for each class (C); no gradient flows to it. */
  readonly weight?: Tensor | null;
  /** Targets of this value count for nothing. */
  readonly ignoreIndex?: number;
}

/**
 * −weight[target] · logProbs[target] of log-probabilities (C), (N, C) or (N, C, d1, …) and i32 targets (), (N) or (N, d1, …).
 * "mean" divides by the weights of the targets that are not ignored. torch.nn.functional.nll_loss
 */
export function nllLoss(logProbs: Tensor, target: Tensor, options: NllOptions = {}): Tensor {
  const name = "nllLoss";
  const given = optionsArgument(name, options);
  const { ignoreIndex = -100 } = given;
  const reduction = reductionArgument(name, given.reduction);
  const weight = optionalTensor(name, "weight", given.weight);
  floatTensor(name, "logProbs", logProbs);
  indexArgument(name, "target", target);
  integerArgument(name, "ignoreIndex", ignoreIndex);
  const axis = logProbs.rank < 2 ? 0 : 1;
  rankedTensor(name, "logProbs", logProbs, 1, Infinity);
  shapedTensor(name, "target", target, without(logProbs.shape, axis));
  const classes = logProbs.shape[axis];
  checkClassWeight(name, weight, classes);
  checkTargets(name, target, classes, ignoreIndex);
  return scope(() => {
    const ignored = eq(target, ignoreIndex);
    const index = maskedFill(target, ignored, 0);
    const hits = neg(along(logProbs, axis, index));
    if (weight === null) {
      return reduced(maskedFill(hits, ignored, 0), reduction, () => sum(logicalNot(ignored)));
    }
    const flat = reshape(index, [index.numel]);
    const factors = maskedFill(reshape(along(detach(weight), 0, flat, false), target.shape), ignored, 0);
    const losses = maskedFill(mul(hits, factors), ignored, 0);
    return reduced(losses, reduction, () => sum(factors));
  });
}

/** x at an index that names one place along `axis`, which disappears unless the index has it already. */
function along(x: Tensor, axis: number, index: Tensor, lifted = true): Tensor {
  const places = lifted ? unsqueeze(index, axis) : index;
  return reshape(picked(x, places, elementPicks(x, places, axis)), index.shape);
}
