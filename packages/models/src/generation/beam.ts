// Beam search as transformers has it: in each step the best continuations of all beams; those that end are set aside
// with score / length^penalty, the best others go on. Scores are sums of log-probabilities, rounded to f32.
import { noGrad, scalarMath, scope, tensor } from "@saccade/core";
import type { Generator, Plan } from "./plan.ts";
import { penalizeRepetition } from "./sampling.ts";
import { nextLogits, nextTask } from "./step.ts";

interface Beam {
  /** Behind the prompt. */
  readonly ids: readonly number[];
  readonly score: number;
  /** Which beam of the step before it continues. */
  readonly from: number;
}

/** The ids behind the prompt of the best sequence found. */
export async function beamSearch(model: Generator, plan: Plan): Promise<readonly number[]> {
  const width = plan.numBeams ?? 1;
  const candidates = Math.max(2, 1 + plan.ends.size) * width;
  const finished = new Finished(width, plan);
  let beams: Beam[] = [{ ids: [], score: 0, from: 0 }];
  let cache = model.newCache(1, plan.prompt.length + plan.newTokens);
  try {
    for (let length = 1; ; length++) {
      plan.signal?.throwIfAborted();
      const fresh = length === 1 ? [plan.prompt] : beams.map(({ ids }) => ids.slice(-1));
      const { logits, grown } = nextLogits(model, fresh, cache, plan.exact);
      cache.dispose();
      cache = grown;
      const ranked = continuations(scores(logits, beams, plan), beams, candidates);
      const ends = ({ ids }: Beam): boolean => length === plan.newTokens || plan.ends.has(ids[length - 1]);
      for (const beam of ranked.slice(0, width).filter(ends)) finished.add(beam);
      beams = ranked.filter((beam) => !ends(beam)).slice(0, width);
      if (beams.length === 0 || finished.settles(beams[0].score, length)) return finished.best();
      const reordered = cache.reorder(beams.map(({ from }) => from));
      cache.dispose();
      cache = reordered;
      await nextTask();
    }
  } finally {
    cache.dispose();
  }
}

/** Log-probabilities of each beam's next token, behind its processors, one row per beam. */
function scores(logits: Float32Array, beams: readonly Beam[], plan: Plan): Float32Array {
  const shape = [beams.length, logits.length / beams.length];
  const rows = noGrad(() =>
    scope(() => tensor(logits, { shape }).logSoftmax(-1).toTypedArray() as Float32Array),
  );
  for (const [i, { ids }] of beams.entries()) {
    const row = rows.subarray(i * shape[1], (i + 1) * shape[1]);
    penalizeRepetition(row, [...plan.prompt, ...ids], plan.repetitionPenalty);
  }
  return rows;
}

/** The `count` best continuations of all beams, best first. */
function continuations(rows: Float32Array, beams: readonly Beam[], count: number): Beam[] {
  const V = rows.length / beams.length;
  const best: { score: number; at: number }[] = [];
  for (let at = 0; at < rows.length; at++) {
    const score = Math.fround(rows[at] + beams[Math.floor(at / V)].score);
    if (best.length === count && score <= best[count - 1].score) continue;
    const place = best.findIndex((other) => score > other.score);
    best.splice(place < 0 ? best.length : place, 0, { score, at });
    if (best.length > count) best.pop();
  }
  return best.map(({ score, at }) => {
    const from = Math.floor(at / V);
    return { ids: [...beams[from].ids, at % V], score, from };
  });
}

/** The best ended sequences, at most as many as there are beams. */
class Finished {
  readonly #width: number;
  readonly #penalty: number;
  readonly #early: boolean | "never";
  readonly #longest: number;
  #items: { ids: readonly number[]; score: number }[] = [];

  constructor(width: number, { lengthPenalty = 1, earlyStopping = false, newTokens }: Plan) {
    this.#width = width;
    this.#penalty = lengthPenalty;
    this.#early = earlyStopping;
    this.#longest = newTokens;
  }

  add({ ids, score }: Beam): void {
    this.#items.push({ ids, score: this.#scaled(score, ids.length) });
    this.#items.sort((a, b) => b.score - a.score);
    this.#items.splice(this.#width);
  }

  /** True when running on cannot, or need not, better what is finished. */
  settles(bestRunning: number, length: number): boolean {
    if (this.#items.length < this.#width) return false;
    if (this.#early === true) return true;
    // "never" asks what the best beam could still score; a penalty above 0 makes long ones better.
    const reach = this.#early === "never" && this.#penalty > 0 ? this.#longest : length;
    return this.#scaled(bestRunning, reach) <= this.#items[this.#width - 1].score;
  }

  best(): readonly number[] {
    return this.#items[0]?.ids ?? [];
  }

  #scaled(score: number, length: number): number {
    return Math.fround(score / scalarMath.pow(length, this.#penalty));
  }
}
