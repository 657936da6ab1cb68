// Ops that only move elements: along each axis the result is made of runs of the input's elements, read forwards,
// backwards, or one of them over and over. Flips, rolls and paddings are such, and so is a slice with a negative step.
// One strided copy per box of runs; gradients take the same boxes back, a repeated element the sum over its places.
import { store } from "../autograd/backward.ts";
import { defineOp, type FusedOp } from "../op.ts";
import type { Shape } from "../shape.ts";
import { empty, type Tensor, viewOf } from "../tensor.ts";
import { copyElements } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { sum } from "./sum.ts";

/** The places to … to + length - 1 of an axis of the result show the elements from, from + step, … of the input. */
export interface Run {
  readonly to: number;
  readonly from: number;
  readonly step: number;
  readonly length: number;
}

export interface Segments {
  /** Of the result. */
  readonly shape: Shape;
  /** For each axis; its first run is the one that shows the whole axis, if there is one. */
  readonly runs: readonly (readonly Run[])[];
  /** What stands where no run leads; null when they lead everywhere. */
  readonly fill: number | null;
  /** Every element of the input stands in one place of the result. */
  readonly once: boolean;
}

/** The run of an axis that stays as it is. */
export const whole = (length: number): readonly Run[] => [{ to: 0, from: 0, step: 1, length }];

export function segmentsOp(name: string): FusedOp<readonly [Tensor], Segments> {
  return defineOp<readonly [Tensor], Segments>({
    name,
    forward([x], { shape, runs, fill }) {
      const y = empty(shape, x.dtype);
      if (fill !== null) fillElements(y, fill);
      for (const box of boxes(runs)) {
        copyElements(
          part(
            y,
            box.map(({ to, length }) => ({ start: to, step: 1, length })),
          ),
          part(
            x,
            box.map(({ from, step, length }) => ({ start: from, step, length })),
          ),
        );
      }
      return y;
    },
    backward(dy, _saved, { runs, once }, into) {
      const target = into.target(0);
      if (target === null) return;
      const dx = target.tensor;
      let { acc } = target;
      const firstCovers = runs.every(([run], axis) => run?.step === 1 && run.length === dx.shape[axis]);
      if (acc === 0 && !once && !firstCovers) {
        fillElements(dx, 0);
        acc = 1;
      }
      for (const box of boxes(runs)) {
        giveBack(dx, dy, box, acc);
        if (!once) acc = 1;
      }
    },
  });
}

interface Range {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** The elements of `x` at start, start + step, … of each axis; steps may be negative or 0. Off the tape. */
function part(x: Tensor, ranges: readonly Range[]): Tensor {
  const shape = ranges.map(({ length }) => length);
  const strides = ranges.map(({ step }, axis) => step * x.strides[axis]);
  const offset = ranges.reduce((at, { start }, axis) => at + start * x.strides[axis], x.offset);
  return viewOf(x, { shape, strides, offset }, "some");
}

/** Writes or adds what the places of a box gathered. What is written has positive steps, and no element twice. */
function giveBack(dx: Tensor, dy: Tensor, box: readonly Run[], acc: 0 | 1): void {
  const read = box.map(({ to, step, length }) =>
    step < 0 ? { start: to + length - 1, step: -1, length } : { start: to, step: 1, length },
  );
  const written = box.map(({ from, step, length }) => {
    if (step === 0) return { start: from, step: 1, length: 1 };
    return step < 0
      ? { start: from + (length - 1) * step, step: -step, length }
      : { start: from, step, length };
  });
  const repeated = box.flatMap(({ step }, axis) => (step === 0 ? [axis] : []));
  const gathered = part(dy, read);
  store({ tensor: part(dx, written), acc }, repeated.length === 0 ? gathered : sum(gathered, repeated, true));
}

/** Every choice of one run per axis, the first runs first; none if an axis has only empty runs. */
function* boxes(runs: readonly (readonly Run[])[]): Generator<readonly Run[]> {
  if (runs.length === 0) {
    yield [];
    return;
  }
  const [first, ...rest] = runs;
  for (const run of first) {
    if (run.length === 0) continue;
    for (const others of boxes(rest)) yield [run, ...others];
  }
}
