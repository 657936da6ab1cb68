// Training a small GPT: it learns, stops, resumes bit for bit even when killed, and what it writes loads again.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { init, memory, SaccadeError, scope, tensor, terminate } from "@saccade/core";
import {
  AutoTokenizer,
  GPT2LMHeadModel,
  GptTraining,
  type TrainGptOptions,
  type TrainProgress,
  trainGpt,
} from "@saccade/models";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { collect } from "./collect.ts";
import { live } from "./engine.ts";
import { readJsonFile } from "./reference.ts";

const text = "the cat sat on the mat; the dog sat on the log. ".repeat(40);
const small = {
  text,
  steps: 30,
  batchSize: 4,
  blockSize: 16,
  layers: 2,
  heads: 2,
  width: 16,
  lr: 1e-2,
  warmupSteps: 3,
  seed: 7,
  dropout: 0.1,
  evalInterval: 10,
  checkpointInterval: 5,
} satisfies TrainGptOptions;

let folder: string;
let runs = 0;
const freshDirectory = (): string => `${folder}/run${runs++}`;
const weightsIn = (directory: string): Buffer => readFileSync(`${directory}/model.safetensors`);

beforeAll(async () => {
  folder = mkdtempSync(`${tmpdir()}/saccade-train-`);
  await init({ variant: "simd", development: false });
});
afterAll(() => {
  terminate();
  rmSync(folder, { recursive: true });
});

async function all(options: TrainGptOptions): Promise<TrainProgress[]> {
  const before = live();
  try {
    return await collect(trainGpt(options));
  } finally {
    expect(live()).toEqual(before);
  }
}

async function failure(options: TrainGptOptions): Promise<SaccadeError> {
  const error = await all(options).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SaccadeError);
  return error as SaccadeError;
}

