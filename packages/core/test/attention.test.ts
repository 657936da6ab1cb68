// Attention beyond values: items of a batch know nothing of each other, padding changes nothing, looking in changes nothing,
// grouped heads and merging copy nothing, layers start as PyTorch's do, and errors say what is wrong.
import {
  manualSeed,
  nn,
  profile,
  randn,
  scaledDotProductAttention,
  scope,
  type Tensor,
  tensor,
  zeros,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, expectClose, inBothBuilds, withEngine } from "./engine.ts";

type Make = (x: Tensor, padding?: Tensor) => Tensor;

const small = { dimFeedforward: 24, dropout: 0 };

/** Modules from (B, T, 16) to (B, T, 16), with what each does with a padding mask. */
function modules(): Record<string, { module: nn.Module; run: Make }> {
  const attention = new nn.MultiheadAttention(16, 4);
  const bare = new nn.MultiheadAttention(16, 2, { addBiasKv: true, addZeroAttn: true, bias: false });
  const encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(16, 4, small), 2);
  const decoder = new nn.TransformerDecoder(new nn.TransformerDecoderLayer(16, 4, small), 2);
  const transformer = new nn.Transformer(16, 4, { ...small, numEncoderLayers: 1, numDecoderLayers: 1 });
  const positions = new nn.PositionalEncoding(16, { maxLen: 20, dropout: 0 });
  const rotary = new nn.RotaryEmbedding(16);
  const padded = (keyPaddingMask?: Tensor) => ({ keyPaddingMask, needWeights: false });
  return {
    MultiheadAttention: {
      module: attention,
      run: (x, padding) => attention.forward(x, x, x, padded(padding)).output,
    },
    "MultiheadAttention with further keys": {
      module: bare,
      run: (x, padding) => bare.forward(x, x, x, { ...padded(padding), isCausal: true }).output,
    },
    TransformerEncoder: {
      module: encoder,
      run: (x, srcKeyPaddingMask) => encoder.forward(x, { srcKeyPaddingMask, isCausal: true }),
    },
    TransformerDecoder: {
      module: decoder,
      run: (x, padding) =>
        decoder.forward(x, x, {
          tgtKeyPaddingMask: padding,
          memoryKeyPaddingMask: padding,
          tgtIsCausal: true,
        }),
    },
    Transformer: {
      module: transformer,
      run: (x, padding) =>
        transformer.forward(x, x, {
          srcKeyPaddingMask: padding,
          tgtKeyPaddingMask: padding,
          memoryKeyPaddingMask: padding,
          tgtIsCausal: true,
        }),
    },
    PositionalEncoding: { module: positions, run: (x) => positions.forward(x) },
    RotaryEmbedding: { module: rotary, run: (x) => rotary.forward(x) },
  };
}

const first = (x: Tensor): number[] => [...x.select(0, 0).toTypedArray()];

