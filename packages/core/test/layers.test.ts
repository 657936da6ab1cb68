// How layers and initialisers fill their weights: bounds, moments, and the seed.
import { manualSeed, memory, nn, ones, scope, type Tensor, zeros } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, withEngine } from "./engine.ts";

withEngine({ variant: "simd" });

/** Mean, standard deviation and range of n independent numbers; the first two stray by about 1/sqrt(n). */
function moments(x: Tensor): { mean: number; std: number; low: number; high: number } {
  const values = [...x.toTypedArray()];
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
  return {
    mean,
    std: Math.sqrt(variance),
    low: values.reduce((a, b) => Math.min(a, b)),
    high: values.reduce((a, b) => Math.max(a, b)),
  };
}

function expectUniform(x: Tensor, bound: number): void {
  const { mean, std, low, high } = moments(x);
  expect(low).toBeGreaterThanOrEqual(-bound);
  expect(high).toBeLessThanOrEqual(bound);
  expect(low).toBeLessThan(-0.99 * bound);
  expect(high).toBeGreaterThan(0.99 * bound);
  expect(Math.abs(mean)).toBeLessThan(0.03 * bound);
  expect(std / (bound / Math.sqrt(3))).toBeCloseTo(1, 1);
}

function expectNormal(x: Tensor, std: number): void {
  const seen = moments(x);
  expect(Math.abs(seen.mean)).toBeLessThan(0.05 * std);
  expect(Math.abs(seen.std / std - 1)).toBeLessThan(0.03);
  expect(seen.high).toBeGreaterThan(3 * std);
  expect(seen.low).toBeLessThan(-3 * std);
}

/** Mean and standard deviation of a normal distribution between a and b, by summing the density. */
function truncated(mean: number, std: number, a: number, b: number): { mean: number; std: number } {
  const steps = 20000;
  let [mass, first, second] = [0, 0, 0];
  for (let i = 0; i < steps; i++) {
    const x = a + ((b - a) * (i + 0.5)) / steps;
    const density = Math.exp(-(((x - mean) / std) ** 2) / 2);
    mass += density;
    first += density * x;
    second += density * x * x;
  }
  return { mean: first / mass, std: Math.sqrt(second / mass - (first / mass) ** 2) };
}

