// Generating text token by token: greedy, sampling and beam search with transformers' semantics. An async iterable of
// ids that yields to the event loop after each token, honours a signal, and frees whatever it made.
import { beamSearch } from "./beam.ts";
import { checkOptions, type GenerateOptions, type Generator, type Plan } from "./plan.ts";
import { penalizeRepetition, Sampler } from "./sampling.ts";
import { nextLogits, nextTask } from "./step.ts";
import { StopStrings } from "./stopping.ts";

/** Yields the ids that follow `prompt`, the end token included. */
export async function* generate(
  model: Generator,
  prompt: readonly number[],
  options: GenerateOptions = {},
): AsyncGenerator<number, void, undefined> {
  const plan = checkOptions(model, prompt, options);
  if (plan.newTokens === 0) return;
  if ((options.numBeams ?? 1) > 1) yield* await beamSearch(model, plan);
  else yield* oneByOne(model, plan);
}

async function* oneByOne(model: Generator, plan: Plan): AsyncGenerator<number, void, undefined> {
  const sampler = plan.doSample ? new Sampler(plan) : null;
  const stop = new StopStrings(plan);
  const ids = [...plan.prompt];
  let cache = model.newCache(1, plan.prompt.length + plan.newTokens);
  let fresh: readonly number[] = plan.prompt;
  try {
    for (let step = 0; step < plan.newTokens; step++) {
      plan.signal?.throwIfAborted();
      const { logits, grown } = nextLogits(model, [fresh], cache, plan.exact);
      cache.dispose();
      cache = grown;
      penalizeRepetition(logits, ids, plan.repetitionPenalty);
      const id = sampler === null ? likeliest(logits) : sampler.draw(logits);
      ids.push(id);
      fresh = [id];
      yield id;
      if (plan.ends.has(id) || stop.reached(id)) return;
      await nextTask();
    }
  } finally {
    cache.dispose();
  }
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}
