// What may be asked of generation, and what is made of it: options checked against the model and decided.
import { SaccadeError, type Tensor } from "@saccade/core";
import type { CausalLMInputs, CausalLMOutput } from "../outputs.ts";
import type { PreTrainedTokenizer } from "../tokenizer.ts";
import type { KVCache } from "./cache.ts";

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
  /** Products with int8 and int4 weights in full: several times slower; by default the other factor is rounded, too. */
  readonly exact?: boolean;
  readonly signal?: AbortSignal;
}

/** Options with everything decided. */
export interface Plan extends GenerateOptions {
  readonly prompt: readonly number[];
  readonly newTokens: number;
  readonly ends: ReadonlySet<number>;
}

/** Options with defaults, or an error that says what cannot be. */
export function checkOptions(model: Generator, prompt: readonly number[], options: GenerateOptions): Plan {
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
