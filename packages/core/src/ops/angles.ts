// Tables of sines and cosines of positions, made by a kernel in f64 and rounded once: rotary and sinusoidal positions.

import { engine } from "../engine.ts";
import type { Shape } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { refuse, typedTensor } from "./arguments.ts";
import { contiguous, fromHost } from "./contiguous.ts";
import { checkRange } from "./picks.ts";

/** Angles up to 2^20 keep all their digits. */
export const MAX_POSITIONS = 2 ** 20;

/** Where a row of `row` elements has its sines and cosines, `step` apart, and how many of each. */
export interface Places {
  readonly sines: number;
  readonly cosines: number;
  readonly row: number;
  readonly sinAt: number;
  readonly cosAt: number;
  readonly step: number;
}

/** A table of `shape`, one row per position: those of an i32 tensor, or consecutive ones from `offset`. */
export function angleTable(
  shape: Shape,
  frequencies: Float64Array,
  positions: Tensor | number,
  offset: number,
  factor: number,
  { sines, cosines, row, sinAt, cosAt, step }: Places,
): Tensor {
  const y = empty(shape);
  if (y.numel === 0) return y;
  // f64 as the sum of two f32.
  const F = frequencies.length;
  const high = Float32Array.from(frequencies);
  const split = fromHost([...high, ...frequencies.map((f, i) => f - high[i])]);
  const at = i32(typeof positions === "number" ? null : contiguous(positions));
  const units = y.numel / row;
  const places = [F, sines, cosines, row, sinAt, cosAt, step] as const;
  engine().run("angle_table_f32", units, 0, f32(y), f32(split), at, offset, ...places, factor);
  return y;
}

/** An error unless positions are i32 in 0 … 2^20 − 1. */
export function checkPositions(op: string, positions: unknown): void {
  checkRange(op, "position", typedTensor(op, "positions", positions, "i32"), MAX_POSITIONS, false);
}

export function checkBase(op: string, base: unknown): void {
  // Above 1, so that no angle exceeds its position; bounded, so that no frequency underflows.
  if (typeof base === "number" && base > 1 && base <= 1e30) return;
  refuse(op, "base", "a number above 1, up to 1e30", base);
}
