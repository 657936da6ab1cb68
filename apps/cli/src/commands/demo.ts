// saccade demo: what `npm start` shows. A checkpoint writes, what it attends to is drawn, and a model learns
// to write from random numbers. No question asked, nothing downloaded.
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type Attentions, attentionsOf, furthestHead } from "../attentions.ts";
import { bundledCheckpoint, type LoadedModel, loadModel, modelLine, shortPath } from "../checkpoint.ts";
import { engineLine, type GlobalOptions, startEngine } from "../engineOptions.ts";
import { drawText, legend } from "../terminal/attention.ts";
import { Interrupted } from "../terminal/errors.ts";
import { count, duration } from "../terminal/format.ts";
import { commandLine } from "../terminal/shell.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { Wrapper } from "../terminal/wrap.ts";
import { riddle, stories } from "../text/stories.ts";
import { showTraining } from "../training.ts";
import { positiveInteger } from "./arguments.ts";

/** Of 5 one is given away: the model has to say who has how many left, of what, and of which colour. */
const PROMPT = "One day Mia found 5 red kites. She gave 1 to Leo.";
const INDENT = 3;
const indented = (line: string): string => (line === "" ? "" : " ".repeat(INDENT) + line);

/** About 20 seconds of one core. */
const LESSON = {
  tales: 3000,
  recipe: { layers: 2, heads: 4, width: 64, blockSize: 96, batchSize: 12, lr: 4e-3, minLr: 2e-4 },
  opening: "One day ",
};

interface Options extends GlobalOptions {
  readonly out?: string;
  readonly steps: number;
}

export function demoCommand(terminal: Terminal): Command {
  return new Command("demo")
    .summary("see it work: a model writes, shows its attention, another one learns")
    .description(
      "Shows the engine at work in under three minutes, with what comes along; nothing is downloaded.",
    )
    .option("-o, --out <dir>", "where the model trained here goes (default: a directory for temporary files)")
    .option("--steps <n>", "steps of the training", positiveInteger, 700)
    .action((_: unknown, command: Command) => run(terminal, command.optsWithGlobals<Options>()));
}

async function run(terminal: Terminal, options: Options): Promise<void> {
  const info = await startEngine(options);
  const header = new Wrapper(terminal, 0);
  await header.push("Saccade", terminal.colors.bold);
  await header.push(` · ${engineLine(info)}`);
  await header.end();
  using loaded = await loadModel(bundledCheckpoint, terminal);
  const ids = await showWriting(terminal, loaded);
  await showAttention(terminal, attentionsOf(loaded, ids));
  const out = options.out ?? join(tmpdir(), "saccade-demo");
  await showLearning(terminal, out, options.steps);
  await showNext(terminal, out);
}

async function heading(
  terminal: Terminal,
  number: number,
  title: string,
  explanation: string,
): Promise<void> {
  const { bold, cyan } = terminal.colors;
  await terminal.print("", `${cyan(bold(String(number)))}  ${bold(title)}`);
  await remark(terminal, explanation);
  await terminal.print("");
}

/** A line or more about what is seen. */
async function remark(terminal: Terminal, text: string): Promise<void> {
  const paragraph = new Wrapper(terminal, INDENT);
  await paragraph.push(text, terminal.colors.dim);
  await paragraph.end();
}

/** Continues PROMPT to the end of the line; returns the ids of all of it. */
async function showWriting(terminal: Terminal, loaded: LoadedModel): Promise<number[]> {
  const { model, tokenizer, seconds } = loaded;
  const place = shortPath(bundledCheckpoint);
  const facts = `${place}: ${modelLine(loaded)}, loaded in ${duration(seconds)}`;
  await heading(terminal, 1, "A Hugging Face checkpoint continues a text", facts);
  const ids = tokenizer.encode(PROMPT);
  const paragraph = new Wrapper(terminal, INDENT);
  await paragraph.push(PROMPT);
  const began = performance.now();
  const written = await write(terminal, loaded, ids, model.maxPositions - ids.length, {}, paragraph);
  const rate = written.length / ((performance.now() - began) / 1000);
  await remark(terminal, `${count(rate)} characters/s`);
  return [...ids, ...written];
}

