// Generating text token by token: greedy, sampling and beam search with transformers' semantics. An async iterable of
// ids that yields to the event loop after each token, honours a signal, and frees whatever it made.
import { noGrad, SaccadeError, scope, type Tensor, tensor } from "@saccade/core";
import type { CausalLMInputs, CausalLMOutput } from "../outputs.ts";
import type { PreTrainedTokenizer } from "../tokenizer.ts";
import { beamSearch } from "./beam.ts";
import { growing, type KVCache } from "./cache.ts";
import { penalizeRepetition, Sampler } from "./sampling.ts";
import { StopStrings } from "./stopping.ts";

/** What generation needs of a model. */
export interface Generator {
  readonly maxPositions: number;
  readonly config: { eos_token_id?: number | number[] | null; vocab_size: number };
  forward(inputIds: Tensor, inputs?: CausalLMInputs): CausalLMOutput;
  newCache(batch: number, capacity: number): KVCache;
}

export interface GenerateOptions {
  /** Tokens to add; 20 unless maxLength is given. */
  readonly maxNewTokens?: number;
  /** Length with the prompt. */
  readonly maxLength?: number;
  /** Draw from the distribution instead of taking the likeliest token. */
  readonly doSample?: boolean;
  readonly temperature?: number;
  /** Only the k likeliest tokens; 0 for all. */
  readonly topK?: number;
  /** Only the likeliest tokens that together have this probability. */
  readonly topP?: number;
  /** Only tokens at least this fraction as likely as the likeliest. */
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  /** Sequences kept side by side; above 1 all ids come at the end. */
  readonly numBeams?: number;
  readonly lengthPenalty?: number;
  /**
   * When to end, once as many sequences as beams have ended: true at once, false when the best beam scores no better as it
   * is, "never" when it cannot score better at any length.
   */
  readonly earlyStopping?: boolean | "never";
  /** Tokens that end the text; the config's by default, null for none. */
  readonly eosTokenId?: number | readonly number[] | null;
  /** Texts that end the generation (they are part of it); need `tokenizer`. */
  readonly stopStrings?: readonly string[];
  readonly tokenizer?: PreTrainedTokenizer;
  readonly signal?: AbortSignal;
}

/** Options with everything decided. */
export interface Plan extends GenerateOptions {
  readonly prompt: readonly number[];
  readonly newTokens: number;
  readonly ends: ReadonlySet<number>;
}

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
      const { logits, grown } = nextLogits(model, [fresh], cache);
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

/** Logits (rows · V) of the position behind each row of ids, and the cache with those rows in it. */
export function nextLogits(
  model: Generator,
  rows: readonly (readonly number[])[],
  cache: KVCache,
): { logits: Float32Array; grown: KVCache } {
  const compute = (): { logits: Float32Array; grown: KVCache } => {
    const T = rows[0].length;
    const inputIds = tensor(Int32Array.from(rows.flat()), { shape: [rows.length, T] });
    const output = model.forward(inputIds, { cache, logitsToKeep: 1 });
    return { logits: output.logits.toTypedArray() as Float32Array, grown: output.cache as KVCache };
  };
  return growing(() => noGrad(() => scope(compute)));
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

/** Lets timers, input and signals have their turn. */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
    if (setImmediate !== undefined) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

function checkOptions(model: Generator, prompt: readonly number[], options: GenerateOptions): Plan {
  const { maxNewTokens, maxLength, numBeams = 1, repetitionPenalty = 1 } = options;
  checkPrompt(model, prompt);
  const room = model.maxPositions - prompt.length;
  const wanted = maxNewTokens ?? (maxLength === undefined ? 20 : maxLength - prompt.length);
  if (!Number.isInteger(wanted) || wanted < 0) {
    throw new SaccadeError(
      "argument",
      `generate: ${maxNewTokens === undefined ? `maxLength ${maxLength} leaves ${wanted}` : `maxNewTokens is ${wanted}`} tokens ` +
        `behind a prompt of ${prompt.length}; it must be an integer >= 0`,
    );
  }
  if (wanted > room) {
    throw new SaccadeError(
      "argument",
      `generate: a prompt of ${prompt.length} and ${wanted} new tokens are more than the context of ${model.maxPositions}; ` +
        `ask for at most ${room}`,
    );
  }
  checkBeams(model, options);
  if (numBeams > 1 && (options.doSample || options.stopStrings?.length)) {
    throw new SaccadeError(
      "unsupported",
      "generate: beam search goes without sampling and without stop strings",
    );
  }
  if (!(repetitionPenalty > 0)) {
    throw new SaccadeError(
      "argument",
      `generate: repetitionPenalty is ${repetitionPenalty}, it must be above 0`,
    );
  }
  const eos = options.eosTokenId === undefined ? model.config.eos_token_id : options.eosTokenId;
  const ends = new Set(eos === null || eos === undefined ? [] : typeof eos === "number" ? [eos] : eos);
  return { ...options, prompt, newTokens: wanted, ends };
}

function checkPrompt(model: Generator, prompt: readonly number[]): void {
  if (prompt.length === 0) {
    throw new SaccadeError("argument", "generate: the prompt has no tokens; give at least one");
  }
  if (prompt.length > model.maxPositions) {
    throw new SaccadeError(
      "argument",
      `generate: the prompt has ${prompt.length} tokens, the model's context is ${model.maxPositions}; shorten it`,
    );
  }
  const { vocab_size: size } = model.config;
  const bad = prompt.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= size);
  if (bad >= 0) {
    throw new SaccadeError(
      "index",
      `generate: token id ${prompt[bad]} at ${bad} of the prompt is outside 0…${size - 1}`,
    );
  }
}

function checkBeams(model: Generator, { numBeams = 1, lengthPenalty = 1 }: GenerateOptions): void {
  const { vocab_size: size } = model.config;
  if (!Number.isInteger(numBeams) || numBeams < 1 || numBeams > size) {
    throw new SaccadeError(
      "argument",
      `generate: numBeams is ${numBeams}, it must be an integer from 1 to the ${size} tokens of the vocabulary`,
    );
  }
  if (!Number.isFinite(lengthPenalty)) {
    throw new SaccadeError(
      "argument",
      `generate: lengthPenalty is ${lengthPenalty}, it must be a finite number`,
    );
  }
}
