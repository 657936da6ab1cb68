import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, describe, expect, test } from "vitest";
import { Interrupted } from "../src/terminal/errors.ts";
import { outcomeOf, saccade, spawnSaccade } from "./session.ts";

const PROMPT = "One day Mia found 5 red kites. She gave 1 to Leo. Now Mia has";
const scratch = await mkdtemp(join(tmpdir(), "saccade-test-"));
afterAll(() => rm(scratch, { recursive: true }));

const generate = (...words: string[]) => saccade(["generate", "--prompt", PROMPT, ...words]);

describe("generate", () => {
  test("the bundled checkpoint knows its tales: greedy text on stdout, facts on stderr", async () => {
    const { status, stdout, stderr } = await generate("-n", "6");
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringMatching(/ has 4 red/) });
    expect(stdout.startsWith(PROMPT)).toBe(true);
    expect(stdout.endsWith("\n")).toBe(true);
    expect(stdout.trimEnd().length).toBeLessThanOrEqual(PROMPT.length + 6);
    expect(stderr).toMatch(/^6 tokens, .* tokens\/s · GPT2LMHeadModel, [\d,]+ parameters, context \d+\n$/);
  });

  test("--json prints one object and nothing else", async () => {
    const { stdout } = await generate("-n", "6", "--json");
    const result = JSON.parse(stdout);
    expect(result).toMatchObject({ prompt: PROMPT, finishReason: "length" });
    expect(result.promptIds).toHaveLength(PROMPT.length);
    expect(result.ids).toHaveLength(6);
    expect(result.text).toHaveLength(6);
  });

  test("--profile shows what each op cost, and writes every call as a Chrome trace", async () => {
    const trace = join(scratch, "trace.json");
    const { status, stdout, stderr } = await generate("-n", "6", "--profile", trace);
    expect(status).toBe(0);
    expect(stdout).toBe((await generate("-n", "6")).stdout);
    expect(stderr).toMatch(/^op +calls +ms +share +GFLOP\/s +GB\/s +moved\n/);
    expect(stderr).toMatch(/\nattention +\d+ /);
    expect(stderr).toMatch(/\nops [\d.]+ ms of [\d.]+ ms\n[\d,]+ calls written to .*trace\.json/);
    const { traceEvents } = JSON.parse(await readFile(trace, "utf8"));
    expect(traceEvents.length).toBeGreaterThan(50);
    expect(traceEvents[0]).toMatchObject({ ph: "X", name: expect.any(String), ts: expect.any(Number) });
    expect((await generate("-n", "1", "--profile", join(scratch, "none", "trace.json"))).status).toBe(1);
  });

  test("the prompt may come from stdin", async () => {
    const read = await saccade(["generate", "--prompt", "-", "-n", "6"], { input: `${PROMPT}\n` });
    expect(read.stdout).toBe((await generate("-n", "6")).stdout);
  });

  test("--max-length counts the prompt", async () => {
    const { stdout } = await generate("--max-length", String(PROMPT.length + 3), "--json");
    expect(JSON.parse(stdout).ids).toHaveLength(3);
  });

  test("--stop ends the text behind it", async () => {
    const { stdout } = await generate("--stop", ".", "--json");
    const { text, finishReason } = JSON.parse(stdout);
    expect(text).toMatch(/^[^.]+\.$/);
    expect(finishReason).toBe("stop");
  });

  test("a seed repeats a draw, without one it is told", async () => {
    const draw = (...words: string[]) => generate("-n", "40", "--temperature", "2", ...words);
    const [first, second] = [await draw("--seed", "7"), await draw("--seed", "7")];
    expect(first.stdout).toBe(second.stdout);
    const free = await draw();
    const [, seed = ""] = /^seed (\d+)\n/.exec(free.stderr) ?? [];
    expect((await draw("--seed", seed)).stdout).toBe(free.stdout);
  });

  test("beams give the text at the end", async () => {
    const { status, stdout } = await generate("-n", "6", "--num-beams", "3");
    expect(status).toBe(0);
    expect(stdout.length).toBe(PROMPT.length + 7);
  });

  test("--attentions writes rows that are distributions over what came before", async () => {
    const file = join(scratch, "map.json");
    const { status } = await generate("-n", "4", "--attentions", file);
    expect(status).toBe(0);
    const { tokens, layers } = JSON.parse(await readFile(file, "utf8"));
    expect(tokens.join("").startsWith(PROMPT)).toBe(true);
    const T = PROMPT.length + 4;
    for (const map of layers.flat()) {
      expect(map).toHaveLength(T);
      for (const [query, row] of map.entries()) {
        expect(row.reduce((sum: number, weight: number) => sum + weight, 0)).toBeCloseTo(1, 3);
        expect(row.slice(query + 1).every((weight: number) => weight === 0)).toBe(true);
      }
    }
  });

  test("characters the model does not know are pointed out", async () => {
    const { stderr } = await saccade(["generate", "--prompt", "Mia € had", "-n", "2"]);
    expect(stderr).toContain("vocabulary lacks some characters");
  });

  test("what does not fit the context is refused with the number that does", async () => {
    const { status, stderr } = await generate("-n", "5000");
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: generate: .* ask for at most \d+\n$/);
  });
});

