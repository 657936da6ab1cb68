// Cross-entropy of two classes, of probabilities or of logits. torch.nn.functional.binary_cross_entropy and
// binary_cross_entropy_with_logits, with their gradients: (x − t) / max(x (1 − x), 1e-12), and sigmoid(x) − t.
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides } from "../shape.ts";
import { detach, empty, f32, type Tensor } from "../tensor.ts";
import { logSigmoid } from "./activations.ts";
import { floatTensor, optionsArgument, refuse } from "./arguments.ts";
import { add, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { amax, amin } from "./extrema.ts";
import { log1p } from "./functions.ts";
import {
  checkSameSize,
  factorArgument,
  type LossOptions,
  reduced,
  reductionArgument,
} from "./lossReduction.ts";
import { log, neg, sigmoid } from "./unary.ts";

/** Room for a result of x and t, which broadcast, and what its kernel is called with. */
function prepared(x: Tensor, t: Tensor) {
  const y = empty(broadcastShapes("binaryCrossEntropy", x.shape, t.shape));
  const strides = [x, t].map((part) => broadcastStrides(part.shape, part.strides, y.shape));
  const layout = () => engine().layout(y.shape, y.strides, ...strides);
  return { y, args: () => [f32(y), f32(x), f32(t), layout()] as const };
}

const [LOSS, SLOPE] = [0, 1];

function probabilityLoss(x: Tensor, t: Tensor, which: number): Tensor {
  const { y, args } = prepared(x, t);
  if (y.numel > 0) engine().run("probability_loss_f32", y.numel, 0, ...args(), which, 0);
  return y;
}

function logitLoss(x: Tensor, t: Tensor): Tensor {
  const { y, args } = prepared(x, t);
  if (y.numel > 0) engine().run("logit_loss_f32", y.numel, 0, ...args(), 0);
  return y;
}

/** −t ln x − (1 − t) ln(1 − x); logarithms end at −100, as the loss would be infinite. */
const ofProbabilities = defineOp<readonly [Tensor, Tensor]>({
  name: "binaryCrossEntropy",
  forward([x, t], _attrs, call) {
    call.save(x, t);
    return probabilityLoss(x, t, LOSS);
  },
  backward(dy, [x, t], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, probabilityLoss(x, t, SLOPE)));
    if (into.wants(1)) into.give(1, mul(dy, sub(log1p(neg(x)), log(x))));
  },
});

/** −p t ln sigmoid(x) − (1 − t) ln sigmoid(−x); p, the weight of positive targets, is 1 where null. */
const ofLogits = defineOp<readonly [Tensor, Tensor, Tensor | null]>({
  name: "binaryCrossEntropyWithLogits",
  forward([x, t, p], _attrs, call) {
    call.save(x, t, p);
    if (p === null) return logitLoss(x, t);
    return noGrad(() => sub(mul(sub(t, 1), logSigmoid(neg(x))), mul(mul(p, t), logSigmoid(x))));
  },
  backward(dy, [x, t, p], _attrs, into) {
    if (into.wants(0)) {
      const goal = p === null ? t : mul(p, t);
      const total = p === null ? sigmoid(x) : mul(add(goal, sub(1, t)), sigmoid(x));
      into.give(0, mul(dy, sub(total, goal)));
    }
    if (!into.wants(1)) return;
    into.give(1, p === null ? neg(mul(dy, x)) : mul(dy, sub(logSigmoid(neg(x)), mul(p, logSigmoid(x)))));
  },
});

export interface BinaryCrossEntropyOptions extends LossOptions {
  /** Factors that broadcast to the input; no gradient flows to them. */
  readonly weight?: Tensor | null;
}

export interface BinaryCrossEntropyWithLogitsOptions extends BinaryCrossEntropyOptions {
  /** Factors of the part of positive targets that broadcast to the input: one per class, say. */
  readonly posWeight?: Tensor | null;
}

function checkProbabilities(name: string, x: Tensor): void {
  if (x.numel === 0) return;
  const [low, high] = scope(() => noGrad(() => [amin(x).item(), amax(x).item()]));
  if (low >= 0 && high <= 1) return;
  const wanted = "of numbers in 0…1 (binaryCrossEntropyWithLogits takes logits)";
  refuse("binaryCrossEntropy", name, wanted, [low, high]);
}

function scaled(losses: Tensor, weight: Tensor | null): Tensor {
  return weight === null ? losses : mul(losses, to(detach(weight), "f32"));
}

/**
 * −t ln x − (1 − t) ln(1 − x) of probabilities and targets of the same size, both in 0…1.
 * torch.nn.functional.binary_cross_entropy
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyOptions = {},
): Tensor {
  const name = "binaryCrossEntropy";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  checkSameSize(name, floatTensor(name, "input", input), floatTensor(name, "target", target));
  const weight = factorArgument(name, "weight", given.weight, input.shape);
  checkProbabilities("input", input);
  checkProbabilities("target", target);
  return scope(() => reduced(scaled(apply(ofProbabilities, [input, target], undefined), weight), reduction));
}

/**
 * Binary cross-entropy of sigmoid(x), without overflow for any logit x; input and target have the same size.
 * torch.nn.functional.binary_cross_entropy_with_logits
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BinaryCrossEntropyWithLogitsOptions = {},
): Tensor {
  const name = "binaryCrossEntropyWithLogits";
  const given = optionsArgument(name, options);
  const reduction = reductionArgument(name, given.reduction);
  checkSameSize(name, floatTensor(name, "input", input), floatTensor(name, "target", target));
  const weight = factorArgument(name, "weight", given.weight, input.shape);
  const positive = factorArgument(name, "posWeight", given.posWeight, input.shape);
  return scope(() => {
    const p = positive === null ? null : to(detach(positive), "f32");
    return reduced(scaled(logitLosses(input, target, p), weight), reduction);
  });
}

/** The loss of each logit; all broadcast. @internal */
export function logitLosses(input: Tensor, target: Tensor, positive: Tensor | null = null): Tensor {
  return apply(ofLogits, [input, target, positive], undefined);
}
