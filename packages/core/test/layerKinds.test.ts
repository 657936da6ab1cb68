// What the cases against PyTorch cannot show of layers: first values, what is drawn, types, and errors.
import { manualSeed, nn, ones, randn, scope, type Tensor, tensor } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, withEngine } from "./engine.ts";

withEngine({ variant: "simd" });

const largest = (x: Tensor): number => x.abs().max().item();

describe("first values", () => {
  test("convolutions: uniform in ±1/sqrt(fan in), weight and bias", () => {
    manualSeed(3);
    // fan in 8 · 9 / 2 = 36; of the transpose, as PyTorch counts it, 16 / 2 · 9 = 72
    using conv = new nn.Conv2d(8, 400, 3, { groups: 2 });
    using transposed = new nn.ConvTranspose2d(400, 16, 3, { groups: 2 });
    expect([conv.weight.shape, transposed.weight.shape]).toEqual([
      [400, 4, 3, 3],
      [400, 8, 3, 3],
    ]);
    scope(() => {
      for (const [x, bound] of [
        [conv.weight, 1 / 6],
        [conv.bias!, 1 / 6],
        [transposed.weight, 1 / Math.sqrt(72)],
      ] as const) {
        expect(largest(x)).toBeLessThanOrEqual(bound);
        expect(largest(x)).toBeGreaterThan(0.98 * bound);
      }
      expect(largest(transposed.bias!)).toBeLessThanOrEqual(1 / Math.sqrt(72));
    });
  });

  test("Bilinear, tables with a padding row, PReLU, norms", () => {
    manualSeed(4);
    scope(() => {
      using bilinear = new nn.Bilinear(16, 20, 10);
      expect(largest(bilinear.weight)).toBeLessThanOrEqual(1 / 4);
      expect(largest(bilinear.weight)).toBeGreaterThan(0.24);
      for (const Table of [nn.Embedding, nn.EmbeddingBag]) {
        using table = new Table(5, 7, { paddingIdx: -2 });
        expect(table.paddingIdx).toBe(3);
        expect(table.weight.abs().sum(1).gt(0).toArray()).toEqual([true, true, true, false, true]);
        expect(table.weight.grad).toBeNull();
      }
      using skipped = nn.init.skip(() => new nn.Embedding(2, 3, { paddingIdx: 0 }));
      expect(skipped.weight.shape).toEqual([2, 3]);
      using slope = new nn.PReLU(3);
      expect(slope.weight.toArray()).toEqual([0.25, 0.25, 0.25]);
      using norm = new nn.BatchNorm2d(2);
      expect([...norm.stateDict()].map(([name, x]) => [name, x.toArray()])).toEqual([
        ["weight", [1, 1]],
        ["bias", [0, 0]],
        ["running_mean", [0, 0]],
        ["running_var", [1, 1]],
        ["num_batches_tracked", 0],
      ]);
      expect(norm.runningMean).toBe(norm.running_mean);
      norm.forward(randn([3, 2, 2, 2]));
      expect(norm.numBatchesTracked?.item()).toBe(1);
      norm.resetRunningStats();
      expect([norm.runningVar?.toArray(), norm.numBatchesTracked?.item()]).toEqual([[1, 1], 0]);
      using bare = new nn.InstanceNorm1d(2);
      expect(bare.stateDict().size).toBe(0);
    });
  });
});

describe("dropout of channels", () => {
  test.each([
    ["Dropout1d", nn.Dropout1d, [40, 50, 3], 2],
    ["Dropout1d without a batch", nn.Dropout1d, [2000, 3], 1],
    ["Dropout2d", nn.Dropout2d, [40, 50, 2, 3], 2],
    ["Dropout2d of lines", nn.Dropout2d, [40, 50, 3], 2],
    ["Dropout3d", nn.Dropout3d, [40, 50, 1, 2, 2], 2],
    ["Dropout3d without a batch", nn.Dropout3d, [2000, 1, 2, 2], 1],
  ] as const)("%s drops whole channels and scales the others", (_, Layer, shape, lead) => {
    manualSeed(5);
    scope(() => {
      using layer = new Layer(0.25);
      const planes = layer
        .forward(ones(shape))
        .flatten(lead)
        .flatten(0, lead - 1);
      expect(planes.amax(1).toTypedArray()).toEqual(planes.amin(1).toTypedArray());
      const kept = planes.select(1, 0);
      expect([...new Set(kept.toTypedArray())].sort()).toEqual([0, Math.fround(4 / 3)]);
      expect(Math.abs(kept.mean().item() * 0.75 - 0.75)).toBeLessThan(0.04);
    });
  });

  test("AlphaDropout keeps mean and variance, and drops to one value", () => {
    manualSeed(6);
    scope(() => {
      using layer = new nn.AlphaDropout(0.3);
      const x = randn([20000], { requiresGrad: true });
      const y = layer.forward(x);
      expect(Math.abs(y.mean().item())).toBeLessThan(0.03);
      expect(Math.abs(y.std().item() - 1)).toBeLessThan(0.03);
      y.sum().backward();
      const dropped = [...y.toTypedArray()].filter((_, i) => x.grad?.toTypedArray()[i] === 0);
      expect(new Set(dropped).size).toBe(1);
      expect(Math.abs(dropped.length / 20000 - 0.3)).toBeLessThan(0.02);
    });
  });
});

