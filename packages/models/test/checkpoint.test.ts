// Checkpoints in every form they are met in, and in every way they can be broken.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { HostRandom, info, init, memory, scope, terminate } from "@saccade/core";
import { AutoModelForCausalLM, type CheckpointLocation, GPT2LMHeadModel } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, load, logitsOf } from "./checkpoints.ts";
import { inBothBuilds, live } from "./engine.ts";
import { checkpointFiles, directory, Fixture } from "./fixture.ts";
import { readJsonFile } from "./reference.ts";
import { type FileTensor, putTogether, takeApart, withHeader } from "./safetensorsFile.ts";

const forward = new Fixture("forward");
const variants = new Fixture("variants");
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** tiny, with its tensors changed by `change`. */
function altered(
  change: (tensors: Map<string, FileTensor>) => Map<string, FileTensor> | undefined,
  config: Record<string, unknown> = {},
  folder = "tiny",
): Map<string, Uint8Array> {
  const files = checkpointFiles(folder, config);
  const tensors = takeApart(files.get("model.safetensors") as Uint8Array);
  return files.set("model.safetensors", putTogether(change(tensors) ?? tensors));
}

const failureOf = (files: CheckpointLocation): Promise<string> =>
  failure(() => GPT2LMHeadModel.fromPretrained(files));