describe("a run", () => {
  test("learns, and reports each step", async () => {
    const progress = await all({ ...small, steps: 60, dropout: 0 });
    expect(progress.map(({ step }) => step)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(progress[0].loss).toBeGreaterThan(2.5); // ln 17 = 2.83
    expect(progress[59].loss).toBeLessThan(1.3);
    expect(progress[59].evalLoss).toBeLessThan(1.3);
    expect(progress.filter(({ evalLoss }) => evalLoss !== undefined).map(({ step }) => step)).toEqual([
      10, 20, 30, 40, 50, 60,
    ]);
    expect(
      progress.every(({ savedTo, tokensPerSecond }) => savedTo === undefined && tokensPerSecond > 0),
    ).toBe(true);
    expect(progress[0].lr).toBeCloseTo(1e-2 / 4, 10);
    expect(progress[59].lr).toBeLessThan(2e-3);
  });

  test("clips gradients, and lets weight decay act on matrices only", () => {
    // Gradients of this norm are far below AdamW's eps: what moves a weight is its decay.
    using run = new GptTraining({ ...small, clip: 1e-13, weightDecay: 0.5, lr: 0.1, warmupSteps: 0 });
    const valuesOf = () =>
      new Map([...run.model.namedParameters()].map(([name, x]) => [name, x.toTypedArray()]));
    const before = valuesOf();
    run.advance();
    const kept = 1 - 0.1 * 0.5;
    for (const [name, values] of valuesOf()) {
      const factor = /bias$|ln_\w+\.weight$/.test(name) ? 1 : kept;
      const old = before.get(name) ?? [];
      expect(Math.max(...values.map((value, i) => Math.abs(value - factor * old[i]))), name).toBeLessThan(
        1e-5,
      );
    }
  });

  test("is the same again with its seed, and another with another", async () => {
    const losses = async (seed: number): Promise<number[]> =>
      (await all({ ...small, steps: 6, seed })).map(({ loss }) => loss);
    const first = await losses(1);
    expect(await losses(1)).toEqual(first);
    expect(await losses(2)).not.toEqual(first);
  });

  test("evaluates the whole held-out text, each character but the first once", () => {
    using run = new GptTraining({ ...small, dropout: 0 });
    const ids = run.validation;
    let total = 0;
    for (let start = 0; start < ids.length - 1; start += 16) {
      const length = Math.min(16, ids.length - 1 - start);
      const [input, target] = [0, 1].map((shift) => ids.slice(start + shift, start + shift + length));
      scope(() => {
        const { logits } = run.model.forward(tensor(input, { shape: [1, length] }));
        const rows = logits.logSoftmax(-1).toArray() as number[][][];
        for (const [t, id] of target.entries()) total -= rows[0][t][id];
      });
    }
    expect(ids.length).toBe(text.length - Math.floor(0.9 * text.length));
    expect(run.evaluate()).toBeCloseTo(total / (ids.length - 1), 5);
    expect(run.model.training).toBe(true);
  });

  test("what it writes loads again, with the same logits and the same characters", async () => {
    const outDir = freshDirectory();
    const progress = await all({ ...small, outDir, steps: 7 });
    expect(progress.filter(({ savedTo }) => savedTo === outDir).map(({ step }) => step)).toEqual([5, 7]);
    const files = [
      "config.json",
      "model.safetensors",
      "tokenizer.json",
      "tokenizer_config.json",
      "training_state.safetensors",
    ];
    expect(readdirSync(outDir).sort()).toEqual(files);
    expect(readJsonFile(`${outDir}/config.json`)).toMatchObject({
      architectures: ["GPT2LMHeadModel"],
      n_positions: 16,
    });

    using run = new GptTraining({ ...small, steps: 7 });
    await run.restore(outDir);
    expect(run.step).toBe(7);
    const tokenizer = await AutoTokenizer.fromPretrained(outDir);
    using model = await GPT2LMHeadModel.fromPretrained(outDir);
    expect(tokenizer.encode(text)).toEqual([...run.train, ...run.validation]);
    const ids = Int32Array.from(tokenizer.encode("the dog sat on t"));
    const logits = (each: GPT2LMHeadModel) =>
      scope(() => each.forward(tensor(ids, { shape: [1, ids.length] })).logits.toTypedArray());
    run.model.eval();
    expect(logits(model)).toEqual(logits(run.model));
  });
});

describe("resuming", () => {
  let whole: TrainProgress[];
  let reference: Buffer;
  const directory = (): string => `${folder}/whole`;
  beforeAll(async () => {
    whole = await all({ ...small, outDir: directory() });
    reference = weightsIn(directory());
  });

  /** A run that is stopped behind `steps` steps by a signal, as a user stops it. */
  async function stopped(outDir: string, steps: number): Promise<TrainProgress[]> {
    const controller = new AbortController();
    const seen: TrainProgress[] = [];
    const before = live();
    const run = async (): Promise<void> => {
      for await (const progress of trainGpt({ ...small, outDir, signal: controller.signal })) {
        seen.push(progress);
        if (progress.step === steps) controller.abort(new Error("stop"));
      }
    };
    await expect(run()).rejects.toThrow("stop");
    expect(live()).toEqual(before);
    return seen;
  }

  test.each([1, 12, 14])(
    "a signal at step %i saves; going on gives the bits of a run never stopped",
    async (steps) => {
      const outDir = freshDirectory();
      const first = await stopped(outDir, steps);
      expect(first.length).toBe(steps + 1);
      expect(first.at(-1)?.savedTo).toBe(outDir);
      const rest = await all({ ...small, outDir, resume: true });
      const losses = [...first, ...rest].map(({ step, loss, lr }) => ({ step, loss, lr }));
      expect(losses).toEqual(whole.map(({ step, loss, lr }) => ({ step, loss, lr })));
      expect(rest.at(-1)?.evalLoss).toBe(whole.at(-1)?.evalLoss);
      expect(weightsIn(outDir).equals(reference)).toBe(true);
    },
  );

  test("a signal given before does no step", async () => {
    const outDir = freshDirectory();
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(all({ ...small, outDir, signal })).rejects.toThrow("too late");
    expect(readdirSync(outDir)).toEqual([]);
  });

  test("a finished run has nothing to go on with, but writes the checkpoint it was killed before", async () => {
    rmSync(`${directory()}/model.safetensors`);
    expect(await all({ ...small, outDir: directory(), resume: true })).toEqual([]);
    expect(weightsIn(directory()).equals(reference)).toBe(true);
  });

  test("a process killed at any moment resumes to the same bits", async () => {
    const outDir = freshDirectory();
    const worker = fileURLToPath(new URL("./trainWorker.ts", import.meta.url));
    const options = JSON.stringify({ ...small, outDir, checkpointInterval: 1 });
    for (const latest of [0, 150, 400]) {
      const resume = String(existsSync(`${outDir}/training_state.safetensors`));
      const args = ["--conditions=@saccade/source", worker, options, resume];
      const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const ended = new Promise((resolve) => child.on("exit", (code, signal) => resolve(signal ?? code)));
      child.stdout.once("data", () => setTimeout(() => child.kill("SIGKILL"), Math.random() * latest));
      // The later ones may be through before they are killed.
      expect(await ended).toBeOneOf(latest === 0 ? ["SIGKILL"] : ["SIGKILL", 0]);
    }
    await all({ ...small, outDir, checkpointInterval: 1, resume: true });
    expect(weightsIn(outDir).equals(reference)).toBe(true);
    using finished = new GptTraining(small);
    await finished.restore(outDir);
    expect(finished.step).toBe(small.steps);
  });

  describe("with something changed is an error that names it", () => {
    let outDir: string;
    beforeAll(async () => {
      outDir = freshDirectory();
      await all({ ...small, steps: 2, outDir });
    });
    const resumed = { ...small, steps: 2, resume: true };
    beforeEach(() => expect(existsSync(outDir)).toBe(true));

    test.each([
      ["steps", { steps: 9 }, /steps 2, now it is 9/],
      ["lr", { lr: 5e-3 }, /lr 0\.01, now it is 0\.005/],
      ["width", { width: 32 }, /width 16, now it is 32/],
      ["seed", { seed: 8 }, /seed 7, now it is 8/],
      ["dropout", { dropout: 0 }, /dropout 0\.1, now it is 0/],
      ["weightDecay", { weightDecay: 0 }, /weightDecay 0\.1, now it is 0/],
      ["a longer text", { text: `${text}!` }, /another text/],
      [
        "a text of the same length and characters",
        { text: text.replace("cat sat", "sat cat") },
        /another text/,
      ],
    ] as [string, Partial<TrainGptOptions>, RegExp][])("%s", async (_, change, message) => {
      const error = await failure({ ...resumed, outDir, ...change });
      expect(error.message).toMatch(message);
      expect(error.message).toContain("training_state.safetensors");
    });

    test("but how often it measures and saves may change", async () => {
      expect(await all({ ...resumed, outDir, evalInterval: 1, checkpointInterval: 1 })).toEqual([]);
    });
  });

  test("nothing to resume from, and a state that is damaged or of something else", async () => {
    const outDir = freshDirectory();
    expect((await failure({ ...small, outDir, resume: true })).message).toMatch(
      /no training_state\.safetensors to resume from/,
    );
    writeFileSync(`${outDir}/training_state.safetensors`, weightsIn(directory()));
    expect((await failure({ ...small, outDir, resume: true })).message).toMatch(/holds no training state/);
    const sound = readFileSync(`${directory()}/training_state.safetensors`);
    writeFileSync(`${outDir}/training_state.safetensors`, sound.subarray(0, 4000));
    expect((await failure({ ...small, outDir, resume: true })).message).toMatch(/truncated/);
  });
});

describe("failures", () => {
  test("a loss that is no number says at which step, and what to try", async () => {
    const error = await failure({ ...small, lr: 1e30, warmupSteps: 0, dropout: 0 });
    expect(error.code).toBe("nanLoss");
    expect(error.message).toMatch(/loss is (NaN|Infinity) at step \d+; try a smaller lr/);
  });

  test("an outDir that cannot be made or written to, before the first step", async () => {
    writeFileSync(`${folder}/occupied`, "");
    expect((await failure({ ...small, outDir: `${folder}/occupied` })).message).toContain(
      `${folder}/occupied`,
    );
    expect((await failure({ ...small, outDir: `${folder}/occupied/below` })).message).toContain(
      "could not be made",
    );
  });

  test.skipIf(!existsSync("/proc/self"))(
    "a directory in one that takes none, which the system says is not there",
    { meta: { skipReason: "needs /proc, a directory nobody can write to" } },
    async () => {
      for (const outDir of ["/proc/none", "/proc/none/below"]) {
        expect((await failure({ ...small, outDir })).message).toContain("/proc/none");
      }
    },
  );

  test.skipIf(!existsSync("/proc/self"))(
    "a directory that exists but takes no files",
    { meta: { skipReason: "needs /proc, a directory nobody can write to" } },
    async () => {
      expect((await failure({ ...small, outDir: "/proc/self" })).message).toMatch(
        /^\/proc\/self: no files can be written there/,
      );
    },
  );

  test.each([
    [{ text: "abc" }, /the text has 3 characters/],
    [{ text: "" }, /the text has 0 characters/],
    [{ steps: 0 }, /steps is 0/],
    [{ batchSize: 1.5 }, /batchSize is 1\.5/],
    [{ lr: 0 }, /lr is 0/],
    [{ lr: Number.NaN }, /lr is NaN/],
    [{ heads: 3 }, /n_embd 16 is not a multiple of n_head 3/],
    [{ dropout: 1.5 }, /dropout/],
    [{ seed: -1 }, /seed/],
    [{ seed: 0.5 }, /seed/],
  ] as [Partial<TrainGptOptions>, RegExp][])("%j", async (change, message) => {
    expect((await failure({ ...small, ...change })).message).toMatch(message);
  });

  test("a model that does not fit the memory", async () => {
    terminate();
    await init({ variant: "simd", maximumBytes: 1 << 20, development: false });
    expect((await failure({ ...small, width: 256 })).message).toMatch(/memory/);
    expect((await all({ ...small, steps: 1 })).length).toBe(1);
    terminate();
    await init({ variant: "simd", development: false });
  });
});

test("both builds learn", async () => {
  terminate();
  await init({ variant: "relaxed", development: false });
  const progress = await all({ ...small, dropout: 0 });
  expect(progress[29].loss).toBeLessThan(2.3);
});

test("2,000 steps leave memory as step 20 had it", () => {
  const before = live();
  {
    using run = new GptTraining({ ...small, steps: 2000 });
    let settled = memory();
    for (let step = 1; step <= 2000; step++) {
      run.advance();
      if (step === 20) settled = memory();
    }
    expect({ ...memory(), peakBytes: 0 }).toEqual({ ...settled, peakBytes: 0 });
  }
  expect(live()).toEqual(before);
});
