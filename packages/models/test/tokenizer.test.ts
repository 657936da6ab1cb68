// Tokenizers: GPT-2's byte-level BPE against its own test vectors, the character level, and text from a stream of ids.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { init, SaccadeError, terminate } from "@saccade/core";
import {
  AutoTokenizer,
  characterTokenizer,
  GPT2LMHeadModel,
  generate,
  PreTrainedTokenizer,
  TextStreamer,
} from "@saccade/models";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { StopStrings } from "../src/generation/stopping.ts";
import { collect } from "./collect.ts";
import { directory } from "./fixture.ts";
import { readJsonFile } from "./reference.ts";

const characters = fileURLToPath(new URL("./fixtures/characters", import.meta.url));
const data = fileURLToPath(new URL("../../../../shared/data/gpt2_bpe", import.meta.url));

/** tokenizer.json of GPT-2, from the two files it was first published as. */
function byteLevelBpe(vocab: Record<string, unknown>, merges: string): Record<string, unknown> {
  const end = "<|endoftext|>";
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  const addedTokens = vocab[end] === undefined ? [] : [{ id: vocab[end], content: end, ...flags }];
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: addedTokens,
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      vocab,
      merges: merges.split("\n").filter((line) => line !== "" && !line.startsWith("#version")),
    },
  };
}

/** Byte-level without a merge: every byte of UTF-8 is a token, in GPT-2's spelling of bytes. */
function bytesOnly(): PreTrainedTokenizer {
  const printable = (byte: number): boolean => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  const others = Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => !printable(byte));
  const spelled = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : 256 + others.indexOf(byte)),
  );
  return new PreTrainedTokenizer(
    byteLevelBpe(Object.fromEntries(spelled.map((token, byte) => [token, byte])), ""),
  );
}

function streamed(tokenizer: PreTrainedTokenizer, ids: readonly number[]): string[] {
  const streamer = new TextStreamer(tokenizer);
  return [...ids.map((id) => streamer.push(id)), streamer.flush()];
}

describe("GPT-2's byte-level BPE", () => {
  let gpt2: PreTrainedTokenizer;
  beforeAll(() => {
    if (!existsSync(data)) return;
    gpt2 = new PreTrainedTokenizer(
      byteLevelBpe(readJsonFile(`${data}/encoder.json`), readFileSync(`${data}/vocab.bpe`, "utf8")),
    );
  });
  beforeEach((ctx) => ctx.skip(!existsSync(data), "no ../shared/data/gpt2_bpe beside the repository"));

  test("its own test vectors, there and back", () => {
    const { cases } = readJsonFile(`${data}/vectors.json`) as { cases: [string, number[]][] };
    expect(cases.length).toBeGreaterThanOrEqual(7);
    for (const [text, ids] of cases) {
      expect(gpt2.encode(text)).toEqual(ids);
      expect(gpt2.decode(ids)).toBe(text);
    }
    expect(gpt2.vocabSize).toBe(50257);
    expect(gpt2.idToToken(50256)).toBe("<|endoftext|>");
    expect(gpt2.tokenToId("Ġthe")).toBe(262);
    expect(gpt2.tokenToId("no such token")).toBeUndefined();
  });

  test("its end token is one id, and can be left out of the text", () => {
    const ids = gpt2.encode("a<|endoftext|>b");
    expect(ids).toEqual([64, 50256, 65]);
    expect(gpt2.decode(ids)).toBe("a<|endoftext|>b");
    expect(gpt2.decode(ids, { skipSpecialTokens: true })).toBe("ab");
  });

  test("any text comes back, at once and streamed", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const ids = gpt2.encode(text);
        expect(gpt2.decode(ids)).toBe(text);
        expect(streamed(gpt2, ids).join("")).toBe(text);
      }),
      { numRuns: 200, seed: 1 },
    );
  });

  test("a character of several tokens comes out whole, when it is complete", () => {
    const text = "hello 👋 world 🌍\nnext";
    const ids = gpt2.encode(text);
    const parts = streamed(gpt2, ids);
    expect(parts.join("")).toBe(text);
    expect(parts.join("|")).not.toContain("\ufffd");
    expect(parts.slice(0, 3)).toEqual(["hello", "", " 👋"]);
  });
});

describe("TextStreamer", () => {
  const tokenizer = bytesOnly();
  const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];

  test("holds back bytes until their character is whole", () => {
    expect(streamed(tokenizer, bytes("é👋a"))).toEqual(["", "é", "", "", "", "👋", "a", ""]);
  });

  test("shows at the end what never became whole", () => {
    const parts = streamed(tokenizer, bytes("👋").slice(0, 2));
    expect(parts.slice(0, 2)).toEqual(["", ""]);
    expect(parts[2]).toMatch(/^\ufffd+$/);
  });

  test("a line's end begins anew, and bytes that are no character hide nothing behind them", () => {
    expect(streamed(tokenizer, bytes("one\ntwo\n\nthree")).join("")).toBe("one\ntwo\n\nthree");
    expect(streamed(tokenizer, [0xff, ...bytes("ab\n"), 0xc3, ...bytes("cd")]).join("")).toBe(
      "\ufffdab\n\ufffdcd",
    );
  });

  test("a text's own U+FFFD comes out, at once or with what follows", () => {
    expect(streamed(tokenizer, bytes("a\ufffdb")).join("")).toBe("a\ufffdb");
    expect(streamed(tokenizer, bytes("a\ufffd")).join("")).toBe("a\ufffd");
  });

  test("flush leaves it as new", () => {
    const streamer = new TextStreamer(tokenizer);
    streamer.push(bytes("é")[0]);
    streamer.flush();
    expect(streamer.push(65)).toBe("A");
    expect(streamer.flush()).toBe("");
  });
});

