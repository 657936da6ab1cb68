// saccade train: makes models from random weights. What a recipe writes is a checkpoint in Hugging Face
// layout.
import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { type GlobalOptions, startEngine } from "../engineOptions.ts";
import { type ProfileChoice, profiled, profileOption } from "../profiling.ts";
import { Interrupted, UsageError } from "../terminal/errors.ts";
import { compact, duration } from "../terminal/format.ts";
import { commandLine } from "../terminal/shell.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { showTraining, type TrainingOutcome } from "../training.ts";
import { naturalNumber, nonNegative, positive, positiveInteger } from "./arguments.ts";

interface Options extends GlobalOptions {
  readonly data: string;
  readonly out: string;
  readonly steps: number;
  readonly batch: number;
  readonly block: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly lr: number;
  readonly minLr?: number;
  readonly warmup?: number;
  readonly evalInterval: number;
  readonly checkpointInterval: number;
  readonly seed: number;
  readonly resume?: boolean;
  readonly profile?: ProfileChoice;
  readonly json?: boolean;
  readonly jsonl?: boolean;
}

const EXAMPLES = `
Examples:
  from scratch, and on after Ctrl-C
    $ saccade train gpt --data tales.txt --out out/tales
    $ saccade train gpt --data tales.txt --out out/tales --resume
  every step as a line of JSON
    $ saccade train gpt --data - --out out/tales --jsonl < tales.txt > log.jsonl
  what comes out, here and in Python
    $ saccade generate --model out/tales --prompt "Once" --temperature 0.8
    >>> transformers.AutoModelForCausalLM.from_pretrained("out/tales")`;

export function trainCommand(terminal: Terminal): Command {
  return new Command("train")
    .summary("train a model from scratch")
    .description("Trains a model from random weights.")
    .addCommand(gptCommand(terminal));
}

function gptCommand(terminal: Terminal): Command {
  return new Command("gpt")
    .summary("a GPT-2 on the characters of a text file")
    .description(
      "Trains a small GPT-2 on the characters of a text; the last tenth is held out to measure on.\n" +
        "Ctrl-C saves a checkpoint; --resume goes on from it as if nothing had happened.",
    )
    .requiredOption("-d, --data <file>", "text to learn, - to read it from stdin")
    .requiredOption("-o, --out <dir>", "where the checkpoint goes")
    .option("--steps <n>", "batches to train on", positiveInteger, 2000)
    .option("--batch <n>", "sequences in a batch", positiveInteger, 12)
    .option("--block <n>", "characters in a sequence: the context of the model", positiveInteger, 64)
    .option("--layers <n>", "Transformer blocks", positiveInteger, 4)
    .option("--heads <n>", "attention heads in each", positiveInteger, 4)
    .option("--width <n>", "size of a position's vector, a multiple of the heads", positiveInteger, 128)
    .option("--lr <x>", "highest learning rate", positive, 1e-3)
    .option("--min-lr <x>", "learning rate at the end of the cosine (default: a tenth of --lr)", nonNegative)
    .option(
      "--warmup <n>",
      "steps to the highest learning rate (default: a twentieth of --steps)",
      naturalNumber,
    )
    .option("--eval-interval <n>", "steps between measurements on held-out text", positiveInteger, 250)
    .option("--checkpoint-interval <n>", "steps between checkpoints", positiveInteger, 250)
    .option("--seed <n>", "seed of weights and batches", naturalNumber, 0)
    .option("--resume", "go on from the checkpoint in --out")
    .addOption(profileOption())
    .option("--json", "print the outcome as one JSON object")
    .option("--jsonl", "print every step as a line of JSON")
    .addHelpText("after", EXAMPLES)
    .action((_: unknown, command: Command) => run(terminal, command.optsWithGlobals<Options>()));
}

async function run(terminal: Terminal, options: Options): Promise<void> {
  const { data, out, steps, width, heads, lr, json, jsonl } = options;
  if (width % heads !== 0) throw new UsageError(`--width ${width} is not a multiple of --heads ${heads}`);
  if (json && jsonl) throw new UsageError("--json and --jsonl exclude each other");
  const text = data === "-" ? await terminal.readAll() : await readTextFile(data);
  await startEngine(options);
  const { trainGpt } = await import("@saccade/models");
  const training = trainGpt({
    text,
    outDir: out,
    steps,
    batchSize: options.batch,
    blockSize: options.block,
    layers: options.layers,
    heads,
    width,
    lr,
    minLr: options.minLr ?? lr / 10,
    warmupSteps: options.warmup ?? Math.ceil(steps / 20),
    seed: options.seed,
    resume: options.resume ?? false,
    evalInterval: options.evalInterval,
    checkpointInterval: options.checkpointInterval,
    signal: terminal.signal,
  });
  const outcome = await profiled(terminal, options.profile, () =>
    showTraining(terminal, training, "training", async (progress) => {
      if (jsonl) await terminal.printJson(progress);
    }),
  );
  if (terminal.signal.aborted) sayHowToResume(terminal, outcome, steps);
  await printOutcome(terminal, outcome, options);
}

/** Reading a directory fails without naming it. */
function readTextFile(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: Error) => {
    throw Object.assign(error, { path });
  });
}

function sayHowToResume(terminal: Terminal, { step, savedTo }: TrainingOutcome, steps: number): never {
  if (savedTo === undefined) throw new Interrupted("interrupted before the first step");
  const words = terminal.words.includes("--resume") ? terminal.words : [...terminal.words, "--resume"];
  terminal.note(`interrupted at step ${step} of ${steps}; saved to ${savedTo}. To go on:`);
  terminal.note(`  ${commandLine(terminal.program, words)}`);
  throw new Interrupted(`interrupted at step ${step}`);
}

async function printOutcome(
  terminal: Terminal,
  outcome: TrainingOutcome,
  { out, json, jsonl }: Options,
): Promise<void> {
  const { step, loss, evalLoss, seconds, tokensPerSecond } = outcome;
  if (json) await terminal.printJson({ out, step, loss, evalLoss, seconds, tokensPerSecond });
  else if (!jsonl) {
    const heldOut = evalLoss === undefined ? "" : `held-out loss ${evalLoss.toFixed(3)}, `;
    const speed = `${compact(tokensPerSecond)} tokens/s`;
    await terminal.print(`${heldOut}step ${step}, ${duration(seconds)} at ${speed}: ${out}`);
  }
  const words = ["generate", "--model", out, "--temperature", "0.8", "--prompt"];
  terminal.note(`try it: ${commandLine(terminal.program, words)} "…"`);
}
