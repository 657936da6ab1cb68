// Checks of what layers are built with. Errors name the layer, the option and its value.
import {
  choiceArgument,
  fail,
  flagArgument,
  integerArgument,
  listOrNumber,
  optionsArgument,
  rangeArgument,
  refuse,
} from "../ops/arguments.ts";
import { integer, perAxis } from "../ops/window.ts";
import { shown } from "../show.ts";

/** An error unless each is an integer >= 1. */
export function requireSizes(layer: string, sizes: Record<string, unknown>): void {
  for (const [name, size] of Object.entries(sizes)) {
    integerArgument(layer, name, size, 1);
  }
}

/** An error unless `p` lies in 0 … 1. */
export function requireProbability(layer: string, name: string, p: unknown): void {
  rangeArgument(layer, name, p, 0, 1);
}

/** Returns the value, in a form of its own perhaps, or throws; `axes` is how many numbers a list has. */
export type Check = (layer: string, name: string, value: unknown, axes: number) => unknown;

/** How each setting is checked, or the words it may be, and its value when it is left out. A default of null allows null. */
export type Rules<S> = {
  readonly [K in keyof S]-?: readonly [check: Check | readonly string[], otherwise?: S[K]];
};

/** The arguments and options by the rules, which name everything that may be given; lists are copied. */
export function settings<S extends object>(
  layer: string,
  args: Readonly<Record<string, unknown>>,
  options: object,
  rules: Rules<S>,
  axes = 1,
): Required<S> {
  const values: Record<string, unknown> = { ...optionsArgument(layer, options), ...args };
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(rules, name));
  if (unknown !== undefined) {
    const known = Object.keys(rules).join(", ");
    fail("argument", `${layer}: there is no option ${shown(unknown)}; it has ${known}`);
  }
  const entries = Object.entries(rules as Rules<Record<string, unknown>>).map(
    ([name, [check, otherwise]]) => {
      const value = values[name] === undefined ? otherwise : values[name];
      if (value === null && otherwise === null) return [name, null];
      if (typeof check === "function") return [name, check(layer, name, value, axes)];
      return [name, choiceArgument(layer, name, value, check)];
    },
  );
  return Object.fromEntries(entries);
}

export const flag: Check = flagArgument;

/** Any number but NaN. */
export const real: Check = (layer, name, value) => rangeArgument(layer, name, value, -Infinity);

export const realOrNull: Check = (layer, name, value, axes) =>
  value === null ? null : real(layer, name, value, axes);

export const notNegative: Check = (layer, name, value) => rangeArgument(layer, name, value, 0);

export const probability: Check = (layer, name, value) => rangeArgument(layer, name, value, 0, 1);

/** An axis, from the end when negative. */
export const axis: Check = (layer, name, value) => integer(layer, name, value, -(2 ** 29));

/** An integer >= 0. */
export const count: Check = (layer, name, value) => integer(layer, name, value, 0);

/** An integer >= 1. */
export const size: Check = (layer, name, value) => integer(layer, name, value, 1);

const listOf =
  (least: number): Check =>
  (layer, name, value, axes) =>
    perAxis(layer, name, value, axes, least);

/** Integers >= 1, >= 0, or any, one for each axis; one number stands for all. */
export const [sizes, counts, places] = [1, 0, -(2 ** 29)].map(listOf);

/** One integer >= 0 or any number of them, as a list. */
export const shape: Check = (layer, name, value) => {
  const list = listOrNumber(layer, name, value);
  if (list.length === 0) refuse(layer, name, "of one size or more", value);
  return perAxis(layer, name, list, list.length, 0);
};
