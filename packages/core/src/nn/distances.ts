// Angles and distances of two batches of vectors. torch.nn.CosineSimilarity, PairwiseDistance
import { cosineSimilarity, pairwiseDistance } from "../ops/distance.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer } from "./defineLayer.ts";
import { axis, flag, real } from "./options.ts";

type Two = [x1: Tensor, x2: Tensor];
interface Angle {
  readonly dim?: number;
  readonly eps?: number;
}
interface Distance {
  readonly p?: number;
  readonly eps?: number;
  readonly keepdim?: boolean;
}

/** x1 · x2 / (‖x1‖ ‖x2‖) along `dim`. */
export class CosineSimilarity extends defineLayer<Angle, [options?: Angle], Two>(
  cosineSimilarity,
  { dim: [axis, 1], eps: [real, 1e-8] },
  { inputs: 2 },
) {}

/** ‖x1 − x2 + eps‖_p along the last axis. */
export class PairwiseDistance extends defineLayer<Distance, [options?: Distance], Two>(
  pairwiseDistance,
  { p: [real, 2], eps: [real, 1e-6], keepdim: [flag, false] },
  { inputs: 2 },
) {}
