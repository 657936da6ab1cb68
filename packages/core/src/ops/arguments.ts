// Checks of what callers pass, for those whom types do not warn. Errors name the op and the argument.
import { SaccadeError } from "@saccade/kernels";
import { Tensor } from "../tensor.ts";

function refuse(op: string, name: string, wanted: string, got: unknown): never {
  throw new SaccadeError("argument", `${op}: ${name} must be ${wanted}, got ${kind(got)}`);
}

/** What a value is, for messages. */
export function kind(x: unknown): string {
  if (x instanceof Tensor) return "a Tensor";
  if (typeof x === "number") return String(x);
  return x === null ? "null" : Array.isArray(x) ? "an array" : typeof x;
}

export function tensorArgument(op: string, name: string, x: unknown): Tensor {
  return x instanceof Tensor ? x : refuse(op, name, "a Tensor", x);
}

/** A tensor of numbers, for ops that have no meaning for truth values. */
export function numericTensor(op: string, name: string, x: unknown): Tensor {
  const given = tensorArgument(op, name, x);
  if (given.dtype !== "bool") return given;
  throw new SaccadeError("dtype", `${op}: ${name} is bool, which has no numbers; cast it with to("i32")`);
}

/** A tensor or null; left out counts as null. */
export function optionalTensor(op: string, name: string, x: unknown): Tensor | null {
  return x === null || x === undefined ? null : tensorArgument(op, name, x);
}

/** A tensor of f32, where PyTorch takes no other type. */
export function floatTensor(op: string, name: string, x: unknown): Tensor {
  const tensor = tensorArgument(op, name, x);
  if (tensor.dtype === "f32") return tensor;
  throw new SaccadeError("dtype", `${op}: ${name} must be f32, got ${tensor.dtype}; cast with to("f32")`);
}

export function numberArgument(op: string, name: string, x: unknown): number {
  return typeof x === "number" ? x : refuse(op, name, "a number", x);
}

/** An array; whoever uses its items checks them. */
export function listArgument(op: string, name: string, x: unknown): readonly number[] {
  return Array.isArray(x) ? x : refuse(op, name, "an array", x);
}

/** An object of options. */
export function optionsArgument<T extends object>(op: string, options: T): T {
  const isOptions =
    typeof options === "object" &&
    options !== null &&
    !Array.isArray(options) &&
    !(options instanceof Tensor);
  return isOptions ? options : refuse(op, "options", "an object", options);
}

/** An error for integers where PyTorch takes none. */
export function requireFloat(op: string, x: Tensor): void {
  if (x.dtype === "f32") return;
  throw new SaccadeError(
    "dtype",
    `${op}: of ${x.dtype} is not defined, as in PyTorch; cast with to("f32") first`,
  );
}

/** A whole number of [low, high]. */
export function wholeArgument(op: string, name: string, x: unknown, low: number, high: number): number {
  if (typeof x === "number" && Number.isInteger(x) && x >= low && x <= high) return x;
  return refuse(op, name, `an integer in ${low}…${high}`, x);
}

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
  const isObject = typeof dim === "object" && dim !== null && !Array.isArray(dim) && !(dim instanceof Tensor);
  if (isObject) return optionsArgument(op, dim as T);
  const rest = flag !== undefined && typeof options === "boolean" ? { [flag]: options } : options;
  const named = optionsArgument(op, (rest ?? {}) as T);
  return dim === undefined || dim === null ? named : { ...named, dim };
}

/** A finite number. */
export function finiteArgument(op: string, name: string, x: unknown): number {
  const number = numberArgument(op, name, x);
  if (Number.isFinite(number)) return number;
  throw new SaccadeError("argument", `${op}: ${name} must be finite, got ${number}`);
}

/** True or false. */
export function flagArgument(op: string, name: string, x: unknown): boolean {
  return typeof x === "boolean" ? x : refuse(op, name, "true or false", x);
}
