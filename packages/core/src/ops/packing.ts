// A weight's layouts: rows, and 8-column panels in the order the matrix product reads them, which may hold f16, bf16, int8
// or int4 instead of f32. There is one copy at a time: packing and unpacking exchange the memory under a tensor. The
// weight of a convolution, whose product reads rows, is packed to be small only: as f32 it stays in rows.

import { noGrad } from "../autograd/tape.ts";
import { persistent, scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { Storage } from "../storage.ts";
import { type Panel, Tensor, type WeightFormat, weightFormats } from "../tensor.ts";
import { choiceArgument, integerArgument, optionsArgument, refuse } from "./arguments.ts";
import { unpackRows } from "./contiguous.ts";
import { amax, amin } from "./extrema.ts";
import { bytesOfPanels, matrixSizes, packWeight } from "./gemm.ts";

export interface PackOptions {
  /** What weights are kept in, f32 by default; one that the type cannot hold (fitsFormat) stays f32. */
  readonly dtype?: WeightFormat;
  /** Neighbouring weights of an output that share a scale in int8 and int4: a multiple of 8, 32 by default. */
  readonly groupSize?: number;
}

/** The same options with all defaults; an error when they are none. */
export function packOptions(options: PackOptions = {}): Required<PackOptions> {
  const { dtype = "f32", groupSize = 32 } = optionsArgument("pack", options);
  choiceArgument("pack", "dtype", dtype, Object.keys(weightFormats));
  if (integerArgument("pack", "groupSize", groupSize, 8, 4096) % 8 !== 0)
    refuse("pack", "groupSize", "a multiple of 8", groupSize);
  return { dtype, groupSize };
}

/** Whether panels are what these options ask for. */
export function isPackedAs({ format, group }: Panel, { dtype, groupSize }: Required<PackOptions>): boolean {
  return format === dtype && (!dtype.startsWith("int") || group === groupSize);
}

export function packInPlace(
  weight: Tensor,
  transposed: boolean,
  { dtype, groupSize }: Required<PackOptions> = packOptions(),
): void {
  if (weight.rank < 2 || weight.dtype !== "f32" || !weight.isContiguous || weight.offset !== 0) {
    refuse("pack", "weight", "a dense f32 matrix that is no part of another tensor", weight, "shape");
  }
  const format = fitsFormat(weight, dtype) ? dtype : "f32";
  if (!packsAs(weight, format)) return;
  const { packed, panel } = packWeight(weight, transposed, format, groupSize);
  packed.storage.retain();
  weight.replaceStorage(packed.storage, panel);
  packed.dispose();
}

/** Whether panels of this format are worth having. @internal */
export const packsAs = ({ rank }: Tensor, format: WeightFormat): boolean => rank === 2 || format !== "f32";

/** The kernels' f16 ends at 64 (kernels/assembly/simd/formats.ts), and no scale has a place for Infinity and NaN. */
function fitsFormat(weight: Tensor, dtype: WeightFormat): boolean {
  if (weight.numel === 0 || dtype === "f32" || dtype === "bf16") return true;
  const limit = dtype === "f16" ? 64 : Infinity;
  return noGrad(() => scope(() => amax(weight).item() < limit && amin(weight).item() > -limit));
}

export function unpackInPlace(weight: Tensor): void {
  if (weight.panel === null) return;
  const rows = persistent(() => unpackRows(weight));
  rows.storage.retain();
  weight.replaceStorage(rows.storage, null);
  rows.dispose();
}

/** Rows [begin, begin + count) of a packed weight (N, K) where they lie; begin is a multiple of 8. @internal */
export function packedRows({ storage, shape: [, K], panel }: Tensor, begin: number, count: number): Tensor {
  storage.retain();
  const rows = { ...(panel as Panel), N: count };
  const offset = bytesOfPanels({ ...rows, N: begin }) / 4;
  return new Tensor({ storage, shape: [count, K], strides: [K, 1], offset, dtype: "f32", panel: rows });
}

/** The memory of a packed weight as i32 words, shared with it: what a file of panels holds. @internal */
export function packedWords({ storage }: Tensor): Tensor {
  storage.retain();
  return new Tensor({ storage, shape: [storage.bytes / 4], strides: [1], offset: 0, dtype: "i32" });
}

type PanelForm = Pick<Panel, "transposed" | "format" | "group">;

function panelOf(shape: Shape, how: PanelForm): Panel {
  const [a, b] = matrixSizes(shape);
  const [K, N] = how.transposed ? [b, a] : [a, b];
  return { ...how, K, N };
}

/** Bytes of the panels of a weight of this shape. @internal */
export function packedBytes(shape: Shape, how: PanelForm): number {
  return bytesOfPanels(panelOf(shape, how));
}

/** Room for panels under a weight, as words to be filled from a file. @internal */
export function packedRoom(weight: Tensor, how: PanelForm): Tensor {
  const panel = panelOf(weight.shape, how);
  weight.replaceStorage(new Storage(bytesOfPanels(panel)), panel);
  return packedWords(weight);
}
