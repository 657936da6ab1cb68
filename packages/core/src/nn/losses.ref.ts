// Cases of losses.ts.
import { integers, type Maker, normal, type Saccade, uniform, values } from "../reference.ts";
import type { Module } from "./module.ts";
import type { ModuleCase } from "./reference.ts";

/** A module's case whose name is PyTorch's expression. */
function like(
  torch: string,
  make: (nn: Saccade["nn"], saccade: Saccade) => Module,
  inputs: readonly Maker[],
  more: Partial<ModuleCase> = {},
): ModuleCase {
  return { name: torch, torch: `nn.${torch}`, make: (saccade) => make(saccade.nn, saccade), inputs, ...more };
}

const probabilities = (shape: readonly number[]): Maker => uniform(shape, 0.01, 0.99);
const signs: Maker = values([1, -1, -1, 1, 1], [5], "i32");
const pair = [normal([5, 4]), normal([5, 4])];
const triple = [...pair, normal([5, 4])];
const classes = [normal([5, 4]), integers([5], 0, 4)];
const ofLong = { torchCall: "module(a, b.long())" };
const weight4 = "torch.tensor([0.5, 1, 2, 0.25])";
const weights = ({ persistent, tensor }: Saccade) => ({
  weight: persistent(() => tensor([0.5, 1, 2, 0.25])),
});

