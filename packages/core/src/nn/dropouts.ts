// Dropout of whole channels, and the one that keeps mean and variance behind SELU. torch.nn.Dropout2d, AlphaDropout;
// Tompson et al., arXiv 1411.4280; Klambauer et al., arXiv 1706.02515
import { ones } from "../create.ts";
import { floatTensor, rankedTensor } from "../ops/arguments.ts";
import { add, mul, sub } from "../ops/binary.ts";
import { dropout } from "../ops/dropout.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer } from "./defineLayer.ts";
import type { Module } from "./module.ts";
import { probability } from "./options.ts";

interface Probability {
  readonly p: number;
}

const layerOf = (run: (x: Tensor, layer: Probability & Module) => Tensor) =>
  defineLayer<Probability, [p?: number]>(run, { p: [probability, 0.5] }, { positional: 1 });

/** Zeroes elements with probability p while training. torch.nn.Dropout */
export class Dropout extends layerOf((x, { p, training }) => dropout(x, p, training)) {}

/** A draw for each channel of (N, C, …), or of (C, …) where that is what `unbatched` axes are. */
const channels = (unbatched: number) =>
  layerOf((x, layer) => {
    const { p, training } = layer;
    const name = layer.constructor.name;
    const { shape, rank } = rankedTensor(name, "input", floatTensor(name, "input", x), 2, Infinity);
    if (!training || p === 0) return x;
    const lead = rank === unbatched ? 1 : 2;
    const drawn = shape.map((size, axis) => (axis < lead ? size : 1));
    return scope(() => mul(x, dropout(ones(drawn), p)));
  });

/** Zeroes channels of (N, C, L) or (C, L) with probability p while training. */
export class Dropout1d extends channels(2) {}
/** Zeroes channels of (N, C, H, W) with probability p while training; three axes are (N, C, L), as in PyTorch. */
export class Dropout2d extends channels(-1) {}
/** Zeroes channels of (N, C, D, H, W) or (C, D, H, W) with probability p while training. */
export class Dropout3d extends channels(4) {}

/** What SELU tends to far below 0. */
const FLOOR = -1.7580993408473766;

/** Puts what SELU tends to in place of elements with probability p, and keeps mean 0 and variance 1, while training. */
export class AlphaDropout extends layerOf((x, layer) => {
  const { p, training } = layer;
  const name = layer.constructor.name;
  floatTensor(name, "input", x);
  if (!training || p === 0) return x;
  if (p === 1) return mul(x, 0);
  const scale = 1 / Math.sqrt((1 - p) * (1 + p * FLOOR * FLOOR));
  // dropout divides by 1 − p
  return scope(() => add(mul(dropout(sub(x, FLOOR), p), (1 - p) * scale), FLOOR * scale * (1 - p)));
}) {}
