// What the references of the recurrent ops do not reach: padding changes no bit, tensors in two roles, dropout between
// layers, modules with the options PyTorch lacks, and errors that say what to mend.
import { gru, lstm, manualSeed, nn, ones, rnn, scope, type Tensor, tensor, zeros } from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, inBothBuilds, withEngine } from "./engine.ts";

const numbers = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.fround(Math.sin(1.7 * i + seed)));

function made(shape: readonly number[], seed: number, requiresGrad = false): Tensor {
  const n = shape.reduce((product, size) => product * size, 1);
  return tensor(numbers(n, seed), { shape, requiresGrad });
}

const list = (x: Tensor | null): number[] => [...(x?.toTypedArray() ?? [])];

/** Weights of one layer of `gates` gates, D directions. */
const weightsOf = (gates: number, I: number, H: number, D = 1): Tensor[] =>
  Array.from({ length: D }, (_, d) => [
    made([gates * H, I], d + 1, true),
    made([gates * H, H], d + 2, true),
    made([gates * H], d + 3, true),
    made([gates * H], d + 4, true),
  ]).flat();

inBothBuilds(() => {
  test.each([true, false])(
    "what lies behind a sequence's end changes no bit, batchFirst %s",
    (batchFirst) => {
      const lengths = [2, 5, 1];
      const results = [0, 1e30, Number.NaN].map((padding) =>
        scope(() => {
          const values = numbers(3 * 5 * 4, 9).map((value, i) => {
            const [first, second] = [
              Math.floor(i / (batchFirst ? 20 : 12)),
              Math.floor(i / 4) % (batchFirst ? 5 : 3),
            ];
            const [b, t] = batchFirst ? [first, second] : [second, first];
            return t < lengths[b] ? value : padding;
          });
          const x = tensor(values, { shape: batchFirst ? [3, 5, 4] : [5, 3, 4], requiresGrad: true });
          const weights = weightsOf(4, 4, 5, 2);
          const { output, hn, cn } = lstm(x, null, weights, { bidirectional: true, batchFirst, lengths });
          output.square().sum().add(hn.sum()).add(cn.sum()).backward();
          return [output, hn, cn, x.grad, ...weights.map((w) => w.grad)].map(list);
        }),
      );
      expect(results[1]).toEqual(results[0]);
      expect(results[2]).toEqual(results[0]);
    },
  );

  test("a sequence alone is what it is among others", () => {
    scope(() => {
      const weights = weightsOf(3, 4, 5, 2);
      const x = made([3, 5, 4], 9);
      const lengths = [2, 5, 3];
      const all = gru(x, null, weights, { bidirectional: true, lengths });
      for (const [b, length] of lengths.entries()) {
        const alone = gru(x.narrow(0, b, 1).narrow(1, 0, length), null, weights, { bidirectional: true });
        expect(list(all.output.select(0, b).narrow(0, 0, length))).toEqual(list(alone.output));
        expect(list(all.hn.select(1, b))).toEqual(list(alone.hn));
      }
    });
  });

  test("one tensor as both states, one set of weights for both directions", () => {
    scope(() => {
      const x = made([2, 3, 4], 9);
      const state = made([2, 2, 5], 10, true);
      const shared = weightsOf(4, 4, 5);
      const tied = lstm(x, [state, state], [...shared, ...shared], { bidirectional: true });
      tied.output.square().sum().add(tied.cn.sum()).backward();
      const [h, c] = [made([2, 2, 5], 10, true), made([2, 2, 5], 10, true)];
      const [first, second] = [weightsOf(4, 4, 5), weightsOf(4, 4, 5)];
      const apart = lstm(x, [h, c], [...first, ...second], { bidirectional: true });
      apart.output.square().sum().add(apart.cn.sum()).backward();
      const close = (got: Tensor, a: Tensor, b: Tensor): void => {
        const sum = list((a.grad as Tensor).add(b.grad as Tensor));
        for (const [i, value] of list(got.grad).entries()) expect(value).toBeCloseTo(sum[i], 4);
      };
      close(state, h, c);
      for (const [i, w] of shared.entries()) close(w, first[i], second[i]);
    });
  });

  test("a step at a time is the sequence", () => {
    scope(() => {
      const [wIh, wHh, bIh, bHh] = weightsOf(4, 4, 5);
      const peephole = made([15], 7, true);
      const x = made([2, 4, 4], 9);
      const whole = lstm(x, null, [wIh, wHh, bIh, bHh, peephole]);
      let state: readonly [Tensor, Tensor] | null = null;
      for (let t = 0; t < 4; t++) {
        const next: { hn: Tensor; cn: Tensor } = x.select(1, t).lstmCell(state, wIh, wHh, bIh, bHh, peephole);
        state = [next.hn, next.cn];
        const wanted = list(whole.output.select(1, t));
        for (const [i, value] of list(next.hn).entries()) expect(value).toBeCloseTo(wanted[i], 6);
      }
    });
  });
});

