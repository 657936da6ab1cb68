// Checks of what callers pass, for those whom types do not warn. Errors read "op: name must be …, got …": they name the
// op, the argument, what it takes and what it was given.

import { type ErrorCode, SaccadeError } from "@saccade/kernels";
import { type DType, isDType } from "../dtype.ts";
import { broadcastShapes, formatShape, normalizeAxis, type Shape, sameShape } from "../shape.ts";
import { shown } from "../show.ts";
import { Tensor } from "../tensor.ts";

export function fail(code: ErrorCode, text: string): never {
  throw new SaccadeError(code, text);
}

/** The error for an argument that is not what it must be. */
export function refuse(
  op: string,
  name: string,
  wanted: string,
  got: unknown,
  code: ErrorCode = "argument",
): never {
  return fail(code, `${op}: ${name} must be ${wanted}, got ${kind(got)}`);
}

/** What a value is, for messages. */
export function kind(x: unknown): string {
  if (x instanceof Tensor) return String(x);
  return Array.isArray(x) && x[0] instanceof Tensor ? x.join(", ") : shown(x);
}

export function tensorArgument(op: string, name: string, x: unknown): Tensor {
  return x instanceof Tensor ? x : refuse(op, name, "a Tensor", x);
}

/** A tensor of numbers, for ops that have no meaning for truth values. */
export function numericTensor(op: string, name: string, x: unknown): Tensor {
  const given = tensorArgument(op, name, x);
  return given.dtype === "bool"
    ? refuse(op, name, 'of numbers (cast with to("i32"))', given, "dtype")
    : given;
}

/** A tensor or null; left out counts as null. */
export function optionalTensor(op: string, name: string, x: unknown): Tensor | null {
  return x === null || x === undefined ? null : tensorArgument(op, name, x);
}

/** A tensor of one type. */
export function typedTensor(op: string, name: string, x: unknown, dtype: DType): Tensor {
  const tensor = tensorArgument(op, name, x);
  return tensor.dtype === dtype ? tensor : refuse(op, name, `${dtype} (cast with to())`, tensor, "dtype");
}

/** A tensor of f32, where PyTorch takes no other type. */
export function floatTensor(op: string, name: string, x: unknown): Tensor {
  return typedTensor(op, name, x, "f32");
}

/** A tensor of low to high axes. */
export function rankedTensor(op: string, name: string, x: unknown, low: number, high = low): Tensor {
  const tensor = tensorArgument(op, name, x);
  if (tensor.rank >= low && tensor.rank <= high) return tensor;
  const axes = high === Infinity ? `at least ${low}` : low === high ? low : `${low} to ${high}`;
  return refuse(op, name, `of ${axes} axes`, tensor, "shape");
}

/** A tensor of one shape, and of one type if that is given. */
export function shapedTensor(op: string, name: string, x: unknown, shape: Shape, dtype?: DType): Tensor {
  const tensor = tensorArgument(op, name, x);
  const { dtype: type = tensor.dtype } = { dtype };
  if (tensor.dtype === type && sameShape(tensor.shape, shape)) return tensor;
  return refuse(op, name, `${formatShape(shape)} of ${type}`, tensor, "shape");
}

/** An error unless `x` broadcasts to `shape`. */
export function checkBroadcast(op: string, name: string, x: Tensor, shape: Shape): void {
  if (sameShape(broadcastShapes(op, x.shape, shape), shape)) return;
  refuse(op, name, `of a shape that broadcasts to ${formatShape(shape)}`, x, "shape");
}

/** An axis of a tensor, from the front. */
export function axisArgument(op: string, x: unknown, dim: number): number {
  return normalizeAxis(op, dim, tensorArgument(op, "input", x).rank);
}

/** As axisArgument, for ops that want an axis where a 0-d tensor has none. */
export function realAxis(op: string, x: unknown, dim: number): number {
  return axisArgument(op, rankedTensor(op, "input", x, 1, Infinity), dim);
}

export function numberArgument(op: string, name: string, x: unknown): number {
  return typeof x === "number" ? x : refuse(op, name, "a number", x);
}

