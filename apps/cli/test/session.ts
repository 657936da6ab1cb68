// Running the command line in a test: in this process with streams of the test's own, or as a child process
// where signals, pipes or the environment matter.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { runProgram } from "../src/program.ts";
import { type Sink, Terminal } from "../src/terminal/terminal.ts";

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface TestTerminal {
  readonly terminal: Terminal;
  /** What was written so far, as an Outcome needs it at the end. */
  readonly finish: (status: number) => Promise<Outcome>;
}

/** A terminal whose output is kept. `columns` makes both streams a terminal of that width. */
export function testTerminal(
  words: readonly string[] = [],
  options: {
    input?: string | Readable;
    columns?: number;
    env?: Record<string, string>;
    signal?: AbortSignal;
  } = {},
): TestTerminal {
  const { input = "", columns, env = {}, signal = new AbortController().signal } = options;
  const tty = columns === undefined ? {} : { isTTY: true, columns };
  const [stdout, stderr] = [Object.assign(new PassThrough(), tty), Object.assign(new PassThrough(), tty)];
  const read = [text(stdout), text(stderr)];
  const streams = {
    stdin: typeof input === "string" ? Readable.from([input]) : input,
    stdout: stdout as Sink,
    stderr: stderr as Sink,
  };
  return {
    terminal: new Terminal({ ...streams, env, signal, program: "saccade", words }),
    finish: async (status) => {
      stdout.end();
      stderr.end();
      const [out = "", err = ""] = await Promise.all(read);
      return { status, stdout: out, stderr: err };
    },
  };
}

/** Runs `saccade …words` in this process. */
export async function saccade(
  words: readonly string[],
  options: Parameters<typeof testTerminal>[1] = {},
): Promise<Outcome> {
  const { terminal, finish } = testTerminal(words, options);
  return finish(await runProgram(terminal));
}

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Starts `saccade …words` as a process of its own. */
export function spawnSaccade(
  words: readonly string[],
  env: Record<string, string> = {},
): ChildProcessWithoutNullStreams {
  const { NO_COLOR: _, FORCE_COLOR: __, ...inherited } = process.env;
  return spawn(process.execPath, ["--conditions=@saccade/source", main, ...words], {
    env: { ...inherited, ...env },
  });
}

export async function outcomeOf(child: ChildProcessWithoutNullStreams): Promise<Outcome> {
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { status: status ?? -1, stdout, stderr };
}
