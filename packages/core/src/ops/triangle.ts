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

function triangle(op: string, compare: typeof le, x: Tensor, diagonal: number): Tensor {
  rankedTensor(op, "input", x, 2, Infinity);
  const offset = diagonalOffset(op, diagonal);

  const [rows, columns] = x.shape.slice(-2);
  // Beyond the corners every diagonal says the same.
  const k = Math.max(-rows, Math.min(offset, columns));
  return scope(() => {
    const mask = compare(arange(columns), unsqueeze(arange(k, rows + k), 1));
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
