// How a module is compared with PyTorch's: a `*.ref.ts` beside the modules lists cases, each a module of ours, PyTorch's
// constructor, and inputs. tools/oracle/modules.py draws PyTorch's weights and records outputs, buffers and every gradient;
// test/modules.test.ts loads those weights by name and compares. Never shipped.
import type { Maker, Saccade } from "../reference.ts";
import type { Tensor } from "../tensor.ts";
import type { Module } from "./module.ts";

export interface ModuleCase {
  /** As a person would write it: "GroupNorm(2, 6)". No two cases share a name. */
  readonly name: string;
  /** PyTorch's module, an expression of `nn`. */
  readonly torch: string;
  readonly make: (saccade: Saccade) => Module;
  /** Named a, b, c … in `torchCall`. */
  readonly inputs: readonly Maker[];
  /** An expression of `module`, the inputs and `torch`; "module(a, b, …)" unless given. One result or several. */
  readonly torchCall?: string;
  /** The same by ours; `forward` of the inputs unless given. */
  // biome-ignore lint/suspicious/noExplicitAny: each case knows its module
  readonly call?: (module: any, inputs: readonly Tensor[], saccade: Saccade) => Tensor | readonly Tensor[];
  /** What a case of layerCase is built from, for tests that change some of it. */
  readonly built?: { readonly layer: string; readonly args: readonly unknown[] };
  /** Compared in training mode, with what the forward left in buffers; evaluation mode unless true. */
  readonly training?: boolean;
}

interface Variant {
  /** What tells the case from others of the same settings. */
  readonly what?: string;
  readonly training?: boolean;
  readonly torchCall?: string;
  readonly call?: ModuleCase["call"];
}

/** A case whose module has one name and one constructor here and in PyTorch: positional arguments, then options. */
export function layerCase(
  layer: string,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
  inputs: readonly Maker[],
  { what, ...variant }: Variant = {},
): ModuleCase {
  const named = Object.entries(options).map(([name, value]) => `${snake(name)}=${python(value)}`);
  const written = `${layer}(${[...args.map(python), ...named].join(", ")})`;
  const all = [...args, ...(named.length === 0 ? [] : [options])];
  return {
    name: what === undefined ? written : `${written} ${what}`,
    torch: `nn.${written}`,
    make({ nn }) {
      const Made = (nn as unknown as Record<string, new (...all: unknown[]) => Module>)[layer];
      return new Made(...all);
    },
    built: { layer, args: all },
    inputs,
    ...variant,
  };
}

function python(value: unknown): string {
  if (Array.isArray(value)) return `(${value.map(python).join(", ")},)`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === Infinity) return 'float("inf")';
  return value === null ? "None" : JSON.stringify(value);
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
