// Moving elements between channels and space: views and one copy each. Sub-pixel convolution, arXiv 1609.05158;
// ShuffleNet, arXiv 1707.01083. torch.nn.functional.pixel_shuffle, pixel_unshuffle, channel_shuffle
import { SaccadeError } from "@saccade/kernels";
import { scope } from "../scope.ts";
import { formatShape } from "../shape.ts";
import { shown } from "../show.ts";
import type { Tensor } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { clone } from "./contiguous.ts";
import { permute, reshape, transpose, view } from "./views.ts";

function checkFactor(op: string, name: string, factor: unknown): void {
  if (typeof factor === "number" && Number.isInteger(factor) && factor > 0 && factor < 2 ** 31) return;
  throw new SaccadeError("argument", `${op}: ${name} must be an integer > 0, got ${shown(factor)}`);
}

function refuse(op: string, x: Tensor, wanted: string): never {
  throw new SaccadeError("shape", `${op}: the input ${formatShape(x.shape)} must ${wanted}`);
}

/** x as (lead…, sizes…) with its last axes in another order, as a tensor of its own. */
function rearrange(x: Tensor, lead: number, sizes: readonly number[], order: readonly number[]): Tensor {
  const split = reshape(x, [...x.shape.slice(0, lead), ...sizes]);
  const axes = Array.from({ length: lead }, (_, axis) => axis);
  return clone(permute(split, [...axes, ...order.map((axis) => lead + axis)]));
}

/** (…, C r², H, W) → (…, C, H r, W r). torch.nn.functional.pixel_shuffle */
export function pixelShuffle(x: Tensor, upscaleFactor: number): Tensor {
  const op = "pixelShuffle";
  tensorArgument(op, "input", x);
  checkFactor(op, "upscaleFactor", upscaleFactor);
  const r = upscaleFactor;
  if (x.rank < 3) refuse(op, x, "be (…, C, H, W)");
  const lead = x.rank - 3;
  const [C, H, W] = x.shape.slice(lead);
  if (C % (r * r) !== 0) refuse(op, x, `have channels divisible by ${r}²`);
  const channels = C / (r * r);
  return scope(() => {
    const moved = rearrange(x, lead, [channels, r, r, H, W], [0, 3, 1, 4, 2]);
    return view(moved, [...x.shape.slice(0, lead), channels, H * r, W * r]);
  });
}

/** (…, C, H r, W r) → (…, C r², H, W): the inverse of pixelShuffle. torch.nn.functional.pixel_unshuffle */
export function pixelUnshuffle(x: Tensor, downscaleFactor: number): Tensor {
  const op = "pixelUnshuffle";
  tensorArgument(op, "input", x);
  checkFactor(op, "downscaleFactor", downscaleFactor);
  const r = downscaleFactor;
  if (x.rank < 3) refuse(op, x, "be (…, C, H, W)");
  const lead = x.rank - 3;
  const [C, H, W] = x.shape.slice(lead);
  if (H % r !== 0 || W % r !== 0) refuse(op, x, `have a height and a width divisible by ${r}`);
  return scope(() => {
    const moved = rearrange(x, lead, [C, H / r, r, W / r, r], [0, 2, 4, 1, 3]);
    return view(moved, [...x.shape.slice(0, lead), C * r * r, H / r, W / r]);
  });
}

/** (N, C, …) with its C channels, taken as (groups, C / groups), transposed. torch.nn.functional.channel_shuffle */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const op = "channelShuffle";
  tensorArgument(op, "input", x);
  checkFactor(op, "groups", groups);
  if (x.rank < 3) refuse(op, x, "be (N, C, …)");
  const [N, C, ...space] = x.shape;
  if (C % groups !== 0) refuse(op, x, `have channels divisible by groups ${groups}`);
  return scope(() => {
    const split = reshape(x, [N, groups, C / groups, ...space]);
    return view(clone(transpose(split, 1, 2)), x.shape);
  });
}
