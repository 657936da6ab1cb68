// Reading option values: each parser says what it wants, and commander puts the option's name before it.
import { InvalidArgumentError } from "commander";

type Parser = (text: string) => number;

function numberWhere(holds: (value: number) => boolean, wanted: string): Parser {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isFinite(value) || !holds(value)) throw new InvalidArgumentError(`It must be ${wanted}.`);
    return value;
  };
}

export const positiveInteger = numberWhere((n) => Number.isInteger(n) && n >= 1, "an integer >= 1");
export const naturalNumber = numberWhere((n) => Number.isSafeInteger(n) && n >= 0, "an integer >= 0");
export const positive = numberWhere((x) => x > 0, "a number > 0");
export const nonNegative = numberWhere((x) => x >= 0, "a number >= 0");
export const probability = numberWhere((p) => p > 0 && p <= 1, "a number in (0, 1]");

export const groupSize = numberWhere(
  (n) => Number.isInteger(n) && n >= 8 && n <= 4096 && n % 8 === 0,
  "a multiple of 8 from 8 to 4096",
);

/** For options that may be given several times. */
export function collect(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
