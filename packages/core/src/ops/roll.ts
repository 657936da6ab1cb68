// Shifting elements along axes, those that fall off the end coming in again at the start. torch.roll
import { SaccadeError } from "@saccade/kernels";
import { apply } from "../op.ts";
import { scope } from "../scope.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { listArgument, tensorArgument } from "./arguments.ts";
import { segmentsOp, whole } from "./segments.ts";
import { reshape } from "./views.ts";

const rollOp = segmentsOp("roll");

const listOf = (op: string, name: string, value: number | readonly number[]): readonly number[] =>
  typeof value === "number" ? [value] : listArgument(op, name, value);

/**
 * Each element moved by shifts[i] places along dims[i]; without dims, by one shift through the flattened tensor.
 * torch.roll
 */
export function roll(
  x: Tensor,
  shifts: number | readonly number[],
  dims?: number | readonly number[],
): Tensor {
  tensorArgument("roll", "input", x);
  const by = listOf("roll", "shifts", shifts);
  if (!by.every(Number.isSafeInteger))
    throw new SaccadeError("argument", `roll: shifts must be integers, got [${by.map(String).join(", ")}]`);
  const named = dims === undefined ? null : listOf("roll", "dims", dims);
  if (named === null || named.length === 0) {
    if (by.length !== 1)
      throw new SaccadeError("argument", `roll: without dims there is one shift, got ${by.length}`);
    return scope(() => reshape(rolled(reshape(x, [-1]), by, [0]), x.shape));
  }
  if (named.length !== by.length) {
    throw new SaccadeError("argument", `roll: ${by.length} shifts do not match ${named.length} dims`);
  }
  if (x.rank === 0) throw new SaccadeError("shape", "roll: a 0-d tensor has no axis to roll along");
  return rolled(
    x,
    by,
    named.map((dim) => normalizeAxis("roll", dim, x.rank)),
  );
}

/** An axis may be named more than once: its shifts add up. */
function rolled(x: Tensor, shifts: readonly number[], axes: readonly number[]): Tensor {
  const runs = x.shape.map((size, axis) => {
    if (size === 0) return whole(0);
    const shift = shifts.reduce(
      (total, by, i) => (axes[i] === axis ? (total + (by % size)) % size : total),
      0,
    );
    const head = (shift + size) % size;
    return [
      { to: head, from: 0, step: 1, length: size - head },
      { to: 0, from: size - head, step: 1, length: head },
    ];
  });
  return apply(rollOp, [x], { shape: x.shape, runs, fill: null, once: true });
}
