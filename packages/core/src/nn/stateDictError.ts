// What loading weights says when names or shapes do not fit.
import { SaccadeError } from "@saccade/kernels";

/** One error that lists everything wrong with a set of weights. */
export function stateDictError(
  model: string,
  missing: readonly string[],
  unexpected: readonly string[],
  misshaped: readonly string[],
): SaccadeError {
  const list = (what: string, names: readonly string[]): string[] => {
    if (names.length === 0) return [];
    const shown = names.slice(0, 8).join(", ");
    return [`${what} (${names.length}): ${shown}${names.length > 8 ? ", …" : ""}`];
  };
  const parts = [
    ...list("missing", missing),
    ...list("unexpected", unexpected),
    ...list("mis-shaped", misshaped),
  ];
  return new SaccadeError("stateDict", `${model}: the weights do not fit. ${parts.join("; ")}`);
}
