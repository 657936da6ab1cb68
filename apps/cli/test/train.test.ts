import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { stories } from "../src/text/stories.ts";
import { outcomeOf, saccade, spawnSaccade } from "./session.ts";

const scratch = await mkdtemp(join(tmpdir(), "saccade-test-"));
afterAll(() => rm(scratch, { recursive: true }));
const data = join(scratch, "tales.txt");
await writeFile(data, stories(0, 60));

const small = [
  "--batch",
  "2",
  "--block",
  "16",
  "--layers",
  "1",
  "--heads",
  "2",
  "--width",
  "16",
  "--lr",
  "0.01",
];
const words = (out: string, ...more: string[]) => [
  "train",
  "gpt",
  "--data",
  data,
  "--out",
  join(scratch, out),
  ...small,
  ...more,
];

const weights = (out: string) => readFile(join(scratch, out, "model.safetensors"));

describe("train gpt", () => {
  test("writes a checkpoint that generate loads, and says how to use it", async () => {
    const { status, stdout, stderr } = await saccade(words("plain", "--steps", "20"));
    expect(status).toBe(0);
    expect(stdout).toMatch(/^held-out loss \d\.\d{3}, step 20, .* tokens\/s: .*plain\n$/);
    expect(stderr).toContain("training 20/20  loss");
    expect(stderr).toContain("try it: saccade generate --model");
    const config = JSON.parse(await readFile(join(scratch, "plain", "config.json"), "utf8"));
    expect(config).toMatchObject({
      model_type: "gpt2",
      n_embd: 16,
      n_positions: 16,
      architectures: ["GPT2LMHeadModel"],
    });
    const { status: after, stdout: text } = await saccade([
      "generate",
      join(scratch, "plain"),
      "-p",
      "Mia",
      "-n",
      "5",
    ]);
    expect(after).toBe(0);
    expect(text).toMatch(/^Mia/);
  });

  test("--jsonl is a line for each step, the loss falls, held-out text is measured", async () => {
    const { status, stdout } = await saccade(
      words("lines", "--steps", "60", "--eval-interval", "20", "--jsonl"),
    );
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(lines.filter(({ evalLoss }) => evalLoss !== undefined).map(({ step }) => step)).toEqual([
      20, 40, 60,
    ]);
    expect(lines[59].evalLoss).toBeLessThan(lines[0].loss - 0.5);
  });

  test("--json is the outcome alone; the text may come from stdin", async () => {
    const piped = [
      "train",
      "gpt",
      "--data",
      "-",
      "--out",
      join(scratch, "piped"),
      ...small,
      "--steps",
      "20",
      "--json",
    ];
    const { status, stdout } = await saccade(piped, { input: stories(0, 60) });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ step: 20, out: join(scratch, "piped") });
    expect(await weights("piped")).toEqual(await weights("plain"));
  });

  test("Ctrl-C saves and ends with 130; --resume ends with the bits of an unbroken run", async () => {
    const long = words("stopped", "--steps", "250");
    const whole = outcomeOf(spawnSaccade(words("whole", "--steps", "250")));
    const child = spawnSaccade([...long, "--jsonl"]);
    child.stdout.once("data", () => child.kill("SIGINT"));
    const { status, stdout, stderr } = await outcomeOf(child);
    expect(status).toBe(130);
    const steps = stdout.trimEnd().split("\n").length;
    expect(steps).toBeLessThan(250);
    expect(stderr).toContain(`interrupted at step ${steps} of 250; saved to ${join(scratch, "stopped")}`);
    expect(stderr).toMatch(/main\.ts train gpt .* --resume\n/);

    const resumed = await outcomeOf(spawnSaccade([...long, "--resume", "--jsonl"]));
    expect(resumed.status).toBe(0);
    expect(JSON.parse(resumed.stdout.slice(0, resumed.stdout.indexOf("\n"))).step).toBe(steps + 1);
    await whole;
    expect(await weights("stopped")).toEqual(await weights("whole"));
  });

  test("resuming from nothing fails and says so", async () => {
    const { status, stderr } = await saccade(words("nothing", "--steps", "5", "--resume"));
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*training_state\.safetensors to resume from/);
  });

  test("a text shorter than a block is refused", async () => {
    const short = ["train", "gpt", "--data", "-", "--out", join(scratch, "short"), ...small];
    const { status, stderr } = await saccade(short, { input: "Mia" });
    expect(status).toBe(1);
    expect(stderr).toContain("the text has 3 characters");
  });
});
