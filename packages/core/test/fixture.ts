// The fixtures of tools/oracle/core_modules.py: exact inputs, float64 results, and for each of those how far PyTorch's
// own float32 strays from them. Floats are read here and not by loadSafetensors, which would round them to f32.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Tensor, tensor } from "@saccade/core";
import { expect } from "vitest";

const directory = fileURLToPath(new URL("./fixtures/modules", import.meta.url));
const arrays = { F64: Float64Array, F32: Float32Array, I32: Int32Array };

interface Stored {
  readonly shape: readonly number[];
  readonly values: Float64Array | Float32Array | Int32Array;
}

export function readBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${directory}/${name}`));
}

export function readJson<T>(name: string): T {
  return JSON.parse(readFileSync(`${directory}/${name}`, "utf8")) as T;
}

export class Fixture<Facts = object> {
  readonly facts: Facts & { readonly tolerances: Record<string, { d: number; scale: number }> };
  readonly #tensors = new Map<string, Stored>();

  constructor(name: string) {
    this.facts = readJson(`${name}.json`);
    const bytes = readBytes(`${name}.safetensors`);
    const dataStart = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, dataStart)));
    for (const [key, entry] of Object.entries(header)) {
      const { dtype, shape, data_offsets } = entry as {
        dtype: keyof typeof arrays;
        shape: number[];
        data_offsets: number[];
      };
      const [begin, end] = data_offsets.map((offset) => dataStart + offset);
      this.#tensors.set(key, { shape, values: new arrays[dtype](bytes.slice(begin, end).buffer) });
    }
  }

  names(prefix: string): string[] {
    return [...this.#tensors.keys()].filter((name) => name.startsWith(prefix));
  }

  /** An exact input, f32 or i32. */
  input(name: string): Tensor {
    const { shape, values } = this.#stored(name);
    return tensor(values, { shape });
  }

  /** Fails unless `actual` lies within 8 d + 1e-7 scale of the float64 value, element by element. */
  expectClose(name: string, actual: Tensor | number): void {
    const { shape, values } = this.#stored(name);
    const got = typeof actual === "number" ? [actual] : actual.toTypedArray();
    if (typeof actual !== "number") expect(actual.shape, `shape of ${name}`).toEqual(shape);
    const { d, scale } = this.facts.tolerances[name];
    let worst = 0;
    // NaN is the worst of all.
    for (const [i, value] of values.entries())
      if (!(Math.abs(got[i] - value) <= worst)) worst = Math.abs(got[i] - value);
    expect(worst, `distance of ${name}`).toBeLessThanOrEqual(8 * d + 1e-7 * scale);
  }

  #stored(name: string): Stored {
    const found = this.#tensors.get(name);
    if (found === undefined) throw new Error(`the fixture has no ${name}`);
    return found;
  }
}
