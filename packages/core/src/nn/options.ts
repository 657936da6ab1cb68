// Checks of what layers are built with. Errors name the layer and the argument.
import { SaccadeError } from "@saccade/kernels";
import { shown } from "../show.ts";

/** An error unless each is an integer >= 1. */
export function requireSizes(layer: string, sizes: Record<string, unknown>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (Number.isSafeInteger(size) && (size as number) >= 1) continue;
    throw new SaccadeError("argument", `${layer}: ${name} is ${shown(size)}, it must be an integer >= 1`);
  }
}

/** An error unless `p` lies in 0 … 1. */
export function requireProbability(layer: string, name: string, p: unknown): void {
  if (typeof p === "number" && p >= 0 && p <= 1) return;
  throw new SaccadeError("argument", `${layer}: ${name} is ${shown(p)}, it must lie in 0…1`);
}
