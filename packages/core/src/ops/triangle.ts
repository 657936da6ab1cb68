// The triangles of matrices, zeros in place of the rest. torch.tril, torch.triu
// dx is the same triangle of dy. Both are the choice between x and 0 by a mask of one matrix, which the batch shares.

import { arange } from "../create.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { rankedTensor } from "./arguments.ts";
import { ge, le, logicalAnd } from "./compare.ts";
import { diagonalOffset } from "./diagonal.ts";
import { unsqueeze } from "./views.ts";
import { where } from "./where.ts";

/** (rows, columns), true on one side of a diagonal: on and below it for `le`, on and above it for `ge`. @internal */
export function triangleMask(compare: typeof le, rows: number, columns: number, offset: number): Tensor {
  // Beyond the corners every diagonal says the same.
  const k = Math.max(-rows, Math.min(offset, columns));
  return compare(arange(columns), unsqueeze(arange(k, rows + k), 1));
}

function triangle(op: string, compare: typeof le, x: Tensor, diagonal: number): Tensor {
  rankedTensor(op, "input", x, 2, Infinity);
  const offset = diagonalOffset(op, diagonal);

  return scope(() => {
    const mask = triangleMask(compare, x.size(-2), x.size(-1), offset);
    return x.dtype === "bool" ? logicalAnd(x, mask) : where(mask, x, 0);
  });
}

/** The elements on and below a diagonal of the last two axes, 0 elsewhere. torch.tril */
export function tril(x: Tensor, diagonal = 0): Tensor {
  return triangle("tril", le, x, diagonal);
}

/** The elements on and above a diagonal of the last two axes, 0 elsewhere. torch.triu */
export function triu(x: Tensor, diagonal = 0): Tensor {
  return triangle("triu", ge, x, diagonal);
}
