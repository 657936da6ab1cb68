// Diagonals: looking at one, which is a view, and laying one out. torch.diagonal, diag, diag_embed, trace

import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { checkShape, normalizeAxis, type Shape } from "../shape.ts";
import { type Tensor, viewOf } from "../tensor.ts";
import { integerArgument, rankedTensor, refuse } from "./arguments.ts";
import { copyElements } from "./contiguous.ts";
import { filled } from "./fill.ts";
import { sum } from "./sum.ts";

/** The two axes a diagonal runs through, of a tensor of `rank` axes. */
function twoAxes(op: string, dim1: number, dim2: number, rank: number): [number, number] {
  const axes: [number, number] = [normalizeAxis(op, dim1, rank), normalizeAxis(op, dim2, rank)];
  if (axes[0] === axes[1]) refuse(op, "dim1 and dim2", "different axes", [dim1, dim2], "shape");
  return axes;
}

/** An integer distance from the main diagonal, positive above it. @internal */
export function diagonalOffset(op: string, offset: unknown): number {
  return integerArgument(op, "the diagonal", offset);
}

/**
 * The elements (i, i + offset) of the axes dim1 and dim2, as a new last axis in place of these; a view.
 * torch.diagonal
 */
export function diagonal(x: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  rankedTensor("diagonal", "input", x, 2, Infinity);
  const [a, b] = twoAxes("diagonal", dim1, dim2, x.rank);
  const k = diagonalOffset("diagonal", offset);
  const [down, right] = [Math.max(-k, 0), Math.max(k, 0)];
  const length = Math.max(Math.min(x.shape[a] - down, x.shape[b] - right), 0);
  const others = (values: Shape): number[] => values.filter((_, axis) => axis !== a && axis !== b);
  const start = length === 0 ? 0 : down * x.strides[a] + right * x.strides[b];
  const geometry = {
    shape: [...others(x.shape), length],
    strides: [...others(x.strides), x.strides[a] + x.strides[b]],
    offset: x.offset + start,
  };
  return viewOf(x, geometry, "some");
}

interface Embedding {
  readonly offset: number;
  readonly axes: readonly [number, number];
}

const diagEmbedOp = defineOp<readonly [Tensor], Embedding>({
  name: "diagEmbed",
  forward([x], { offset, axes: [a, b] }) {
    const size = x.size(-1) + Math.abs(offset);
    const others = x.shape.slice(0, -1);
    const shape = Array.from({ length: x.rank + 1 }, (_, axis) =>
      axis === a || axis === b ? size : (others.shift() as number),
    );
    const y = filled(checkShape("diagEmbed", shape), 0, x.dtype);
    copyElements(diagonal(y, offset, a, b), x);
    return y;
  },
  backward(dy, _saved, { offset, axes: [a, b] }, into) {
    into.give(0, diagonal(dy, offset, a, b));
  },
});

/** The last axis laid out as a diagonal of two new axes of zeros, at dim1 and dim2 of the result. torch.diag_embed */
export function diagEmbed(x: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  rankedTensor("diagEmbed", "input", x, 1, Infinity);
  const k = diagonalOffset("diagEmbed", offset);
  const axes = twoAxes("diagEmbed", dim1, dim2, x.rank + 1);
  return apply(diagEmbedOp, [x], { offset: k, axes });
}

/** A vector (N) as the diagonal of a matrix of zeros, or the diagonal of a matrix, as a view. torch.diag */
export function diag(x: Tensor, diagonalAt = 0): Tensor {
  rankedTensor("diag", "input", x, 1, 2);
  return (x.rank === 1 ? diagEmbed : diagonal)(x, diagonalOffset("diag", diagonalAt));
}

/** The sum of the main diagonal of a matrix. torch.trace */
export function trace(x: Tensor): Tensor {
  rankedTensor("trace", "input", x, 2);
  return scope(() => sum(diagonal(x)));
}
