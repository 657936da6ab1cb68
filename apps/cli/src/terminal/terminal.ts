// Where a command reads and writes. Results go to stdout; notes, progress and errors to stderr, so that
// `saccade … | other` passes on results only. Commands get a Terminal and never touch `process`, which is
// also how the tests run them.

import { addAbortSignal, type Readable, type Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { type Colors, colorsFor } from "./colors.ts";

/** A writable stream that may be a terminal. */
export type Sink = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export interface TerminalOptions {
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires on Ctrl-C, and when the reader of stdout goes away. */
  readonly signal: AbortSignal;
  /** How the user started this program, for hints that can be pasted. */
  readonly program: string;
  /** The command line behind it. */
  readonly words: readonly string[];
}

/** The widest line worth reading; also the width where the terminal does not tell. */
const MAX_WIDTH = 100;
const DEFAULT_WIDTH = 80;

export class Terminal {
  readonly stdin: Readable;
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly signal: AbortSignal;
  readonly program: string;
  readonly words: readonly string[];
  /** Colours of stdout and of stderr. */
  readonly colors: Colors;
  readonly noteColors: Colors;

  constructor({ stdin, stdout, stderr, env, signal, program, words }: TerminalOptions) {
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
    this.signal = signal;
    this.program = program;
    this.words = words;
    this.colors = colorsFor(stdout.isTTY ?? false, env);
    this.noteColors = colorsFor(stderr.isTTY ?? false, env);
  }

  /** Columns to fill with text. */
  get width(): number {
    return Math.min(this.stdout.columns ?? this.stderr.columns ?? DEFAULT_WIDTH, MAX_WIDTH);
  }

  /** Writes a piece of the result and waits until the stream has taken it. */
  write(piece: string): Promise<void> {
    if (piece === "") return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.stdout.write(piece, (error) => (error ? reject(error) : resolve()));
    });
  }

  /** Writes lines of the result. */
  print(...lines: readonly string[]): Promise<void> {
    return this.write(lines.map((line) => `${line}\n`).join(""));
  }

  printJson(value: unknown): Promise<void> {
    return this.print(JSON.stringify(value));
  }

  /** A line about the work, not part of the result. */
  note(line: string): void {
    this.stderr.write(`${this.noteColors.dim(line)}\n`);
  }

  /** All of stdin as text. */
  readAll(): Promise<string> {
    return text(addAbortSignal(this.signal, this.stdin));
  }
}
