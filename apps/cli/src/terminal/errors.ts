// What the user sees when something fails: one clear line on stderr, with --json also an object on stdout,
// and the exit status of the convention (1 failed, 2 usage, 130 interrupted).
import { SaccadeError } from "@saccade/core";
import { CommanderError } from "commander";
import type { Terminal } from "./terminal.ts";

export const exitStatus = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** The command line asks for something that cannot be meant. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** Ctrl-C, after everything worth keeping was kept. */
export class Interrupted extends Error {
  override name = "Interrupted";
}

/** Whether the reader of stdout has gone away (`| head`): no failure, just nothing left to do. */
export function isBrokenPipe(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === "EPIPE" || code === "ERR_STREAM_DESTROYED" || code === "ERR_STREAM_PREMATURE_CLOSE";
}

function isAbort(error: unknown): boolean {
  if (error instanceof Interrupted) return true;
  if (error instanceof SaccadeError) return error.code === "aborted";
  return error instanceof Error && error.name === "AbortError";
}

export interface ReportOptions {
  readonly json: boolean;
  readonly debug: boolean;
}

/** Tells the user about `error` and returns the exit status. */
export async function report(error: unknown, terminal: Terminal, options: ReportOptions): Promise<number> {
  if (isBrokenPipe(error)) return exitStatus.ok;
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  if (terminal.signal.aborted && isAbort(error)) return exitStatus.interrupted;
  const { code, message } = describe(error);
  const red = terminal.noteColors.red;
  terminal.stderr.write(`${red("error:")} ${message}\n`);
  if (options.debug && error instanceof Error) terminal.stderr.write(`${stackOf(error)}\n`);
  if (options.json) await terminal.printJson({ error: { code, message } });
  return error instanceof UsageError ? exitStatus.usage : exitStatus.failed;
}

/** The one line, and the word programs test. */
function describe(error: unknown): { code: string; message: string } {
  if (error instanceof UsageError) return { code: "usage", message: oneLine(error.message) };
  if (error instanceof SaccadeError) return { code: error.code, message: oneLine(error.message) };
  const system = systemMessage(error);
  if (system) return { code: "io", message: system };
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return { code: "internal", message: `${message} (a fault of saccade itself: --debug shows where)` };
}

const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or directory",
  EACCES: "permission denied",
  EISDIR: "is a directory, a file was expected",
  ENOTDIR: "is inside a file, a directory was expected",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
};

function systemMessage(error: unknown): string | undefined {
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const explanation = SYSTEM_ERRORS[code ?? ""];
  return explanation && `${path ?? "reading or writing"}: ${explanation}`;
}

const oneLine = (message: string): string => message.trim().replace(/\s*\n\s*/g, "; ");

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