test("Ctrl-C ends the wait for stdin with 130 and no message", async () => {
  const interruption = new AbortController();
  const neverEnding = new PassThrough();
  const options = { input: neverEnding, signal: interruption.signal };
  const ended = saccade(["generate", "--prompt", "-"], options);
  interruption.abort(new Interrupted("interrupted"));
  expect(await ended).toEqual({ status: 130, stdout: "", stderr: "" });
});

describe("look", () => {
  test("draws a map of the words", async () => {
    const { status, stdout } = await saccade(["look", "--prompt", PROMPT]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^layer \d, head \d \(the one that looks furthest back\)\n/);
    expect(stdout).toMatch(/^ *found {2}\S/m);
    expect(stdout).toContain("█");
    expect(stdout).not.toContain("\u001b");
  });

  test("draws the text itself where a map would be too wide", async () => {
    const { stdout } = await saccade(["look", "--tokens", "--layer", "1", "--prompt", PROMPT]);
    expect(stdout).toMatch(/^layer 1, mean of \d heads\ntoo long for a map/);
    expect(stdout).toContain("One day Mia found");
  });

  test("--json has all layers and heads", async () => {
    const { stdout } = await saccade(["look", "--json", "--prompt", "Mia"]);
    const { tokens, layers } = JSON.parse(stdout);
    expect(tokens).toEqual(["M", "i", "a"]);
    expect(layers[0][0]).toHaveLength(3);
  });

  test("a layer that is not there is wrong usage", async () => {
    const { status, stderr } = await saccade(["look", "--prompt", "Mia", "--layer", "99"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/--layer 99: the model has layers 1 to \d/);
  });
});

describe("as a process", () => {
  test("a reader that has enough ends it quietly", async () => {
    const child = spawnSaccade(["generate", "--prompt", PROMPT, "-n", "50"]);
    // Closed before the first word rather than behind it, which would be a race with a model this fast.
    child.stdout.destroy();
    const stderr = text(child.stderr);
    const [status] = await once(child, "close");
    expect({ status, stderr: await stderr }).toEqual({ status: 0, stderr: "" });
  });

  test("NO_COLOR and FORCE_COLOR are honoured", async () => {
    const help = (env: Record<string, string>) => outcomeOf(spawnSaccade(["--help"], env));
    const [without, forced] = await Promise.all([
      help({ NO_COLOR: "1", FORCE_COLOR: "1" }),
      help({ FORCE_COLOR: "1" }),
    ]);
    expect(without?.stdout).not.toContain("\u001b[");
    expect(forced?.stdout).toContain("\u001b[1mUsage:");
  });
});