/** A number of [low, high], not NaN. */
export function rangeArgument(op: string, name: string, x: unknown, low: number, high = Infinity): number {
  if (typeof x === "number" && x >= low && x <= high) return x;
  return refuse(op, name, `a number ${high === Infinity ? `>= ${low}` : `in ${low}…${high}`}`, x);
}

/** An integer of [low, high]. */
export function integerArgument(
  op: string,
  name: string,
  x: unknown,
  low = -Infinity,
  high = Infinity,
): number {
  if (Number.isSafeInteger(x) && (x as number) >= low && (x as number) <= high) return x as number;
  const range = high < Infinity ? ` in ${low}…${high}` : low > -Infinity ? ` >= ${low}` : "";
  return refuse(op, name, `an integer${range}`, x);
}

/** The place of an index, which counts from the end when negative, among `size` elements. */
export function placeArgument(
  op: string,
  name: string,
  index: unknown,
  size: number,
  code: ErrorCode = "index",
): number {
  const at = Number(index) < 0 ? Number(index) + size : index;
  if (Number.isInteger(at) && (at as number) >= 0 && (at as number) < size) return at as number;
  return refuse(op, name, `an integer in ${-size}…${size - 1}`, index, code);
}

/** A number that is a value of x's type. */
export function valueArgument(op: string, name: string, x: unknown, dtype: DType): number {
  if (typeof x !== "number" && typeof x !== "boolean") refuse(op, name, "a number or boolean", x);
  const value = Number(x);
  if (dtype !== "i32") return value;
  return value > -2147483649 && value < 2147483648
    ? Math.trunc(value)
    : refuse(op, name, "a value of i32", x, "dtype");
}

/** One of the words. */
export function choiceArgument<T extends string>(
  op: string,
  name: string,
  x: unknown,
  words: readonly T[],
): T {
  return words.includes(x as T) ? (x as T) : refuse(op, name, words.map(shown).join(" or "), x);
}

/** An element type. */
export function dtypeArgument(op: string, x: unknown): DType {
  return isDType(x) ? x : refuse(op, "dtype", "f32, i32 or bool", x, "dtype");
}

/** An array; whoever uses its items checks them. */
export function listArgument(op: string, name: string, x: unknown): readonly number[] {
  return Array.isArray(x) ? x : refuse(op, name, "an array", x);
}

/** An array, or one number for an array of it. */
export function listOrNumber(op: string, name: string, x: unknown): readonly number[] {
  return typeof x === "number" ? [x] : listArgument(op, name, x);
}

/** At least one tensor, in an array. */
export function tensorsArgument(op: string, x: unknown): readonly Tensor[] {
  if (!Array.isArray(x) || x.length === 0) refuse(op, "input", "an array of one Tensor or more", x);
  return x.map((item, i) => tensorArgument(op, `tensor ${i}`, item));
}

/** An object of options. */
export function optionsArgument<T extends object>(op: string, options: T): T {
  return isOptions(options) ? options : refuse(op, "options", "an object", options);
}

const isOptions = (x: unknown): boolean =>
  typeof x === "object" && x !== null && !Array.isArray(x) && !(x instanceof Tensor);

/**
 * Options that stand behind `dim` or in its place, as { dim, … }; `flag` names the one that may stand alone, as true or
 * false. `dim` comes out among them unless it was left out.
 */
export function dimAndOptions<T extends { dim?: unknown }>(
  op: string,
  dim: unknown,
  options: unknown,
  flag?: keyof T,
): T {
  if (isOptions(dim)) return dim as T;
  const rest = flag !== undefined && typeof options === "boolean" ? { [flag]: options } : options;
  const named = optionsArgument(op, (rest ?? {}) as T);
  return dim === undefined || dim === null ? named : { ...named, dim };
}

/** A finite number. */
export function finiteArgument(op: string, name: string, x: unknown): number {
  return Number.isFinite(x) ? (x as number) : refuse(op, name, "a finite number", x);
}

/** True or false. */
export function flagArgument(op: string, name: string, x: unknown): boolean {
  return typeof x === "boolean" ? x : refuse(op, name, "true or false", x);
}
