// saccade generate: continues a prompt with a causal language model, token by token.
import type { WeightFormat } from "@saccade/core";
import type { GenerateOptions } from "@saccade/models";
import { Command, Option } from "commander";
import { attentionsOf } from "../attentions.ts";
import { bundledCheckpoint, type LoadedModel, loadModel, modelLine } from "../checkpoint.ts";
import { type GlobalOptions, startEngine } from "../engineOptions.ts";
import { writeWhole } from "../files.ts";
import { type ProfileChoice, profiled, profileOption } from "../profiling.ts";
import { UsageError } from "../terminal/errors.ts";
import { duration, plural } from "../terminal/format.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { collect, naturalNumber, positive, positiveInteger, probability } from "./arguments.ts";

interface Options extends GlobalOptions {
  readonly model: string;
  readonly prompt?: string;
  readonly maxNewTokens?: number;
  readonly maxLength?: number;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
  readonly seed?: number;
  readonly numBeams?: number;
  readonly stop?: readonly string[];
  readonly attentions?: string;
  readonly dtype?: WeightFormat;
  readonly exact?: boolean;
  readonly profile?: ProfileChoice;
  readonly json?: boolean;
}

/** New tokens when neither --max-new-tokens nor --max-length is given. */
const DEFAULT_NEW_TOKENS = 100;

const EXAMPLES = `
Examples:
  with the small model that comes along
    $ saccade generate --prompt "Mia had 3 red kites."
  with a checkpoint of yours, drawing the tokens
    $ saccade generate --model ./gpt2 -p "Once" --temperature 0.8 --top-p 0.95
  from a file, into a program
    $ saccade generate --model ./gpt2 -p - --json < question.txt | jq -r .text

The next token is the likeliest one, unless --temperature, --top-k, --top-p or
--min-p ask for a draw.`;

export function generateCommand(terminal: Terminal): Command {
  return new Command("generate")
    .summary("continue a text with a language model")
    .description("Continues a prompt with a GPT-2 checkpoint in Hugging Face layout; text streams to stdout.")
    .argument("[model]", "the same as --model")
    .option("-m, --model <dir>", "checkpoint directory (default: the small model that comes along)")
    .option("-p, --prompt <text>", "text to continue, - to read it from stdin")
    .option("-n, --max-new-tokens <n>", `tokens to add (default: ${DEFAULT_NEW_TOKENS})`, naturalNumber)
    .option("--max-length <n>", "tokens in all, the prompt included", positiveInteger)
    .option("-t, --temperature <x>", "below 1 safer, above 1 wilder", positive)
    .option("--top-k <k>", "draw from the k likeliest tokens", positiveInteger)
    .option("--top-p <p>", "draw from the likeliest tokens that together have probability p", probability)
    .option("--min-p <p>", "draw from tokens at least p times as likely as the likeliest", probability)
    .option("--repetition-penalty <x>", "above 1: tokens seen before become less likely", positive)
    .option("--seed <n>", "seed of the draws (default: random, reported on stderr)", naturalNumber)
    .option("--num-beams <n>", "beam search over n sequences; the text comes at the end", positiveInteger)
    .option("--stop <text>", "end after this text (may be repeated)", collect)
    .option("--attentions <file>", "write all attention weights as JSON")
    .addOption(
      new Option("--dtype <type>", "what weights are kept in (default: f32, or what the file holds)").choices(
        ["f32", "f16", "bf16", "int8", "int4"],
      ),
    )
    .option("--exact", "round nothing but int8 and int4 weights: slower")
    .addOption(profileOption())
    .option("--json", "print one JSON object instead of text")
    .addHelpText("after", EXAMPLES)
    .action(async (model: string | undefined, _: unknown, command: Command) => {
      const given = command.optsWithGlobals<Omit<Options, "model"> & { model?: string }>();
      if (model !== undefined && given.model !== undefined) throw new UsageError("the model is given twice");
      await run(terminal, { ...given, model: model ?? given.model ?? bundledCheckpoint });
    });
}

