// The public functions and layers that PyTorch's names stand for.
import * as saccade from "@saccade/core";
import { parseSignature, type Signature } from "./call.ts";
import { modules } from "./modules.ts";
import { special } from "./special.ts";
import { table } from "./table.ts";

type Callable = (...args: unknown[]) => unknown;
type Layer = saccade.nn.Module & { forward: Callable };

export type Target =
  | {
      readonly kind: "function";
      readonly name: string;
      readonly call: Callable;
      readonly signature: Signature;
    }
  | {
      readonly kind: "module";
      readonly name: string;
      readonly make: new (...args: unknown[]) => Layer;
      readonly construct: Signature;
      readonly signature: Signature;
    };

/** Our names by their letters: PyTorch's isnan is isNaN here. */
function byLetters(names: readonly string[]): Map<string, string> {
  return new Map(names.map((name) => [name.toLowerCase(), name]));
}

const functions = byLetters(Object.keys(saccade).filter((name) => /^[a-z]/.test(name)));
const bare = (name: string): string => (name.split(".").at(-1) ?? "").replaceAll("_", "").toLowerCase();

function functionOf(name: string): Target | null {
  const adapted = special.get(name);
  const text = adapted?.signature ?? table.get(name);
  if (text === undefined) return null;
  const signature = parseSignature(text);
  const ours = functions.get((adapted?.name ?? (signature.name || bare(name))).toLowerCase());
  if (ours === undefined) return null;
  const plain = (saccade as unknown as Record<string, Callable>)[ours];
  const call = adapted === undefined ? plain : (...args: unknown[]) => adapted.call(plain, ...args);
  return { kind: "function", name, call, signature };
}

function moduleOf(name: string): Target | null {
  const entry = modules.get(name);
  const make = (saccade.nn as unknown as Record<string, new (...args: unknown[]) => Layer>)[name.slice(3)];
  if (entry === undefined || make === undefined) return null;
  const [construct, signature] = entry.map(parseSignature);
  return { kind: "module", name, make, construct, signature };
}

/** PyTorch's names of what we have. */
export function known(): string[] {
  const names = [...table.keys(), ...special.keys(), ...modules.keys()];
  return [...new Set(names)].filter((name) => (functionOf(name) ?? moduleOf(name)) !== null);
}

export function signatureOf(name: string): Target {
  const target = functionOf(name) ?? moduleOf(name);
  if (target === null) throw new Error(`there is no ${name}`);
  return target;
}
