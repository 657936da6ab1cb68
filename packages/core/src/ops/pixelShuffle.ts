// Moving elements between channels and space. Sub-pixel convolution, arXiv 1609.05158; ShuffleNet, arXiv 1707.01083.
// torch.nn.functional.pixel_shuffle, pixel_unshuffle, channel_shuffle. The gradient goes the other way.

import { apply, defineOp } from "../op.ts";
import { checkShape, type Shape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { integerArgument, rankedTensor, refuse } from "./arguments.ts";
import { copyElements } from "./contiguous.ts";
import { permute, reshape, view } from "./views.ts";

interface Attrs {
  /** x seen with its axes split, and the order in which those are copied. */
  readonly split: Shape;
  readonly order: readonly number[];
  readonly from: Shape;
  readonly to: Shape;
}

/** A copy that reads x in another order of its split axes: faster than writing in one, as a view's gradient would. */
function rearranged(x: Tensor, split: Shape, order: readonly number[], shape: Shape): Tensor {
  const y = empty(shape, x.dtype);
  const source = permute(reshape(x, split), order);
  copyElements(view(y, source.shape), source);
  return y;
}

const shuffleOp = defineOp<readonly [Tensor], Attrs>({
  name: "shuffle",
  forward: ([x], { split, order, to }) => rearranged(x, split, order, to),
  backward(dy, _saved, { split, order, from }, into) {
    if (!into.wants(0)) return;
    const back = order.map((_, axis) => order.indexOf(axis));
    const moved = order.map((axis) => split[axis]);
    into.give(0, rearranged(dy, moved, back, from));
  },
});

const wrong = (op: string, x: Tensor, wanted: string): never => refuse(op, "input", wanted, x, "shape");

/** Copies x, its last axes split to `sizes`, with those in another order, into its leading axes and `shape`. */
function shuffle(
  op: string,
  x: Tensor,
  lead: number,
  sizes: Shape,
  order: readonly number[],
  shape: Shape,
): Tensor {
  const first = x.shape.slice(0, lead);
  const axes = [...first.keys(), ...order.map((axis) => lead + axis)];
  const to = checkShape(op, [...first, ...shape]);
  return apply(shuffleOp, [x], { split: [...first, ...sizes], order: axes, from: x.shape, to });
}

/** The channels, height and width of (…, C, H, W), and how many axes stand before. */
function imageOf(op: string, x: Tensor): [C: number, H: number, W: number, lead: number] {
  rankedTensor(op, "input", x, 3, Infinity);
  const lead = x.rank - 3;
  return [x.shape[lead], x.shape[lead + 1], x.shape[lead + 2], lead];
}

/** (…, C r², H, W) → (…, C, H r, W r). torch.nn.functional.pixel_shuffle */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const op = "pixelShuffle";
  const [channels, H, W, lead] = imageOf(op, x);
  integerArgument(op, "upscaleFactor", upscaleFactor, 1, 2 ** 31 - 1);
  const r = upscaleFactor;
  if (channels % (r * r) !== 0) wrong(op, x, `(…, C, H, W), C divisible by ${r}²`);
  const C = channels / (r * r);
  return shuffle(op, x, lead, [C, r, r, H, W], [0, 3, 1, 4, 2], [C, H * r, W * r]);
}

/** (…, C, H r, W r) → (…, C r², H, W): the inverse of pixelShuffle. torch.nn.functional.pixel_unshuffle */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const op = "pixelUnshuffle";
  const [C, height, width, lead] = imageOf(op, x);
  integerArgument(op, "downscaleFactor", downscaleFactor, 1, 2 ** 31 - 1);
  const r = downscaleFactor;
  if (height % r !== 0 || width % r !== 0) wrong(op, x, `(…, C, H, W), H and W divisible by ${r}`);
  const [H, W] = [height / r, width / r];
  return shuffle(op, x, lead, [C, H, r, W, r], [0, 2, 4, 1, 3], [C * r * r, H, W]);
}

/** (N, C, …) with its C channels, taken as (groups, C / groups), transposed. torch.nn.functional.channel_shuffle */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const op = "channelShuffle";
  rankedTensor(op, "input", x, 3, Infinity);
  integerArgument(op, "groups", groups, 1, 2 ** 31 - 1);
  const [, C, ...space] = x.shape;
  if (C % groups !== 0) wrong(op, x, `(N, C, …), C divisible by ${groups}`);
  const order = [1, 0, ...space.map((_, i) => i + 2)];
  return shuffle(op, x, 1, [groups, C / groups, ...space], order, [C, ...space]);
}
