// What PyTorch says of the module cases: written by tools/oracle/modules.py, one file per reference file.
import { readFileSync } from "node:fs";
import { headerLength, parseHeader } from "../../src/io/index.ts";
import { type Case, digest } from "./cases.ts";

const arrays = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  I64: BigInt64Array,
  BOOL: Uint8Array,
};

export interface Stored {
  readonly type: string;
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** Largest |f32 − f64| of PyTorch itself. */
  readonly deviation: number;
}

/** The tensors of a case by name: "state.weight", "output.0", "gradient.a", "after.running_mean" … */
export function fixtureOf(c: Case): Map<string, Stored> {
  const path = new URL(`../fixtures/nn/${c.file}.safetensors`, import.meta.url);
  const bytes = new Uint8Array(readFileSync(path));
  const length = headerLength(bytes, bytes.length, c.file);
  const { entries, metadata, dataStart } = parseHeader(bytes.subarray(8, 8 + length), bytes.length, c.file);
  const facts = JSON.parse(metadata.cases)[c.name] as
    | { digest: string; d: Record<string, number> }
    | undefined;
  if (facts?.digest !== digest(c)) {
    throw new Error(
      `the fixture of "${c.name}" is ${facts ? "stale" : "missing"}: run \`python tools/oracle/generate.py modules\``,
    );
  }
  const found = new Map<string, Stored>();
  for (const { name, shape, dtype, begin, end } of entries) {
    if (!name.startsWith(`${c.name}/`)) continue;
    const key = name.slice(c.name.length + 1);
    const raw = new arrays[dtype as keyof typeof arrays](
      bytes.slice(dataStart + begin, dataStart + end).buffer,
    );
    const values = Float64Array.from(raw as ArrayLike<number | bigint>, Number);
    found.set(key, { type: dtype, shape, values, deviation: facts.d[key] ?? 0 });
  }
  return found;
}
