// Cases of dropouts.ts that nothing is drawn in: evaluation, and the probabilities 0 and 1.
import { normal } from "../reference.ts";
import { layerCase, type ModuleCase } from "./reference.ts";

const shapes = { Dropout: [2, 3], Dropout1d: [2, 3, 4], Dropout2d: [2, 3, 2, 2], Dropout3d: [2, 3, 1, 2, 2] };

export const cases: readonly ModuleCase[] = Object.entries({ ...shapes, AlphaDropout: [3, 4] }).flatMap(
  ([layer, shape]) => [
    layerCase(layer, [], {}, [normal(shape)]),
    layerCase(layer, [0], {}, [normal(shape)], { training: true }),
    layerCase(layer, [1], {}, [normal(shape)], { training: true }),
  ],
);