inBothBuilds(() => {
  describe("items of a batch are independent", () => {
    for (const T of [1, 6]) {
      test(`the first of them keeps its bits whatever the others are, ${T} positions`, () => {
        manualSeed(3);
        for (const [name, { module, run }] of Object.entries(modules())) {
          scope(() => {
            const items = [0, 1, 2, 3].map(() => randn([T, 16]));
            const batch = (...order: number[]): Tensor =>
              order.map((i) => items[i].unsqueeze(0)).reduce((a, b) => joined(a, b));
            const wanted = first(run(batch(0, 1, 2)));
            expect(first(run(batch(0, 2, 1))), name).toEqual(wanted);
            expect(first(run(batch(0, 3, 3))), name).toEqual(wanted);
            const gradient = (x: Tensor): number[] => {
              x.requiresGrad_();
              const y = run(x);
              y.backward(
                tensor(
                  new Float32Array(y.numel).map((_, i) => ((i * 7) % 5) - 2),
                  { shape: y.shape },
                ),
              );
              module.zeroGrad();
              return first(x.grad as Tensor);
            };
            expect(gradient(batch(0, 3, 1)), name).toEqual(gradient(batch(0, 1, 2)));
          });
          module.dispose();
        }
      });
    }
  });

  test("what stands behind padding changes nothing, in outputs and in gradients of the rest", () => {
    manualSeed(4);
    for (const [name, { module, run }] of Object.entries(modules())) {
      scope(() => {
        const kept = randn([1, 5, 16]);
        const padding = tensor([[false, false, false, false, false, true, true]]);
        const beside = (scale: number): number[] => {
          const x = joined(kept, randn([1, 2, 16]).mul(scale), 1).requiresGrad_();
          const y = run(x, padding).narrow(1, 0, 5);
          y.mul(y).sum().backward();
          module.zeroGrad();
          const gradient = x.grad as Tensor;
          expect(
            gradient
              .narrow(1, 5, 2)
              .toTypedArray()
              .every((value) => value === 0),
          ).toBe(true);
          return [y, gradient.narrow(1, 0, 5)].flatMap((z) => [...z.toTypedArray()]);
        };
        expect(beside(1), name).toEqual(beside(100));
      });
      module.dispose();
    }
  });

  test("weights, hooks and masks of nothing select the same numbers", () => {
    manualSeed(5);
    using attention = new nn.MultiheadAttention(16, 4);
    scope(() => {
      const x = randn([2, 6, 16]);
      const open = zeros([6, 6], { dtype: "bool" });
      const run = (options = {}): number[] => [
        ...attention.forward(x, x, x, { isCausal: true, ...options }).output.toTypedArray(),
      ];
      const plain = run();
      expectClose(run({ needWeights: false }), plain);
      expect(run({ averageAttnWeights: false })).toEqual(plain);
      expect(run({ attnMask: open })).toEqual(plain);
      for (const [point, shape] of [
        ["scores", [2, 4, 6, 6]],
        ["pattern", [2, 4, 6, 6]],
        ["headOutput", [2, 4, 6, 4]],
        ["output", [2, 6, 16]],
      ] as const) {
        const seen: (readonly number[])[] = [];
        const off = attention.registerHook(point, (value) => void seen.push(value.shape));
        // A scale that is a power of two rounds nothing, before the softmax or in it.
        expect(run(), point).toEqual(plain);
        off();
        expect(seen).toEqual([shape]);
        const ablate = attention.registerHook(point, (value) => value.mul(0.5));
        expect(run(), point).not.toEqual(plain);
        ablate();
      }
    });
  });

  test("needWeights gives the weights that made the output", () => {
    scope(() => {
      const [q, k, v] = [randn([2, 4, 3, 8]), randn([2, 2, 5, 8]), randn([2, 2, 5, 8])];
      const options = { enableGqa: true, softCap: 5 };
      const { output, weights } = scaledDotProductAttention(q, k, v, { ...options, needWeights: true });
      expectClose(
        [...output.toTypedArray()],
        [...scaledDotProductAttention(q, k, v, options).toTypedArray()],
        "output",
      );
      expect(weights.attend(v).toArray()).toEqual(output.toArray());
      expect(weights.shape).toEqual([2, 4, 3, 5]);
    });
  });

  test("dropout zeroes weights and scales the others; dropoutP is the same", () => {
    scope(() => {
      const [q, k, v] = [randn([1, 1, 40, 8]), randn([1, 1, 40, 8]), randn([1, 1, 40, 8])];
      const draw = (options: object): Tensor => {
        manualSeed(9);
        return scaledDotProductAttention(q, k, v, { ...options, needWeights: true }).weights;
      };
      const dropped = draw({ dropout: 0.5 });
      const zeroed = [...dropped.toTypedArray()].filter((w) => w === 0).length;
      expect(zeroed).toBeGreaterThan(600);
      expect(zeroed).toBeLessThan(1000);
      expect(draw({ dropoutP: 0.5 }).toArray()).toEqual(dropped.toArray());
      expect(
        draw({ dropout: 1 })
          .toTypedArray()
          .every((w) => w === 0),
      ).toBe(true);
    });
  });
});

/** Two tensors joined along an axis. */
function joined(a: Tensor, b: Tensor, axis = 0): Tensor {
  const shape = a.shape.map((size, i) => (i === axis ? size + b.size(axis) : size));
  const y = zeros(shape);
  y.narrow(axis, 0, a.size(axis)).copy_(a);
  y.narrow(axis, a.size(axis), b.size(axis)).copy_(b);
  return y;
}

