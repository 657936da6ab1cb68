// saccade convert: what it writes loads and tells its tale, what it says of each layer, and what it refuses.
import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { bundledCheckpoint } from "../src/checkpoint.ts";
import { saccade } from "./session.ts";

const PROMPT = "One day Mia found 5 red kites. She gave 1 to Leo. Now Mia has";
const scratch = await mkdtemp(join(tmpdir(), "saccade-test-"));
afterAll(() => rm(scratch, { recursive: true }));

const sizeOf = async (directory: string): Promise<number> =>
  (await stat(join(directory, "model.safetensors"))).size;

describe("convert", () => {
  test.each([
    ["int8", 0.4, 0.01],
    ["int4", 0.25, 0.12],
    ["f16", 0.51, 0.0003],
    ["bf16", 0.51, 0.002],
  ])("%s: smaller, with each layer's error, and the tale is the same", async (dtype, share, most) => {
    const out = join(scratch, dtype);
    const { status, stdout, stderr } = await saccade(["convert", "--dtype", dtype, bundledCheckpoint, out]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^layer +kept in +shape +relative error +largest\n/);
    const row = `^transformer\\.h\\.0\\.mlp\\.c_fc +${dtype} +64 × 256 +[\\d.]+ % `;
    expect(stdout).toMatch(new RegExp(row, "m"));
    expect(stderr).toMatch(/[\d.]+ KiB → [\d.]+ KiB · written to /);
    expect(await sizeOf(out)).toBeLessThan(share * (await sizeOf(bundledCheckpoint)));
    expect((await readdir(out)).sort()).toEqual((await readdir(bundledCheckpoint)).sort());
    const again = await saccade(["convert", "--dtype", dtype, bundledCheckpoint, out, "--force", "--json"]);
    const { layers } = JSON.parse(again.stdout);
    expect(layers).toHaveLength(9);
    for (const { relative, largest } of layers) {
      expect(relative).toBeGreaterThan(0);
      expect(relative).toBeLessThan(most);
      expect(largest).toBeGreaterThan(0);
    }
    for (const more of [[], ["--exact"]]) {
      const tale = await saccade(["generate", "-m", out, "-p", PROMPT, "-n", "6", ...more]);
      expect(tale.stdout).toMatch(/ has 4 red/);
    }
  });

  test("takes tokenizer files along, and leaves other weights and indices where they are", async () => {
    const from = join(scratch, "from");
    await cp(bundledCheckpoint, from, { recursive: true });
    const extra = [
      "tf_model.h5",
      "pytorch_model.bin.index.json",
      "model.safetensors.index.json",
      "merges.txt",
      ".x.json",
    ];
    for (const name of extra) await writeFile(join(from, name), "{}");
    const out = join(scratch, "to");
    expect((await saccade(["convert", "--dtype", "int8", from, out])).status).toBe(0);
    expect((await readdir(out)).sort()).toEqual([...(await readdir(bundledCheckpoint)), "merges.txt"].sort());
  });

  test("generate --dtype rounds while it loads", async () => {
    const { stdout } = await saccade(["generate", "-p", PROMPT, "-n", "6", "--dtype", "int8"]);
    expect(stdout).toMatch(/ has 4 red/);
  });

  test("refuses to write over what is there, and to convert into itself", async () => {
    const out = join(scratch, "once");
    expect((await saccade(["convert", "--dtype", "int8", bundledCheckpoint, out])).status).toBe(0);
    const before = await readFile(join(out, "model.safetensors"));
    const second = await saccade(["convert", "--dtype", "int4", bundledCheckpoint, out]);
    expect(second).toMatchObject({ status: 2, stderr: expect.stringContaining("--force") });
    expect(await readFile(join(out, "model.safetensors"))).toEqual(before);
    const itself = await saccade(["convert", "--dtype", "int4", out, join(out, ".")]);
    expect(itself).toMatchObject({ status: 2, stderr: expect.stringContaining("another directory") });
    const wrong = await saccade([
      "convert",
      "--dtype",
      "int4",
      "--group-size",
      "12",
      out,
      join(scratch, "x"),
    ]);
    expect(wrong).toMatchObject({ status: 2, stderr: expect.stringContaining("a multiple of 8") });
    const nothing = await saccade(["convert", "--dtype", "int4", join(scratch, "none"), join(scratch, "y")]);
    expect(nothing.status).toBe(1);
    await expect(stat(join(scratch, "y"))).rejects.toThrow();
  });
});
