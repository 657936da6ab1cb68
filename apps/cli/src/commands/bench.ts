// saccade bench: what this machine and this runtime do, in well under half a minute.

import { arch, platform } from "node:process";
import { setImmediate as nextTask } from "node:timers/promises";
import type { EngineInfo } from "@saccade/core";
import type { Probes } from "@saccade/kernels";
import { Command, InvalidArgumentError } from "commander";
import { engineLine, type GlobalOptions, startEngine } from "../engineOptions.ts";
import { type Measurement, measurements, openProbes, type Work } from "../measurements.ts";
import { runtimeName } from "../runtime.ts";
import { Interrupted } from "../terminal/errors.ts";
import { duration } from "../terminal/format.ts";
import { Progress } from "../terminal/progress.ts";
import { plainTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { positive } from "./arguments.ts";

interface Options extends GlobalOptions {
  readonly json?: boolean;
  readonly seconds: number;
  readonly only?: readonly string[];
}

interface Result {
  readonly name: string;
  readonly about: string;
  readonly unit: Measurement["unit"];
  /** The fastest run, as what it costs and what it comes to. */
  readonly milliseconds: number;
  readonly rate: number;
  /** Part of what the loop it is held against reached beside it, on one thread. */
  readonly share?: number;
  readonly limit?: string;
}

export function benchCommand(terminal: Terminal): Command {
  return new Command("bench")
    .summary("measure what this machine and this runtime do")
    .description(
      "Measures what the machine can do and what the engine makes of it: products, softmax, attention, a\n" +
        "convolution, and tokens of a GPT-2 with random weights. Takes about half a minute.",
    )
    .option("--only <names>", `some of ${measurements.map(({ name }) => name).join(", ")}`, namesIn)
    .option("--seconds <s>", "time for each row", positive, 1)
    .option("--json", "print one JSON object")
    .action((_: unknown, command: Command) => run(terminal, command.optsWithGlobals<Options>()));
}

function namesIn(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const known = measurements.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new InvalidArgumentError(`There is no "${unknown}" among ${known.join(", ")}.`);
  return names;
}

async function run(terminal: Terminal, { json, seconds, only, ...options }: Options): Promise<void> {
  const began = performance.now();
  const info = await startEngine(options);
  const probes = await openProbes(info);
  const wanted = measurements.filter(({ name }) => only?.includes(name) ?? true);
  const progress = new Progress(terminal, "measuring", wanted.length);
  const results: Result[] = [];
  try {
    for (const measurement of wanted) {
      results.push(await measure(terminal, measurement, probes, seconds * 1000));
      progress.update(results.length);
    }
  } finally {
    progress.stop({ clear: true });
  }
  const took = (performance.now() - began) / 1000;
  if (json) await terminal.printJson(report(info, results, took));
  else await terminal.print(...lines(info, results, took, terminal));
}

/** Runs of the work and of its limit's loop in turn, until the time is up; the fastest of each counts. */
async function measure(
  terminal: Terminal,
  { name, about, unit, limit, open }: Measurement,
  probes: Probes,
  milliseconds: number,
): Promise<Result> {
  const probe = limit && probes.open(limit.loop, limit.elements);
  const work = await open(probes);
  try {
    let [fastest, loop] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const end = performance.now() + milliseconds;
    do {
      fastest = Math.min(fastest, await timeOf(work));
      if (probe) loop = Math.min(loop, await timeOf(probe));
      await nextTask();
      if (terminal.signal.aborted) throw new Interrupted("interrupted");
    } while (performance.now() < end);
    const rate = rateOf(unit, work.amount, fastest);
    const share = probe && rate / rateOf(unit, probe.amount, loop);
    return { name, about, unit, milliseconds: fastest, rate, share, limit: limit?.loop };
  } finally {
    await work.dispose();
    probe?.dispose();
  }
}

async function timeOf(work: Work): Promise<number> {
  const start = performance.now();
  const pending = work.run();
  if (pending !== undefined) await pending;
  return performance.now() - start;
}

const rateOf = (unit: Measurement["unit"], amount: number, ms: number): number =>
  unit === "tokens/s" ? (1000 * amount) / ms : amount / ms / 1e6;

function report({ variant, threads, threadsReason }: EngineInfo, rows: readonly Result[], seconds: number) {
  return {
    runtime: runtimeName(),
    platform: `${platform}-${arch}`,
    variant,
    threads: { count: threads, reason: threadsReason },
    seconds,
    rows,
  };
}

const LOOPS: Readonly<Record<string, string>> = {
  fma: "of the peak",
  read: "of the read",
  copy: "of a copy",
};

function lines(info: EngineInfo, rows: readonly Result[], seconds: number, terminal: Terminal): string[] {
  const { bold, dim } = terminal.colors;
  const digits = (rate: number): string => rate.toFixed(rate < 99.95 ? 1 : 0);
  const shareText = ({ share, limit = "" }: Result): string =>
    share === undefined ? "" : `${(100 * share).toFixed(0)} % ${LOOPS[limit]}`;
  const one = info.threads > 1 ? ", which are of one thread" : "";
  return [
    `${runtimeName()} · ${engineLine(info)}`,
    "",
    plainTable(
      rows.map((row) => [bold(row.name), digits(row.rate), row.unit, shareText(row), dim(row.about)]),
      ["left", "right", "left", "right", "left"],
    ),
    "",
    dim(`The fastest run of each, in turn with its limit${one}; ${duration(seconds)} in all.`),
  ];
}