inBothBuilds(() => {
  let clean: Float32Array;
  beforeAll(async () => {
    clean = await load(`${directory}/tiny`);
  });

  describe("forms", () => {
    test.each(["tiny-hub", "tiny-sharded"])("%s is the same model as tiny", async (name) => {
      expect(await load(`${directory}/${name}`)).toEqual(clean);
    });

    test("float16, with uint8 masks", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny-hub-f16`);
      scope(() => variants.expectClose("float16.logits", model.forward(forward.input("input_ids")).logits));
    });

    test("untied", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny-untied`);
      expect(model.lm_head.weight).not.toBe(model.transformer.wte.weight);
      scope(() => variants.expectClose("untied.logits", model.forward(forward.input("input_ids")).logits));
    });

    test("files of the page, as bytes and as Blobs", async () => {
      const files = checkpointFiles("tiny");
      expect(await load(files)).toEqual(clean);
      const blobs = new Map(
        [...files].map(([name, bytes]) => [name, new Blob([bytes as Uint8Array<ArrayBuffer>])]),
      );
      expect(await load(blobs)).toEqual(clean);
    });

    test("tensors in any order", async () => {
      const random = new HostRandom(5);
      for (let round = 0; round < 3; round++) {
        const shuffled = altered((tensors) => {
          const entries = [...tensors];
          return new Map([...random.permutation(entries.length)].map((i) => entries[i]));
        });
        expect(await load(shuffled)).toEqual(clean);
      }
    });

    test("old layer norms' gamma and beta", async () => {
      const renamed = altered((tensors) => {
        const old = (name: string): string =>
          name.replace(/(ln_\w+)\.weight$/, "$1.gamma").replace(/(ln_\w+)\.bias$/, "$1.beta");
        return new Map([...tensors].map(([name, entry]) => [old(name), entry]));
      });
      expect([...takeApart(renamed.get("model.safetensors") as Uint8Array).keys()].join()).toMatch(
        /gamma.*beta|beta.*gamma/,
      );
      expect(await load(renamed)).toEqual(clean);
    });

    test("a tied weight under its other name only, or under both", async () => {
      const head = altered((tensors) => {
        const shared = tensors.get("transformer.wte.weight") as FileTensor;
        tensors.delete("transformer.wte.weight");
        tensors.set("lm_head.weight", shared);
        return undefined;
      });
      expect(await load(head)).toEqual(clean);
      const both = altered((tensors) => {
        tensors.set("lm_head.weight", tensors.get("transformer.wte.weight") as FileTensor);
        return undefined;
      });
      expect(await load(both)).toEqual(clean);
    });

    test("an untied config wants the head that a tied file lacks", async () => {
      const message = await failureOf(checkpointFiles("tiny", { tie_word_embeddings: false }));
      expect(message).toMatch(/missing \(1\): lm_head\.weight/);
    });

    test("a tied config takes the token embedding of an untied file", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(
        checkpointFiles("tiny-untied", { tie_word_embeddings: true }),
      );
      expect(model.lm_head.weight).toBe(model.transformer.wte.weight);
      expect(logitsOf(model)).toEqual(clean);
    });

    test("AutoModelForCausalLM takes the class from config.json", async () => {
      using model = await AutoModelForCausalLM.fromPretrained(`${directory}/tiny`);
      expect(model).toBeInstanceOf(GPT2LMHeadModel);
      expect(model.training).toBe(false);
    });

    test("progress ends at the total", async () => {
      const seen: number[] = [];
      let total = 0;
      const onProgress = (progress: { loadedBytes: number; totalBytes: number }): void => {
        seen.push(progress.loadedBytes);
        total = progress.totalBytes;
      };
      using _ = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny-sharded`, { onProgress });
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.at(-1)).toBe(total);
      expect(total).toBeGreaterThan(140_000);
    });
  });

  describe("names and shapes", () => {
    test("missing, unexpected and mis-shaped names stand in one error", async () => {
      const message = await failureOf(
        altered((tensors) => {
          tensors.delete("transformer.ln_f.bias");
          tensors.set("transformer.h.7.ln_1.bias", tensors.get("transformer.ln_f.weight") as FileTensor);
          const bias = tensors.get("transformer.h.0.attn.c_attn.bias") as FileTensor;
          tensors.set("transformer.h.0.attn.c_attn.bias", { ...bias, shape: [36, 3] });
          return undefined;
        }),
      );
      expect(message).toContain("GPT2LMHeadModel");
      expect(message).toContain("missing (1): transformer.ln_f.bias");
      expect(message).toContain("unexpected (1): transformer.h.7.ln_1.bias");
      expect(message).toMatch(
        /mis-shaped \(1\): transformer\.h\.0\.attn\.c_attn\.bias is \(36, 3\), the model has \(108\)/,
      );
    });

    test("a transposed Conv1D weight is mis-shaped, not silently read", async () => {
      const message = await failureOf(
        altered((tensors) => {
          const weight = tensors.get("transformer.h.1.mlp.c_fc.weight") as FileTensor;
          tensors.set("transformer.h.1.mlp.c_fc.weight", { ...weight, shape: [144, 36] });
          return undefined;
        }),
      );
      expect(message).toContain("transformer.h.1.mlp.c_fc.weight is (144, 36), the model has (36, 144)");
    });

    test("one parameter under two spellings", async () => {
      const message = await failureOf(
        altered((tensors) => tensors.set("ln_f.bias", tensors.get("transformer.ln_f.bias") as FileTensor)),
      );
      expect(message).toMatch(
        /"(transformer\.)?ln_f\.bias" and "(transformer\.)?ln_f\.bias" are both names of/,
      );
    });

    test("a config of other sizes", async () => {
      const message = await failureOf(checkpointFiles("tiny", { vocab_size: 62, n_layer: 3 }));
      expect(message).toMatch(/missing \(12\).*h\.2\./);
      expect(message).toContain("transformer.wte.weight is (61, 36), the model has (62, 36)");
    });
  });

  describe("config.json", () => {
    const config = readJsonFile(`${directory}/tiny/config.json`);
    const withConfig = (value: Record<string, unknown>): Map<string, Uint8Array> =>
      checkpointFiles("tiny", value);

    test("absent, not JSON, no object", async () => {
      const files = checkpointFiles("tiny");
      files.delete("config.json");
      expect(await failureOf(files)).toContain("there is no config.json");
      expect(await failureOf(files.set("config.json", text('{"n_embd": 36,')))).toMatch(
        /config\.json: not JSON/,
      );
      expect(await failureOf(files.set("config.json", text("[1, 2]")))).toMatch(
        /config\.json: not a JSON object/,
      );
      expect(await failureOf(`${directory}/nowhere`)).toContain("nowhere: there is no config.json");
    });

    test("an unknown model_type, by the Auto class and by the class itself", async () => {
      const files = withConfig({ model_type: "mamba" });
      const auto = await failure(() => AutoModelForCausalLM.fromPretrained(files));
      expect(auto).toMatch(/model_type "mamba".*known are gpt2/);
      expect(await failureOf(files)).toMatch(/model_type "mamba".*GPT2LMHeadModel.*"gpt2"/);
    });

    test.each([
      [{ n_head: 5 }, /n_embd 36 is not a multiple of n_head 5/],
      [{ activation_function: "mish" }, /activation_function "mish" is not one of gelu_new/],
      [{ n_layer: 1.5 }, /n_layer is 1\.5/],
      [{ n_embd: "36" }, /n_embd is "?36"?, it must be an integer/],
      [{ vocab_size: 0 }, /vocab_size is 0/],
    ])("%j", async (change, message) => {
      expect(await failureOf(withConfig({ ...config, ...change }))).toMatch(message);
    });
  });

  describe("damaged files", () => {
    const file = (): Uint8Array => checkpointFiles("tiny").get("model.safetensors") as Uint8Array;
    const withFile = (bytes: Uint8Array): Map<string, Uint8Array> =>
      checkpointFiles("tiny").set("model.safetensors", bytes);

    test("no weights at all", async () => {
      const files = checkpointFiles("tiny");
      files.delete("model.safetensors");
      expect(await failureOf(files)).toMatch(
        /neither model\.safetensors nor model\.safetensors\.index\.json/,
      );
    });

    test.each([0, 3, 8, 200, 5000, 140_000])("cut to %i bytes", async (length) => {
      expect(await failureOf(withFile(file().slice(0, length)))).toMatch(
        /model\.safetensors: not a sound safetensors file/,
      );
    });

    test("bytes behind the end", async () => {
      expect(await failureOf(withFile(new Uint8Array([...file(), 0])))).toContain("belong to no tensor");
    });

    test.each([
      ["a huge header length", () => new Uint8Array(16).fill(255), /header length/],
      ["a header that is no JSON", () => withHeader("{nope"), /header is not JSON/],
      [
        "offsets that overlap",
        () =>
          lying((h) => {
            h["transformer.ln_f.bias"].data_offsets = [0, 144];
          }),
        /begins at/,
      ],
      [
        "a shape that lies",
        () =>
          lying((h) => {
            h["transformer.ln_f.bias"].shape = [37];
          }),
        /by shape and type/,
      ],
      [
        "an unknown type",
        () =>
          lying((h) => {
            h["transformer.ln_f.bias"].dtype = "F4";
          }),
        /the type "F4"/,
      ],
    ])("%s", async (_, make, message) => {
      expect(await failureOf(withFile(make()))).toMatch(message);
    });

    function lying(lie: Parameters<typeof putTogether>[1]): Uint8Array {
      return putTogether(takeApart(file()), lie);
    }

    test("a shard that the index names is not there, or the index has no map", async () => {
      const files = checkpointFiles("tiny");
      files.delete("model.safetensors");
      const index = (map: unknown): Map<string, Uint8Array> =>
        files.set("model.safetensors.index.json", text(JSON.stringify({ weight_map: map })));
      expect(await failureOf(index({ "transformer.wte.weight": "gone.safetensors" }))).toMatch(
        /gone\.safetensors.*not there/,
      );
      expect(await failureOf(index(undefined))).toContain("no weight_map");
      expect(await failureOf(index({ "transformer.wte.weight": 7 }))).toContain("weight_map");
      expect(await failureOf(index({ "transformer.wte.weight": "../model.safetensors" }))).toContain(
        "weight_map",
      );
    });

    test("a signal stops the loading", async () => {
      const before = live();
      const controller = new AbortController();
      const loading = GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, {
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await expect(loading).rejects.toThrow(/abort/i);
      expect(live()).toEqual(before);
    });
  });

  describe("savePretrained", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(`${tmpdir()}/saccade-checkpoint-`);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each(["tiny", "tiny-hub", "tiny-untied"])("what %s writes loads again, the same", async (name) => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/${name}`);
      const logits = logitsOf(model);
      await model.savePretrained(`${folder}/${name}`);
      expect(logitsOf(model)).toEqual(logits); // packed still, and whole
      expect(await load(`${folder}/${name}`)).toEqual(logits);
      expect(readdirSync(`${folder}/${name}`).sort()).toEqual(["config.json", "model.safetensors"]);
      const names = [...takeApart(readFileSync(`${folder}/${name}/model.safetensors`)).keys()];
      expect(names.includes("lm_head.weight")).toBe(name === "tiny-untied");
      expect(names).toContain("transformer.h.0.attn.c_attn.weight");
    });

    test("config.json names the type that the weights are written in", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(
        checkpointFiles("tiny-hub-f16", { dtype: "float16", torch_dtype: "float16" }),
      );
      await model.savePretrained(`${folder}/half`);
      const config = readJsonFile(`${folder}/half/config.json`);
      expect(config).toMatchObject({
        dtype: "float32",
        model_type: "gpt2",
        architectures: ["GPT2LMHeadModel"],
        n_embd: 36,
      });
      expect(config).not.toHaveProperty("torch_dtype");
    });

    test("a directory that cannot be made, and a file that cannot be written", async () => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
      writeFileSync(`${folder}/occupied`, "");
      expect(await failure(() => model.savePretrained(`${folder}/occupied`))).toContain(`${folder}/occupied`);
      expect(await failure(() => model.savePretrained(`${folder}/occupied/below`))).toContain(
        "could not be made",
      );
      expect(statSync(`${folder}/occupied`).size).toBe(0);
    });
  });
});

test("a model too large for the memory leaves it empty and usable", async () => {
  const folder = mkdtempSync(`${tmpdir()}/saccade-large-`);
  await init();
  using large = new GPT2LMHeadModel({ n_layer: 1, n_head: 1, n_embd: 64, vocab_size: 20_000 });
  await large.savePretrained(folder);
  terminate();
  await init({ maximumBytes: 2 << 20 });
  const before = memory();
  for (const options of [{}, { trainable: true }]) {
    await expect(GPT2LMHeadModel.fromPretrained(folder, options)).rejects.toThrow(/memory/);
    expect(memory().liveBytes).toBe(before.liveBytes);
    expect(memory().liveTensors).toBe(before.liveTensors);
  }
  expect((await load(`${directory}/tiny`)).length).toBe(2 * 13 * 61);
  expect(info().maximumBytes).toBe(2 << 20);
  terminate();
  rmSync(folder, { recursive: true });
});
