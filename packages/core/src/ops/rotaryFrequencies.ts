// The frequencies of rotary position embeddings (arXiv 2104.09864), base^(-2i / dim), and the ways to stretch them over
// contexts longer than the one a model was trained on. transformers' ROPE_INIT_FUNCTIONS (modeling_rope_utils.py)

import { exp, log, pow } from "../scalarMath.ts";
import { refuse } from "./arguments.ts";

/** Fields as in a config.json's rope_scaling, in camelCase; `type` is its rope_type. */
export type RotaryScaling =
  | { readonly type: "linear"; readonly factor: number }
  | { readonly type: "dynamic"; readonly factor: number; readonly originalMaxPositionEmbeddings: number }
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFreqFactor: number;
      readonly highFreqFactor: number;
      readonly originalMaxPositionEmbeddings: number;
    }
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly originalMaxPositionEmbeddings: number;
      readonly betaFast?: number;
      readonly betaSlow?: number;
      /** What cosines and sines are multiplied by; 0.1 ln(factor) + 1 by default. */
      readonly attentionFactor?: number;
    };

export interface Frequencies {
  readonly values: Float64Array;
  readonly factor: number;
}

/** base^(-2i / dim) of `count` pairs. */
export const frequencies = (count: number, dim: number, base: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => exp((-2 * i * log(base)) / dim));

const plain = (dim: number, base: number): Float64Array => frequencies(Math.floor(dim / 2), dim, base);

/** Frequencies for sequences of `length` positions, and the factor of cosines and sines. */
export function rotaryFrequencies(
  dim: number,
  base: number,
  scaling: RotaryScaling | null,
  length: number,
): Frequencies {
  const values = plain(dim, base);
  if (scaling === null) return { values, factor: 1 };
  switch (scaling.type) {
    case "linear":
      return { values: values.map((f) => f / scaling.factor), factor: 1 };
    case "dynamic":
      return { values: plain(dim, dynamicBase(dim, base, scaling, length)), factor: 1 };
    case "llama3":
      return { values: llama3(values, scaling), factor: 1 };
    case "yarn":
      return yarn(values, dim, base, scaling);
  }
}

type Of<T extends RotaryScaling["type"]> = Extract<RotaryScaling, { type: T }>;

/** NTK-aware: a base that grows with the sequence once it is longer than those of training. */
function dynamicBase(dim: number, base: number, scaling: Of<"dynamic">, length: number): number {
  const { factor, originalMaxPositionEmbeddings: trained } = scaling;
  if (length <= trained || dim <= 2) return base;
  return base * pow((factor * length) / trained - (factor - 1), dim / (dim - 2));
}

/** Long waves are stretched, short ones kept, those between interpolated. Llama 3.1 */
function llama3(values: Float64Array, scaling: Of<"llama3">): Float64Array {
  const { factor, lowFreqFactor, highFreqFactor, originalMaxPositionEmbeddings: trained } = scaling;
  return values.map((f) => {
    const waves = (trained * f) / (2 * Math.PI);
    if (waves < lowFreqFactor) return f / factor;
    if (waves > highFreqFactor) return f;
    const kept = (waves - lowFreqFactor) / (highFreqFactor - lowFreqFactor);
    return ((1 - kept) * f) / factor + kept * f;
  });
}

/** As llama3, with a ramp over the features between betaSlow and betaFast turns. YaRN, arXiv 2309.00071 */
function yarn(values: Float64Array, dim: number, base: number, scaling: Of<"yarn">): Frequencies {
  const { factor, originalMaxPositionEmbeddings: trained, betaFast = 32, betaSlow = 1 } = scaling;
  const featureOf = (turns: number): number => (dim * log(trained / (turns * 2 * Math.PI))) / (2 * log(base));
  const low = Math.max(Math.floor(featureOf(betaFast)), 0);
  const top = Math.min(Math.ceil(featureOf(betaSlow)), dim - 1);
  const high = top === low ? top + 0.001 : top;
  const { attentionFactor = factor <= 1 ? 1 : 0.1 * log(factor) + 1 } = scaling;
  return {
    factor: attentionFactor,
    values: values.map((f, i) => {
      const stretched = Math.min(Math.max((i - low) / (high - low), 0), 1);
      return (f / factor) * stretched + f * (1 - stretched);
    }),
  };
}

const fields: Record<RotaryScaling["type"], { needed: readonly string[]; optional: readonly string[] }> = {
  linear: { needed: ["factor"], optional: [] },
  dynamic: { needed: ["factor", "originalMaxPositionEmbeddings"], optional: [] },
  llama3: {
    needed: ["factor", "lowFreqFactor", "highFreqFactor", "originalMaxPositionEmbeddings"],
    optional: [],
  },
  yarn: {
    needed: ["factor", "originalMaxPositionEmbeddings"],
    optional: ["betaFast", "betaSlow", "attentionFactor"],
  },
};

/** An error unless `scaling` is null or one of the above with positive numbers in its fields. */
export function checkScaling(op: string, scaling: unknown): RotaryScaling | null {
  if (scaling === null || scaling === undefined) return null;
  const given = scaling as Record<string, unknown>;
  const type = typeof scaling === "object" ? given.type : undefined;
  if (typeof type !== "string" || !Object.hasOwn(fields, type)) {
    const wanted = `null or an object of type ${Object.keys(fields).join(", ")}`;
    return refuse(op, "scaling", wanted, scaling);
  }
  const { needed, optional } = fields[type as RotaryScaling["type"]];
  for (const name of [...needed, ...optional]) {
    const value = given[name];
    if (value === undefined && optional.includes(name)) continue;
    // A factor below 1 would make angles exceed their positions.
    const least = name === "factor" ? 1 : Number.MIN_VALUE;
    if (typeof value === "number" && value >= least && value <= 1e30) continue;
    refuse(op, `${name} of scaling`, `a number ${least === 1 ? ">= 1" : "> 0"}`, value);
  }
  if (type === "llama3" && Number(given.highFreqFactor) <= Number(given.lowFreqFactor)) {
    refuse(op, "highFreqFactor", "above lowFreqFactor", given.highFreqFactor);
  }
  return scaling as RotaryScaling;
}
