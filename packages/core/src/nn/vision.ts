// Layers without parameters that change sizes and shapes. torch.nn.Upsample, PixelShuffle, ZeroPad2d, Flatten, …
import { listArgument } from "../ops/arguments.ts";
import { unflatten } from "../ops/axes.ts";
import { type InterpolateOptions, interpolate } from "../ops/interpolate.ts";
import { type PadMode, pad } from "../ops/pad.ts";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "../ops/pixelShuffle.ts";
import { flatten } from "../ops/views.ts";
import { integer, type PerAxis } from "../ops/window.ts";
import type { Shape } from "../shape.ts";
import { defineLayer } from "./defineLayer.ts";
import { axis, type Check, flag, places, real, size } from "./options.ts";

/** A value, or each of a list. */
const each = (check: Check, ...[layer, name, value, axes]: Parameters<Check>): unknown =>
  Array.isArray(value)
    ? value.map((item) => check(layer, name, item, axes))
    : check(layer, name, value, axes);
const newSizes: Check = (...at) => each(size, ...at);
const factors: Check = (...at) => each(real, ...at);

type UpsampleOptions = Omit<InterpolateOptions, "antialias" | "coordinates" | "rounding">;

/** Resizes (N, C, …) to `size` or by `scaleFactor`. */
export class Upsample extends defineLayer<UpsampleOptions>(interpolate, {
  size: [newSizes, null],
  scaleFactor: [factors, null],
  mode: [["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"], "nearest"],
  alignCorners: [flag, null],
  recomputeScaleFactor: [flag, null],
}) {}

/** (…, C r², H, W) → (…, C, H r, W r) */
export class PixelShuffle extends defineLayer<{ upscaleFactor: number }, [upscaleFactor: number]>(
  (x, m) => pixelShuffle(x, m.upscaleFactor),
  { upscaleFactor: [size] },
  { positional: 1 },
) {}

/** (…, C, H r, W r) → (…, C r², H, W) */
export class PixelUnshuffle extends defineLayer<{ downscaleFactor: number }, [downscaleFactor: number]>(
  (x, m) => pixelUnshuffle(x, m.downscaleFactor),
  { downscaleFactor: [size] },
  { positional: 1 },
) {}

/** (N, C, …) with its C channels, taken as (groups, C / groups), transposed. */
export class ChannelShuffle extends defineLayer<{ groups: number }, [groups: number]>(
  (x, m) => channelShuffle(x, m.groups),
  { groups: [size] },
  { positional: 1 },
) {}

// -- padding: one number, or [before, after] of the last axis, then of the one before it, … ----------------------------

interface Padding {
  readonly padding: PerAxis;
}

const padded = (axes: number, mode: PadMode) =>
  defineLayer<Padding, [padding: PerAxis]>(
    (x, m) => pad(x, m.padding as number[], { mode }),
    { padding: [places] },
    { positional: 1, axes: 2 * axes },
  );
const constant = (axes: number) =>
  defineLayer<Padding & { value: number }, [padding: PerAxis, value: number]>(
    (x, { padding, value }) => pad(x, padding as number[], { value }),
    { padding: [places], value: [real] },
    { positional: 2, axes: 2 * axes },
  );

export class ZeroPad1d extends padded(1, "constant") {}
export class ZeroPad2d extends padded(2, "constant") {}
export class ZeroPad3d extends padded(3, "constant") {}
export class ConstantPad1d extends constant(1) {}
export class ConstantPad2d extends constant(2) {}
export class ConstantPad3d extends constant(3) {}
export class ReflectionPad1d extends padded(1, "reflect") {}
export class ReflectionPad2d extends padded(2, "reflect") {}
export class ReflectionPad3d extends padded(3, "reflect") {}
export class ReplicationPad1d extends padded(1, "replicate") {}
export class ReplicationPad2d extends padded(2, "replicate") {}
export class ReplicationPad3d extends padded(3, "replicate") {}
export class CircularPad1d extends padded(1, "circular") {}
export class CircularPad2d extends padded(2, "circular") {}
export class CircularPad3d extends padded(3, "circular") {}

// -- shapes ------------------------------------------------------------------------------------------------------------

/** Merges the axes from `startDim` (1 unless given) to `endDim` (the last) into one. */
export class Flatten extends defineLayer<
  { startDim: number; endDim: number },
  [startDim?: number, endDim?: number]
>(
  (x, m) => flatten(x, m.startDim, m.endDim),
  { startDim: [axis, 1], endDim: [axis, -1] },
  { positional: 2 },
) {}

/** A list of sizes, −1 for one that follows. */
const parts: Check = (layer, name, value) =>
  listArgument(layer, name, value).map((n) => integer(layer, name, n, -1));

/** Splits an axis into several, the size of one of which may be −1. */
export class Unflatten extends defineLayer<
  { dim: number; unflattenedSize: Shape },
  [dim: number, unflattenedSize: Shape]
>(
  (x, m) => unflatten(x, m.dim, m.unflattenedSize),
  { dim: [axis], unflattenedSize: [parts] },
  { positional: 2 },
) {}
