// The four rules by which names in checkpoints may differ from a model's own. Everything else is missing or unexpected.
//   1. the base model's prefix may be missing (hub "gpt2": "wte.weight") or extra
//   2. layer norms of old checkpoints say gamma and beta for weight and bias
//   3. tied weights may stand in the file once, under any of their names, or more often
//   4. buffers older versions saved are ignored
import { SaccadeError } from "@saccade/core";

const legacy: readonly [RegExp, string][] = [
  [/\.gamma$/, ".weight"],
  [/\.beta$/, ".bias"],
];

/** Buffers that no model needs. */
const ignorableAnywhere = [/(^|\.)position_ids$/, /\.rotary_emb\.inv_freq$/, /\.rotary\.inv_freq$/];

export interface NameRules {
  /** "transformer" for GPT-2. */
  readonly baseModelPrefix: string;
  readonly ignorable: readonly RegExp[];
}

/** Finds a model's name for each name of a file; null for those to ignore, undefined for unexpected ones. */
export function ownNames(
  inFile: Iterable<string>,
  own: ReadonlySet<string>,
  { baseModelPrefix, ignorable }: NameRules,
): Map<string, string | null | undefined> {
  const names = new Map<string, string | null | undefined>();
  const taken = new Map<string, string>();
  for (const name of inFile) {
    const found = ownName(name, own, baseModelPrefix);
    if (found !== undefined) {
      const earlier = taken.get(found);
      if (earlier !== undefined) {
        throw new SaccadeError(
          "stateDict",
          `"${earlier}" and "${name}" are both names of the parameter ${found}`,
        );
      }
      taken.set(found, name);
      names.set(name, found);
    } else {
      const ignored = [...ignorable, ...ignorableAnywhere].some((pattern) => pattern.test(`.${name}`));
      names.set(name, ignored ? null : undefined);
    }
  }
  return names;
}

function ownName(name: string, own: ReadonlySet<string>, prefix: string): string | undefined {
  const modern = legacy.reduce(
    (current, [pattern, replacement]) => current.replace(pattern, replacement),
    name,
  );
  const shortened = modern.startsWith(`${prefix}.`) ? modern.slice(prefix.length + 1) : modern;
  return [name, modern, `${prefix}.${modern}`, shortened].find((candidate) => own.has(candidate));
}
