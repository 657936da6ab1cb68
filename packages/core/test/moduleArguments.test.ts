// Whatever a module is built with and called with, it gives a value or throws a SaccadeError that says what is wrong:
// never a TypeError from deep inside, and nothing stays in memory once it is disposed.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { init, memory, nn, SaccadeError, scope, Tensor, tensor, terminate } from "../src/index.ts";
import type { RefTensor } from "../src/reference.ts";
import { loadModuleCases } from "./modules/cases.ts";

fc.configureGlobal({ seed: 1 });

beforeAll(async () => {
  await init({ variant: "simd", development: true, maximumBytes: 64 * 2 ** 20 });
});
afterAll(terminate);

/** A tensor still to be made: made inside the scope of its call. */
class Plan {
  readonly shape: readonly number[];
  readonly dtype: "f32" | "i32" | "bool";
  readonly requiresGrad: boolean;

  constructor(shape: readonly number[], dtype: Plan["dtype"], requiresGrad: boolean) {
    this.shape = shape;
    this.dtype = dtype;
    this.requiresGrad = requiresGrad && dtype === "f32";
  }

  make(): Tensor {
    const n = this.shape.reduce((product, size) => product * size, 1);
    const values = Float64Array.from({ length: n }, (_, i) => (this.dtype === "f32" ? i - 1.5 : i % 2));
    return tensor(values, { shape: this.shape, dtype: this.dtype, requiresGrad: this.requiresGrad });
  }
}

const plans = fc
  .tuple(
    fc.array(fc.constantFrom(2, 4, 4, 2, 1, 3, 5, 0), { maxLength: 5 }),
    fc.constantFrom("f32" as const, "f32" as const, "f32" as const, "i32" as const, "bool" as const),
    fc.boolean(),
  )
  .map((parts) => new Plan(...parts));
const small = fc.constantFrom(1, 2, 4, 2, 4, 3);
const odd = fc.constantFrom(0, -1, 0.5, -0, 7, Number.NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53);
const words = fc.constantFrom(
  "same",
  "valid",
  "reflect",
  "circular",
  "zeros",
  "mean",
  "max",
  "bilinear",
  "tanh",
);
const simple = fc.oneof(odd, words, fc.boolean(), fc.constant(null), fc.constant(undefined));
const lists = fc.array(fc.oneof({ weight: 6, arbitrary: small }, { weight: 1, arbitrary: simple }), {
  maxLength: 6,
});
const cases = await loadModuleCases();
/** Every option that a case of any module names, as we write it. */
const names = [
  ...new Set(
    cases.flatMap(({ torch }) =>
      [...torch.matchAll(/(\w+)=/g)].map(([, name]) =>
        name.replace(/_(\w)/g, (_, l: string) => l.toUpperCase()),
      ),
    ),
  ),
];
const options = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof({ weight: 3, arbitrary: small }, { weight: 3, arbitrary: simple }, lists, plans),
  { maxKeys: 2 },
);
const argument = fc.oneof(
  { weight: 12, arbitrary: small },
  { weight: 3, arbitrary: lists },
  { weight: 2, arbitrary: options },
  { weight: 1, arbitrary: simple },
  { weight: 1, arbitrary: plans },
);
const inputs = fc.oneof({ weight: 12, arbitrary: plans }, argument);

interface Call {
  readonly args: readonly unknown[];
  readonly inputs: readonly unknown[];
  readonly training: boolean;
}

/** A call of any arguments. */
const anything: fc.Arbitrary<Call> = fc.record({
  args: fc.array(argument, { maxLength: 4 }),
  inputs: fc.array(inputs, { minLength: 1, maxLength: 3 }),
  training: fc.boolean(),
});

/** A case of the module with up to two of its arguments, options and inputs changed or added. */
function nearly(known: readonly (readonly [args: readonly unknown[], inputs: readonly RefTensor[]])[]) {
  const places = fc.oneof({ weight: 2, arbitrary: fc.constant(-1) }, { weight: 3, arbitrary: fc.nat(3) });
  const option = fc.tuple(fc.constantFrom(...names), fc.oneof(small, simple, lists));
  return fc
    .record({
      from: fc.constantFrom(...known),
      argument: fc.tuple(places, argument),
      option: fc.option(option),
      input: fc.tuple(places, inputs),
      training: fc.boolean(),
    })
    .map(({ from: [args, tensors], argument, option, input, training }): Call => {
      const given = replaced(args, ...argument);
      const last = given.at(-1);
      if (option !== null && isOptions(last)) given[given.length - 1] = { ...last, [option[0]]: option[1] };
      return { args: given, inputs: replaced(tensors, ...input), training };
    });
}

const isOptions = (value: unknown): value is object => value?.constructor === Object;

function replaced(list: readonly unknown[], place: number, value: unknown): unknown[] {
  const copy: unknown[] = [...list];
  if (place >= 0) copy[Math.min(place, copy.length)] = value;
  return copy;
}

const isDrawn = (value: unknown): value is RefTensor => isOptions(value) && "data" in value;

const realise = (value: unknown): unknown => {
  if (value instanceof Plan) return value.make();
  if (Array.isArray(value)) return value.map(realise);
  if (isDrawn(value)) {
    const { data, shape, dtype } = value;
    return tensor(data, { shape, dtype, requiresGrad: dtype === "f32" });
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, realise(item)]));
};

/** Runs `body` and says what is wrong with how it failed; null if it did not. */
function failure(body: () => void): string | null {
  try {
    body();
    return null;
  } catch (error) {
    if (!(error instanceof SaccadeError)) return `threw ${(error as Error).stack}`;
    return error.code === "internal" ? `threw an internal error: ${error.message}` : "refused";
  }
}

/** Builds, runs and disposes of one module. */
function outcome(Made: new (...all: unknown[]) => nn.Module, call: Call): string {
  const args = call.args.map(realise);
  let module: nn.Module | null = null;
  const unbuilt = failure(() => {
    module = nn.build(() => new Made(...args));
  });
  if (unbuilt !== null) return unbuilt;
  using made = module as unknown as nn.Module;
  made.train(call.training);
  const inputs = call.inputs.map(realise);
  const wrong = failure(() => {
    const result = made.forward(...inputs);
    if (result instanceof Tensor && result.requiresGrad) result.sum().backward();
  });
  return wrong === null ? "ran" : wrong;
}

const layers = Object.entries(nn).filter(
  (entry): entry is [string, new (...all: unknown[]) => nn.Module] =>
    typeof entry[1] === "function" && entry[1].prototype instanceof nn.Module,
);

describe("any arguments", () => {
  for (const [name, Made] of layers) {
    test(name, () => {
      const known = cases.flatMap(({ built, inputs }) =>
        built?.layer === name ? [[built.args, inputs] as const] : [],
      );
      const calls = known.length === 0 ? anything : fc.oneof(anything, nearly(known));
      const seen = new Set<string>();
      fc.assert(
        fc.property(calls, (call) => {
          const before = memory();
          const found = scope(() => outcome(Made, call));
          expect(found).toMatch(/^(ran|refused)$/);
          expect(memory().liveBytes).toBe(before.liveBytes);
          expect(memory().liveTensors).toBe(before.liveTensors);
          seen.add(found as string);
        }),
        { numRuns: 100 },
      );
      if (known.length > 0) expect(seen, "some calls must be valid").toContain("ran");
    });
  }
});
