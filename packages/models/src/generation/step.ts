// One step of any way to generate: the model run on new ids behind its cache.
import { noGrad, scope, tensor, withFastProducts } from "@saccade/core";
import { growing, type KVCache } from "./cache.ts";
import type { Generator } from "./plan.ts";

/** Logits (rows · V) of the position behind each row of ids, and the cache with those rows in it. */
export function nextLogits(
  model: Generator,
  rows: readonly (readonly number[])[],
  cache: KVCache,
  exact = false,
): { logits: Float32Array; grown: KVCache } {
  const compute = (): { logits: Float32Array; grown: KVCache } => {
    const T = rows[0].length;
    const inputIds = tensor(Int32Array.from(rows.flat()), { shape: [rows.length, T] });
    const output = model.forward(inputIds, { cache, logitsToKeep: 1 });
    return { logits: output.logits.toTypedArray() as Float32Array, grown: output.cache as KVCache };
  };
  const run = (): ReturnType<typeof compute> => noGrad(() => scope(compute));
  return growing(() => (exact ? run() : withFastProducts(run)));
}

/** Lets timers, input and signals have their turn. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
    if (setImmediate !== undefined) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
