// GPT-2 against transformers in float64: logits, hidden states, attentions, loss, every gradient, AdamW, padding, cache,
// every config switch. Fixtures: tools/oracle/gpt2.py
import { noGrad, optim, scope, type Tensor, tensor } from "@saccade/core";
import { GPT2LMHeadModel } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { inBothBuilds } from "./engine.ts";
import { checkpointFiles, directory, Fixture } from "./fixture.ts";

const forward = new Fixture("forward");
const gradients = new Fixture("gradients");
const padded = new Fixture("padded");
const adamw = new Fixture("adamw");
const variants = new Fixture("variants");
const flips = variants.facts.flips as Record<string, { config: Record<string, unknown> }>;
const folders: Record<string, string> = { untied: "tiny-untied", float16: "tiny-hub-f16" };

interface AdamWFacts {
  readonly lr: number;
  readonly betas: [number, number];
  readonly eps: number;
  readonly weight_decay: number;
}

/** Loss and gradients of a fixture's batch; what else `check` wants to see, before it is freed. */
function trainOn(
  model: GPT2LMHeadModel,
  fixture: Fixture,
  check: (output: ReturnType<typeof model.forward>) => void,
): void {
  scope(() => {
    const output = model.forward(fixture.input("input_ids"), { labels: fixture.input("labels") });
    output.loss?.backward();
    check(output);
  });
}

function expectGradients(model: GPT2LMHeadModel, fixture: Fixture, prefix: string): number {
  const names = fixture.names(`${prefix}grad.`);
  const parameters = new Map(model.namedParameters());
  for (const name of names) {
    const { grad } = parameters.get(name.slice(prefix.length + 5)) ?? {};
    expect(grad, name).toBeTruthy();
    fixture.expectClose(name, grad as Tensor);
  }
  return names.length;
}

