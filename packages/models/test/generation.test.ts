// Generating: the ids of transformers' generate, the meaning of every option, and that nothing stays behind.
import {
  init,
  memory,
  noGrad,
  OutOfMemoryError,
  SaccadeError,
  scope,
  tensor,
  terminate,
} from "@saccade/core";
import { type GenerateOptions, GPT2LMHeadModel, generate } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect } from "./collect.ts";
import { inBothBuilds, live } from "./engine.ts";
import { checkpointFiles, directory } from "./fixture.ts";
import { readJsonFile } from "./reference.ts";

interface Generated {
  readonly prompt: number[];
  readonly maxNewTokens: number;
  readonly cases: Record<string, { options: Record<string, number | boolean | string>; ids: number[] }>;
  readonly batch: { prompts: number[][]; ids: number[][] };
}

interface Endings {
  readonly maxNewTokens: number;
  readonly beams: number;
  readonly cases: {
    prompt: number[];
    eos: number;
    lengthPenalty: number;
    true: number[];
    false: number[];
    never: number[];
  }[];
}

const expected = readJsonFile(`${directory}/generation.json`) as unknown as Generated;
const { prompt } = expected;

/** transformers' names of a case's options under ours. */
function optionsOf(name: string): GenerateOptions {
  const theirs = expected.cases[name].options;
  const {
    num_beams,
    eos_token_id = null,
    early_stopping,
    length_penalty,
    repetition_penalty,
    ...rest
  } = theirs;
  expect(rest).toEqual({});
  return {
    maxNewTokens: expected.maxNewTokens,
    numBeams: num_beams as number,
    eosTokenId: eos_token_id as number | null,
    earlyStopping: early_stopping as boolean | "never",
    lengthPenalty: length_penalty as number,
    repetitionPenalty: repetition_penalty as number,
  };
}

const idsOf = (model: GPT2LMHeadModel, options: GenerateOptions, start = prompt): Promise<number[]> =>
  collect(generate(model, start, options));

