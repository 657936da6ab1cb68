// Kernel ladders: the same result computed by ever better kernels, one idea a step (after llm.c's dev/cuda).
// Every step is checked before it is timed; all steps and the multiply-add peak of the machine run in turn,
// best of the rounds. npm run lab -w @saccade/kernels [rounds]

import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { matmul } from "./matmul.ts";

export interface Ladder {
  readonly name: string;
  /** AssemblyScript file with one export per step and `fma_peak_f32`, relative to lab/. */
  readonly source: string;
  readonly flops: number;
  /** Export name → what is new about it, in one sentence. */
  readonly steps: Readonly<Record<string, string>>;
  /** The arguments of every step; `alloc` places that many random floats. */
  arguments(alloc: (floats: number) => number): number[];
  /** Whether the memory holds the right result after a step. */
  check(memory: WebAssembly.Memory, args: readonly number[]): boolean;
}

type Exports = Record<string, (...args: number[]) => unknown>;

const builds = { simd: ["simd"], relaxed: ["simd", "relaxed-simd"] };
const PEAK_TURNS = 1e5;
const PEAK_FLOPS = PEAK_TURNS * 96;

async function compile(source: string, features: readonly string[]): Promise<WebAssembly.Module> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const entry = fileURLToPath(new URL(source, import.meta.url));
  const flags = features.map((feature) => `--enable ${feature}`);
  const worker = new Worker(new URL("../tools/compile.mjs", import.meta.url), {
    workerData: { root, entry, flags },
  });
  const [{ binary, messages }] = await once(worker, "message");
  if (binary === undefined) throw new Error(`${source}:\n${messages}`);
  return new WebAssembly.Module(binary);
}

/** Best milliseconds of one call of each of `runs`, measured in turn. */
function race(runs: readonly (() => unknown)[], rounds: number): number[] {
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < rounds; round++) {
    runs.forEach((run, i) => {
      const start = performance.now();
      run();
      best[i] = Math.min(best[i], performance.now() - start);
    });
  }
  return best;
}

function climb(ladder: Ladder, build: string, module: WebAssembly.Module, rounds: number): void {
  const memory = new WebAssembly.Memory({ initial: 1024 });
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
  let top = 65536;
  const args = ladder.arguments((floats) => {
    const at = top;
    top = Math.ceil((at + 4 * floats) / 64) * 64;
    const values = new Float32Array(memory.buffer, at, floats);
    values.forEach((_, i) => {
      values[i] = ((i * 7919) % 1021) / 1021 - 0.5;
    });
    return at;
  });
  const names = Object.keys(ladder.steps);
  for (const name of names) {
    new Float32Array(memory.buffer, args[0], 1024).fill(Number.NaN);
    kernels[name](...args);
    if (!ladder.check(memory, args))
      throw new Error(`${ladder.name}: ${name} is wrong in the ${build} build`);
  }
  const runs = names.map((name) => () => kernels[name](...args));
  const [peak, ...times] = race([() => kernels.fma_peak_f32(PEAK_TURNS), ...runs], rounds);
  const limit = PEAK_FLOPS / peak / 1e6;
  console.log(`\n${ladder.name} — ${build} build, multiply-add peak ${limit.toFixed(1)} GFLOP/s`);
  names.forEach((name, i) => {
    const rate = ladder.flops / times[i] / 1e6;
    const share = `${((100 * rate) / limit).toFixed(0).padStart(3)} %`;
    console.log(`${name.padEnd(14)} ${rate.toFixed(1).padStart(5)} GFLOP/s ${share}  ${ladder.steps[name]}`);
  });
}

const rounds = Number(process.argv[2] ?? 25);
for (const ladder of [matmul]) {
  for (const [build, features] of Object.entries(builds)) {
    climb(ladder, build, await compile(ladder.source, features), rounds);
  }
}
