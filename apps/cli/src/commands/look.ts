// saccade look: draws in the terminal what a model attends to while it reads a text.
import { Command } from "commander";
import {
  type Attentions,
  attentionsOf,
  averageHeads,
  furthestHead,
  joinWords,
  wordStarts,
} from "../attentions.ts";
import { bundledCheckpoint, loadModel } from "../checkpoint.ts";
import { type GlobalOptions, startEngine } from "../engineOptions.ts";
import { type AttentionMap, drawMap, drawText, legend, mapWidth } from "../terminal/attention.ts";
import { UsageError } from "../terminal/errors.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { positiveInteger } from "./arguments.ts";
import { readPrompt } from "./generate.ts";

interface Options extends GlobalOptions {
  readonly model?: string;
  readonly prompt?: string;
  readonly layer?: number;
  readonly head?: number;
  readonly tokens?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  the head that looks furthest back
    $ saccade look --prompt "Mia had 3 red kites. Leo took 1. Now Mia has"
  the mean of the heads of layer 6, then one of them, token by token
    $ saccade look --model ./gpt2 --layer 6 -p "The cat sat, for it was tired"
    $ saccade look --model ./gpt2 --layer 6 --head 2 --tokens -p - < text.txt`;

export function lookCommand(terminal: Terminal): Command {
  return new Command("look")
    .summary("draw what a model attends to")
    .description("Draws the attention of one head, or the mean of a layer's heads, over a text.")
    .option("-m, --model <dir>", "checkpoint directory (default: the small model that comes along)")
    .option("-p, --prompt <text>", "text to read, - to read it from stdin")
    .option(
      "--layer <n>",
      "from 1 (default: the layer of the head that looks furthest back)",
      positiveInteger,
    )
    .option("--head <n>", "from 1 (default: with --layer the mean of all its heads)", positiveInteger)
    .option("--tokens", "draw tokens, not words")
    .option("--json", "print tokens and all weights as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action((_: unknown, command: Command) => run(terminal, command.optsWithGlobals<Options>()));
}

async function run(terminal: Terminal, options: Options): Promise<void> {
  if (options.head !== undefined && options.layer === undefined) throw new UsageError("--head needs --layer");
  const prompt = await readPrompt(terminal, options.prompt);
  await startEngine(options);
  using loaded = await loadModel(options.model ?? bundledCheckpoint, terminal);
  const attentions = attentionsOf(loaded, loaded.tokenizer.encode(prompt));
  if (options.json) return terminal.printJson(attentions);
  const { title, map } = choose(attentions, options);
  await terminal.print(terminal.colors.bold(title), ...drawing(map, attentions.tokens, options, terminal));
  await terminal.print(legend(terminal.colors));
}

/** The map to draw and what it is. */
function choose({ layers }: Attentions, { layer, head }: Options): { title: string; map: AttentionMap } {
  if (layer === undefined) {
    const far = furthestHead(layers);
    const title = `layer ${far.layer + 1}, head ${far.head + 1} (the one that looks furthest back)`;
    return { title, map: layers[far.layer]?.[far.head] ?? [] };
  }
  const heads = layers[layer - 1];
  if (!heads) throw new UsageError(`--layer ${layer}: the model has layers 1 to ${layers.length}`);
  if (head === undefined)
    return { title: `layer ${layer}, mean of ${heads.length} heads`, map: averageHeads(heads) };
  const map = heads[head - 1];
  if (!map) throw new UsageError(`--head ${head}: the model has heads 1 to ${heads.length}`);
  return { title: `layer ${layer}, head ${head}`, map };
}

/** A square map where it fits, else the text with what its last token looks at. */
function drawing(
  map: AttentionMap,
  tokens: readonly string[],
  options: Options,
  terminal: Terminal,
): string[] {
  const { colors, width } = terminal;
  const starts = options.tokens ? [...tokens.keys()] : wordStarts(tokens);
  const labels = starts.map((start, i) => tokens.slice(start, starts[i + 1]).join(""));
  if (mapWidth(labels) <= width) return drawMap(joinWords(map, starts), labels, colors);
  return [
    colors.dim(`too long for a map of ${width} columns; what its last token looks at:`),
    ...drawText(tokens, map.at(-1) ?? [], width, colors),
  ];
}