inBothBuilds((variant) => {
  let model: GPT2LMHeadModel;
  let rows: GPT2LMHeadModel;
  beforeAll(async () => {
    model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
    rows = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
  });
  afterAll(() => {
    model.dispose();
    rows.dispose();
  });

  describe("equals transformers", () => {
    test.each(Object.keys(expected.cases))("%s", async (name) => {
      expect(model.transformer.h.at(0).mlp.c_fc.weight.panel).not.toBeNull();
      expect(rows.transformer.h.at(0).mlp.c_fc.weight.panel).toBeNull();
      expect(await idsOf(model, optionsOf(name))).toEqual(expected.cases[name].ids);
      expect(await idsOf(rows, optionsOf(name))).toEqual(expected.cases[name].ids);
    });

    test("beam search ends early, as it is, or never, where that makes a difference", async () => {
      const { cases, maxNewTokens, beams } = readJsonFile(
        `${directory}-beam/endings.json`,
      ) as unknown as Endings;
      expect(cases.length).toBe(3);
      for (const { prompt: start, eos, lengthPenalty, ...ids } of cases) {
        const options = { numBeams: beams, maxNewTokens, eosTokenId: eos, lengthPenalty };
        expect(await idsOf(model, { ...options, earlyStopping: true }, start)).toEqual(ids.true);
        expect(await idsOf(model, { ...options, earlyStopping: false }, start)).toEqual(ids.false);
        expect(await idsOf(model, { ...options, earlyStopping: "never" }, start)).toEqual(ids.never);
      }
    });

    test("rows of a padded batch, one by one", async () => {
      for (const [i, start] of expected.batch.prompts.entries()) {
        expect(await idsOf(model, optionsOf("greedy"), start)).toEqual(expected.batch.ids[i]);
      }
    });

    test("the first prompt token matters", async () => {
      const turned = await idsOf(model, optionsOf("greedy"), [prompt[0] + 1, ...prompt.slice(1)]);
      expect(turned.slice(0, 4)).not.toEqual(expected.cases.greedy.ids.slice(0, 4));
    });
  });

  describe("length and end", () => {
    const { ids } = expected.cases.greedy;

    test("20 new tokens by default; maxLength counts the prompt, maxNewTokens does not and wins", async () => {
      expect(await idsOf(model, { eosTokenId: null })).toEqual(ids.slice(0, 20));
      expect(await idsOf(model, { eosTokenId: null, maxLength: 10 })).toEqual(ids.slice(0, 4));
      expect(await idsOf(model, { eosTokenId: null, maxLength: 10, maxNewTokens: 7 })).toEqual(
        ids.slice(0, 7),
      );
      expect(await idsOf(model, { eosTokenId: null, maxLength: prompt.length })).toEqual([]);
      expect(await idsOf(model, { eosTokenId: null, maxNewTokens: 0, numBeams: 3 })).toEqual([]);
    });

    test("to the last position of the context, and not one further", async () => {
      const room = model.config.n_positions - prompt.length;
      expect((await idsOf(model, { eosTokenId: null, maxNewTokens: room })).length).toBe(room);
      await expect(idsOf(model, { maxNewTokens: room + 1 })).rejects.toThrow(
        /context of 32; ask for at most 26/,
      );
    });

    test("one of several end tokens ends it and belongs to it; the config's is the default", async () => {
      expect(await idsOf(model, { eosTokenId: [55, ids[4]] })).toEqual(ids.slice(0, 5));
      const files = checkpointFiles("tiny", { eos_token_id: ids[1] });
      using ending = await GPT2LMHeadModel.fromPretrained(files);
      expect(await idsOf(ending, {})).toEqual(ids.slice(0, 2));
      expect((await idsOf(ending, { eosTokenId: null })).length).toBe(20);
    });
  });

  describe("errors", () => {
    test.each([
      ["an empty prompt", [], {}, /prompt has no tokens/],
      [
        "a prompt longer than the context",
        Array.from({ length: 33 }, () => 1),
        {},
        /33 tokens.*context is 32/,
      ],
      ["an id outside the vocabulary", [1, 61], {}, /token id 61 at 1 of the prompt is outside 0…60/],
      ["a negative id", [-1], {}, /token id -1 at 0/],
      ["a fraction as id", [1.5], {}, /token id 1\.5/],
      ["NaN as id", [Number.NaN], {}, /token id NaN/],
      ["maxLength below the prompt", prompt, { maxLength: 3 }, /maxLength 3 leaves -3/],
      ["maxNewTokens -1", prompt, { maxNewTokens: -1 }, /maxNewTokens is -1/],
      ["maxNewTokens 1.5", prompt, { maxNewTokens: 1.5 }, /maxNewTokens is 1\.5/],
      ["numBeams 0", prompt, { numBeams: 0 }, /numBeams is 0/],
      ["more beams than tokens", prompt, { numBeams: 62 }, /numBeams is 62.*61/],
      ["lengthPenalty NaN", prompt, { numBeams: 2, lengthPenalty: Number.NaN }, /lengthPenalty is NaN/],
      ["beams with sampling", prompt, { numBeams: 2, doSample: true }, /without sampling/],
      ["beams with stop strings", prompt, { numBeams: 2, stopStrings: ["x"] }, /stop strings/],
      ["stop strings without tokenizer", prompt, { stopStrings: ["x"] }, /need the tokenizer/],
      ["temperature 0", prompt, { doSample: true, temperature: 0 }, /temperature is 0/],
      ["temperature Infinity", prompt, { doSample: true, temperature: Infinity }, /temperature is Infinity/],
      ["topK -1", prompt, { doSample: true, topK: -1 }, /topK is -1/],
      ["topP 0", prompt, { doSample: true, topP: 0 }, /topP is 0/],
      ["topP 1.1", prompt, { doSample: true, topP: 1.1 }, /topP is 1\.1/],
      ["minP 2", prompt, { doSample: true, minP: 2 }, /minP is 2/],
      ["repetitionPenalty 0", prompt, { repetitionPenalty: 0 }, /repetitionPenalty is 0/],
      [
        "repetitionPenalty 0 with beams",
        prompt,
        { repetitionPenalty: 0, numBeams: 2 },
        /repetitionPenalty is 0/,
      ],
      ["a negative seed", prompt, { doSample: true, seed: -1 }, /seed/],
    ] as [string, number[], GenerateOptions, RegExp][])("%s", async (_, start, options, message) => {
      const before = live();
      const error = await idsOf(model, options, start).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SaccadeError);
      expect((error as SaccadeError).message).toMatch(message);
      expect(live()).toEqual(before);
    });
  });

  describe("stopping early frees everything", () => {
    test.each([1, 3])("a signal, with %i beams", async (numBeams) => {
      const before = live();
      const controller = new AbortController();
      const seen: number[] = [];
      const run = async (): Promise<void> => {
        const options = { maxNewTokens: 26, numBeams, eosTokenId: null, signal: controller.signal };
        setImmediate(() => controller.abort(new Error("enough")));
        for await (const id of generate(model, prompt, options)) seen.push(id);
      };
      await expect(run()).rejects.toThrow("enough");
      expect(seen.length).toBeLessThan(4);
      expect(live()).toEqual(before);
    });

    test("a signal that was given before computes nothing", async () => {
      let forwards = 0;
      const off = model.registerHook("transformer.ln_f.output", () => void forwards++);
      const signal = AbortSignal.abort(new Error("too late"));
      await expect(idsOf(model, { signal })).rejects.toThrow("too late");
      await expect(idsOf(model, { signal, numBeams: 2 })).rejects.toThrow("too late");
      off();
      expect(forwards).toBe(0);
    });

    test("break", async () => {
      for await (const id of generate(model, prompt, { maxNewTokens: 26 }))
        if (id === expected.cases.greedy.ids[1]) break;
    });

    test.each([1, 3])("a hook that throws, with %i beams", async (numBeams) => {
      let calls = 0;
      const off = model.registerHook("transformer.h.1.attn.pattern", () => {
        if (++calls === 3) throw new Error("from the hook");
        return undefined;
      });
      const before = live();
      await expect(idsOf(model, { numBeams })).rejects.toThrow("from the hook");
      off();
      expect(live()).toEqual(before);
    });
  });

  describe("the cache is a value", () => {
    const step = (cache: ReturnType<typeof model.newCache>, ...ids: number[][]) =>
      noGrad(() =>
        scope(() => {
          const output = model.forward(
            tensor(Int32Array.from(ids.flat()), { shape: [ids.length, ids[0].length] }),
            { cache },
          );
          return { logits: output.logits.toTypedArray(), cache: output.cache as typeof cache };
        }),
      );

    test("an older one is still valid behind an append, and appends its own", () => {
      using empty = model.newCache(1, 16);
      const first = step(empty, [1, 2, 3]);
      const second = step(first.cache, [4]);
      const again = step(first.cache, [4]);
      const branch = step(first.cache, [9]); // must not write over what `second` has there
      const onward = step(second.cache, [5, 6]);
      const straight = step(empty, [1, 2, 3, 4, 5, 6]);
      expect([empty, first.cache, second.cache, branch.cache, onward.cache].map((c) => c.length)).toEqual([
        0, 3, 4, 4, 6,
      ]);
      expect(again.logits).toEqual(second.logits);
      expect(branch.logits).not.toEqual(second.logits);
      const last = straight.logits.slice(-61);
      const close = onward.logits.slice(-61).every((value, i) => Math.abs(value - last[i]) < 1e-4);
      expect(close).toBe(true);
      for (const { cache } of [first, second, branch, again, onward, straight]) cache.dispose();
    });

    test("reorder gathers rows, repeats and drops them, and leaves the source alone", () => {
      using empty = model.newCache(2, 8);
      const first = step(empty, [1, 2, 3], [4, 5, 6]);
      using turned = first.cache.reorder([1, 0, 1]);
      const fresh = step(first.cache, [7], [7]);
      const gathered = step(turned, [7], [7], [7]);
      const V = model.config.vocab_size;
      const row = (logits: ArrayLike<number>, i: number): number[] =>
        Array.from(logits).slice(i * V, (i + 1) * V);
      expect([0, 1, 2].map((i) => row(gathered.logits, i))).toEqual(
        [1, 0, 1].map((i) => row(fresh.logits, i)),
      );
      expect(row(fresh.logits, 0)).not.toEqual(row(fresh.logits, 1));
      for (const { cache } of [first, fresh, gathered]) cache.dispose();
    });

    test("a batch of another size, and gradients, are errors", () => {
      using cache = model.newCache(2, 8);
      expect(() => step(cache, [1, 2])).toThrow(/KV cache.*does not fit a cache of \(2, 4, ·, 9\)/);
      scope(() => {
        using own = rows.newCache(1, 8);
        expect(() => rows.forward(tensor([[1, 2]], { dtype: "i32" }), { cache: own })).toThrow(/noGrad/);
      });
    });

    test("appending to a disposed one says so", () => {
      const cache = model.newCache(1, 8);
      cache.dispose();
      cache.dispose();
      expect(() => step(cache, [1])).toThrow(/disposed/);
    });
  });

  test(`the build is ${variant}`, () => {
    expect(model.transformer.wte.weight.storage.engine.info.variant).toBe(variant);
  });
});

test.each(["simd", "relaxed"] as const)("memory is flat over 200 generations, %s", async (variant) => {
  await init({ variant, development: false });
  const model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
  const before = live();
  let heapBytes = 0;
  for (let i = 0; i < 200; i++) {
    const options = { numBeams: i % 10 === 0 ? 3 : 1, doSample: i % 10 === 5, eosTokenId: null };
    await idsOf(model, { maxNewTokens: 2 + (i % 4), ...options });
    expect(live()).toEqual(before);
    if (i === 20) heapBytes = memory().heapBytes;
  }
  expect(memory().heapBytes).toBe(heapBytes);
  terminate();
});

test("no room for a cache frees what it had", async () => {
  await init({ maximumBytes: 2 << 20 });
  const model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
  const before = live();
  expect(() => model.newCache(200, 32)).toThrow(OutOfMemoryError);
  expect(live()).toEqual(before);
  using small = model.newCache(20, 32);
  expect(() => small.reorder(Array.from({ length: 200 }, () => 0))).toThrow(OutOfMemoryError);
  small.dispose();
  expect(live()).toEqual(before);
  expect((await idsOf(model, { eosTokenId: null })).length).toBe(20);
  terminate();
});
