// saccade: the command line of the Saccade engine. This file connects it to the process (streams, signals,
// exit status); program.ts has the commands.

import { runProgram } from "./program.ts";
import { exitStatus, Interrupted, isBrokenPipe } from "./terminal/errors.ts";
import { programName } from "./terminal/shell.ts";
import { Terminal } from "./terminal/terminal.ts";

const words = process.argv.slice(2);
const interruption = new AbortController();

// The first Ctrl-C lets the command put its things in order, the second one does not wait for that.
process.on("SIGINT", () => {
  if (interruption.signal.aborted) process.exit(exitStatus.interrupted);
  interruption.abort(new Interrupted("interrupted"));
});

// `saccade … | head`: whoever read stdout has enough. Nobody is left to be told.
process.stdout.on("error", (error) => {
  if (isBrokenPipe(error)) process.exit(exitStatus.ok);
  throw error;
});

const terminal = new Terminal({
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
  program: programName(process.argv[1] ?? "saccade", process.cwd()),
  words,
});
process.exitCode = await runProgram(terminal);
