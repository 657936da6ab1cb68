// Reversing and turning. torch.flip, torch.rot90
import { apply } from "../op.ts";
import { scope } from "../scope.ts";
import { normalizeAxes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  axisArgument,
  integerArgument,
  listArgument,
  listOrNumber,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { clone } from "./contiguous.ts";
import { segmentsOp, whole } from "./segments.ts";
import { transpose } from "./views.ts";

const flipOp = segmentsOp("flip");

/** The elements in reverse order along each of `dims`. torch.flip */
export function flip(x: Tensor, dims: number | readonly number[]): Tensor {
  tensorArgument("flip", "input", x);
  const axes = normalizeAxes("flip", listOrNumber("flip", "dims", dims), x.rank);
  const runs = x.shape.map((length, axis) =>
    axes.includes(axis) ? [{ to: 0, from: length - 1, step: -1, length }] : whole(length),
  );
  return apply(flipOp, [x], { shape: x.shape, runs, fill: null, once: true });
}

/** Turned by k quarter turns, from the first of `dims` towards the second. torch.rot90 */
export function rot90(x: Tensor, k = 1, dims: readonly number[] = [0, 1]): Tensor {
  rankedTensor("rot90", "input", x, 2, Infinity);
  const [a, b] = listArgument("rot90", "dims", dims).map((dim) => axisArgument("rot90", x, dim));
  if (dims.length !== 2 || a === b) refuse("rot90", "dims", "two different axes", dims, "shape");
  integerArgument("rot90", "k", k);
  const turns = ((k % 4) + 4) % 4;
  if (turns === 0) return clone(x);
  if (turns === 2) return flip(x, [a, b]);
  return scope(() => transpose(flip(x, turns === 1 ? b : a), a, b));
}
