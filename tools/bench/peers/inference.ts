// A run of Saccade without gradients, in a scope of its own.
import { noGrad, scope, type Tensor } from "@saccade/core";
import { checksum } from "../data.ts";
import type { Prepared } from "../participant.ts";

/** Runs `body` without recording gradients; what it makes is freed at the end. */
export function inference(body: () => Tensor, owned: readonly { dispose(): void }[]): Prepared {
  const inScope = <T>(use: (y: Tensor) => T): T => noGrad(() => scope(() => use(body())));
  return {
    run: () => inScope(() => undefined),
    check: () => inScope((y) => checksum(y.toTypedArray())),
    dispose() {
      for (const one of owned) one.dispose();
    },
  };
}
