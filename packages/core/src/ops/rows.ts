// Geometry for row kernels (softmax, norms): D0 × D1 rows with two strides per operand over a dense last axis of N.
import { collapse, type Geometry } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { contiguous } from "./contiguous.ts";

type Form = Pick<Geometry, "shape" | "strides">;

export interface Rows {
  readonly D0: number;
  readonly D1: number;
  readonly N: number;
  /** The two row strides of each operand, one operand behind the other. */
  readonly strides: readonly number[];
}

/** The rows of operands of one shape (at least one axis), or null when their leading axes do not fold into two. */
export function rowsOf(...operands: readonly Form[]): Rows | null {
  const { shape } = operands[0];
  const last = shape.length - 1;
  const N = shape[last];
  // Empty axes side by side collapse no further, whatever order they are in.
  if (shape.slice(0, last).includes(0)) return { D0: 0, D1: 1, N, strides: operands.flatMap(() => [0, 0]) };
  if (N !== 1 && operands.some(({ strides }) => strides[last] !== 1)) return null;
  const lead = operands.map(({ strides }) => strides.slice(0, last));
  const { sizes, strides } = collapse(shape.slice(0, last), lead);
  if (sizes.length > 2) return null;
  const [D0, D1] = [1, 1, ...sizes].slice(-2);
  return { D0, D1, N, strides: strides.flatMap((pair) => [0, 0, ...pair].slice(-2)) };
}

/** As rowsOf for one operand, with its last but one axis kept as D1: what a causal mask counts along. */
export function causalRowsOf({ shape, strides }: Form): Rows | null {
  const last = shape.length - 1;
  if (shape[last] !== 1 && strides[last] !== 1) return null;
  const { sizes, strides: lead } = collapse(shape.slice(0, last - 1), [strides.slice(0, last - 1)]);
  if (sizes.length > 1) return null;
  return {
    D0: sizes[0] ?? 1,
    D1: shape[last - 1],
    N: shape[last],
    strides: [lead[0][0] ?? 0, strides[last - 1]],
  };
}

/** The tensor with rows a kernel can read, and those rows; copied only if it must be. */
export function withRows(x: Tensor, find: (x: Form) => Rows | null = rowsOf): { source: Tensor; rows: Rows } {
  const rows = find(x);
  if (rows !== null) return { source: x, rows };
  const source = contiguous(x);
  return { source, rows: find(source) as Rows };
}
