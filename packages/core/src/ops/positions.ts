// Positions as values: the sinusoids of "Attention Is All You Need" (arXiv 1706.03762, section 3.5), T5's bucketed bias of
// relative positions (arXiv 1910.10683, section 2.1) and the slopes of ALiBi (arXiv 2108.12409).

import { log, pow } from "../scalarMath.ts";
import { scope } from "../scope.ts";
import { checkShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { angleTable, checkBase, MAX_POSITIONS } from "./angles.ts";
import { floatTensor, integerArgument, optionsArgument, rankedTensor } from "./arguments.ts";
import { contiguous, fromHost } from "./contiguous.ts";
import { embedding } from "./embedding.ts";
import { spread } from "./relativePositions.ts";
import { frequencies } from "./rotaryFrequencies.ts";
import { transpose, unsqueeze } from "./views.ts";

export interface SinusoidalOptions {
  readonly base?: number;
  /** Position of the first row. */
  readonly offset?: number;
  /** Sines in even columns, cosines in odd ones, as in the paper; else all sines, then all cosines (Marian, Whisper). */
  readonly interleaved?: boolean;
}

/**
 * (length, dim): sin(p / base^(2i/dim)) in column 2i and the cosine in 2i+1. An odd `dim` has one sine more. transformers'
 * create_sinusoidal_embeddings, with interleaved: false MarianSinusoidalPositionalEmbedding.
 */
export function sinusoidalPositions(length: number, dim: number, options: SinusoidalOptions = {}): Tensor {
  const { base = 10000, offset = 0, interleaved = true } = optionsArgument("sinusoidalPositions", options);
  checkBase("sinusoidalPositions", base);
  integerArgument("sinusoidalPositions", "offset", offset, 0, MAX_POSITIONS);
  integerArgument("sinusoidalPositions", "length", length, 0, MAX_POSITIONS - offset);
  integerArgument("sinusoidalPositions", "dim", dim, 0, MAX_POSITIONS);
  checkShape("sinusoidalPositions", [length, dim]);
  return scope(() => {
    const sines = Math.ceil(dim / 2);
    const values = frequencies(sines, dim, base);
    const spacing = interleaved ? { cosAt: 1, step: 2 } : { cosAt: sines, step: 1 };
    const places = { sines, cosines: dim - sines, row: dim, sinAt: 0, ...spacing };
    return angleTable([length, dim], values, length, offset, 1, places);
  });
}

/** Slopes (heads) of a linear bias slope · (key − query): 2^(−8 (h+1) / heads) where heads is a power of two. */
export function alibiSlopes(numHeads: number): Tensor {
  integerArgument("alibiSlopes", "numHeads", numHeads, 0, 2 ** 16);
  let whole = 1;
  while (2 * whole <= numHeads) whole *= 2;
  const slope = (rank: number, heads: number): number => pow(2, (-8 * rank) / heads);
  const slopes = Array.from({ length: numHeads }, (_, h) =>
    h < whole ? slope(h + 1, whole) : slope(2 * (h - whole) + 1, 2 * whole),
  );
  return fromHost(slopes);
}

export interface RelativeBiasOptions {
  /** Keys behind and ahead of a query have buckets of their own; else all keys ahead share one (a causal decoder). */
  readonly bidirectional?: boolean;
  /** The rows of the table by default. */
  readonly numBuckets?: number;
  readonly maxDistance?: number;
  /** Keys before the first query (a KV cache). */
  readonly past?: number;
}

/**
 * Bias (H, T, S) to add to scores, from a table (numBuckets, H) by the distance of key and query: one bucket for each small
 * distance, logarithmic ones up to maxDistance. transformers' T5Attention.compute_bias
 */
export function relativePositionBias(
  T: number,
  S: number,
  table: Tensor,
  options: RelativeBiasOptions = {},
): Tensor {
  const op = "relativePositionBias";
  integerArgument(op, "T", T, 0, 2 ** 30);
  integerArgument(op, "S", S, 0, 2 ** 30);
  rankedTensor(op, "table", floatTensor(op, "table", table), 2);
  const given = optionsArgument(op, options);
  const { bidirectional = true, maxDistance = 128, past = 0 } = given;

  const { numBuckets = table.shape[0] } = given;
  checkBuckets(op, table, { bidirectional: Boolean(bidirectional), numBuckets, maxDistance, past });
  checkShape(op, [table.shape[1], T, S]);
  return scope(() => {
    // Distances beyond maxDistance share its bucket.
    const k = Math.min(maxDistance, Math.max(past + T, S));
    const bucket = bucketOf(numBuckets, maxDistance, Boolean(bidirectional));
    const all = Array.from({ length: 2 * k + 1 }, (_, i) => bucket(i - k));
    const buckets = fromHost(all, "i32");
    const perHead = contiguous(transpose(embedding(buckets, table), 0, 1)); //   (H, 2k + 1)
    return spread(unsqueeze(perHead, 1), T, S, past);
  });
}

/** The bucket of a distance key − query; the logarithm in f32 steps, as transformers takes it. */
function bucketOf(numBuckets: number, maxDistance: number, bidirectional: boolean): (d: number) => number {
  const n = bidirectional ? Math.floor(numBuckets / 2) : numBuckets;
  const small = Math.floor(n / 2);
  const perOctave = Math.fround(log(maxDistance / small));
  return (d) => {
    const first = bidirectional && d > 0 ? n : 0;
    const far = bidirectional ? Math.abs(d) : Math.max(-d, 0);
    if (far < small) return first + far;
    const octaves = Math.fround(Math.fround(log(Math.fround(far / small))) / perOctave);
    return first + Math.min(small + Math.floor(Math.fround(octaves * (n - small))), n - 1);
  };
}

function checkBuckets(op: string, table: Tensor, options: Required<RelativeBiasOptions>): void {
  const { numBuckets, maxDistance, past, bidirectional } = options;
  integerArgument(op, "numBuckets", numBuckets, bidirectional ? 4 : 2, table.shape[0]);
  integerArgument(op, "past", past, 0, 2 ** 30);
  const small = Math.floor(numBuckets / (bidirectional ? 4 : 2));
  integerArgument(op, "maxDistance", maxDistance, small + 1, 2 ** 20);
}
