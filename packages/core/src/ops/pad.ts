// Putting elements around a tensor, or cutting them off where a pad is negative. torch.nn.functional.pad
//   constant: a value · reflect: c b | a b c | b a · replicate: a a | a b c | c c · circular: b c | a b c | a b
import { SaccadeError } from "@saccade/kernels";
import { apply } from "../op.ts";
import { checkShape, formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { kind, listArgument, optionsArgument, tensorArgument } from "./arguments.ts";
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
  if (!Object.hasOwn(modes, mode)) {
    throw new SaccadeError("argument", `pad: mode is ${Object.keys(modes).join(", ")}, not ${kind(mode)}`);
  }
  const count = listArgument("pad", "pads", pads).length / 2;
  if (!pads.every(Number.isSafeInteger) || !Number.isInteger(count) || count > x.rank) {
    throw new SaccadeError(
      "argument",
      `pad: pads must be two integers for each of at most ${x.rank} axes of ${formatShape(x.shape)}, the last axis first; ` +
        `got [${pads.map(String).join(", ")}]`,
    );
  }
  const fill = mode === "constant" ? fillOf(x, value ?? 0) : checkMode(x, mode, count, value);
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

function fillOf({ dtype }: Tensor, value: unknown): number {
  if (typeof value !== "number" && typeof value !== "boolean")
    throw new SaccadeError("argument", `pad: value must be a number or boolean, got ${kind(value)}`);
  const number = Number(value);
  if (dtype !== "i32") return number;
  if (number > -2147483649 && number < 2147483648) return Math.trunc(number);
  throw new SaccadeError("dtype", `pad: the value ${number} does not fit i32`);
}

function checkMode(x: Tensor, mode: PadMode, count: number, value: unknown): null {
  if (value !== undefined && value !== 0)
    throw new SaccadeError("argument", `pad: only the constant mode has a value, ${mode} takes none`);
  const batches = Math.max(x.rank - count - 1, 0);
  if (mode !== "circular" && x.shape.slice(batches).includes(0)) {
    throw new SaccadeError("shape", `pad: ${mode} of ${formatShape(x.shape)}: only a batch may be empty`);
  }
  return null;
}

/** The runs of one axis, that of the elements themselves first. */
function runsOf(x: Tensor, axis: number, mode: PadMode, before: number, after: number): readonly Run[] {
  const total = x.shape[axis];
  const first = Math.max(-before, 0);
  const size = total - first - Math.max(-after, 0);
  const pads = { before: Math.max(before, 0), after: Math.max(after, 0) };
  const refuse = (why: string): never => {
    throw new SaccadeError(
      "shape",
      `pad: ${before} and ${after} around axis ${axis} of ${formatShape(x.shape)}: ${why}`,
    );
  };
  if (size < 0) refuse("more is cut off than there is");
  const most = Math.max(pads.before, pads.after);
  if (mode === "reflect" && most >= total && most > 0) refuse("reflect pads less than the size of the axis");
  if ((mode === "reflect" || mode === "replicate") && total + before + after < 1)
    refuse(`nothing is left of the axis`);
  if (mode === "circular" && most > size) refuse("circular pads at most what is left of the axis");
  const elements = { to: pads.before, from: first, step: 1, length: size };
  return [elements, ...modes[mode](pads, first, size, total)];
}
