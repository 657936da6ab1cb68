// saccade doctor: what this machine gives the engine, and why not more.
import { availableParallelism, totalmem } from "node:os";
import { arch, platform } from "node:process";
import { type EngineInfo, memory, noGrad, ones, scope } from "@saccade/core";
import { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { type GlobalOptions, startEngine, variantNames } from "../engineOptions.ts";
import { runtimeName } from "../runtime.ts";
import { bytes, plural } from "../terminal/format.ts";
import { plainTable } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";

interface Diagnosis {
  readonly version: string;
  readonly runtime: string;
  readonly platform: string;
  readonly cpus: number;
  readonly simd: { readonly variant: EngineInfo["variant"]; readonly reason: string };
  readonly threads: { readonly count: number; readonly reason: string };
  readonly memory: { readonly engineLimit: number; readonly engineHeap: number; readonly machine: number };
  readonly matmul: { readonly gigaflops: number };
}

export function doctorCommand(terminal: Terminal): Command {
  return new Command("doctor")
    .summary("explain SIMD, threads and memory on this machine")
    .description("Tells which kernels run here, with how many threads and why, how much memory there may be.")
    .option("--json", "print one JSON object")
    .action(async (_: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { json?: boolean }>();
      const diagnosis = await diagnose(options);
      if (options.json) await terminal.printJson(diagnosis);
      else await terminal.print(table(diagnosis, terminal));
    });
}

async function diagnose(options: GlobalOptions): Promise<Diagnosis> {
  const info = await startEngine(options);
  const gigaflops = matmulSpeed();
  return {
    version: manifest.version,
    runtime: runtimeName(),
    platform: `${platform}-${arch}`,
    cpus: availableParallelism(),
    simd: { variant: info.variant, reason: variantReason(info, options) },
    threads: { count: info.threads, reason: info.threadsReason },
    memory: { engineLimit: info.maximumBytes, engineHeap: memory().heapBytes, machine: totalmem() },
    matmul: { gigaflops },
  };
}

function variantReason({ variant }: EngineInfo, options: GlobalOptions): string {
  if (options.variant !== "auto") return "asked for";
  return variant === "relaxed" ? "the fastest build" : "this runtime has no relaxed SIMD; Node 22 has";
}

/** GFLOP/s of a product of two 512 × 512 matrices, the best of a few. */
function matmulSpeed(): number {
  const size = 512;
  return noGrad(() =>
    scope(() => {
      const [a, b] = [ones([size, size]), ones([size, size])];
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 5; i++) {
        const began = performance.now();
        a.matmul(b).dispose();
        best = Math.min(best, performance.now() - began);
      }
      return Math.round(((2 * size ** 3) / best / 1e6) * 10) / 10;
    }),
  );
}

function table(
  { version, runtime, platform, cpus, simd, threads, memory, matmul }: Diagnosis,
  terminal: Terminal,
): string {
  const { bold, dim } = terminal.colors;
  return plainTable([
    [bold("saccade"), version],
    [bold("runtime"), `${runtime}, ${platform}`],
    [bold("kernels"), `${variantNames[simd.variant]} ${dim(`(${simd.reason})`)}`],
    [bold("threads"), `${threads.count} of ${plural(cpus, "processor")} ${dim(`(${threads.reason})`)}`],
    [
      bold("memory"),
      `up to ${bytes(memory.engineLimit)} for tensors ${dim(`(the machine has ${bytes(memory.machine)})`)}`,
    ],
    [bold("speed"), `${matmul.gigaflops} GFLOP/s ${dim("(product of two 512 × 512 matrices)")}`],
  ]);
}