test("pooling with indices and its inverse have types of their own", () => {
  scope(() => {
    using pool = new nn.MaxPool1d(2, { returnIndices: true });
    using unpool = new nn.MaxUnpool1d(2);
    using plain = new nn.MaxPool1d(2);
    const x = tensor([[[1, 3, 4, 2, 0]]]);
    const [values, indices] = pool.forward(x);
    expect(values.toArray()).toEqual(plain.forward(x).toArray());
    expect(unpool.forward(values, indices).toArray()).toEqual([[[0, 3, 4, 0]]]);
    expect(unpool.forward(values, indices, [5]).toArray()).toEqual([[[0, 3, 4, 0, 0]]]);
  });
});

test("settings stand in fields and cannot be changed from outside", () => {
  const kernelSize = [3, 2];
  using layer = new nn.Conv2d(2, 4, kernelSize, { padding: 1 });
  kernelSize[0] = 100;
  expect([layer.kernelSize, layer.padding, layer.stride, layer.groups]).toEqual([[3, 2], [1, 1], [1, 1], 1]);
  expect(new nn.LeakyReLU().negativeSlope).toBe(0.01);
  expect(nn.LeakyReLU.name).toBe("LeakyReLU");
});

function run(layer: nn.Module, ...inputs: unknown[]): unknown {
  using used = layer;
  return used.forward(...inputs);
}

describe("errors name the layer, the option and the value", () => {
  const wrong: [string, () => unknown, RegExp][] = [
    [
      "a slope",
      () => new nn.LeakyReLU({ negativeSlope: "1" as never }),
      /LeakyReLU: negativeSlope must be a number/,
    ],
    [
      "an unknown option",
      () => new nn.ELU({ alfa: 1 } as never),
      /ELU: there is no option "alfa"; it has alpha/,
    ],
    ["options", () => new nn.Softplus(2 as never), /Softplus: options must be an object, got 2/],
    [
      "a missing argument",
      () => new nn.Softmax(...([] as never as [number])),
      /Softmax: dim must be .* got undefined/,
    ],
    [
      "a word",
      () => new nn.GELU({ approximate: "erf" as never }),
      /GELU: approximate is "erf", it must be "none" or "tanh"/,
    ],
    ["channels", () => new nn.Conv2d(0, 1, 3), /Conv2d: inChannels must be an integer in 1…2\^29, got 0/],
    ["groups", () => new nn.Conv1d(4, 6, 3, { groups: 3 }), /Conv1d: groups 3 must divide inChannels 4/],
    ["axes", () => new nn.Conv3d(1, 1, [3, 3]), /Conv3d: kernelSize has 2 numbers/],
    [
      "a stride of same",
      () => new nn.Conv1d(1, 1, 3, { padding: "same", stride: 2 }),
      /Conv1d: padding "same" needs stride 1/,
    ],
    [
      "a flag",
      () => new nn.BatchNorm1d(3, { affine: 1 as never }),
      /BatchNorm1d: affine is 1, it must be true or false/,
    ],
    ["groups of channels", () => new nn.GroupNorm(3, 4), /GroupNorm: numGroups 3 must divide numChannels 4/],
    ["a probability", () => new nn.Dropout2d(1.5), /Dropout2d: p is 1.5, it must lie in 0…1/],
    ["a row", () => new nn.Embedding(3, 2, { paddingIdx: 3 }), /Embedding: paddingIdx 3 is outside -3…2/],
    [
      "axes of the input",
      () => run(new nn.BatchNorm2d(3), ones([2, 3])),
      /BatchNorm2d: the input must have 4 axes/,
    ],
    ["an image", () => run(new nn.ConvTranspose1d(1, 1, 3, { stride: 2 }), ones([1, 4]), [20]), /takes 9…10/],
  ];
  test.each(wrong)("%s", (_, body, message) => {
    scope(() => expect(errorOf(body).message).toMatch(message));
  });
});
