// Models whose weights are kept in fewer bits: what is saved, what loads again, and files that lie about it.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { GPT2LMHeadModel, generate } from "@saccade/models";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { failure, load, logitsOf } from "./checkpoints.ts";
import { inBothBuilds } from "./engine.ts";
import { checkpointFiles, directory } from "./fixture.ts";
import { readJsonFile } from "./reference.ts";
import { putTogether, takeApart } from "./safetensorsFile.ts";

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
        const greedy = async (exact: boolean): Promise<number[]> => {
          const ids: number[] = [];
          for await (const id of generate(model, [1, 2, 3], { maxNewTokens: 4, exact })) ids.push(id);
          return ids;
        };
        expect(await greedy(true)).toHaveLength(4);
        expect(await greedy(false)).toHaveLength(4);
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
