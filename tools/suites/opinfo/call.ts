// From a PyTorch call to one of ours: its values, and their places by the signatures of table.ts.
import { type DType, type Tensor, tensor } from "@saccade/core";
import type { CallRecord, Numbers, TensorRecord } from "./samples.ts";
import { camel } from "./table.ts";

/** Why a sample is none for us. */
export class Skip extends Error {}

const dtypes: Readonly<Record<string, DType>> = { float32: "f32", int32: "i32", int64: "i32", bool: "bool" };

export function dtypeOf(name: string): DType {
  const dtype = dtypes[name];
  if (dtype === undefined) throw new Skip(`dtype ${name}`);
  return dtype;
}

/** A tensor in the order of axes that PyTorch's has in memory. */
export function madeTensor(record: Omit<TensorRecord, "grad">, numbers: Numbers): Tensor {
  const { shape, order, dtype } = record;
  const values = numbers.at(record.at, shape);
  if (order.every((axis, i) => axis === i)) return tensor(values, { shape, dtype: dtypeOf(dtype) });
  const dense = tensor(values, { shape, dtype: dtypeOf(dtype) });
  const inMemory = dense.permute(order).clone();
  return inMemory.permute(order.map((_, axis) => order.indexOf(axis)));
}

export function madeTensors(call: CallRecord, numbers: Numbers): Tensor[] {
  return call.tensors.map((record) => {
    const made = madeTensor(record, numbers);
    return record.grad ? made.requiresGrad_() : made;
  });
}

function special(x: Readonly<Record<string, unknown>>, tensors: readonly Tensor[]): unknown {
  if ("tensor" in x) return tensors[x.tensor as number];
  if ("float" in x) {
    const number = String(x.float);
    return number.endsWith("inf") ? (number.startsWith("-") ? -Infinity : Infinity) : Number(number);
  }
  if ("dtype" in x) return dtypeOf(x.dtype as string);
  if ("ellipsis" in x) return "...";
  const [start, stop, step] = x.slice as (number | null)[];
  return { start, stop, step };
}

/** A value of a call as ours; None is what is left out. */
function value(x: unknown, tensors: readonly Tensor[], top = true): unknown {
  if (x === null) return top ? undefined : null;
  if (Array.isArray(x)) return x.map((item) => value(item, tensors, false));
  return typeof x === "object" ? special(x as Record<string, unknown>, tensors) : x;
}

/** Options that are numbers: Python's True is 1 there. */
const factors = ["alpha", "beta", "value"];

type Named = Record<string, unknown>;

export interface Signature {
  /** Ours; empty when it is PyTorch's. */
  readonly name: string;
  /** PyTorch's parameters in order. */
  readonly parameters: readonly string[];
  readonly positional: readonly string[];
  readonly options: readonly (readonly [ours: string, theirs: string])[];
  /** Of options "name=value": what PyTorch takes where nothing is given, and we do not. */
  readonly defaults: Readonly<Record<string, unknown>>;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== "");

export function parseSignature(text: string): Signature {
  const [before, call] = text.includes("=>") ? text.split("=>") : ["", text];
  const [, name = "", inside = ""] = /^\s*(?:(\w+)\()?(.*?)\)?\s*$/.exec(call) ?? [];
  const [given, extra = ""] = inside.split("|");
  const [, plain = "", braces = ""] = /^([^{]*)(?:\{(.*)\})?/.exec(given) ?? [];
  const options = braces
    .split(",")
    .filter((part) => part.trim() !== "")
    .map((part) =>
      part
        .split("=")[0]
        .split(":")
        .map((word) => word.trim()),
    )
    .map(([ours, theirs = ours]) => [theirs === ours ? camel(ours) : ours, theirs] as const);
  const defaults = Object.fromEntries(
    [...braces.matchAll(/(\w+)=(\w+)/g)].map(([, key, text]) => [key, JSON.parse(text)]),
  );
  const positional = words(plain);
  const natural = [
    ...positional.map((word) => word.replace("...", "*")),
    ...options.map(([, theirs]) => theirs),
  ];
  const listed =
    before === "" ? natural : [...words(before), ...natural.filter((word) => !before.includes(word))];
  return { name, parameters: [...listed, ...words(extra)], positional, options, defaults };
}

/** The values of a call by PyTorch's names. */
export function bound(
  { parameters, defaults }: Signature,
  call: CallRecord,
  tensors: readonly Tensor[],
): Named {
  const named: Named = { ...defaults };
  const args = call.args.map((x) => value(x, tensors));
  for (const [i, x] of args.entries()) {
    const name = parameters[i];
    if (name?.startsWith("*")) {
      const rest = args.slice(i);
      named[name.slice(1)] = rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest;
      break;
    }
    if (name === undefined) throw new Skip(`${args.length} positional arguments`);
    named[name] = x;
  }
  for (const [name, x] of Object.entries(call.kwargs)) {
    const given = value(x, tensors);
    named[name] = typeof given === "boolean" && factors.includes(name) ? Number(given) : given;
  }
  return named;
}

/** Hints how to compute or where to put it, which change no result here. */
const hints = ["device", "compute_mode", "out_int32", "output_size", "sparse_grad", "sparse"];

/** Our arguments, or a Skip that names what we do not have. */
export function argumentsOf({ positional, options }: Signature, named: Named): unknown[] {
  const ours = positional.map((name) => name.replace("...", ""));
  const known = new Set([...ours, ...options.map(([, theirs]) => theirs)]);
  for (const [name, x] of Object.entries(named))
    if (!known.has(name) && !hints.includes(name) && x !== undefined) throw new Skip(`${name}=`);
  const args = positional.flatMap((name) =>
    name.startsWith("...") ? (named[name.slice(3)] as unknown[]) : [named[name]],
  );
  const given = options.filter(([, theirs]) => named[theirs] !== undefined);
  if (given.length > 0)
    return [...args, Object.fromEntries(given.map(([key, theirs]) => [key, named[theirs]]))];
  while (args.length > 1 && args.at(-1) === undefined) args.pop();
  return args;
}
