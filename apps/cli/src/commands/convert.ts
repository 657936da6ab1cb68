// saccade convert: a checkpoint whose weights take fewer bits, and what that costs each layer.
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setImmediate as nextTask } from "node:timers/promises";
import type { WeightFormat } from "@saccade/core";
import type { CausalModel } from "@saccade/models";
import { Command, Option } from "commander";
import { type GlobalOptions, startEngine } from "../engineOptions.ts";
import { UsageError } from "../terminal/errors.ts";
import { bytes } from "../terminal/format.ts";
import { Progress } from "../terminal/progress.ts";
import { plainTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { groupSize } from "./arguments.ts";

type Format = Exclude<WeightFormat, "f32">;

interface Options extends GlobalOptions {
  readonly dtype: Format;
  readonly groupSize: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

interface LayerError {
  readonly layer: string;
  /** What the weight is kept in: f32 where f16 does not hold it. */
  readonly format: WeightFormat;
  readonly shape: readonly number[];
  /** Root of the sum of squared errors over that of the squared weights. */
  readonly relative: number;
  readonly largest: number;
}

const EXAMPLES = `
Examples:
  a sixth of the size, for Saccade alone
    $ saccade convert --dtype int4 ./gpt2 ./gpt2-int4
    $ saccade generate --model ./gpt2-int4 --prompt "Once"
  half of it, for Python's transformers as well
    $ saccade convert --dtype f16 ./gpt2 ./gpt2-f16

Weight matrices are rounded: int8 and int4 share a scale in groups. Norms and
biases stay f32 beside int8 and int4.`;

export function convertCommand(terminal: Terminal): Command {
  return new Command("convert")
    .summary("write a checkpoint with weights of fewer bits")
    .description(
      "Writes a checkpoint with its weights in f16, bf16, int8 or int4, and shows each layer's error.",
    )
    .argument("<in>", "checkpoint directory")
    .argument("<out>", "directory to write to")
    .addOption(
      new Option("--dtype <type>", "what weights are kept in")
        .choices(["f16", "bf16", "int8", "int4"])
        .makeOptionMandatory(),
    )
    .option("--group-size <n>", "weights that share a scale in int8 and int4", groupSize, 32)
    .option("--force", "replace a checkpoint that is there")
    .option("--json", "print the errors as one JSON object")
    .addHelpText("after", EXAMPLES)
    .action((from: string, to: string, _: unknown, command: Command) =>
      run(terminal, from, to, command.optsWithGlobals<Options>()),
    );
}

async function run(terminal: Terminal, from: string, to: string, options: Options): Promise<void> {
  if (resolve(from) === resolve(to)) throw new UsageError("<out> must be another directory than <in>");
  if (!options.force && (await sizeOf(join(to, "model.safetensors"))) > 0)
    throw new UsageError(`${to} holds a checkpoint already; --force replaces it`);
  await startEngine(options);
  const { AutoModelForCausalLM } = await import("@saccade/models");
  const { signal } = terminal;
  using model = await AutoModelForCausalLM.fromPretrained(from, { trainable: true, signal });
  const layers = await roundLayers(terminal, model, options);
  signal.throwIfAborted();
  await model.savePretrained(to, { dtype: fileTypes[options.dtype] });
  await copyRest(from, to);
  await report(terminal, from, to, layers, options);
}

const fileTypes = { f16: "F16", bf16: "BF16", int8: "F32", int4: "F32" } as const;

/** Packs layer after layer, and compares each weight with what it was. */
async function roundLayers(
  terminal: Terminal,
  model: CausalModel,
  { dtype, groupSize: size }: Options,
): Promise<LayerError[]> {
  const modules = [...model.namedModules()].filter(([, module]) => module.packable() !== null);
  const bar = new Progress(terminal, "rounding", modules.length);
  const errors: LayerError[] = [];
  try {
    for (const [layer, module] of modules) {
      terminal.signal.throwIfAborted();
      const weight = module.packable()?.weight;
      // A tied weight is rounded once.
      if (weight?.panel === null) {
        const before = weight.toTypedArray();
        module.pack({ dtype, groupSize: size });
        const format = module.packable()?.weight.panel?.format ?? "f32";
        errors.push({ layer, format, shape: weight.shape, ...errorOf(before, weight.toTypedArray()) });
      }
      bar.update(errors.length);
      await nextTask();
    }
  } finally {
    bar.stop({ clear: true });
  }
  return errors;
}

function errorOf(
  wanted: ArrayLike<number>,
  got: ArrayLike<number>,
): Pick<LayerError, "relative" | "largest"> {
  let [error, size, largest] = [0, 0, 0];
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(got[i] - wanted[i]);
    error += off * off;
    size += wanted[i] * wanted[i];
    largest = Math.max(largest, off);
  }
  return { relative: size > 0 ? Math.sqrt(error / size) : 0, largest };
}

/** Files of tokenizers and generation, which stand beside config and weights. */
const OTHERS =
  /^(?!config\.json$|\.)[^/]+(?<!\.safetensors\.index)(?<!\.bin\.index)\.(json|txt|model|jinja)$/;

async function copyRest(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (!OTHERS.test(name) || !(await stat(join(from, name))).isFile()) continue;
    const temporary = join(to, `.${name}.${process.pid}.tmp`);
    try {
      await copyFile(join(from, name), temporary);
      await rename(temporary, join(to, name));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** Bytes of a file, 0 if there is none. */
function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function report(
  terminal: Terminal,
  from: string,
  to: string,
  layers: readonly LayerError[],
  { dtype, groupSize: size, json }: Options,
): Promise<void> {
  const [before, after] = await Promise.all(
    [from, to].map((place) => sizeOf(join(place, "model.safetensors"))),
  );
  if (json)
    return terminal.printJson({ dtype, groupSize: size, bytesBefore: before, bytesAfter: after, layers });
  const header = ["layer", "kept in", "shape", "relative error", "largest"];
  const rows = layers.map(({ layer, format, shape, relative, largest }) => [
    layer,
    format,
    shape.join(" × "),
    `${(100 * relative).toPrecision(3)} %`,
    largest.toExponential(1),
  ]);
  await terminal.print(plainTable([header, ...rows], ["left", "left", "right", "right", "right"]));
  const sizes = before > 0 ? `${bytes(before)} → ${bytes(after)}` : bytes(after);
  terminal.note(`${sizes} · written to ${to}`);
}