inBothBuilds(() => {
  describe.each([
    ["rows", true],
    ["packed", false],
  ] as const)("forward of weights in %s", (_, trainable) => {
    let model: GPT2LMHeadModel;
    beforeAll(async () => {
      model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable });
    });
    afterAll(() => model.dispose());

    test("logitsToKeep gives the same bits for the last positions only", () => {
      noGrad(() =>
        scope(() => {
          const ids = forward.input("input_ids");
          const all = model.forward(ids).logits;
          const kept = model.forward(ids, { logitsToKeep: 3 }).logits;
          expect(kept.shape).toEqual([2, 3, 61]);
          expect(kept.toTypedArray()).toEqual(all.narrow(1, 10, 3).toTypedArray());
          expect(() => model.forward(ids, { logitsToKeep: 14 })).toThrow(
            /logitsToKeep is 14 of 13 positions/,
          );
          expect(() => model.forward(ids, { logitsToKeep: 1, labels: ids })).toThrow(/without labels/);
        }),
      );
    });

    test("logits, hidden states, attentions and loss", () => {
      scope(() => {
        const labels = forward.input("labels");
        const inputs = { labels, outputAttentions: true, outputHiddenStates: true };
        const {
          logits,
          loss,
          hiddenStates = [],
          attentions = [],
        } = model.forward(forward.input("input_ids"), inputs);
        forward.expectClose("logits", logits);
        forward.expectClose("loss", loss as Tensor);
        expect(hiddenStates.length).toBe(3);
        for (const [i, state] of hiddenStates.entries()) forward.expectClose(`hidden_states.${i}`, state);
        expect(attentions.length).toBe(2);
        for (const [i, pattern] of attentions.entries()) forward.expectClose(`attentions.${i}`, pattern);
      });
    });

    test("nothing that was not asked for comes out", () => {
      scope(() => {
        const output = model.forward(forward.input("input_ids"));
        expect(output.loss ?? output.attentions ?? output.hiddenStates ?? output.cache).toBeUndefined();
      });
    });

    test("left padding with its positions, and on from its cache", () => {
      const counts = padded.reference("attention_mask").values;
      const vocabulary = model.config.vocab_size;
      const real = (element: number): boolean => counts[Math.floor(element / vocabulary)] === 1;
      scope(() => {
        const ids = padded.input("input_ids");
        const attentionMask = padded.input("attention_mask");
        const positionIds = padded.input("position_ids");
        const empty = model.newCache(2, 16);
        const { logits, loss, cache } = noGradForward(model, ids, {
          attentionMask,
          positionIds,
          labels: padded.input("labels"),
          cache: empty,
        });
        padded.expectClose("logits", logits, real);
        padded.expectClose("loss", loss as Tensor);
        const columns = Array.from({ length: 16 }, (_, s) => s);
        const mask = tensor([columns.map((s) => (s < 5 ? 0 : 1)), columns.map(() => 1)]);
        const next = tensor(Int32Array.of(8, 9, 10, 13, 14, 15), { shape: [2, 3] });
        const after = noGradForward(model, padded.input("next_input_ids"), {
          attentionMask: mask,
          positionIds: next,
          cache,
        });
        padded.expectClose("next_logits", after.logits);
        for (const used of [empty, cache, after.cache]) used?.dispose();

        padded.expectFar("logits", noGradForward(model, ids, { positionIds }).logits, real);
        padded.expectFar("logits", noGradForward(model, ids, { attentionMask }).logits, real);
      });
    });

    test("everything behind a prefill, read from the cache in pieces", () => {
      const ids = forward.reference("input_ids").values;
      const pieces = forward.facts.pastLengths as number[];
      scope(() => {
        let cache = model.newCache(2, 4); // too small: it grows
        const rows: number[][][] = [[], []];
        let begin = 0;
        for (const length of pieces) {
          const part = [0, 13].flatMap((row) => [...ids.subarray(row + begin, row + begin + length)]);
          const inputIds = tensor(Int32Array.from(part), { shape: [2, length] });
          const output = noGradForward(model, inputIds, { cache });
          cache.dispose();
          cache = output.cache as typeof cache;
          const values = output.logits.toArray() as number[][][];
          if (begin >= pieces[0]) for (const b of [0, 1]) rows[b].push(...values[b]);
          begin += length;
        }
        cache.dispose();
        forward.expectClose("past.logits", tensor(rows));
      });
    });
  });

  test("every gradient", async () => {
    using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
    trainOn(model, forward, ({ logits, loss }) => {
      forward.expectClose("logits", logits);
      forward.expectClose("loss", loss as Tensor);
    });
    expect(expectGradients(model, gradients, "")).toBe(model.parameters().length);
  });

  test("gradients behind left padding", async () => {
    using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
    scope(() => {
      const attentionMask = padded.input("attention_mask");
      const inputs = {
        attentionMask,
        positionIds: padded.input("position_ids"),
        labels: padded.input("labels"),
      };
      model.forward(padded.input("input_ids"), inputs).loss?.backward();
    });
    expect(expectGradients(model, padded, "")).toBe(3);
  });

  test("ten losses under AdamW", async () => {
    const { lr, betas, eps, weight_decay } = adamw.facts.adamw as AdamWFacts;
    const batches = adamw.reference("input_ids").values;
    const run = async (weightDecay: number): Promise<Tensor> => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
      using optimizer = new optim.AdamW(model.parameters(), { lr, betas, eps, weightDecay });
      const losses = Array.from({ length: 10 }, (_, i) => {
        const loss = scope(() => {
          const ids = tensor(batches.slice(26 * i, 26 * (i + 1)), { shape: [2, 13] });
          const output = model.forward(ids, { labels: ids });
          output.loss?.backward();
          return (output.loss as Tensor).item();
        });
        optimizer.step();
        optimizer.zeroGrad();
        return loss;
      });
      return tensor(losses);
    };
    using losses = await run(weight_decay);
    adamw.expectClose("losses", losses);
    using without = await run(0);
    adamw.expectFar("losses", without);
  });

  describe.each(Object.keys(flips))("config switch %s", (name) => {
    const { config } = flips[name];

    test("equals its own reference, gradients included, and not the base", async () => {
      const files = checkpointFiles(folders[name] ?? "tiny", config);
      using model = await GPT2LMHeadModel.fromPretrained(files, { trainable: true });
      trainOn(model, variants, ({ logits, loss }) => {
        variants.expectClose(`${name}.logits`, logits);
        variants.expectClose(`${name}.loss`, loss as Tensor);
        forward.expectFar("logits", logits);
      });
      expect(expectGradients(model, variants, `${name}.`)).toBe(name === "untied" ? 5 : 3);
    });

    test("is missed by the base model", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
      scope(() => variants.expectFar(`${name}.logits`, model.forward(variants.input("input_ids")).logits));
    });
  });

  test("gelu_pytorch_tanh is gelu_new, and swish is silu", async () => {
    for (const [name, same] of [
      ["gelu_pytorch_tanh", forward],
      ["swish", variants],
    ] as const) {
      using model = await GPT2LMHeadModel.fromPretrained(
        checkpointFiles("tiny", { activation_function: name }),
      );
      const reference = same === forward ? "logits" : "silu.logits";
      scope(() => same.expectClose(reference, model.forward(same.input("input_ids")).logits));
    }
  });
});

/** A forward as inference runs it: caches hold no gradients. */
function noGradForward(model: GPT2LMHeadModel, ...args: Parameters<GPT2LMHeadModel["forward"]>) {
  return noGrad(() => model.forward(...args));
}