describe("what it costs and how it starts", () => {
  withEngine({ variant: "simd" });

  test("heads are split, grouped and merged without a copy", () => {
    using attention = new nn.MultiheadAttention(16, 4);
    scope(() => {
      const x = randn([2, 6, 16]);
      const copies = (body: () => unknown): number => profile(body).copies;
      expect(copies(() => attention.forward(x, x, x, { needWeights: false }))).toBe(0);
      const split = (heads: number): Tensor => randn([2, 6, heads, 8]).transpose(1, 2);
      const [q, k, v] = [split(8), split(2), split(2)];
      const grouped = (): Tensor => scaledDotProductAttention(q, k, v, { enableGqa: true });
      expect(copies(() => grouped().transpose(1, 2).view([2, 6, 64]))).toBe(0);
    });
  });

  test("MultiheadAttention: Glorot's bound for the three projections as one matrix, zero biases", () => {
    manualSeed(1);
    using attention = new nn.MultiheadAttention(64, 4, { addBiasKv: true });
    const bound = Math.sqrt(6 / (64 + 3 * 64));
    const largest = (x: Tensor): number => Math.max(...[...x.toTypedArray()].map(Math.abs));
    expect(largest(attention.in_proj_weight!)).toBeLessThanOrEqual(bound);
    expect(largest(attention.in_proj_weight!)).toBeGreaterThan(0.99 * bound);
    expect(largest(attention.out_proj.weight)).toBeLessThanOrEqual(1 / 8);
    expect([largest(attention.in_proj_bias!), largest(attention.out_proj.bias!)]).toEqual([0, 0]);
    expect(largest(attention.bias_k!)).toBeGreaterThan(0.1);
    using apart = new nn.MultiheadAttention(64, 4, { kdim: 32 });
    expect(largest(apart.k_proj_weight!)).toBeGreaterThan(0.98 * Math.sqrt(6 / 96));
    expect([apart.in_proj_weight, apart.v_proj_weight!.shape]).toEqual([null, [64, 64]]);
  });

  test("layers of a stack begin equal and are apart; a Transformer's matrices are drawn anew", () => {
    using encoder = new nn.TransformerEncoder(new nn.TransformerEncoderLayer(8, 2, small), 3);
    const weights = [0, 1, 2].map((i) => encoder.getSubmodule(`layers.${i}.linear1`) as nn.Linear);
    for (const { weight } of weights.slice(1)) {
      expect(weight.toArray()).toEqual(weights[0].weight.toArray());
      expect(weight.storage).not.toBe(weights[0].weight.storage);
    }
    using model = new nn.Transformer(8, 2, { ...small, numEncoderLayers: 2, numDecoderLayers: 2 });
    const of = (path: string): Tensor => (model.getSubmodule(path) as nn.Linear).weight;
    expect(of("encoder.layers.0.linear1").toArray()).not.toEqual(of("encoder.layers.1.linear1").toArray());
    expect([...model.encoder.stateDict().keys()]).toContain("norm.weight");
  });

  test("a stack repeats a layer of the caller's class", () => {
    class Doubled extends nn.TransformerEncoderLayer {
      override forward(x: Tensor): Tensor {
        return super.forward(x).mul(2);
      }
    }
    using encoder = new nn.TransformerEncoder(new Doubled(8, 2, { ...small, dropout: 0 }).eval(), 3);
    const layers = [...encoder.layers];
    expect(layers.every((layer) => layer instanceof Doubled && !layer.training)).toBe(true);
    scope(() => {
      const x = randn([2, 3, 8]);
      const wanted = layers.reduce((y, layer) => layer.forward(y) as Tensor, x);
      expect(encoder.forward(x).toArray()).toEqual(wanted.toArray());
    });
  });

  test("rotary tables are kept and grow; dynamic ones follow the length", () => {
    using rotary = new nn.RotaryEmbedding(8, { maxPositions: 4 });
    scope(() => {
      const x = randn([1, 2, 3, 8]);
      expect(rotary.forward(x).toArray()).toEqual(x.rotaryEmbedding().toArray());
      const table = rotary.table;
      rotary.forward(x, { offset: 1 });
      expect(rotary.table).toBe(table);
      expect(rotary.forward(x, { offset: 7 }).toArray()).toEqual(x.rotaryEmbedding({ offset: 7 }).toArray());
      expect(rotary.table?.shape).toEqual([10, 8]);
      expect([...rotary.stateDict().keys()]).toEqual([]);
      const positions = tensor(Int32Array.of(4, 0, 2));
      expect(rotary.forward(x, { positions }).toArray()).toEqual(x.rotaryEmbedding({ positions }).toArray());
    });
    const scaling = { type: "dynamic", factor: 2, originalMaxPositionEmbeddings: 4 } as const;
    using dynamic = new nn.RotaryEmbedding(8, { scaling });
    scope(() => {
      const x = randn([2, 6, 8]);
      expect(dynamic.forward(x).toArray()).toEqual(x.rotaryEmbedding({ scaling }).toArray());
      expect(dynamic.forward(x).toArray()).not.toEqual(x.rotaryEmbedding().toArray());
    });
  });

  test("PositionalEncoding adds the paper's sinusoids", () => {
    using layer = new nn.PositionalEncoding(4, { maxLen: 10, batchFirst: false }).eval();
    scope(() => {
      const y = layer.forward(zeros([2, 3, 4]), { offset: 1 }).toTypedArray();
      const wanted = [1, 2].flatMap((p) =>
        [0, 1, 2].flatMap(() => [Math.sin(p), Math.cos(p), Math.sin(p / 100), Math.cos(p / 100)]),
      );
      expect(y.every((value, i) => Math.abs(value - wanted[i]) < 1e-7)).toBe(true);
      expect(errorOf(() => layer.forward(zeros([11, 1, 4]))).message).toMatch(/maxLen 10/);
    });
  });

  test("generateSquareSubsequentMask", () => {
    scope(() => {
      expect(nn.Transformer.generateSquareSubsequentMask(3).toArray()).toEqual([
        [0, -Infinity, -Infinity],
        [0, 0, -Infinity],
        [0, 0, 0],
      ]);
    });
  });

  test("errors name the argument and the mend", () => {
    scope(() => {
      const x = (...shape: number[]): Tensor => zeros(shape);
      const sdpa = (options: object, q = x(1, 4, 3, 8), k = x(1, 4, 5, 8)): string =>
        errorOf(() => scaledDotProductAttention(q, k, k, options as never)).message;
      expect(sdpa({ mask: x(2, 1, 3, 5) })).toMatch(
        /mask .* broadcasts to \(1, 4, 3, 5\), got .*\(2, 1, 3, 5\)/,
      );
      expect(sdpa({ mask: x(3, 5).to("i32") })).toMatch(/mask must be bool .* got .*i32/);
      expect(sdpa({ bias: x(3, 5).to("bool") })).toMatch(/pass it as mask/);
      expect(sdpa({ softCap: 0 })).toMatch(/softCap must be a number > 0/);
      expect(sdpa({}, x(1, 4, 3, 8), x(1, 2, 5, 8))).toMatch(/set enableGqa/);
      expect(sdpa({ enableGqa: true }, x(1, 4, 3, 8), x(1, 3, 5, 8))).toMatch(/3 heads do not divide 4/);
      expect(sdpa({ past: -1, isCausal: true })).toMatch(/past must be an integer in .* got -1/);
      expect(errorOf(() => x(2, 3, 8).rotaryEmbedding({ dim: 3 })).message).toMatch(/even number/);
      expect(errorOf(() => new nn.MultiheadAttention(10, 4)).message).toMatch(
        /embedDim must be a multiple of numHeads 4, got 10/,
      );
      expect(errorOf(() => new nn.MultiheadAttention(8, 4, { dropout: 2 })).message).toMatch(/0…1/);
      expect(
        errorOf(() => new nn.TransformerEncoderLayer(8, 2, { activation: "tan" as never })).message,
      ).toMatch(/activation must be "relu", "gelu" or a function/);
      using attention = new nn.MultiheadAttention(8, 2);
      const wrong = (mask: Tensor): string =>
        errorOf(() => attention.forward(x(2, 3, 8), x(2, 4, 8), x(2, 4, 8), { attnMask: mask })).message;
      expect(wrong(x(4, 3))).toMatch(/attnMask must be \(3, 4\) or \(4, 3, 4\)/);
      expect(errorOf(() => attention.forward(x(2, 3, 7), x(2, 3, 8), x(2, 3, 8))).message).toMatch(
        /\(…, 8\) in the query/,
      );
    });
  });
});
