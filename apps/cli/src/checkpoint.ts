// The small checkpoint that comes with the command line (tools/make-checkpoint.ts makes it), and loading any
// other.
import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { WeightFormat } from "@saccade/core";
import type { CausalModel, PreTrainedTokenizer } from "@saccade/models";
import { bytes, count } from "./terminal/format.ts";
import { Progress } from "./terminal/progress.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** Beside src/ and dist/ alike. */
export const bundledCheckpoint: string = fileURLToPath(new URL("../checkpoint", import.meta.url));

/** Free it with `using`. */
export interface LoadedModel extends Disposable {
  readonly model: CausalModel;
  readonly tokenizer: PreTrainedTokenizer;
  readonly parameters: number;
  readonly seconds: number;
}

/** Files worth a progress bar. */
const LARGE_BYTES = 64 * 2 ** 20;

/** Loads model and tokenizer of a checkpoint directory. */
export async function loadModel(
  directory: string,
  terminal: Terminal,
  dtype?: WeightFormat,
): Promise<LoadedModel> {
  const { AutoModelForCausalLM, AutoTokenizer } = await import("@saccade/models");
  const began = performance.now();
  const tokenizer = await AutoTokenizer.fromPretrained(directory);
  const shown: { bar?: Progress } = {};
  try {
    const model = await AutoModelForCausalLM.fromPretrained(directory, {
      dtype,
      signal: terminal.signal,
      onProgress: ({ loadedBytes, totalBytes }) => {
        if (totalBytes < LARGE_BYTES) return;
        shown.bar ??= new Progress(terminal, `loading ${bytes(totalBytes)}`, totalBytes);
        shown.bar.update(loadedBytes);
      },
    });
    const parameters = model
      .parameters()
      .reduce((sum, { shape }) => sum + shape.reduce((n, size) => n * size, 1), 0);
    const seconds = (performance.now() - began) / 1000;
    return { model, tokenizer, parameters, seconds, [Symbol.dispose]: () => model.dispose() };
  } finally {
    shown.bar?.stop({ clear: true });
  }
}

/** "GPT2LMHeadModel, 472,064 parameters, context 256" */
export function modelLine({ model, parameters }: LoadedModel): string {
  return `${model.constructor.name}, ${count(parameters)} parameters, context ${model.maxPositions}`;
}

/** A path as one would type it here. */
export function shortPath(path: string): string {
  const short = relative(process.cwd(), path) || ".";
  return short.length < path.length ? short : path;
}
