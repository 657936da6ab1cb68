// Layers without parameters, each a class around a function: settings are checked when it is built, stand in fields of
// their names, and go to the function behind its inputs.
import type { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";
import { type Rules, settings } from "./options.ts";

/** A layer whose settings S stand in its fields. Its forward comes first, before the one of Module that returns anything. */
export type Layer<S, Inputs extends readonly unknown[] = [x: Tensor], Result = Tensor> = {
  forward(...inputs: Inputs): Result;
} & Readonly<Required<S>> &
  Module;

interface Form {
  /** So many of the settings, the first, are arguments of the constructor; the others are its options. */
  readonly positional?: number;
  /** How many numbers those settings have that are given per axis. */
  readonly axes?: number;
  readonly inputs?: number;
}

/** A class to extend, so that it has a name and a type of its own. `run` is given the layer as its last argument. */
export function defineLayer<
  S extends object,
  Arguments extends readonly unknown[] = [options?: S],
  Inputs extends readonly unknown[] = [x: Tensor],
>(
  run: (...all: [...Inputs, layer: Required<S> & Module]) => Tensor,
  rules: Rules<S> = {} as Rules<S>,
  { positional = 0, axes = 1, inputs = 1 }: Form = {},
): new (
  ...settings: Arguments
) => Layer<S, Inputs> {
  const names = Object.keys(rules).slice(0, positional);
  const expected = [...new Array(inputs).keys()];
  const made = class extends Module {
    constructor(...given: unknown[]) {
      super();
      const layer = this.constructor.name;
      const { [positional]: options = {} } = given;
      const args = Object.fromEntries(names.map((name, i) => [name, given[i]]));
      Object.assign(this, settings(layer, args, options as object, rules, axes));
    }

    forward(...given: unknown[]): Tensor {
      return (run as (...all: unknown[]) => Tensor)(...expected.map((i) => given[i]), this);
    }
  };
  return made as unknown as new (
    ...settings: Arguments
  ) => Layer<S, Inputs>;
}
