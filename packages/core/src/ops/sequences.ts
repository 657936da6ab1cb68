// Tensors of regular numbers and of the places in a grid. torch.linspace, logspace, eye, tril_indices, triu_indices,
// meshgrid, cartesian_prod. Numbers are computed in f64 and rounded once.
import { SaccadeError } from "@saccade/kernels";
import { type CreateOptions, tensor, zeros } from "../create.ts";
import { pow } from "../scalarMath.ts";
import { scope } from "../scope.ts";
import { checkShape, formatShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { kind, optionsArgument, tensorArgument } from "./arguments.ts";
import { stack } from "./cat.ts";
import { diagonal, diagonalOffset } from "./diagonal.ts";
import { fillElements } from "./fill.ts";
import { expand, flatten, reshape } from "./views.ts";

function finite(op: string, name: string, value: unknown): number {
  if (Number.isFinite(value)) return value as number;
  throw new SaccadeError("argument", `${op}: ${name} must be a finite number, got ${kind(value)}`);
}

function count(op: string, name: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0) return value as number;
  throw new SaccadeError("argument", `${op}: ${name} must be an integer >= 0, got ${kind(value)}`);
}

/** An end of a sequence: a number or a 0-d tensor, whole for integers. */
function endOf(op: string, name: string, value: unknown, dtype: unknown): number {
  const number = finite(op, name, value instanceof Tensor && value.rank === 0 ? value.item() : value);
  return dtype === "i32" ? Math.trunc(number) : number;
}

/** `steps` numbers from start to end at equal distances; the halves are counted from their own ends. */
function spaced(op: string, ends: readonly [End, End], steps: number, dtype: unknown): Float64Array {
  const [start, end] = ends.map((value, i) => endOf(op, i === 0 ? "start" : "end", value, dtype));
  checkShape(op, [count(op, "steps", steps)]);
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
  if (finite("logspace", "base", base) <= 0)
    throw new SaccadeError("argument", `logspace: the base must be positive, got ${base}`);
  return tensor(
    spaced("logspace", [start, end], steps, rest.dtype).map((e) => pow(base, e)),
    rest,
  );
}

/** Ones on the main diagonal of a matrix (n, m) of zeros; m is n unless given. torch.eye */
export function eye(n: number, m: number = n, options: CreateOptions = {}): Tensor {
  const y = zeros([count("eye", "n", n), count("eye", "m", m)], options);
  scope(() => fillElements(diagonal(y), 1));
  return y;
}

function triangleIndices(op: string, rows: number, columns: number, offset: number, lower: boolean): Tensor {
  const k = diagonalOffset(op, offset);
  checkShape(op, [count(op, "rows", rows), count(op, "columns", columns)]);
  const places: [number[], number[]] = [[], []];
  for (let i = 0; i < rows; i++) {
    const edge = Math.min(Math.max(i + k + (lower ? 1 : 0), 0), columns);
    for (let j = lower ? 0 : edge; j < (lower ? edge : columns); j++) {
      places[0].push(i);
      places[1].push(j);
    }
  }
  const flat = places.flat();
  return tensor(Int32Array.from(flat), { shape: [2, flat.length / 2] });
}

/** Rows and columns (2, n) of the elements on and below a diagonal, row by row, as i32. torch.tril_indices */
export function trilIndices(rows: number, columns: number, offset = 0): Tensor {
  return triangleIndices("trilIndices", rows, columns, offset, true);
}

/** Rows and columns (2, n) of the elements on and above a diagonal, row by row, as i32. torch.triu_indices */
export function triuIndices(rows: number, columns: number, offset = 0): Tensor {
  return triangleIndices("triuIndices", rows, columns, offset, false);
}

function vectors(op: string, tensors: readonly Tensor[], least: number): void {
  if (!Array.isArray(tensors) || tensors.length === 0)
    throw new SaccadeError("argument", `${op}: wants an array of at least one tensor`);
  for (const [i, x] of tensors.entries()) {
    if (tensorArgument(op, `tensor ${i}`, x).rank <= 1 && x.rank >= least) continue;
    throw new SaccadeError("shape", `${op}: wants vectors, tensor ${i} is ${formatShape(x.shape)}`);
  }
}

export interface MeshgridOptions {
  /** "ij": axis i of the results runs along vector i; "xy": the first two the other way round. */
  readonly indexing?: "ij" | "xy";
}

/** Vectors (N0), (N1), … each repeated over the grid (N0, N1, …) of all of them. torch.meshgrid */
export function meshgrid(tensors: readonly Tensor[], options: MeshgridOptions = {}): Tensor[] {
  vectors("meshgrid", tensors, 0);
  const { indexing = "ij" } = optionsArgument("meshgrid", options);
  if (indexing !== "ij" && indexing !== "xy")
    throw new SaccadeError("argument", `meshgrid: indexing is "ij" or "xy", not ${kind(indexing)}`);
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