describe("modules", () => {
  withEngine({ variant: "simd" });

  test("parameters have PyTorch's names, order and range", () => {
    using layer = new nn.LSTM(3, 4, { numLayers: 2, bidirectional: true, projSize: 2 });
    const names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr"];
    const suffixes = ["_l0", "_l0_reverse", "_l1", "_l1_reverse"];
    expect([...layer.stateDict().keys()]).toEqual(suffixes.flatMap((s) => names.map((name) => name + s)));
    const all = layer.parameters().flatMap(list);
    expect(Math.max(...all)).toBeLessThanOrEqual(0.5);
    expect(Math.max(...all)).toBeGreaterThan(0.45);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(-0.5);
    expect(Math.min(...all)).toBeLessThan(-0.45);
    using cell = new nn.LSTMCell(3, 4, { peephole: true, bias: false });
    expect([...cell.stateDict().keys()]).toEqual(["weight_ih", "weight_hh", "weight_peephole"]);
  });

  test("peepholes and the early reset reach the ops", () => {
    using layer = new nn.LSTM(3, 4, { peephole: true, projSize: 2 });
    using cell = new nn.LSTMCell(3, 4, { peephole: true });
    using early = new nn.GRU(3, 4, { resetAfter: false });
    using earlyCell = new nn.GRUCell(3, 4, { resetAfter: false });
    scope(() => {
      const x = made([2, 5, 3], 1);
      expect(layer.flatWeights().map((w) => w.shape)).toEqual([[16, 3], [16, 2], [16], [16], [2, 4], [12]]);
      const plain = lstm(x, null, layer.flatWeights().slice(0, 5));
      expect(list(layer.forward(x).output)).not.toEqual(list(plain.output));
      const step = x.select(1, 0);
      const state = [made([2, 4], 5), made([2, 4], 6)] as const;
      const weights = cell.parameters();
      const [wIh, wHh, bIh, bHh] = weights;
      const seen = cell.forward(step, state).cn;
      expect(list(seen)).not.toEqual(list(step.lstmCell(state, wIh, wHh, bIh, bHh).cn));
      expect(list(early.forward(x).hn)).toEqual(
        list(gru(x, null, early.flatWeights(), { resetAfter: false }).hn),
      );
      expect(list(early.forward(x).hn)).not.toEqual(list(gru(x, null, early.flatWeights()).hn));
      const late = step.gruCell(state[0], ...(earlyCell.parameters() as [Tensor, Tensor, Tensor, Tensor]));
      expect(list(earlyCell.forward(step, state[0]))).not.toEqual(list(late));
    });
  });

  test("dropout lies between layers and only while training", () => {
    manualSeed(3);
    using layer = new nn.RNN(2, 3, { numLayers: 2, dropout: 0.5 });
    scope(() => {
      const x = made([1, 4, 2], 1);
      const runs = [1, 2].map(() => list(layer.forward(x).output));
      expect(runs[0]).not.toEqual(runs[1]);
      layer.eval();
      expect(list(layer.forward(x).output)).toEqual(list(layer.forward(x).output));
      // With everything dropped, the second layer sees zeros; its own output is whole.
      const { output } = rnn(x, null, layer.flatWeights(), { numLayers: 2, dropout: 1 });
      const second = rnn(zeros([1, 4, 3]), null, layer.flatWeights().slice(4));
      expect(list(output)).toEqual(list(second.output));
    });
  });
});

describe("errors", () => {
  withEngine({ variant: "simd" });

  const message = (body: () => unknown): string => errorOf(() => scope(body)).message;

  test("name what is wrong", () => {
    const x = (): Tensor => ones([2, 5, 3]);
    const call = (options: object, weights = weightsOf(4, 3, 4)) =>
      message(() => lstm(x(), null, weights, options));
    scope(() => {
      expect(call({ lengths: [5] })).toBe("lstm: lengths must be 2 of them, one per sequence, got [5]");
      expect(call({ lengths: [5, 0] })).toBe("lstm: length 1 must be an integer in 1…5, got 0");
      expect(call({ lengths: [6, 1] })).toContain("length 0 must be an integer in 1…5, got 6");
      expect(call({ lengths: ones([2]) })).toContain("lengths must be i32");
      expect(call({ numLayers: 0 })).toBe("lstm: numLayers must be an integer >= 1, got 0");
      expect(call({ numLayers: 3 })).toContain(
        "the number of weights must be two or more for each of 3 layers",
      );
      expect(call({ bidirectional: true })).toContain("w_ih of layer 0, reverse must be");
      expect(call({ dropout: 2 })).toBe("lstm: dropout must be a number in 0…1, got 2");
      expect(call({}, weightsOf(4, 2, 4))).toBe(
        "lstm: w_ih of layer 0 must be (16, 3) of f32, got Tensor((16, 2), f32, requiresGrad)",
      );
      expect(call({}, weightsOf(4, 3, 4).slice(0, 3))).toContain("b_ih but no b_hh");
    });
    expect(message(() => rnn(ones([3]), null, weightsOf(1, 3, 4)))).toContain("input must be (B, T, I)");
    expect(message(() => rnn(ones([2, 0, 3]), null, weightsOf(1, 3, 4)))).toContain(
      "input must be of one step or more",
    );
    expect(message(() => rnn(x(), ones([2, 4]), weightsOf(1, 3, 4)))).toBe(
      "rnn: h0 must be (1, 2, 4) of f32, got Tensor((2, 4), f32)",
    );
    expect(message(() => lstm(x(), ones([1, 2, 4]) as never, weightsOf(4, 3, 4)))).toContain(
      "hx must be [h, c] or null",
    );
    expect(message(() => ones([2, 3]).gruCell(ones([4]), ones([12, 3]), ones([12, 4])))).toBe(
      "gruCell: h0 must be of 2 axes, got Tensor((4), f32)",
    );
    expect(errorOf(() => new nn.LSTM(3, 4, { projSize: 4 })).message).toContain(
      "projSize must be an integer in 0…3, got 4",
    );
  });
});
