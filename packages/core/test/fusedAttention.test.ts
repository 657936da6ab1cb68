// Attention in one kernel: it agrees with its composed twin, whatever is masked, capped, dropped and grouped, writes gradients of views that
// overlap, and its memory is linear in the length of the sequence.
import {
  full,
  manualSeed,
  memory,
  rand,
  randn,
  SaccadeError,
  scaledDotProductAttention,
  scope,
  type Tensor,
  where,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { expectClose, withEngine } from "./engine.ts";

describe("the kernel and its composed twin", () => {
  withEngine({});

  const sizes = {
    "blocks and chunks": { H: 2, G: 2, T: 130, S: 200, D: 16, N: 12 },
    "grouped heads": { H: 6, G: 2, T: 20, S: 20, D: 8, N: 8 },
  };
  for (const [name, { H, G, T, S, D, N }] of Object.entries(sizes)) {
    test(`agree in outputs and gradients: ${name}`, () =>
      scope(() => {
        manualSeed(3);
        const masks = {
          nothing: {},
          causal: { isCausal: true, past: S - T },
          bool: { mask: rand([T, S]).gt(0.3) },
          added: { mask: randn([2, 1, 1, S]) },
          // torch.finfo.min, as transformers masks: a row of it is no row of nothing, all its keys weigh the same.
          "lowest numbers": { mask: where(rand([T, 1]).gt(0.5), full([T, S], -3.4028234663852886e38), 0) },
          "bias and bool": { bias: randn([H, T, S]), mask: rand([T, S]).gt(0.3) },
          capped: { softCap: 1.5, bias: randn([S]) },
          dropped: { dropout: 0.3 },
          "dropped, causal": { dropoutP: 0.5, isCausal: true, past: S - T, mask: rand([T, S]).gt(0.1) },
          "bias and added": { bias: randn([S]), mask: randn([T, S]), isCausal: true, past: 5 },
        };
        for (const [kind, options] of Object.entries(masks)) {
          const results = [false, true].map((composed) => {
            manualSeed(4);
            return scope(() => {
              const q = randn([2, T, H, D]).transpose(1, 2).requiresGrad_();
              const [k, v] = [randn([2, G, S, D]).requiresGrad_(), randn([2, G, S, N]).requiresGrad_()];
              const given = { ...options, enableGqa: true };
              const y = composed
                ? scaledDotProductAttention(q, k, v, { ...given, needWeights: true }).output
                : scaledDotProductAttention(q, k, v, given);
              y.mul(randn(y.shape)).sum().backward();
              return [y, ...[q, k, v].map(({ grad }) => grad as Tensor)].map((x) => [...x.toTypedArray()]);
            });
          });
          for (const [i, values] of results[0].entries()) expectClose(values, results[1][i], `${kind} ${i}`);
        }
      }));
  }

  test("arguments are checked whichever way is taken", () => {
    scope(() => {
      const [q, mask] = [randn([1, 1, 3, 4]), randn([2, 3, 3])];
      for (const options of [
        { past: -1 },
        { scale: "1" as never },
        { mask },
        { bias: q.gt(0) },
        { dropout: 2 },
        { softCap: 0 },
        { softCap: 1e-50 },
        { softCap: 1e39 },
      ])
        for (const needWeights of [false, true])
          expect(() =>
            scaledDotProductAttention(q, q, q, { ...options, needWeights: needWeights as true }),
          ).toThrow(SaccadeError);
    });
  });

  test("one tensor as query, key and value, whole and by overlapping heads", () => {
    for (const apart of [
      [0, 0, 0],
      [0, 1, 1],
      [1, 0, 2],
    ] as const) {
      const [fused, composed] = [false, true].map((needWeights) =>
        scope(() => {
          manualSeed(5);
          const x = randn([2, 5, 9, 4]).requiresGrad_();
          const [q, k, v] = apart.map((begin) => x.narrow(1, begin, 3));
          const y = needWeights
            ? scaledDotProductAttention(q, k, v, { needWeights }).output
            : scaledDotProductAttention(q, k, v);
          y.mul(randn(y.shape)).sum().backward();
          return [...(x.grad as Tensor).toTypedArray()];
        }),
      );
      expectClose(fused, composed, String(apart));
    }
  });
});

describe("what a longer sequence costs", () => {
  withEngine({ variant: "simd" });

  test("memory is linear in its length, forward and backward", () => {
    const [short, long] = [512, 2048].map((T) => {
      scope(() => {
        const [q, k, v] = [1, 2, 3].map(() => randn([1, 2, T, 8]).requiresGrad_());
        scaledDotProductAttention(q, k, v, { isCausal: true, dropout: 0.1 }).sum().backward();
      });
      return memory().peakBytes;
    });
    expect(long / short).toBeLessThan(4.2);
  });
});
