// The parity fixtures of tools/oracle: float64 values, and for each how far PyTorch's own float32 strays from them.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Tensor, tensor } from "@saccade/core";
import { expect } from "vitest";
import { type Reference, readJsonFile, readReferences } from "./reference.ts";

export const directory = fileURLToPath(new URL("./fixtures/gpt2", import.meta.url));

type Facts = Record<string, unknown> & { tolerances: Record<string, { d: number; scale: number }> };

export class Fixture {
  readonly facts: Facts;
  readonly #tensors: ReadonlyMap<string, Reference>;

  /** `<name>.safetensors` and `<name>.json` of a fixture directory. */
  constructor(name: string, folder = directory) {
    this.facts = readJsonFile(`${folder}/${name}.json`) as Facts;
    this.#tensors = readReferences(`${folder}/${name}.safetensors`);
  }

  names(prefix = ""): string[] {
    return [...this.#tensors.keys()].filter((name) => name.startsWith(prefix));
  }

  reference(name: string): Reference {
    const found = this.#tensors.get(name);
    if (found === undefined) throw new Error(`the fixture has no ${name}; it has ${this.names().join(", ")}`);
    return found;
  }

  /** An integer input as an i32 tensor. */
  input(name: string): Tensor {
    const { shape, values } = this.reference(name);
    if (!(values instanceof Int32Array)) throw new Error(`${name} is no integer tensor`);
    return tensor(values, { shape });
  }

  /** How far a result may lie from the float64 value. */
  tolerance(name: string): number {
    const { d, scale } = this.facts.tolerances[name];
    return 8 * d + 1e-7 * scale;
  }

  /** Largest distance from the float64 values; `counts` leaves elements out. */
  deviation(name: string, actual: Tensor, counts: (element: number) => boolean = () => true): number {
    const { shape, values } = this.reference(name);
    expect([...actual.shape], `shape of ${name}`).toEqual(shape);
    const got = actual.toTypedArray();
    let worst = 0;
    for (let i = 0; i < values.length; i++) {
      if (!counts(i)) continue;
      const distance = Math.abs(got[i] - values[i]);
      if (!(distance <= worst)) worst = distance; // NaN is the worst of all
    }
    return worst;
  }

  expectClose(name: string, actual: Tensor, counts?: (element: number) => boolean): void {
    expect(this.deviation(name, actual, counts), `distance of ${name}`).toBeLessThanOrEqual(
      this.tolerance(name),
    );
  }

  expectFar(name: string, actual: Tensor, counts?: (element: number) => boolean): void {
    expect(this.deviation(name, actual, counts), `distance of ${name}`).toBeGreaterThan(this.tolerance(name));
  }
}

/** The files of a checkpoint directory in memory, with fields of config.json changed. */
export function checkpointFiles(
  name: string,
  config: Record<string, unknown> = {},
  folder = directory,
): Map<string, Uint8Array> {
  const changed = { ...readJsonFile(`${folder}/${name}/config.json`), ...config };
  return new Map([
    ["config.json", new TextEncoder().encode(JSON.stringify(changed))],
    ["model.safetensors", new Uint8Array(readFileSync(`${folder}/${name}/model.safetensors`))],
  ]);
}