export const cases: readonly ModuleCase[] = [
  like("CrossEntropyLoss()", (nn) => new nn.CrossEntropyLoss(), classes, ofLong),
  like(
    `CrossEntropyLoss(weight=${weight4}, ignore_index=1, label_smoothing=0.1)`,
    (nn, saccade) => new nn.CrossEntropyLoss({ ...weights(saccade), ignoreIndex: 1, labelSmoothing: 0.1 }),
    classes,
    ofLong,
  ),
  like("NLLLoss()", (nn) => new nn.NLLLoss(), classes, ofLong),
  like(
    `NLLLoss(weight=${weight4}, ignore_index=2, reduction='sum')`,
    (nn, saccade) => new nn.NLLLoss({ ...weights(saccade), ignoreIndex: 2, reduction: "sum" }),
    [normal([3, 4, 2]), integers([3, 2], 0, 4)],
    ofLong,
  ),
  like("BCELoss()", (nn) => new nn.BCELoss(), [probabilities([5, 4]), probabilities([5, 4])]),
  like(
    `BCELoss(weight=${weight4}, reduction='none')`,
    (nn, saccade) => new nn.BCELoss({ ...weights(saccade), reduction: "none" }),
    [probabilities([5, 4]), probabilities([5, 4])],
  ),
  like("BCEWithLogitsLoss()", (nn) => new nn.BCEWithLogitsLoss(), [normal([5, 4]), probabilities([5, 4])]),
  like(
    `BCEWithLogitsLoss(weight=${weight4}, pos_weight=torch.tensor([3.0]))`,
    (nn, saccade) =>
      new nn.BCEWithLogitsLoss({
        ...weights(saccade),
        posWeight: saccade.persistent(() => saccade.tensor([3])),
      }),
    [normal([5, 4]), probabilities([5, 4])],
  ),
  like("MSELoss()", (nn) => new nn.MSELoss(), pair),
  like("MSELoss(reduction='none')", (nn) => new nn.MSELoss({ reduction: "none" }), pair),
  like("L1Loss(reduction='sum')", (nn) => new nn.L1Loss({ reduction: "sum" }), pair),
  like("SmoothL1Loss()", (nn) => new nn.SmoothL1Loss(), pair),
  like("SmoothL1Loss(beta=0.3)", (nn) => new nn.SmoothL1Loss({ beta: 0.3 }), pair),
  like("HuberLoss()", (nn) => new nn.HuberLoss(), pair),
  like(
    "HuberLoss(reduction='sum', delta=0.4)",
    (nn) => new nn.HuberLoss({ reduction: "sum", delta: 0.4 }),
    pair,
  ),
  like("KLDivLoss()", (nn) => new nn.KLDivLoss(), [normal([5, 4]), probabilities([5, 4])]),
  like(
    "KLDivLoss(reduction='batchmean', log_target=True)",
    (nn) => new nn.KLDivLoss({ reduction: "batchmean", logTarget: true }),
    pair,
  ),
  like("PoissonNLLLoss()", (nn) => new nn.PoissonNLLLoss(), [normal([5, 4]), integers([5, 4], 0, 5)]),
  like(
    "PoissonNLLLoss(log_input=False, full=True, eps=0.01)",
    (nn) => new nn.PoissonNLLLoss({ logInput: false, full: true, eps: 0.01 }),
    [uniform([5, 4], 0.1, 3), uniform([5, 4], 0.1, 5)],
  ),
  like("GaussianNLLLoss()", (nn) => new nn.GaussianNLLLoss(), [...pair, uniform([5, 4], 0.2, 2)]),
  like(
    "GaussianNLLLoss(full=True, eps=0.5, reduction='sum')",
    (nn) => new nn.GaussianNLLLoss({ full: true, eps: 0.5, reduction: "sum" }),
    [...pair, uniform([5, 1], 0.2, 2)],
  ),
  like(
    "CTCLoss(blank=3, zero_infinity=True)",
    (nn) => new nn.CTCLoss({ blank: 3, zeroInfinity: true }),
    [normal([2, 6, 4]), integers([2, 3], 0, 3)],
    {
      torchCall:
        "module(a.log_softmax(-1).transpose(0, 1), b.long(), torch.tensor([6, 5]), torch.tensor([3, 2]))",
      call: (module, [a, b]) => module.forward(a.logSoftmax(-1), b, [6, 5], [3, 2]),
    },
  ),
  like("CosineEmbeddingLoss()", (nn) => new nn.CosineEmbeddingLoss(), [...pair, signs]),
  like(
    "CosineEmbeddingLoss(margin=-0.4, reduction='none')",
    (nn) => new nn.CosineEmbeddingLoss({ margin: -0.4, reduction: "none" }),
    [...pair, signs],
  ),
  like("MarginRankingLoss(margin=0.2)", (nn) => new nn.MarginRankingLoss({ margin: 0.2 }), [
    normal([5]),
    normal([5]),
    signs,
  ]),
  like("HingeEmbeddingLoss(margin=0.7)", (nn) => new nn.HingeEmbeddingLoss({ margin: 0.7 }), [
    normal([5]),
    signs,
  ]),
  like("TripletMarginLoss()", (nn) => new nn.TripletMarginLoss(), triple),
  like(
    "TripletMarginLoss(margin=2.5, p=1, eps=0.01, swap=True)",
    (nn) => new nn.TripletMarginLoss({ margin: 2.5, p: 1, eps: 0.01, swap: true }),
    triple,
  ),
  like(
    "TripletMarginWithDistanceLoss(distance_function=lambda a, b: (a - b).abs().sum(-1), swap=True)",
    (nn) =>
      new nn.TripletMarginWithDistanceLoss({
        distanceFunction: (a, b) => a.sub(b).abs().sum(-1),
        swap: true,
      }),
    triple,
  ),
  like("SoftMarginLoss()", (nn) => new nn.SoftMarginLoss(), [normal([5]), signs]),
  like("MultiMarginLoss()", (nn) => new nn.MultiMarginLoss(), classes, ofLong),
  like(
    `MultiMarginLoss(p=2, margin=0.5, weight=${weight4})`,
    (nn, saccade) => new nn.MultiMarginLoss({ ...weights(saccade), p: 2, margin: 0.5 }),
    classes,
    ofLong,
  ),
  like(
    "MultiLabelMarginLoss()",
    (nn) => new nn.MultiLabelMarginLoss(),
    [normal([2, 4]), values([1, 0, -1, 2, 3, -1, 0, 0], [2, 4], "i32")],
    ofLong,
  ),
  like("MultiLabelSoftMarginLoss()", (nn) => new nn.MultiLabelSoftMarginLoss(), [
    normal([5, 4]),
    integers([5, 4], 0, 2),
  ]),
  like(
    `MultiLabelSoftMarginLoss(weight=${weight4})`,
    (nn, saccade) => new nn.MultiLabelSoftMarginLoss(weights(saccade)),
    [normal([5, 4]), integers([5, 4], 0, 2)],
  ),
];
