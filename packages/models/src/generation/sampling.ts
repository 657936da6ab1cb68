// Drawing a token from logits: temperature, then top-k, top-p and min-p, as transformers' logits processors do.
// Exponentials come from the engine's softmax, so a seed gives the same text on every machine in the "simd" build.
import { HostRandom, noGrad, SaccadeError, scope, tensor } from "@saccade/core";

export interface SamplingOptions {
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly seed?: number;
}

export class Sampler {
  readonly #options: Required<Omit<SamplingOptions, "seed">>;
  readonly #random: HostRandom;

  constructor({ temperature = 1, topK = 0, topP = 1, minP = 0, seed = 0 }: SamplingOptions) {
    const problem =
      (!(temperature > 0 && Number.isFinite(temperature)) &&
        `temperature is ${temperature}, it must be above 0`) ||
      (!(Number.isInteger(topK) && topK >= 0) && `topK is ${topK}, it must be an integer >= 0`) ||
      (!(topP > 0 && topP <= 1) && `topP is ${topP}, it must lie above 0 and at most at 1`) ||
      (!(minP >= 0 && minP <= 1) && `minP is ${minP}, it must lie in 0…1`);
    if (problem) throw new SaccadeError("argument", `generate: ${problem}`);
    this.#options = { temperature, topK, topP, minP };
    this.#random = new HostRandom(seed);
  }

  /** A token drawn from logits (V). */
  draw(logits: Float32Array): number {
    const { temperature, topK, topP, minP } = this.#options;
    const warmed = temperature === 1 ? logits.slice() : logits.map((value) => value / temperature);
    if (topK > 0) keepLargest(warmed, topK);
    if (topP < 1) keepNucleus(warmed, topP);
    if (minP > 0) keepLikely(warmed, minP);
    return pick(probabilities(warmed), this.#random.fraction());
  }
}

function probabilities(logits: Float32Array): Float32Array {
  return noGrad(() => scope(() => tensor(logits).softmax(-1).toTypedArray() as Float32Array));
}

/** Everything below the k-th largest logit is ruled out; equals of it stay. */
function keepLargest(logits: Float32Array, k: number): void {
  if (k >= logits.length) return;
  const threshold = logits.slice().sort()[logits.length - k];
  for (let i = 0; i < logits.length; i++) if (logits[i] < threshold) logits[i] = -Infinity;
}

/** The smallest set of likeliest tokens whose probability reaches p. */
function keepNucleus(logits: Float32Array, p: number): void {
  const probability = probabilities(logits);
  const order = Array.from(logits.keys())
    .filter((i) => logits[i] > -Infinity)
    .sort((a, b) => logits[b] - logits[a] || a - b);
  let total = 0;
  for (const i of order) {
    if (total >= p) logits[i] = -Infinity;
    total += probability[i];
  }
}

/** Tokens at least `fraction` as likely as the likeliest. */
function keepLikely(logits: Float32Array, fraction: number): void {
  const probability = probabilities(logits);
  const threshold = fraction * probability.reduce((a, b) => Math.max(a, b), 0);
  for (let i = 0; i < logits.length; i++) if (probability[i] < threshold) logits[i] = -Infinity;
}

/** The token in whose share of [0, 1) the fraction falls. */
function pick(probability: Float32Array, fraction: number): number {
  let total = 0;
  for (const p of probability) total += p;
  let left = fraction * total;
  let last = 0;
  for (let i = 0; i < probability.length; i++) {
    if (probability[i] === 0) continue;
    last = i;
    left -= probability[i];
    if (left < 0) return i;
  }
  return last;
}

/** Tokens that were there before become less likely. "CTRL", arXiv 1909.05858 */
export function penalizeRepetition(logits: Float32Array, ids: Iterable<number>, penalty = 1): void {
  if (penalty === 1) return;
  for (const id of new Set(ids)) logits[id] = logits[id] < 0 ? logits[id] * penalty : logits[id] / penalty;
}
