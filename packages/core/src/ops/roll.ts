// Shifting elements along axes, those that fall off the end coming in again at the start. torch.roll
import { apply } from "../op.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { integerArgument, listOrNumber, realAxis, refuse, tensorArgument } from "./arguments.ts";
import { segmentsOp, whole } from "./segments.ts";
import { reshape } from "./views.ts";

const rollOp = segmentsOp("roll");

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
  const by = listOrNumber("roll", "shifts", shifts);
  for (const shift of by) integerArgument("roll", "shifts", shift);
  const named = dims === undefined ? null : listOrNumber("roll", "dims", dims);
  if (named === null || named.length === 0) {
    if (by.length !== 1) refuse("roll", "shifts", "one number, without dims", by);
    return scope(() => reshape(rolled(reshape(x, [-1]), by, [0]), x.shape));
  }
  if (named.length !== by.length)
    refuse("roll", "shifts", `${named.length} numbers, one for each of dims`, by);
  return rolled(
    x,
    by,
    named.map((dim) => realAxis("roll", x, dim)),
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