describe("characterTokenizer", () => {
  const corpus = readFileSync(`${characters}/corpus.txt`, "utf8");

  test("ids are the characters in order of code point", () => {
    const tokenizer = characterTokenizer("hello\nwörld 10");
    expect(tokenizer.vocabSize).toBe(12);
    expect(tokenizer.encode("\n 01dehlorwö")).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(tokenizer.decode([6, 5, 7, 7, 8])).toBe("hello");
    expect(tokenizer.decode([])).toBe("");
  });

  test("any text comes back, also through its files", async () => {
    const folder = mkdtempSync(`${tmpdir()}/saccade-tokenizer-`);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", minLength: 1 }), async (text) => {
        const tokenizer = characterTokenizer(text);
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
        expect(tokenizer.encode(text).length).toBe([...text].length);
        await tokenizer.savePretrained(folder);
        expect((await AutoTokenizer.fromPretrained(folder)).encode(text)).toEqual(tokenizer.encode(text));
      }),
      { numRuns: 40, seed: 2 },
    );
    rmSync(folder, { recursive: true });
  });

  // expected.json is what transformers made of these files: tools/oracle/verify_tokenizer.py
  test("writes the files that transformers has read, with the same ids", async () => {
    const folder = mkdtempSync(`${tmpdir()}/saccade-tokenizer-`);
    await characterTokenizer(corpus).savePretrained(folder);
    for (const file of ["tokenizer.json", "tokenizer_config.json"]) {
      expect(readFileSync(`${folder}/${file}`, "utf8")).toBe(readFileSync(`${characters}/${file}`, "utf8"));
    }
    rmSync(folder, { recursive: true });
    const tokenizer = await AutoTokenizer.fromPretrained(characters);
    type Expected = {
      isFast: boolean;
      vocabSize: number;
      cases: { text: string; ids: number[]; decoded: string }[];
    };
    const { isFast, vocabSize, cases } = readJsonFile(`${characters}/expected.json`) as unknown as Expected;
    expect(isFast).toBe(true);
    expect(tokenizer.vocabSize).toBe(vocabSize);
    for (const { text, ids, decoded } of cases) {
      expect(tokenizer.encode(text)).toEqual(ids);
      expect(tokenizer.decode(ids)).toBe(decoded);
    }
  });
});

describe("AutoTokenizer", () => {
  test("a directory without tokenizer.json, and one that is no tokenizer, are errors that name it", async () => {
    await expect(AutoTokenizer.fromPretrained(directory)).rejects.toThrow(/there is no tokenizer\.json/);
    const files = new Map([["tokenizer.json", new TextEncoder().encode('{"model": {"type": "Abacus"}}')]]);
    const error = await AutoTokenizer.fromPretrained(files).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SaccadeError);
    expect((error as SaccadeError).message).toMatch(/tokenizer\.json/);
  });
});

test("stop strings end a text: across tokens, as part of it, the first one reached", async () => {
  await init({ variant: "simd", development: false });
  const model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
  const letters = Array.from({ length: 61 }, (_, id) => String.fromCharCode(0x30 + id)).join("");
  const tokenizer = characterTokenizer(letters);
  const run = (stopStrings: string[], maxNewTokens = 26): Promise<number[]> =>
    collect(
      generate(model, [47, 32, 44, 35, 11, 43], { eosTokenId: null, maxNewTokens, stopStrings, tokenizer }),
    );
  const whole = await run([]);
  const text = tokenizer.decode(whole);
  expect(whole.length).toBe(26);
  expect(tokenizer.decode(await run([text.slice(4, 8)]))).toBe(text.slice(0, 8));
  expect(tokenizer.decode(await run(["never", text.slice(9, 11), text.slice(4, 7)]))).toBe(text.slice(0, 7));
  expect((await run(["\u007f".repeat(3)])).length).toBe(26);
  // The prompt is not searched.
  expect((await run([tokenizer.decode([11, 43])])).length).toBe(26);
  await expect(run([""])).rejects.toThrow(/a stop string is empty/);
  terminate();
});

test("a stop string is found wherever the text has got to", () => {
  const tokenizer = characterTokenizer("axy");
  for (let before = 0; before < 60; before++) {
    const stop = new StopStrings({ stopStrings: ["xyx", "yyyyy"], tokenizer });
    const ids = tokenizer.encode(`${"a".repeat(before)}xyx`);
    expect(ids.findIndex((id) => stop.reached(id))).toBe(before + 2);
  }
});
