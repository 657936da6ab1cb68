// Cases of distances.ts: every option of each layer.
import { normal } from "../reference.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const pair = [normal([3, 5]), normal([3, 5])];

export const cases: readonly ModuleCase[] = [
  layerCase("CosineSimilarity", [], {}, pair),
  layerCase("CosineSimilarity", [], { dim: -2, eps: 0.5 }, [normal([2, 4, 3], 0.25), normal([4, 3], 0.25)]),
  layerCase("PairwiseDistance", [], {}, pair),
  layerCase("PairwiseDistance", [], { p: 1, eps: 0.25, keepdim: true }, pair),
  layerCase("PairwiseDistance", [], { p: Infinity }, pair),
];
