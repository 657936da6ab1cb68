// Whatever an op is called with, it returns a value or throws a SaccadeError that names it: never a trap, a TypeError
// from deep inside, a changed input, or memory that stays.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { init, memory, SaccadeError, scope, Tensor, tensor, terminate } from "../src/index.ts";
import * as ops from "../src/ops/index.ts";
import { loadCases } from "./parity/cases.ts";

fc.configureGlobal({ seed: 1 });

beforeAll(async () => {
  await init({ variant: "simd", development: true, maximumBytes: 64 * 2 ** 20 });
});
afterAll(terminate);

/** A tensor still to be made: made inside the scope of its call. */
interface Plan {
  readonly shape: readonly number[];
  readonly dtype: "f32" | "i32" | "bool";
  readonly requiresGrad: boolean;
  readonly form: "dense" | "turned" | "repeated" | "disposed";
}

const isPlan = (value: unknown): value is Plan =>
  typeof value === "object" && value !== null && "form" in value;

const plans: fc.Arbitrary<Plan> = fc.record({
  shape: fc.array(fc.constantFrom(2, 3, 3, 1, 0), { maxLength: 4 }),
  dtype: fc.constantFrom("f32", "f32", "f32", "i32", "bool"),
  requiresGrad: fc.boolean(),
  form: fc.constantFrom("dense", "dense", "dense", "turned", "repeated", "disposed"),
});
const numbers = fc.constantFrom(
  0,
  1,
  2,
  -1,
  -2,
  3,
  0.5,
  -0,
  7,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 31,
  2 ** 53,
);
const words = fc.constantFrom(
  "none",
  "mean",
  "sum",
  "tanh",
  "gelu",
  "relu",
  "f32",
  "i32",
  "bool",
  "float",
  "",
);
const simple = fc.oneof(numbers, words, fc.boolean(), fc.constant(null), fc.constant(undefined));
/** Every attribute that a sample of any op names. */
const attributes = [
  ...new Set((await loadCases()).flatMap(({ sample }) => Object.keys(sample.attrs as object))),
];
const options = fc.dictionary(fc.constantFrom(...attributes), fc.oneof(simple, plans), { maxKeys: 3 });
const lists = fc.array(fc.oneof({ weight: 4, arbitrary: numbers }, { weight: 1, arbitrary: simple }, plans), {
  maxLength: 4,
});
const argument = fc.oneof(
  { weight: 4, arbitrary: plans },
  { weight: 3, arbitrary: numbers },
  simple,
  lists,
  options,
);
/** Mostly a tensor first, as a method has it, and often the lists of tensors and shapes that ops want. */
const calls = fc.tuple(
  fc.oneof(
    { weight: 6, arbitrary: plans },
    { weight: 1, arbitrary: fc.array(plans, { maxLength: 3 }) },
    argument,
  ),
  fc.array(argument, { maxLength: 4 }),
);

function make({ shape, dtype, requiresGrad, form }: Plan): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: n }, (_, i) => (dtype === "f32" ? i - 1.5 : i % 2));
  const x = tensor(Float64Array.from(values), {
    shape,
    dtype,
    requiresGrad: requiresGrad && dtype === "f32",
  });
  if (form === "turned") return x.permute(shape.map((_, axis) => shape.length - 1 - axis));
  if (form === "repeated") return x.detach().expand([2, ...shape]);
  if (form === "disposed") x.dispose();
  return x;
}

/** The arguments with tensors for their plans; `made` collects those. */
function realise(value: unknown, made: Tensor[]): unknown {
  if (isPlan(value)) {
    made.push(make(value));
    return made.at(-1);
  }
  if (Array.isArray(value)) return value.map((item) => realise(item, made));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, realise(item, made)]));
}

/** Calls the op and says what is wrong with how it answered. */
function complaint(
  op: (...all: unknown[]) => unknown,
  args: readonly unknown[],
  mayWrite: boolean,
): string | null {
  const made: Tensor[] = [];
  const given = args.map((value) => realise(value, made));
  const live = made.filter((x) => !x.isDisposed);
  const before = live.map((x) => x.toTypedArray());
  try {
    const result = op(...given);
    const tensors = result instanceof Tensor ? [result] : Object.values(result ?? {});
    if (tensors.length === 0 && !Array.isArray(result)) return `returned ${String(result)}`;
    if (!tensors.every((y) => y instanceof Tensor)) return `returned ${String(result)}`;
  } catch (error) {
    if (!(error instanceof SaccadeError)) return `threw ${(error as Error).stack}`;
    if (error.code === "internal") return `threw an internal error: ${error.message}`;
  }
  const written = mayWrite ? given[0] : null;
  const shares = (x: Tensor): boolean =>
    written instanceof Tensor && !written.isDisposed && x.storage === written.storage;
  for (const [i, x] of live.entries()) {
    if (x.isDisposed) return "disposed an input";
    if (!shares(x) && x.toTypedArray().some((value, at) => !Object.is(value, before[i][at])))
      return "changed an input";
  }
  return null;
}

describe("any arguments", () => {
  for (const [name, op] of Object.entries(ops)) {
    test(name, () => {
      fc.assert(
        fc.property(calls, ([first, rest]) => {
          const before = memory();
          const found = scope(() =>
            complaint(op as (...all: unknown[]) => unknown, [first, ...rest], name.endsWith("_")),
          );
          expect(found).toBeNull();
          expect(memory().liveBytes).toBe(before.liveBytes);
          expect(memory().liveTensors).toBe(before.liveTensors);
        }),
        { numRuns: 120 },
      );
    });
  }
});
