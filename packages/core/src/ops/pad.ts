// Putting elements around a tensor, or cutting them off where a pad is negative. torch.nn.functional.pad
//   constant: a value · reflect: c b | a b c | b a · replicate: a a | a b c | c c · circular: b c | a b c | a b

import { apply } from "../op.ts";
import { checkShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  choiceArgument,
  listArgument,
  optionsArgument,
  refuse,
  tensorArgument,
  valueArgument,
} from "./arguments.ts";
import { type Run, segmentsOp, whole } from "./segments.ts";

export type PadMode = "constant" | "reflect" | "replicate" | "circular";

export interface PadOptions {
  readonly mode?: PadMode;
  /** For the constant mode; 0 unless given. */
  readonly value?: number | boolean;
}

const padOp = segmentsOp("pad");

/** What stands before and behind the elements [first, first + size) of an axis of `total`, as runs. */
type Surround = (pads: Pads, first: number, size: number, total: number) => Run[];

interface Pads {
  readonly before: number;
  readonly after: number;
}

const modes: Record<PadMode, Surround> = {
  constant: () => [],
  reflect: ({ before, after }, _first, size, total) => [
    { to: 0, from: before, step: -1, length: before },
    { to: before + size, from: total - 2, step: -1, length: after },
  ],
  replicate: ({ before, after }, _first, size, total) => [
    { to: 0, from: 0, step: 0, length: before },
    { to: before + size, from: total - 1, step: 0, length: after },
  ],
  circular: ({ before, after }, first, size) => [
    { to: 0, from: first + size - before, step: 1, length: before },
    { to: before + size, from: first, step: 1, length: after },
  ],
};

/**
 * Pads the last axes of x: `pads` = [before, after] of the last axis, then of the one before it, … A negative pad cuts
 * off. Every mode pads any number of axes. torch.nn.functional.pad, whose modes but constant pad one to three
 */
export function pad(x: Tensor, pads: readonly number[], options: PadOptions = {}): Tensor {
  tensorArgument("pad", "input", x);
  const { mode = "constant", value } = optionsArgument("pad", options);
  choiceArgument("pad", "mode", mode, Object.keys(modes));
  const count = listArgument("pad", "pads", pads).length / 2;
  if (!pads.every(Number.isSafeInteger) || !Number.isInteger(count) || count > x.rank) {
    refuse("pad", "pads", `two integers for each of at most ${x.rank} axes, the last axis first`, pads);
  }
  const fill =
    mode === "constant"
      ? valueArgument("pad", "value", value ?? 0, x.dtype)
      : checkMode(x, mode, count, value);
  const axes = x.shape.map((size, axis): readonly Run[] => {
    const at = 2 * (x.rank - 1 - axis);
    return at < pads.length ? runsOf(x, axis, mode, pads[at], pads[at + 1]) : whole(size);
  });
  const shape = x.shape.map((size, axis) => size + padded(pads, x.rank - 1 - axis));
  return apply(padOp, [x], { shape: checkShape("pad", shape), runs: axes, fill, once: false });
}

/** How much the axis at `place` from the end grows. */
const padded = (pads: readonly number[], place: number): number =>
  (pads[2 * place] ?? 0) + (pads[2 * place + 1] ?? 0);

function checkMode(x: Tensor, mode: PadMode, count: number, value: unknown): null {
  if (value !== undefined && value !== 0) refuse("pad", "value", `left out for mode ${mode}`, value);
  const batches = Math.max(x.rank - count - 1, 0);
  if (mode !== "circular" && x.shape.slice(batches).includes(0)) {
    refuse("pad", "input", `empty in its batch alone for mode ${mode}`, x, "shape");
  }
  return null;
}

/** The runs of one axis, that of the elements themselves first. */
function runsOf(x: Tensor, axis: number, mode: PadMode, before: number, after: number): readonly Run[] {
  const total = x.shape[axis];
  const first = Math.max(-before, 0);
  const size = total - first - Math.max(-after, 0);
  const pads = { before: Math.max(before, 0), after: Math.max(after, 0) };
  const most = Math.max(pads.before, pads.after);
  const reflects = mode === "reflect";
  if (
    size < 0 ||
    (reflects && most >= total && most > 0) ||
    ((reflects || mode === "replicate") && total + before + after < 1) ||
    (mode === "circular" && most > size)
  ) {
    const wanted = `what mode ${mode} allows around ${total} elements`;
    refuse("pad", `pads of axis ${axis}`, wanted, [before, after], "shape");
  }
  const elements = { to: pads.before, from: first, step: 1, length: size };
  return [elements, ...modes[mode](pads, first, size, total)];
}
