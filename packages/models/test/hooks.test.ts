// Looking into a model: hook points, what they read and replace, and what a forward and a step cost in copies and memory.
import { noGrad, ones, optim, profile, scope, type Tensor, tensor, zeros } from "@saccade/core";
import { GPT2LMHeadModel } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inBothBuilds, live } from "./engine.ts";
import { directory, Fixture } from "./fixture.ts";

const fixture = new Fixture("forward");
const SCORES = "transformer.h.0.attn.scores";
const PATTERN = "transformer.h.0.attn.pattern";
const HEADS = "transformer.h.0.attn.headOutput";
const RESIDUAL = "transformer.h.0.residual";

inBothBuilds(() => {
  let model: GPT2LMHeadModel;
  beforeAll(async () => {
    model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
  });
  afterAll(() => model.dispose());

  const logitsNow = (): Float32Array =>
    noGrad(() =>
      scope(() => model.forward(fixture.input("input_ids")).logits.toTypedArray() as Float32Array),
    );

  function during<T>(point: string, hook: (value: Tensor) => Tensor | undefined, body: () => T): T {
    const off = model.registerHook(point, hook);
    try {
      return body();
    } finally {
      off();
    }
  }

  describe("hook points", () => {
    test.each([
      [SCORES, [2, 4, 13, 13]],
      [PATTERN, [2, 4, 13, 13]],
      [HEADS, [2, 4, 13, 9]],
      [RESIDUAL, [2, 13, 36]],
      ["transformer.h.1.residual", [2, 13, 36]],
      ["transformer.wte.output", [2, 13, 36]],
      ["transformer.h.0.ln_1.output", [2, 13, 36]],
      ["transformer.h.0.attn.c_attn.output", [2, 13, 108]],
      ["transformer.h.0.attn.output", [2, 13, 36]],
      ["transformer.h.0.mlp.output", [2, 13, 36]],
      ["transformer.h.1.output", [2, 13, 36]],
      ["transformer.output", [2, 13, 36]],
      ["lm_head.output", [2, 13, 61]],
      ["output", [2, 13, 61]],
    ])("%s reads once, changes nothing, and can replace", (point, shape) => {
      const plain = logitsNow();
      const seen: number[][] = [];
      const listened = during(point, (value) => void seen.push([...value.shape]), logitsNow);
      expect(seen).toEqual([shape]);
      // Weights that somebody sees come from the composed attention, which rounds otherwise.
      if (point !== SCORES && point !== PATTERN) expect(listened).toEqual(plain);
      else
        expect(Math.max(...listened.map((value, i) => Math.abs(value - plain[i])))).toBeLessThan(
          fixture.tolerance("logits"),
        );
      const replaced = during(point, (value) => value.mul(0.5), logitsNow);
      expect(replaced).not.toEqual(plain);
      expect(logitsNow()).toEqual(plain);
    });

    test("an unknown one is an error that lists those there are", () => {
      expect(() => model.registerHook("transformer.h.0.attn.weights", () => undefined)).toThrow(
        /no hook point "weights"; it has output, scores, pattern, headOutput/,
      );
      expect(() => model.registerHook("transformer.h.9.residual", () => undefined)).toThrow(
        /no submodule "transformer\.h\.9"/,
      );
    });

    test("what they read are the reference's attentions and hidden states", () => {
      const seen = new Map<string, Tensor>();
      const points = [PATTERN, "transformer.h.1.attn.pattern", RESIDUAL, "transformer.ln_f.output"];
      const off = points.map((point) => model.registerHook(point, (value) => void seen.set(point, value)));
      scope(() => {
        model.forward(fixture.input("input_ids"));
        fixture.expectClose("attentions.0", seen.get(points[0]) as Tensor);
        fixture.expectClose("attentions.1", seen.get(points[1]) as Tensor);
        fixture.expectClose("hidden_states.1", seen.get(points[2]) as Tensor);
        fixture.expectClose("hidden_states.2", seen.get(points[3]) as Tensor);
      });
      for (const remove of off) remove();
    });

    test("scores are scaled and unmasked: their causal softmax is the pattern", () => {
      scope(() => {
        const seen: Tensor[] = [];
        during(
          SCORES,
          (scores) => void seen.push(scores),
          () =>
            during(
              PATTERN,
              (pattern) => void seen.push(pattern),
              () => model.forward(fixture.input("input_ids")),
            ),
        );
        const [scores, pattern] = seen;
        const bias = tensor(
          Float32Array.from({ length: 169 }, (_, i) => (i % 13 > Math.floor(i / 13) ? -Infinity : 0)),
        );
        const again = scores
          .add(bias.view([13, 13]))
          .softmax(-1)
          .toTypedArray();
        const wanted = pattern.toTypedArray();
        expect(Math.max(...again.map((value, i) => Math.abs(value - wanted[i])))).toBeLessThan(1e-6);
      });
    });

    test("ablating heads: all of them leave the bias, one of them changes the logits", () => {
      const plain = logitsNow();
      const without = (...heads: number[]): Float32Array =>
        during(
          HEADS,
          (value) =>
            value.mul(tensor([0, 1, 2, 3].map((head) => (heads.includes(head) ? 0 : 1))).view([1, 4, 1, 1])),
          logitsNow,
        );
      const each = [0, 1, 2, 3].map((head) => without(head));
      for (const logits of each) expect(logits).not.toEqual(plain);
      expect(each[0]).not.toEqual(each[1]);
      const bias = model.transformer.h.at(0).attn.c_proj.bias;
      const silent = during("transformer.h.0.attn.output", () => zeros([2, 13, 36]).add(bias), logitsNow);
      expect(Math.max(...without(0, 1, 2, 3).map((value, i) => Math.abs(value - silent[i])))).toBeLessThan(
        1e-5,
      );
    });

    test("a replacement stays in the graph", () => {
      const gradientOf = (name: string): Float32Array | null => {
        const parameter = new Map(model.namedParameters()).get(name);
        return (parameter?.grad?.toTypedArray() as Float32Array) ?? null;
      };
      const step = (): void =>
        scope(() =>
          model.forward(fixture.input("input_ids"), { labels: fixture.input("labels") }).loss?.backward(),
        );
      const name = "transformer.h.0.attn.c_attn.weight";
      step();
      const plain = gradientOf(name);
      model.zeroGrad();
      for (const point of [SCORES, PATTERN, HEADS, RESIDUAL]) {
        scope(() => {
          const gain = ones([1], { requiresGrad: true });
          during(point, (value) => value.mul(gain), step);
          expect(gain.grad?.item(), point).not.toBe(0);
          const through = gradientOf(name);
          expect(
            Math.max(...(through ?? []).map((value, i) => Math.abs(value - (plain?.[i] ?? 0)))),
            point,
          ).toBeLessThan(1e-5);
        });
        model.zeroGrad();
      }
      during(PATTERN, (value) => zeros(value.shape), step); // cut: queries and keys no longer matter, nor values
      expect(gradientOf(name)?.every((value) => value === 0) ?? true).toBe(true);
      model.zeroGrad();
    });
  });

  describe("costs", () => {
    const ids = (): Tensor => fixture.input("input_ids");

    test.each([
      ["rows", false],
      ["packed", true],
    ])("a forward of weights in %s copies nothing, with and without a cache", (_, packed) => {
      if (packed) model.pack();
      noGrad(() =>
        scope(() => {
          const plain = profile(() => model.forward(ids()));
          expect(plain.rows.find(({ op }) => op === "attention")?.calls).toBe(2);
          expect(plain.copies).toBe(0);
          expect(
            profile(() => model.forward(ids(), { outputAttentions: true, outputHiddenStates: true })).copies,
          ).toBe(0);
          const empty = model.newCache(2, 16);
          const prefill = profile(() => model.forward(ids(), { cache: empty }));
          expect(prefill.copies).toBe(0);
          const next = tensor(Int32Array.of(3, 4), { shape: [2, 1] });
          const step = profile(() => model.forward(next, { cache: prefill.result.cache }));
          expect(step.copies).toBe(0);
          for (const cache of [empty, prefill.result.cache, step.result.cache]) cache?.dispose();
        }),
      );
      model.unpack();
    });

    test("a training step copies at most twice per layer", () => {
      using optimizer = new optim.AdamW(model.parameters(), { lr: 0 });
      const { copies } = profile(() => {
        scope(() => model.forward(ids(), { labels: fixture.input("labels") }).loss?.backward());
        optimizer.step();
      });
      model.zeroGrad();
      expect(copies).toBeLessThanOrEqual(2 * model.config.n_layer);
    });

    test("forward, backward, and an output thrown away without backward leave nothing", () => {
      const before = live();
      scope(() => void model.forward(ids(), { labels: fixture.input("labels") }));
      expect(live()).toEqual(before);
      scope(() => model.forward(ids(), { labels: fixture.input("labels") }).loss?.backward());
      model.zeroGrad();
      expect(live()).toEqual(before);
    });
  });

  describe("the other items of a batch do not matter", () => {
    const rowsOf = (...rows: number[][]): Float32Array =>
      noGrad(() =>
        scope(() => {
          const batch = tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0].length] });
          return model.forward(batch).logits.toTypedArray() as Float32Array;
        }),
      );
    const draw = (seed: number): number[] =>
      Array.from({ length: 13 }, (_, i) => (seed * (i + 3) * 7 + i * i) % 61);

    test.each([false, true])("replaced or permuted, the first one's bits stay (packed: %s)", (packed) => {
      if (packed) model.pack();
      const [a, b, c, d] = [1, 2, 3, 4].map(draw);
      const first = rowsOf(a, b, c).slice(0, 13 * 61);
      expect(rowsOf(a, c, b).slice(0, 13 * 61)).toEqual(first);
      expect(rowsOf(a, d, d).slice(0, 13 * 61)).toEqual(first);
      expect(rowsOf(b, c, a).slice(2 * 13 * 61)).toEqual(first);
      expect(rowsOf(d, b, c).slice(0, 13 * 61)).not.toEqual(first);
      model.unpack();
    });
  });

  describe("bad inputs", () => {
    test.each([
      [
        "an id outside the vocabulary",
        () => model.forward(tensor([[1, 61]], { dtype: "i32" })),
        /id at \[0, 1\] must be in 0…60, got 61/,
      ],
      [
        "more positions than the context",
        () => model.forward(zeros([1, 33], { dtype: "i32" })),
        /33 positions.*context of 32/,
      ],
      [
        "a padding mask of another length",
        () => model.forward(zeros([2, 5], { dtype: "i32" }), { attentionMask: ones([2, 4]) }),
        /attentionMask \(2, 4\).*\(2, 5\)/,
      ],
      [
        "labels of another shape",
        () => model.forward(zeros([2, 5], { dtype: "i32" }), { labels: zeros([2, 4], { dtype: "i32" }) }),
        /labels \(2, 4\).*\(2, 5\)/,
      ],
      [
        "ids that are not (B, T)",
        () => model.forward(zeros([5], { dtype: "i32" })),
        /inputIds \(5\).*\(B, T\)/,
      ],
      ["ids that are not integers", () => model.forward(zeros([1, 5])), /i32/],
    ])("%s", (_, run, message) => {
      expect(() => scope(run)).toThrow(message);
    });
  });
});
