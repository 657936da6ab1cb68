// What PyTorch says: float64 outputs and gradients of each case, and how far its own float32 strays from them. Written by
// tools/oracle/ops.py into test/fixtures/ops/<file>.safetensors: one flat F64 tensor per case, outputs first, then the
// gradients of the f32 inputs; the metadata holds digests and deviations.
import { existsSync, readFileSync } from "node:fs";
import { headerLength, parseHeader } from "../../src/io/index.ts";
import { numel, type RefTensor } from "../../src/reference.ts";
import { type Case, digest, isLeaf } from "./cases.ts";

export interface Expectation {
  readonly values: Float64Array;
  /** Largest |f32 − f64| of PyTorch, or of its order of magnitude where it was exact by luck. */
  readonly deviation: number;
}

export interface Fixture {
  readonly outputs: readonly Expectation[];
  /** One per input; null for those without a gradient. */
  readonly gradients: readonly (Expectation | null)[];
}

interface File {
  readonly bytes: Uint8Array;
  readonly parts: ReadonlyMap<string, { begin: number; end: number }>;
  readonly cases: Readonly<Record<string, { digest: string; d: number[] }>>;
}

const directory = new URL("../fixtures/ops/", import.meta.url);
const files = new Map<string, File>();

function open(name: string): File {
  const known = files.get(name);
  if (known !== undefined) return known;
  const path = new URL(`${name}.safetensors`, directory);
  if (!existsSync(path)) throw new Error(`no fixture ${name}.safetensors: ${remedy}`);
  const bytes = new Uint8Array(readFileSync(path));
  const length = headerLength(bytes, bytes.length, name);
  const { entries, metadata, dataStart } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, name);
  const parts = new Map(entries.map((e) => [e.name, { begin: dataStart + e.begin, end: dataStart + e.end }]));
  const file: File = { bytes, parts, cases: JSON.parse(metadata.cases) };
  files.set(name, file);
  return file;
}

const remedy = "run `python tools/oracle/generate.py ops`";

/** PyTorch's results for a case, or null where it has none. */
export function fixtureOf(c: Case): Fixture | null {
  if (c.sample.torch === false) return null;
  const { bytes, parts, cases } = open(c.file);
  const part = parts.get(c.name);
  const facts = cases[c.name];
  if (part === undefined || facts?.digest !== digest(c)) {
    throw new Error(`the fixture of "${c.name}" is ${part ? "of other inputs" : "missing"}: ${remedy}`);
  }
  const all = new Float64Array(bytes.slice(part.begin, part.end).buffer);
  let at = 0;
  let next = 0;
  const take = ({ shape }: RefTensor): Expectation => {
    const values = all.subarray(at, at + numel(shape));
    at += values.length;
    return { values, deviation: facts.d[next++] };
  };
  const outputs = c.expected.map(take);
  const recorded = c.cotangents.some((cotangent) => cotangent !== null);
  const gradients = c.inputs.map((x, i) =>
    recorded && x !== null && isLeaf(c.ref, c.inputs, i) ? take(x) : null,
  );
  if (at !== all.length)
    throw new Error(`the fixture of "${c.name}" has ${all.length} values, not ${at}: ${remedy}`);
  return { outputs, gradients };
}
