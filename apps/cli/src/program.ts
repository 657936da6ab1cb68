// The commands, their common options, and what becomes of their errors.
import { Command, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import { positiveInteger } from "./commands/arguments.ts";
import { benchCommand } from "./commands/bench.ts";
import { convertCommand } from "./commands/convert.ts";
import { demoCommand } from "./commands/demo.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { generateCommand } from "./commands/generate.ts";
import { lookCommand } from "./commands/look.ts";
import { trainCommand } from "./commands/train.ts";
import { exitStatus, report } from "./terminal/errors.ts";
import type { Terminal } from "./terminal/terminal.ts";

const EPILOGUE = `
Examples:
  $ saccade demo
  $ saccade generate --prompt "Mia had 3 red kites."
  $ saccade train gpt --data tales.txt --out out/tales

Results go to stdout, progress and notes to stderr.
Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.`;

/** Runs the command line in `terminal.words` and returns the exit status. */
export async function runProgram(terminal: Terminal): Promise<number> {
  try {
    await buildProgram(terminal).parseAsync(terminal.words, { from: "user" });
    return terminal.signal.aborted ? exitStatus.interrupted : exitStatus.ok;
  } catch (error) {
    const has = (option: string): boolean => terminal.words.includes(option);
    return report(error, terminal, { json: has("--json") || has("--jsonl"), debug: has("--debug") });
  }
}

function buildProgram(terminal: Terminal): Command {
  const program = new Command("saccade")
    .description(
      "Attention models on WebAssembly SIMD: generate, train, look. Nothing native, nothing to download.",
    )
    .version(manifest.version, "-V, --version", "print the version")
    .addOption(
      new Option("--variant <build>", "kernels: relaxed is fastest, simd is bit-identical everywhere")
        .choices(["auto", "simd", "relaxed"])
        .default("auto"),
    )
    .option("--threads <n>", "threads to use (default: one for each processor, at most 16)", positiveInteger)
    .option("--debug", "show the stack of an error")
    .addHelpText("after", EPILOGUE);
  const commands = [
    generateCommand,
    lookCommand,
    trainCommand,
    convertCommand,
    doctorCommand,
    benchCommand,
    demoCommand,
  ];
  for (const command of commands) program.addCommand(command(terminal));
  for (const command of everyCommand(program)) prepare(command, terminal);
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** Settings that commander does not hand down to commands made elsewhere. */
function prepare(command: Command, terminal: Terminal): void {
  const { stdout, stderr, colors, noteColors } = terminal;
  command
    .exitOverride()
    .helpOption("-h, --help", "show this help")
    .helpCommand(false)
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => colors.bold(title),
      subcommandTerm: (sub) => sub.name(),
    })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
      getOutHasColors: () => colors.isColorSupported,
      getErrHasColors: () => noteColors.isColorSupported,
      outputError: (text, write) => write(text.replace(/^error:/, noteColors.red("error:"))),
    })
    .showHelpAfterError(`(see ${fullName(command)} --help)`);
}

function fullName(command: Command): string {
  const above = command.parent ? `${fullName(command.parent)} ` : "";
  return above + command.name();
}
