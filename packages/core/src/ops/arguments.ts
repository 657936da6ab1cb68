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
