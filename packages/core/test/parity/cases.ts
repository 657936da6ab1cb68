// Every case of every `*.ref.ts` beside an op: inputs drawn, the float64 result, a cotangent for each output, and central
// differences. Found by reading the directory, so an op's references are judged as soon as their file exists.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import {
  numel,
  type OpRef,
  type RefInput,
  type RefTensor,
  type Sample,
  SampleRandom,
} from "../../src/reference.ts";

export interface Case {
  /** The file its reference stands in: "softmax" for softmax.ref.ts. */
  readonly file: string;
  readonly name: string;
  readonly ref: OpRef;
  readonly sample: Sample<unknown>;
  readonly inputs: readonly RefInput[];
  readonly expected: readonly RefTensor[];
  /** One per output: what the gradient of sum(y · cotangent) is taken with. Null where there is no gradient. */
  readonly cotangents: readonly (RefTensor | null)[];
}

const opsDirectory = new URL("../../src/ops/", import.meta.url);

/** Files of references, without their endings. */
export function refFiles(): string[] {
  const names = readdirSync(opsDirectory).filter((name) => name.endsWith(".ref.ts"));
  return names.map((name) => name.slice(0, -".ref.ts".length)).sort();
}

export async function loadCases(): Promise<Case[]> {
  const cases: Case[] = [];
  for (const file of refFiles()) {
    const { refs } = (await import(new URL(`${file}.ref.ts`, opsDirectory).href)) as {
      refs: readonly OpRef[];
    };
    for (const ref of refs) for (const sample of ref.samples) cases.push(makeCase(file, ref, sample));
  }
  const names = new Set(cases.map(({ name }) => name));
  if (names.size !== cases.length) {
    const twice = cases.map(({ name }) => name).filter((name, i, all) => all.indexOf(name) !== i);
    throw new Error(`samples of the same name; give them a note: ${twice.join("; ")}`);
  }
  return cases;
}

function makeCase(file: string, ref: OpRef, sample: Sample<unknown>): Case {
  const draw = (seed: string): RefInput[] =>
    sample.inputs.map((maker, i) => maker?.(new SampleRandom(`${seed}/${i}`)) ?? null);
  const name = describe(ref.op, draw("shapes"), sample);
  const inputs = draw(name);
  const expected = [ref.forward(inputs as RefTensor[], sample.attrs)].flat();
  const hasGradient = ref.differentiable && inputs.some((_, i) => isLeaf(ref, inputs, i));
  const random = new SampleRandom(`${name}/cotangent`);
  const cotangents = expected.map((y): RefTensor | null => {
    if (!hasGradient || y.dtype !== "f32") return null;
    return { ...y, data: y.data.map(() => Math.fround(random.bell())) };
  });
  return { file, name, ref, sample, inputs, expected, cotangents };
}

/** True where PyTorch has a gradient for input `i`. */
export function isLeaf({ inputs: names, constants }: OpRef, inputs: readonly RefInput[], i: number): boolean {
  return inputs[i]?.dtype === "f32" && constants?.includes(names[i]) !== true;
}

/** "softmax (3, 4, 17) dim=-1", "embedding (5):i32 (7, 3)"; a note stands in brackets. */
function describe(op: string, inputs: readonly RefInput[], { attrs, note }: Sample<unknown>): string {
  const shapes = inputs.flatMap((x) =>
    x === null ? [] : [`(${x.shape.join(", ")})${x.dtype === "f32" ? "" : `:${x.dtype}`}`],
  );
  const settings = Object.entries(attrs as object)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([key, value]) => `${key}=${Array.isArray(value) ? `[${value}]` : value}`);
  return [op, ...shapes, ...settings, ...(note ? [`[${note}]`] : [])].join(" ");
}

/** What a fixture was made from; another digest means it is stale. */
export function digest({ ref, sample, inputs, cotangents }: Case): string {
  const hash = createHash("sha256");
  hash.update(ref.torch).update(pythonLiteral(sample.attrs));
  for (const x of [...inputs, ...cotangents]) {
    if (x === null) hash.update("null");
    else hash.update(`${x.dtype} ${x.shape.join(",")}`).update(x.data);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Attributes as Python reads them. */
export function pythonLiteral(value: unknown): string {
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : `float("${value}")`;
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  const entries = Object.entries(value as object).map(([key, item]) => `"${key}": ${pythonLiteral(item)}`);
  return `{${entries.join(", ")}}`;
}

// -- central differences ------------------------------------------------------------------------------------------

/** d sum(y · cotangent) / d input[index]; NaN where an infinite value is involved. */
export interface Difference {
  readonly input: number;
  readonly index: number;
  readonly value: number;
  /** How far the difference itself may be off. */
  readonly slack: number;
}

const STEP = 2 ** -14;
const AT_MOST = 24;
const differences = new Map<string, readonly Difference[]>();

/** Five-point differences of the float64 reference, at up to 24 elements of each input spread evenly. */
export function centralDifferences(c: Case): readonly Difference[] {
  const known = differences.get(c.name);
  if (known !== undefined) return known;
  const found: Difference[] = [];
  if (c.sample.smooth !== false && c.cotangents.some((cotangent) => cotangent !== null)) {
    for (const [input, x] of c.inputs.entries()) {
      if (x === null || !isLeaf(c.ref, c.inputs, input)) continue;
      const every = Math.max(Math.ceil(numel(x.shape) / AT_MOST), 1);
      for (let index = 0; index < x.data.length; index += every) found.push(differenceAt(c, input, index));
    }
  }
  differences.set(c.name, found);
  return found;
}

function differenceAt(c: Case, input: number, index: number): Difference {
  const x = c.inputs[input] as RefTensor;
  let magnitude = 0;
  const lossAt = (offset: number): number => {
    const moved = { ...x, data: x.data.slice() };
    moved.data[index] += offset;
    const inputs = c.inputs.map((other, i) => (i === input ? moved : other));
    const outputs = [c.ref.forward(inputs as RefTensor[], c.sample.attrs)].flat();
    let loss = 0;
    for (const [i, cotangent] of c.cotangents.entries()) {
      if (cotangent === null) continue;
      for (let at = 0; at < cotangent.data.length; at++) {
        const part = cotangent.data[at] * outputs[i].data[at];
        // Where the loss is no number in f32, neither is its difference.
        if (!Number.isFinite(Math.fround(part))) return Number.NaN;
        loss += part;
        magnitude = Math.max(magnitude, Math.abs(part));
      }
    }
    return loss;
  };
  const near = lossAt(STEP) - lossAt(-STEP);
  const far = lossAt(2 * STEP) - lossAt(-2 * STEP);
  return { input, index, value: (8 * near - far) / (12 * STEP), slack: (magnitude * 1e-14) / STEP };
}
