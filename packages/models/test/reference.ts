// Reads the reference values that tools/oracle writes, in their own precision: loadSafetensors would round them to f32.
import { readFileSync } from "node:fs";

export interface Reference {
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array | Int32Array;
}

export function readJsonFile(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8"));
}

export function readReferences(path: string): Map<string, Reference> {
  const bytes = new Uint8Array(readFileSync(path));
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  const arrays = { F64: Float64Array, F32: Float32Array, I32: Int32Array };
  const tensors = new Map<string, Reference>();
  for (const [name, entry] of Object.entries(header)) {
    const { dtype, shape, data_offsets } = entry as {
      dtype: keyof typeof arrays;
      shape: number[];
      data_offsets: number[];
    };
    const [begin, end] = data_offsets.map((offset) => 8 + length + offset);
    tensors.set(name, { shape, values: new arrays[dtype](bytes.slice(begin, end).buffer) });
  }
  return tensors;
}
