// Tensors of regular numbers and of the places in a grid. torch.linspace, logspace, eye, tril_indices, triu_indices,
// meshgrid, cartesian_prod. Numbers are computed in f64 and rounded once.

import { type CreateOptions, tensor, zeros } from "../create.ts";
import { pow } from "../scalarMath.ts";
import { scope } from "../scope.ts";
import { checkShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import {
  choiceArgument,
  finiteArgument,
  integerArgument,
  optionsArgument,
  rankedTensor,
  refuse,
  tensorsArgument,
} from "./arguments.ts";
import { stack } from "./cat.ts";
import { ge, le } from "./compare.ts";
import { contiguous } from "./contiguous.ts";
import { diagonal, diagonalOffset } from "./diagonal.ts";
import { fillElements } from "./fill.ts";
import { nonzero } from "./masks.ts";
import { triangleMask } from "./triangle.ts";
import { expand, flatten, reshape, transpose } from "./views.ts";

/** An end of a sequence: a number or a 0-d tensor, whole for integers. */
function endOf(op: string, name: string, value: unknown, dtype: unknown): number {
  const number = finiteArgument(op, name, value instanceof Tensor && value.rank === 0 ? value.item() : value);
  return dtype === "i32" ? Math.trunc(number) : number;
}

/** `steps` numbers from start to end at equal distances; the halves are counted from their own ends. */
function spaced(op: string, ends: readonly [End, End], steps: number, dtype: unknown): Float64Array {
  const [start, end] = ends.map((value, i) => endOf(op, i === 0 ? "start" : "end", value, dtype));
  checkShape(op, [integerArgument(op, "steps", steps, 0)]);
  const step = (end - start) / (steps - 1);
  const at = (i: number): number => (i < steps / 2 ? start + step * i : end - step * (steps - 1 - i));
  return Float64Array.from({ length: steps }, (_, i) => (steps === 1 ? start : at(i)));
}

type End = number | Tensor;

/** `steps` numbers from start to end, both included, at equal distances. torch.linspace */
export function linspace(start: End, end: End, steps: number, options: CreateOptions = {}): Tensor {
  const given = optionsArgument("linspace", options);
  return tensor(spaced("linspace", [start, end], steps, given.dtype), given);
}

export interface LogspaceOptions extends CreateOptions {
  /** 10 unless given. */
  readonly base?: number;
}

/** base^e for `steps` exponents e from start to end at equal distances. torch.logspace */
export function logspace(start: End, end: End, steps: number, options: LogspaceOptions = {}): Tensor {
  const { base = 10, ...rest } = optionsArgument("logspace", options);
  if (finiteArgument("logspace", "base", base) <= 0) refuse("logspace", "base", "> 0", base);
  return tensor(
    spaced("logspace", [start, end], steps, rest.dtype).map((e) => pow(base, e)),
    rest,
  );
}

/** Ones on the main diagonal of a matrix (n, m) of zeros; m is n unless given. torch.eye */
export function eye(n: number, m: number = n, options: CreateOptions = {}): Tensor {
  const y = zeros([integerArgument("eye", "n", n, 0), integerArgument("eye", "m", m, 0)], options);
  scope(() => fillElements(diagonal(y), 1));
  return y;
}

function triangleIndices(
  op: string,
  rows: number,
  columns: number,
  offset: number,
  compare: typeof le,
): Tensor {
  const k = diagonalOffset(op, offset);
  checkShape(op, [integerArgument(op, "rows", rows, 0), integerArgument(op, "columns", columns, 0)]);
  return scope(() => contiguous(transpose(nonzero(triangleMask(compare, rows, columns, k)), 0, 1)));
}

/** Rows and columns (2, n) of the elements on and below a diagonal, row by row, as i32. torch.tril_indices */
export function trilIndices(rows: number, columns: number, offset = 0): Tensor {
  return triangleIndices("trilIndices", rows, columns, offset, le);
}

/** Rows and columns (2, n) of the elements on and above a diagonal, row by row, as i32. torch.triu_indices */
export function triuIndices(rows: number, columns: number, offset = 0): Tensor {
  return triangleIndices("triuIndices", rows, columns, offset, ge);
}

function vectors(op: string, tensors: readonly Tensor[], least: number): void {
  for (const [i, x] of tensorsArgument(op, tensors).entries()) rankedTensor(op, `tensor ${i}`, x, least, 1);
}

export interface MeshgridOptions {
  /** "ij": axis i of the results runs along vector i; "xy": the first two the other way round. */
  readonly indexing?: "ij" | "xy";
}

/** Vectors (N0), (N1), … each repeated over the grid (N0, N1, …) of all of them. torch.meshgrid */
export function meshgrid(tensors: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] {
  vectors("meshgrid", tensors, 0);
  const { indexing = "ij" } = optionsArgument("meshgrid", options);
  choiceArgument("meshgrid", "indexing", indexing, ["ij", "xy"]);
  const place = (i: number): number => (indexing === "xy" && i < 2 && tensors.length > 1 ? 1 - i : i);
  const shape = tensors.map((_, axis) => tensors[place(axis)].numel);
  return scope(() =>
    tensors.map((x, i) =>
      expand(
        reshape(
          x,
          shape.map((size, axis) => (axis === place(i) ? size : 1)),
        ),
        shape,
      ),
    ),
  );
}

/** All ways to take one element of each vector, as rows (N0 · N1 · …, how many vectors). torch.cartesian_prod */
export function cartesianProd(tensors: readonly Tensor[]): Tensor {
  vectors("cartesianProd", tensors, 1);
  if (tensors.length === 1) return reshape(tensors[0], tensors[0].shape);
  return scope(() =>
    stack(
      meshgrid(tensors).map((x) => flatten(x)),
      1,
    ),
  );
}