async function run(terminal: Terminal, options: Options): Promise<void> {
  const sampling = checkOptions(options);
  const prompt = await readPrompt(terminal, options.prompt);
  await startEngine(options);
  using loaded = await loadModel(options.model, terminal, options.dtype);
  const ids = encodePrompt(terminal, loaded, prompt);
  const seed = sampling ? (options.seed ?? randomSeed()) : undefined;
  if (sampling && options.seed === undefined) terminal.note(`seed ${seed}`);

  const began = performance.now();
  if (!options.json) await terminal.write(terminal.colors.dim(prompt));
  const drawing = { doSample: sampling, seed };
  const result = await profiled(terminal, options.profile, () =>
    continuation(terminal, loaded, ids, options, drawing),
  );
  const seconds = (performance.now() - began) / 1000;

  if (options.attentions !== undefined) {
    const attentions = attentionsOf(loaded, [...ids, ...result.ids]);
    await writeWhole(options.attentions, `${JSON.stringify({ model: options.model, ...attentions })}\n`);
    terminal.note(`attention weights written to ${options.attentions}`);
  }
  if (!options.json) {
    const rate = Math.round(result.ids.length / seconds);
    terminal.note(
      `${plural(result.ids.length, "token")}, ${duration(seconds)}, ${rate} tokens/s · ${modelLine(loaded)}`,
    );
    return;
  }
  const { text, reason } = result;
  const facts = {
    model: options.model,
    prompt,
    text,
    finishReason: reason,
    promptIds: ids,
    ids: result.ids,
    seed,
  };
  await terminal.printJson({ ...facts, seconds });
}

/** Whether tokens are drawn; an error when options exclude each other. */
function checkOptions(options: Options): boolean {
  const { maxNewTokens, maxLength, numBeams = 1, seed } = options;
  if (maxNewTokens !== undefined && maxLength !== undefined) {
    throw new UsageError("--max-new-tokens and --max-length exclude each other");
  }
  const draws = ["temperature", "topK", "topP", "minP"] as const;
  const sampling = draws.some((name) => options[name] !== undefined);
  if (sampling && numBeams > 1)
    throw new UsageError("beam search does not draw: leave --num-beams or the sampling out");
  if (numBeams > 1 && options.stop) throw new UsageError("beam search takes no --stop");
  if (seed !== undefined && !sampling) {
    throw new UsageError("--seed has no effect on the likeliest tokens; add --temperature 1 to draw them");
  }
  return sampling;
}

/** The text of --prompt; `-` is stdin, without its last line feed. */
export async function readPrompt(terminal: Terminal, prompt?: string): Promise<string> {
  if (prompt === undefined)
    throw new UsageError('there is no prompt; give --prompt "some text", or --prompt - for stdin');
  if (prompt !== "-") return prompt;
  return (await terminal.readAll()).replace(/\r?\n$/, "");
}

function encodePrompt(terminal: Terminal, { tokenizer }: LoadedModel, prompt: string): number[] {
  const ids = tokenizer.encode(prompt);
  if (tokenizer.decode(ids, { skipSpecialTokens: true }) !== prompt) {
    terminal.note("note: the model's vocabulary lacks some characters of the prompt; it reads the rest");
  }
  return ids;
}

interface Continuation {
  readonly ids: number[];
  readonly text: string;
  readonly reason: "end" | "stop" | "length";
}

/** Runs the model and, unless --json is asked for, shows the text as it comes. */
async function continuation(
  terminal: Terminal,
  { model, tokenizer }: LoadedModel,
  prompt: readonly number[],
  options: Options,
  drawing: Pick<GenerateOptions, "doSample" | "seed">,
): Promise<Continuation> {
  const { generate, TextStreamer } = await import("@saccade/models");
  const { maxLength, temperature, topK, topP, minP, repetitionPenalty, numBeams, exact, stop = [] } = options;
  const room = Math.max(model.maxPositions - prompt.length, 0);
  const fallback = maxLength === undefined ? Math.min(DEFAULT_NEW_TOKENS, room) : undefined;
  const maxNewTokens = options.maxNewTokens ?? fallback;
  const plan = {
    maxNewTokens,
    maxLength,
    temperature,
    topK,
    topP,
    minP,
    repetitionPenalty,
    numBeams,
    exact,
    ...drawing,
  };
  const ends = new Set([model.config.eos_token_id].flat());
  const streamer = new TextStreamer(tokenizer);
  const ids: number[] = [];
  const result = { text: "", reason: "length" as Continuation["reason"] };
  const show = async (piece: string): Promise<void> => {
    result.text += piece;
    if (!options.json) await terminal.write(piece);
  };
  try {
    const { signal } = terminal;
    for await (const id of generate(model, prompt, { ...plan, stopStrings: stop, tokenizer, signal })) {
      ids.push(id);
      if (ends.has(id)) result.reason = "end";
      else await show(streamer.push(id));
    }
    await show(streamer.flush());
  } finally {
    if (!options.json) await terminal.write("\n");
  }
  if (result.reason === "length" && stop.some((text) => result.text.includes(text))) result.reason = "stop";
  return { ids, ...result };
}

/** A seed short enough to be typed again. */
function randomSeed(): number {
  return Math.floor(Math.random() * 1e6);
}
