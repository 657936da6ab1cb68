// Models whose weights are kept in fewer bits: what is saved, what loads again, and files that lie about it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { memory, nn, noGrad, scope, type Tensor } from "@saccade/core";
import { type GPT2Config, GPT2LMHeadModel, generate } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, load, logitsOf } from "./checkpoints.ts";
import { inBothBuilds } from "./engine.ts";
import { checkpointFiles, directory } from "./fixture.ts";
import { readJsonFile } from "./reference.ts";
import { putTogether, takeApart } from "./safetensorsFile.ts";

/** A language model with a convolution beside it. */
class WithPatches extends GPT2LMHeadModel {
  patches: nn.Conv1d;

  constructor(config: GPT2Config) {
    super(config);
    this.patches = new nn.Conv1d(1 << 14, 17, 8);
  }
}

/** For weights of a million elements, which toEqual would print. */
const bytesOf = (weight: Tensor): Buffer => Buffer.from(weight.toTypedArray().buffer);

inBothBuilds(() => {
  describe("savePretrained", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(`${tmpdir()}/saccade-few-bits-`);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each(["int8", "int4"] as const)(
      "%s weights are written as they lie, and load the same",
      async (dtype) => {
        using full = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
        using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { dtype, groupSize: 16 });
        const logits = logitsOf(model);
        const place = `${folder}/${dtype}`;
        await model.savePretrained(place);
        expect(await load(place)).toEqual(logits);
        await full.savePretrained(`${folder}/full`);
        const size = (path: string): number => readFileSync(`${path}/model.safetensors`).length;
        expect(size(place)).toBeLessThan(0.75 * size(`${folder}/full`));
        using rows = await GPT2LMHeadModel.fromPretrained(place, { trainable: true });
        expect(rows.transformer.wte.weight.panel).toBeNull();
        // The second token is the first product of one row.
        const second = async (exact: boolean): Promise<Float32Array> => {
          const seen: Float32Array[] = [];
          const spy = Object.create(model) as GPT2LMHeadModel;
          spy.forward = (ids, inputs) => {
            const output = model.forward(ids, inputs);
            seen.push(output.logits.toTypedArray() as Float32Array);
            return output;
          };
          const options = { maxNewTokens: 2, exact, eosTokenId: null };
          for await (const id of generate(spy, [1, 2, 3], options)) expect(id).toBeGreaterThanOrEqual(0);
          return seen[1];
        };
        const [exact, fast] = [await second(true), await second(false)];
        expect(await second(true)).toEqual(exact);
        expect(fast).not.toEqual(exact);
        const largest = Math.max(...exact.map(Math.abs));
        expect(Math.max(...fast.map((x, i) => Math.abs(x - exact[i])))).toBeLessThan(0.1 * largest);
        // Metadata that this version does not write, and panels of another size.
        const name = "transformer.wte.weight";
        const how = { format: dtype, group: 16, transposed: true };
        const damages: [unknown, RegExp][] = [
          [{ [name]: { ...how, format: "int3" } }, /saccade\.panels/],
          [{ [name]: { ...how, group: 12 } }, /saccade\.panels/],
          [null, /saccade\.panels/],
          [{ [name]: { ...how, group: 64 } }, /c_attn\.weight is \(\d+\), the model has/],
        ];
        for (const [panels, message] of damages) {
          const copy = checkpointFiles(dtype, {}, folder);
          const tensors = takeApart(copy.get("model.safetensors") as Uint8Array);
          copy.set(
            "model.safetensors",
            putTogether(tensors, (header) => {
              header.__metadata__ = { "saccade.panels": JSON.stringify(panels) };
            }),
          );
          expect(await failure(() => load(copy))).toMatch(message);
        }
        const copy = checkpointFiles(dtype, {}, folder);
        const tensors = takeApart(copy.get("model.safetensors") as Uint8Array);
        const lie = (header: Record<string, Record<string, unknown>>): void => {
          header.__metadata__ = { "saccade.panels": JSON.stringify({ [name]: how }) };
          header[name].dtype = "F32";
        };
        copy.set("model.safetensors", putTogether(tensors, lie));
        expect(await failure(() => load(copy))).toMatch(/wte\.weight" is said to hold panels/);
      },
    );

    test("what cannot be held is an error, and the file that was there stays", async () => {
      const both = { trainable: true, dtype: "int8" } as const;
      expect(await failure(() => GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, both))).toMatch(
        /^fromPretrained: /,
      );
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`, { trainable: true });
      const place = `${folder}/large`;
      await model.savePretrained(place, { dtype: "F16" });
      const before = readFileSync(`${place}/model.safetensors`);
      noGrad(() => scope(() => void model.transformer.ln_f.weight?.narrow(0, 3, 1).fill_(70000)));
      expect(await failure(() => model.savePretrained(place, { dtype: "F16" }))).toMatch(
        /ln_f\.weight.*element 3 is 70000.*F16/,
      );
      expect(readFileSync(`${place}/model.safetensors`)).toEqual(before);
      await model.savePretrained(place, { dtype: "BF16" });
    });

    // The embedding takes two pieces of a file in rows of 64, and a Conv1D's weight is (K, N).
    test.each(["f32", "bf16", "f16", "int8", "int4"] as const)(
      "weights packed as they are read, in %s, are those of pack()",
      async (dtype) => {
        using tiny = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
        using model = new GPT2LMHeadModel({ ...tiny.config, vocab_size: 18_003, n_embd: 64 });
        const places = ["wte.weight", "h.0.mlp.c_fc.weight"].map((name) => `transformer.${name}`);
        noGrad(() =>
          scope(() => {
            // More than f16 holds here, near the end.
            for (const name of places) (model.stateDict().get(name) as Tensor).narrow(0, -2, 1).fill_(70);
          }),
        );
        await model.savePretrained(`${folder}/wide`);
        const before = memory().liveBytes;
        using read = await GPT2LMHeadModel.fromPretrained(`${folder}/wide`, { dtype });
        using wanted = await GPT2LMHeadModel.fromPretrained(`${folder}/wide`, { trainable: true });
        wanted.eval().pack({ dtype });
        for (const name of places)
          expect(read.stateDict().get(name)?.panel?.format).toBe(dtype === "f16" ? "f32" : dtype);
        for (const [name, weight] of wanted.stateDict()) {
          const got = read.stateDict().get(name) as Tensor;
          expect(got.panel, name).toEqual(weight.panel);
          expect(bytesOf(got).equals(bytesOf(weight)), name).toBe(true);
        }
        read.dispose();
        wanted.dispose();
        expect(memory().liveBytes).toBe(before);
      },
    );

    // A convolution's weight is packed as (N, all else), in few bits only. This one takes three pieces of a file, and its
    // last row more than f16 holds.
    test.each(["f32", "bf16", "f16", "int8", "int4"] as const)(
      "the weight of a convolution loads in %s, and again from what was saved",
      async (dtype) => {
        using tiny = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
        using model = nn.build(() => new WithPatches(tiny.config));
        noGrad(() =>
          scope(() => {
            model.patches.weight.narrow(0, -1, 1).fill_(70);
          }),
        );
        await model.savePretrained(`${folder}/patches`);
        const before = memory().liveBytes;
        using wanted = await WithPatches.fromPretrained(`${folder}/patches`, { trainable: true });
        wanted.eval().pack({ dtype, groupSize: 16 });
        using read = await WithPatches.fromPretrained(`${folder}/patches`, { dtype, groupSize: 16 });
        await read.savePretrained(`${folder}/patches-${dtype}`);
        using again = await WithPatches.fromPretrained(`${folder}/patches-${dtype}`);
        const keeps = dtype !== "f32" && dtype !== "f16";
        expect(wanted.patches.weight.panel?.format).toBe(keeps ? dtype : undefined);
        for (const { patches } of [read, again]) {
          const stays = patches === read.patches || dtype.startsWith("int");
          expect(patches.weight.panel).toEqual(stays ? wanted.patches.weight.panel : null);
          expect(bytesOf(patches.weight).equals(bytesOf(wanted.patches.weight))).toBe(true);
        }
        for (const made of [wanted, read, again]) made.dispose();
        expect(memory().liveBytes).toBe(before);
      },
    );

    test.each([
      ["F16", 2 ** -11],
      ["BF16", 2 ** -8],
    ] as const)("%s halves the file; loaded with the type it stays in it", async (dtype, step) => {
      using model = await GPT2LMHeadModel.fromPretrained(`${directory}/tiny`);
      await model.savePretrained(`${folder}/${dtype}`, { dtype });
      const kept = dtype === "F16" ? "f16" : "bf16";
      using half = await GPT2LMHeadModel.fromPretrained(`${folder}/${dtype}`, { dtype: kept });
      expect(half.lm_head.weight.panel?.format).toBe(kept);
      const [wanted, got] = [model, half].map((m) => m.transformer.wte.weight.toTypedArray());
      const off = Math.max(...got.map((w, i) => Math.abs(w - wanted[i])));
      expect(off).toBeGreaterThan(0);
      expect(off).toBeLessThanOrEqual(step * Math.max(...wanted.map(Math.abs)));
      expect(readJsonFile(`${folder}/${dtype}/config.json`).dtype).toBe(
        dtype === "F16" ? "float16" : "bfloat16",
      );
    });
  });
});