/** Streams one line of text into `paragraph`. */
async function write(
  terminal: Terminal,
  { model, tokenizer }: LoadedModel,
  ids: readonly number[],
  maxNewTokens: number,
  drawing: { doSample?: boolean; temperature?: number; seed?: number },
  paragraph: Wrapper,
): Promise<number[]> {
  const { generate, TextStreamer } = await import("@saccade/models");
  const { signal } = terminal;
  const streamer = new TextStreamer(tokenizer);
  const written: number[] = [];
  const stopStrings = ["\n"];
  for await (const id of generate(model, ids, { maxNewTokens, ...drawing, stopStrings, tokenizer, signal })) {
    const piece = streamer.push(id);
    if (piece === "\n") break;
    written.push(id);
    await paragraph.push(piece, terminal.colors.green);
  }
  await paragraph.end();
  return written;
}

/** Draws where the model looked when it began the words that follow from the tale. */
async function showAttention(terminal: Terminal, { tokens, layers }: Attentions): Promise<void> {
  const explanation = "The fuller the bar, the more a letter counted. Nobody told it where to look.";
  await heading(terminal, 2, "What it looked at while writing the end", explanation);
  const tale = tokens.join("");
  let at = riddle(tale).prompt.length; // the space before a word: what is seen there decides on the word
  for (const word of tale.slice(at).trim().split(" ")) {
    const { layer, head } = furthestHead(layers, at);
    const row = layers[layer]?.[head]?.[at]?.slice(0, at + 1) ?? [];
    const title = `before “${word}” (layer ${layer + 1}, head ${head + 1})`;
    const lines = drawText(tokens.slice(0, at + 1), row, terminal.width - INDENT, terminal.colors);
    await terminal.print(...[terminal.colors.bold(title), ...lines, ""].map((line) => indented(line)));
    at += word.length + 1;
  }
  await terminal.print(indented(legend(terminal.colors)));
}

/** Trains a model on tales from random weights, and lets it write. */
async function showLearning(terminal: Terminal, outDir: string, steps: number): Promise<void> {
  const { trainGpt } = await import("@saccade/models");
  const { tales, recipe, opening } = LESSON;
  const text = stories(1, tales);
  const shape = `${recipe.layers} layers, ${recipe.heads} heads`;
  const lesson = `${shape}; ${count(text.length)} characters of tales that a small grammar makes`;
  await heading(terminal, 3, "A model learns to write, from random numbers", lesson);
  const { signal } = terminal;
  const plan = {
    ...recipe,
    steps,
    warmupSteps: Math.ceil(steps / 20),
    evalInterval: 100,
    checkpointInterval: 0,
  };
  const training = trainGpt({ ...plan, text, outDir, signal });
  const outcome = await showTraining(terminal, training, indented("learning"));
  if (signal.aborted) throw new Interrupted("interrupted");
  const first = outcome.losses[0] ?? Number.NaN;
  const fall = `${first.toFixed(2)} → ${outcome.loss.toFixed(2)}`;
  const learned = `loss ${fall} in ${duration(outcome.seconds)}; it now writes:`;
  await terminal.print("");
  await remark(terminal, learned);
  using loaded = await loadModel(outDir, terminal);
  const ids = loaded.tokenizer.encode(opening);
  const paragraph = new Wrapper(terminal, INDENT);
  await paragraph.push(opening);
  const drawing = { doSample: true, temperature: 0.5, seed: 0 };
  await write(terminal, loaded, ids, recipe.blockSize - ids.length, drawing, paragraph);
}

async function showNext(terminal: Terminal, out: string): Promise<void> {
  const { bold, dim } = terminal.colors;
  const start = "Leo lost a red drum. Now Leo has the";
  const suggestions: [comment: string, ...words: string[]][] = [
    ["another tale each time", "generate", "-p", "Zoe had", "--temperature", "0.8"],
    ["its attention over words of your own", "look", "-p", start],
    ["the model that was just trained", "generate", "--model", shortPath(out), "-p", "One day "],
    [
      "one on your own text; Ctrl-C saves, --resume goes on",
      "train",
      "gpt",
      "--data",
      "my.txt",
      "--out",
      "out/my",
    ],
    ["what this machine gives, and why not more", "doctor"],
  ];
  await terminal.print("", bold("Try next"));
  for (const [comment, ...words] of suggestions) {
    await terminal.print(indented(dim(comment)), indented(`  ${commandLine(terminal.program, words)}`));
  }
}
