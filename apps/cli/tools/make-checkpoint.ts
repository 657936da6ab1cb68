// Makes apps/cli/checkpoint, the small model the demo shows: `npm run make:checkpoint -w @saccade/cli`. Text, weights and
// batches come from seeds and the kernels are the bit-reproducible build, so the same files come out
// everywhere. It prints what it reaches on tales outside the training text: their endings, which follow from
// the tale, must be completed exactly.
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HostRandom, init } from "@saccade/core";
import { generate, trainGpt } from "@saccade/models";
import { bundledCheckpoint, type LoadedModel, loadModel } from "../src/checkpoint.ts";
import { Terminal } from "../src/terminal/terminal.ts";
import { riddle, stories, tale } from "../src/text/stories.ts";
import { showTraining } from "../src/training.ts";

const TALES = 20_000;
const RECIPE = {
  layers: 2,
  heads: 4,
  width: 64,
  blockSize: 112,
  batchSize: 16,
  steps: 5000,
  lr: 4e-3,
  minLr: 1e-4,
};
const FILES = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"];
const RIDDLES = 200;
/** Far from the training text's seed. */
const HELD_OUT_SEED = 20_000;

const { stdin, stdout, stderr, env } = process;
const signal = new AbortController().signal;
const terminal = new Terminal({ stdin, stdout, stderr, env, signal, program: "saccade", words: [] });

/** How many of the held-out tales the model ends as they must end. */
async function solvedRiddles({ model, tokenizer }: LoadedModel): Promise<number> {
  const random = new HostRandom(HELD_OUT_SEED);
  let solved = 0;
  for (let i = 0; i < RIDDLES; i++) {
    const { prompt, answer } = riddle(tale(random));
    const wanted = tokenizer.encode(answer);
    const ids = generate(model, tokenizer.encode(prompt), { maxNewTokens: wanted.length });
    let right = true;
    for await (const id of ids) {
      right = id === wanted.shift();
      if (!right) break;
    }
    if (right) solved++;
  }
  return solved;
}

await init({ variant: "simd" });
const outDir = await mkdtemp(join(tmpdir(), "saccade-checkpoint-"));
try {
  const training = trainGpt({ ...RECIPE, text: stories(0, TALES), outDir, seed: 0, warmupSteps: 100 });
  const { evalLoss, seconds } = await showTraining(terminal, training, "training");
  await mkdir(bundledCheckpoint, { recursive: true });
  for (const file of FILES) await copyFile(join(outDir, file), join(bundledCheckpoint, file));
  using loaded = await loadModel(bundledCheckpoint, terminal);
  const solved = await solvedRiddles(loaded);
  const facts = {
    parameters: loaded.parameters,
    evalLoss,
    solved,
    riddles: RIDDLES,
    seconds: Math.round(seconds),
  };
  await terminal.printJson(facts);
} finally {
  await rm(outDir, { recursive: true });
}
