// Random numbers: Philox against its authors' known answers, streams, the host's generator, shuffling and loading.
import {
  arange,
  bernoulli,
  HostRandom,
  manualSeed,
  ones,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randomState,
  randperm,
  scope,
  setRandomState,
  type Tensor,
  tensor,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { philox } from "../src/hostRandom.ts";
import { errorOf, inBothBuilds, withEngine } from "./engine.ts";

/** kat_vectors of Random123, philox4x32-10: counter, key, result. */
const known = [
  ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
  ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
  ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
];
const parse = (text: string): number[] => text.split(" ").map((word) => Number.parseInt(word, 16));
const numbers = (x: Tensor): number[] => [...x.toTypedArray()];

test.each(known)("philox of counter %s under key %s", (counter, key, result) => {
  expect(philox(parse(counter), parse(key))).toEqual(parse(result));
});

inBothBuilds(() => {
  test("rand is the kernel's Philox: word i of the block (i / 4, 0, stream) under the seed", () => {
    const [seed, stream] = [2 ** 40 + 5, 2 ** 35 + 3];
    setRandomState({ seed, stream });
    scope(() => {
      const got = numbers(rand([11]));
      const words = [0, 1, 2].flatMap((block) =>
        philox([block, 0, stream % 2 ** 32, 2 ** 3], [seed % 2 ** 32, 2 ** 8]),
      );
      expect(got).toEqual(words.slice(0, 11).map((word) => (word >>> 8) / 2 ** 24));
    });
    expect(randomState()).toEqual({ seed, stream: stream + 1 });
  });

  test("the seed decides everything; each op draws a stream of its own", () => {
    const draw = (): number[][] =>
      scope(() => [rand([100]), rand([100]), randn([100]), ones([100]).dropout(0.5)].map(numbers));
    manualSeed(5);
    const first = draw();
    expect(randomState()).toEqual({ seed: 5, stream: 4 });
    const second = draw();
    manualSeed(5);
    expect(draw()).toEqual(first);
    setRandomState({ seed: 5, stream: 4 });
    expect(draw()).toEqual(second);
    manualSeed(6);
    expect(draw()).not.toEqual(first);
    expect(first[0]).not.toEqual(first[1]);
    expect(first[0]).not.toEqual(second[0]);
  });

  test("a longer draw begins with the shorter one", () => {
    const draw = (n: number): number[] => {
      manualSeed(9);
      return scope(() => numbers(rand([n])));
    };
    expect(draw(1000).slice(0, 33)).toEqual(draw(33));
  });

  test("moments and ranges of rand and randn", () => {
    manualSeed(10);
    scope(() => {
      const uniform = numbers(rand([100_000], { low: -2, high: 6 }));
      expect(uniform.every((v) => v >= -2 && v < 6)).toBe(true);
      const normal = numbers(randn([100_000], { mean: 3, std: 2 }));
      for (const [values, mean, std] of [
        [uniform, 2, 8 / Math.sqrt(12)],
        [normal, 3, 2],
      ] as const) {
        const m = values.reduce((a, b) => a + b, 0) / values.length;
        const v = values.reduce((a, b) => a + (b - m) ** 2, 0) / values.length;
        expect(Math.abs(m - mean)).toBeLessThan(0.03); // four standard errors
        expect(Math.abs(Math.sqrt(v) - std)).toBeLessThan(0.03);
      }
      const inside = (width: number): number =>
        normal.filter((v) => Math.abs(v - 3) < 2 * width).length / 1e5;
      expect(
        [inside(1), inside(2), inside(3)].map((share, i) => Math.abs(share - [0.6827, 0.9545, 0.9973][i])),
      ).toSatisfy((gaps: number[]) => gaps.every((gap) => gap < 0.006));
    });
  });

  test("dropout draws a new mask per call, and backward the one of its forward", () => {
    manualSeed(11);
    scope(() => {
      const x = ones([4000], { requiresGrad: true });
      const [a, b] = [x.dropout(0.25), x.dropout(0.25)];
      expect(a.toArray()).not.toEqual(b.toArray());
      a.sum().backward();
      expect(x.grad!.toArray()).toEqual(a.toArray());
      const kept = numbers(a).filter((v) => v !== 0);
      expect(new Set(kept)).toEqual(new Set([Math.fround(4 / 3)]));
      expect(Math.abs(kept.length / 4000 - 0.75)).toBeLessThan(0.03);
    });
  });
});

describe("state", () => {
  withEngine({ variant: "simd" });

  test("seeds that are no integers in 0…2^53 - 1 are refused and change nothing", () => {
    manualSeed(3);
    for (const seed of [-1, 0.5, Number.NaN, 2 ** 53, "1" as never]) {
      expect(errorOf(() => manualSeed(seed)).code).toBe("argument");
      expect(errorOf(() => new HostRandom(seed)).code).toBe("argument");
    }
    expect(errorOf(() => setRandomState({ seed: 9, stream: -1 })).message).toContain(
      "stream must be an integer >= 0, got -1",
    );
    expect(randomState()).toEqual({ seed: 3, stream: 0 });
  });
});

describe("HostRandom", () => {
  test("draws Philox words in order and resumes from its state", () => {
    const random = new HostRandom(2 ** 33 + 1, 6);
    const words = [1, 2].flatMap((block) => philox([block, 0, 0x486f7374, 0], [1, 2]));
    expect([random.word(), random.word(), random.word()]).toEqual(words.slice(2, 5));
    const { seed, counter } = random.state;
    expect({ seed, counter }).toEqual({ seed: 2 ** 33 + 1, counter: 9 });
    expect(new HostRandom(seed, counter).word()).toBe(words[5]);
  });

  test("fractions lie in [0, 1) and fill it", () => {
    const random = new HostRandom(1);
    const values = Array.from({ length: 20_000 }, () => random.fraction());
    expect(values.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(values.reduce((a, b) => a + b) / values.length - 0.5)).toBeLessThan(0.01);
  });

  test("integers are equally likely, also where the limit does not divide 2^32", () => {
    const random = new HostRandom(4);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.integer(7)]++;
    const chi = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(22.5); // 99.9 % of chi squared with 6 degrees of freedom
    // For a limit of 3 · 2^30 a plain remainder would fall below 2^30 half of the time.
    let low = 0;
    for (let i = 0; i < 10_000; i++) low += random.integer(3 * 2 ** 30) < 2 ** 30 ? 1 : 0;
    expect(Math.abs(low / 10_000 - 1 / 3)).toBeLessThan(0.02);
    expect(random.integer(1)).toBe(0);
    expect(random.integer(2 ** 32)).toBeLessThan(2 ** 32);
    for (const limit of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN])
      expect(errorOf(() => random.integer(limit)).code).toBe("argument");
  });

  test("permutations hold every number once, each order equally likely", () => {
    const random = new HostRandom(5);
    expect([...random.permutation(1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const seen = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = random.permutation(3).join();
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
    expect([...random.permutation(0)]).toEqual([]);
    expect(errorOf(() => random.permutation(-1)).code).toBe("argument");
  });
});

describe("integers, orders and coins", () => {
  withEngine({ variant: "simd" });

  test("randint is the upper half of word times span", () => {
    setRandomState({ seed: 3, stream: 4 });
    scope(() => {
      const words = [0, 1].flatMap((block) => philox([block, 0, 4, 0], [3, 0]));
      const wanted = words.slice(0, 7).map((word) => Math.floor((word * 10) / 2 ** 32) - 3);
      expect(numbers(randint(-3, 7, [7]))).toEqual(wanted);
    });
  });

  test("randint stays in its range, reaches all of it, and takes every range of i32", () => {
    manualSeed(1);
    scope(() => {
      const seen = new Map<number, number>();
      for (const x of numbers(randint(6, [60, 100]))) seen.set(x, (seen.get(x) ?? 0) + 1);
      expect([...seen.keys()].sort()).toEqual([0, 1, 2, 3, 4, 5]);
      for (const count of seen.values()) expect(Math.abs(count - 1000)).toBeLessThan(180);
      const all = numbers(randint(-(2 ** 31), 2 ** 31 - 1, [1000]));
      expect(Math.min(...all)).toBeLessThan(-(2 ** 30));
      expect(Math.max(...all)).toBeGreaterThan(2 ** 30);
      expect(randint(5, 6, []).item()).toBe(5);
      expect(randint(3, [0, 2]).shape).toEqual([0, 2]);
    });
    for (const [low, high] of [
      [3, 3],
      [4, 3],
      [0.5, 3],
      [0, 2 ** 31 + 1],
      [-(2 ** 31), 2 ** 31],
      [Number.NaN, 3],
    ])
      expect(errorOf(() => randint(low, high, [2])).code).toBe("argument");
    expect(errorOf(() => randint(3, [-1])).code).toBe("shape");
  });

  test("randperm holds each number once, another order each time", () => {
    manualSeed(2);
    scope(() => {
      const [a, b] = [randperm(100), randperm(100)];
      expect(a.dtype).toBe("i32");
      for (const x of [a, b]) expect(numbers(x).sort((i, j) => i - j)).toEqual(numbers(arange(100)));
      expect(numbers(a)).not.toEqual(numbers(b));
      expect(randperm(0).shape).toEqual([0]);
      manualSeed(2);
      expect(numbers(randperm(100))).toEqual(numbers(a));
    });
    expect(errorOf(() => randperm(-1)).code).toBe("shape");
  });

  test("bernoulli follows its probabilities; randLike and randnLike their tensor's shape", () => {
    manualSeed(3);
    scope(() => {
      const p = tensor([0, 0.25, 1]).expand([4000, 3]);
      const rates = bernoulli(p).mean(0).toArray() as number[];
      expect([rates[0], rates[2]]).toEqual([0, 1]);
      expect(Math.abs(rates[1] - 0.25)).toBeLessThan(0.04);
      expect(randLike(p).shape).toEqual([4000, 3]);
      expect(Math.abs(randnLike(p, { mean: 2 }).mean().item() - 2)).toBeLessThan(0.06);
      expect(rand([2], { requiresGrad: true }).requiresGrad).toBe(true);
      expect(errorOf(() => bernoulli(tensor([0.5, 1.5]))).message).toMatch(/outside 0…1/);
      expect(errorOf(() => bernoulli(tensor([Number.NaN]))).message).toMatch(/outside 0…1/);
      expect(errorOf(() => bernoulli(arange(2))).code).toBe("dtype");
    });
  });
});