describe("layers start as PyTorch's do", () => {
  test("Linear: uniform in ±1/sqrt(inFeatures), weight and bias", () => {
    manualSeed(1);
    using layer = new nn.Linear(64, 4000);
    expect(layer.weight.shape).toEqual([4000, 64]);
    expectUniform(layer.weight, 1 / 8);
    expectUniform(layer.bias!, 1 / 8);
    using bare = new nn.Linear(3, 2, { bias: false });
    expect(bare.bias).toBeNull();
    using none = new nn.Linear(0, 2);
    expect(none.bias!.toArray()).toEqual([0, 0]);
  });

  test("Embedding: standard normal; LayerNorm: ones and zeros", () => {
    manualSeed(2);
    using table = new nn.Embedding(100, 100);
    expectNormal(table.weight, 1);
    using norm = new nn.LayerNorm([2, 2]);
    expect([norm.weight!.toArray(), norm.bias!.toArray()]).toEqual([
      [
        [1, 1],
        [1, 1],
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ]);
    using gain = new nn.LayerNorm(2, { bias: false });
    expect([gain.weight?.shape, gain.bias]).toEqual([[2], null]);
    using bare = new nn.LayerNorm(2, { elementwiseAffine: false });
    expect([bare.weight, bare.bias]).toEqual([null, null]);
  });

  test("the seed decides, and layers differ from one another", () => {
    const draw = (): number[][] => {
      manualSeed(7);
      using a = new nn.Linear(5, 5);
      using b = new nn.Linear(5, 5);
      return [a.weight, b.weight, a.bias!].map((x) => [...x.toTypedArray()]);
    };
    const [a, b, bias] = draw();
    expect(draw()).toEqual([a, b, bias]);
    expect(a).not.toEqual(b);
    expect(a.slice(0, 5)).not.toEqual(bias);
  });
});

describe("initialisers", () => {
  // (out, in, receptive field 3): fanIn 60, fanOut 600
  const cases: [string, (x: Tensor) => Tensor, "uniform" | "normal", number][] = [
    ["xavierUniform_", (x) => nn.init.xavierUniform_(x, 2), "uniform", 2 * Math.sqrt(6 / 660)],
    ["xavierNormal_", (x) => nn.init.xavierNormal_(x), "normal", Math.sqrt(2 / 660)],
    ["kaimingUniform_", (x) => nn.init.kaimingUniform_(x, 0.5), "uniform", Math.sqrt(6 / (1.25 * 60))],
    ["kaimingNormal_", (x) => nn.init.kaimingNormal_(x), "normal", Math.sqrt(2 / 60)],
    [
      "kaimingUniform_ of fan out",
      (x) => nn.init.kaimingUniform_(x, 0, { mode: "fanOut" }),
      "uniform",
      Math.sqrt(6 / 600),
    ],
    [
      "kaimingNormal_ before tanh",
      (x) => nn.init.kaimingNormal_(x, 0, { nonlinearity: "tanh" }),
      "normal",
      5 / 3 / Math.sqrt(60),
    ],
    ["normal_", (x) => nn.init.normal_(x, 0, 0.02), "normal", 0.02],
    ["uniform_", (x) => nn.init.uniform_(x, -3, 3), "uniform", 3],
  ];

  test.each(cases)("%s", (_, fill, kind, size) => {
    manualSeed(3);
    using x = zeros([200, 20, 3], { requiresGrad: true });
    expect(fill(x)).toBe(x);
    if (kind === "uniform") expectUniform(x, size);
    else expectNormal(x, size);
  });

  test("those that need two axes say so", () => {
    using x = ones([4]);
    for (const fill of [
      nn.init.xavierUniform_,
      nn.init.xavierNormal_,
      nn.init.kaimingUniform_,
      nn.init.kaimingNormal_,
    ]) {
      expect(errorOf(() => fill(x)).code).toBe("shape");
    }
    nn.init.constant_(x, 2.5);
    expect(x.toArray()).toEqual([2.5, 2.5, 2.5, 2.5]);
    expect(nn.init.zeros_(x).toArray()).toEqual([0, 0, 0, 0]);
    expect(nn.init.ones_(x).toArray()).toEqual([1, 1, 1, 1]);
  });

  test("truncNormal_ is the normal distribution between its ends", () => {
    manualSeed(4);
    using x = zeros([20000]);
    for (const [mean, std, a, b] of [
      [0, 1, -2, 2],
      [1, 0.5, 0, 4],
      [0, 1, 1, 1.5],
      [0, 0.02, -2, 2],
    ]) {
      nn.init.truncNormal_(x, mean, std, a, b);
      const seen = moments(x);
      expect(seen.low).toBeGreaterThanOrEqual(a);
      expect(seen.high).toBeLessThanOrEqual(b);
      const wanted = truncated(mean, std, a, b);
      expect(Math.abs(seen.mean - wanted.mean)).toBeLessThan(0.04 * std);
      expect(Math.abs(seen.std / wanted.std - 1)).toBeLessThan(0.03);
    }
    expect(errorOf(() => nn.init.truncNormal_(x, 0, 1, 2, -2)).code).toBe("argument");
  });

  test("orthogonal_: the fewer of rows and columns are orthogonal and as long as the gain", () => {
    manualSeed(5);
    for (const shape of [
      [5, 5],
      [3, 17],
      [17, 3],
      [4, 2, 3],
      [1, 9],
    ]) {
      using x = nn.init.orthogonal_(zeros(shape), 2);
      scope(() => {
        const flat = x.reshape([shape[0], -1]);
        const square = flat.size(0) <= flat.size(1) ? flat.matmul(flat.t()) : flat.t().matmul(flat);
        const n = square.size(0);
        for (const [i, value] of square.toTypedArray().entries()) {
          expect(value).toBeCloseTo(i % (n + 1) === 0 ? 4 : 0, 5);
        }
      });
    }
    using two = nn.init.orthogonal_(zeros([2, 2]));
    using other = nn.init.orthogonal_(zeros([2, 2]));
    expect(two.toArray()).not.toEqual(other.toArray());
  });

  test("eye_ and dirac_ pass inputs on; sparse_ has its zeros in each column", () => {
    using eye = nn.init.eye_(ones([2, 3]));
    expect(eye.toArray()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    using dirac = nn.init.dirac_(ones([4, 2, 3]), 2);
    scope(() => expect(dirac.sum().item()).toBe(4));
    for (const [out, input] of [
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ]) {
      scope(() => expect(dirac.select(0, out).select(0, input).toArray()).toEqual([0, 1, 0]));
    }
    using sparse = nn.init.sparse_(ones([10, 7]), 0.35, 2);
    scope(() => expect(sparse.eq(0).sum(0).toArray()).toEqual([4, 4, 4, 4, 4, 4, 4]));
    for (const fill of [nn.init.eye_, nn.init.dirac_, nn.init.orthogonal_]) {
      using line = ones([4]);
      expect(errorOf(() => fill(line)).code).toBe("shape");
    }
  });

  test("calculateGain is torch.nn.init.calculate_gain", () => {
    const gains = (["linear", "conv", "sigmoid", "tanh", "relu", "leakyRelu", "selu"] as const).map((name) =>
      nn.init.calculateGain(name, name === "leakyRelu" ? 0.2 : undefined),
    );
    const wanted = [1, 1, 1, 1.6666666666666667, Math.SQRT2, 1.3867504905630728, 0.75];
    expect(gains).toEqual(wanted.map((gain) => expect.closeTo(gain, 14)));
    expect(errorOf(() => nn.init.calculateGain("gelu" as "relu")).code).toBe("argument");
  });

  test("a parameter that skip leaves alone takes its memory at its first use", () => {
    const before = memory().liveBytes;
    using layer = nn.init.skip(() => new nn.Linear(50, 40, { bias: false }));
    expect(memory().liveBytes).toBe(before);
    layer.weight.detach().fill_(1).dispose();
    expect(memory().liveBytes).toBeGreaterThanOrEqual(before + 4 * 50 * 40);
  });

  test("skip leaves memory alone, and ends on a throw", () => {
    using x = ones([2]);
    nn.init.skip(() => nn.init.skip(() => nn.init.zeros_(x)) && nn.init.normal_(x));
    expect(x.toArray()).toEqual([1, 1]);
    expect(() =>
      nn.init.skip(() => {
        throw new Error("mine");
      }),
    ).toThrow("mine");
    expect(nn.init.zeros_(x).toArray()).toEqual([0, 0]);
  });
});
