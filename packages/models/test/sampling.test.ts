// Sampling: filters against a plain float64 restatement of transformers' logits processors, distributions, seeds.
import { init, terminate } from "@saccade/core";
import { GPT2LMHeadModel, generate } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Sampler, type SamplingOptions } from "../src/generation/sampling.ts";
import { collect } from "./collect.ts";
import { directory } from "./fixture.ts";

const LOGITS = [2.1, -0.3, 1.7, 0.2, -2.5, 3.0, 0.9, -1.1, 2.8, 0.0, -0.7, 1.2];

function softmax(logits: readonly number[]): number[] {
  const highest = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - highest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}

/** TemperatureLogitsWarper, TopK, TopP and MinP, in transformers' order, in float64. */
function distribution(logits: readonly number[], options: SamplingOptions): number[] {
  const { temperature = 1, topK = 0, topP = 1, minP = 0 } = options;
  let kept = logits.map((value) => value / temperature);
  if (topK > 0) {
    const threshold = [...kept].sort((a, b) => b - a)[Math.min(topK, kept.length) - 1];
    kept = kept.map((value) => (value < threshold ? -Infinity : value));
  }
  if (topP < 1) {
    const probability = softmax(kept);
    const ascending = [...kept.keys()].sort((a, b) => kept[a] - kept[b]);
    let sum = 0;
    for (const i of ascending.slice(0, -1)) {
      sum += probability[i];
      if (sum <= 1 - topP) kept[i] = -Infinity;
    }
  }
  const probability = softmax(kept);
  const threshold = minP * Math.max(...probability);
  return softmax(kept.map((value, i) => (probability[i] < threshold ? -Infinity : value)));
}

/** How often each token comes out of `draws` draws. */
function frequencies(options: SamplingOptions, draws: number, logits = LOGITS): number[] {
  const sampler = new Sampler(options);
  const counts = logits.map(() => 0);
  for (let i = 0; i < draws; i++) counts[sampler.draw(Float32Array.from(logits))]++;
  return counts;
}

beforeAll(async () => {
  await init({ variant: "simd", development: false });
});
afterAll(() => terminate());

describe("filters and their distributions", () => {
  test.each([
    {},
    { temperature: 0.5 },
    { temperature: 2.5 },
    { topK: 1 },
    { topK: 4 },
    { topK: 100 },
    { topP: 0.01 },
    { topP: 0.5 },
    { topP: 0.95 },
    { minP: 0.1 },
    { minP: 0.9 },
    { temperature: 1.5, topK: 9, topP: 0.8, minP: 0.2 },
    { temperature: 0.7, topK: 3, topP: 0.9 },
  ] as SamplingOptions[])("%j", (options) => {
    const draws = 8000;
    const wanted = distribution(LOGITS, options);
    const counts = frequencies({ ...options, seed: 11 }, draws);
    for (const [token, p] of wanted.entries()) {
      const sigma = Math.sqrt(draws * p * (1 - p));
      expect(Math.abs(counts[token] - draws * p), `token ${token} of probability ${p}`).toBeLessThanOrEqual(
        4.5 * sigma,
      );
    }
  });

  test("the order is temperature first: a nucleus of the warmed distribution", () => {
    const warmed = distribution(LOGITS, { temperature: 2.5, topP: 0.6 }).filter((p) => p > 0).length;
    expect(warmed).toBeGreaterThan(distribution(LOGITS, { topP: 0.6 }).filter((p) => p > 0).length);
    const counts = frequencies({ temperature: 2.5, topP: 0.6 }, 4000);
    expect(counts.filter((count) => count > 0).length).toBe(warmed);
  });

  test("equals of the k-th stay; infinite logits never come out; the logits given are not changed", () => {
    const tied = frequencies({ topK: 2 }, 500, [1, 3, 3, 3, 0]);
    expect(tied.map((count) => count > 0)).toEqual([false, true, true, true, false]);
    const logits = Float32Array.of(-Infinity, 1, -Infinity, 1);
    const sampler = new Sampler({ topP: 0.9, temperature: 0.3 });
    const drawn = new Set(Array.from({ length: 200 }, () => sampler.draw(logits)));
    expect([...drawn].sort()).toEqual([1, 3]);
    expect([...logits]).toEqual([-Infinity, 1, -Infinity, 1]);
  });

  test("a tiny temperature is greedy, without overflow", () => {
    expect(frequencies({ temperature: 1e-30 }, 50)[5]).toBe(50);
  });
});

describe("generate", () => {
  const prompt = [47, 32, 44, 35, 11, 43];
  let model: GPT2LMHeadModel;
  beforeAll(async () => {
    model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
  });
  afterAll(() => model.dispose());
  const sampled = (options: SamplingOptions): Promise<number[]> =>
    collect(generate(model, prompt, { doSample: true, maxNewTokens: 20, eosTokenId: null, ...options }));

  test("a seed gives the same ids again, another one others", async () => {
    const first = await sampled({ seed: 3 });
    expect(await sampled({ seed: 3 })).toEqual(first);
    expect(await sampled({ seed: 4 })).not.toEqual(first);
    expect(await sampled({})).toEqual(await sampled({ seed: 0 }));
  });

  test("the first token is drawn from the model's distribution", async () => {
    const draws = 300;
    const first = await Promise.all(
      Array.from({ length: draws }, async (_, seed) => {
        const [id] = await collect(
          generate(model, prompt, { doSample: true, topK: 2, seed, maxNewTokens: 1 }),
        );
        return id;
      }),
    );
    const greedy = await collect(generate(model, prompt, { maxNewTokens: 1 }));
    expect(new Set(first).size).toBe(2);
    expect(first.filter((id) => id === greedy[0]).length).toBeGreaterThan(draws / 2 - 40);
  });

  test("topK 1 is greedy", async () => {
    const greedy = await collect(generate(model, prompt, { maxNewTokens: 20, eosTokenId: null }));
    expect(await sampled({ topK: 1 })).toEqual(greedy);
  });
});
