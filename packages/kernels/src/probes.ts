// What this machine and runtime can do at most, as loops of assembly/probe.ts over memory that was written (untouched
// pages all map to one page of zeros and flatter the bandwidth). Speeds of kernels are shares of these, in the same run.
import type { F32Ptr, Kernels } from "./generated/bindings.ts";
import { Heap } from "./memory.ts";

/** Functions whose polynomials are probes, in the order of function_loop_f32. */
const functions = ["exp", "sigmoid", "tanh", "gelu", "silu"] as const;
type FunctionName = (typeof functions)[number];

type StreamName = "fma" | "read" | "copy" | "triad";
/** multiply-adds in registers; a read; y = x; z = x + s y; the sum of a function */
export type ProbeName = StreamName | FunctionName;

export interface Probe {
  /** Floating-point operations ("fma") or bytes read and written, of one run; of a function those an op of it would move. */
  readonly amount: number;
  run(): void;
  /** Gives the buffers back; the probe cannot run any more. */
  dispose(): void;
}

const FMA_STEPS = 100_000;
const FLOPS_PER_STEP = 12 * 4 * 2;
/** All loops take whole multiples of so many elements. */
const GRAIN = 32;

/** Loops over `memory`, which belongs to the probes alone. */
export class Probes {
  readonly #kernels: Kernels;
  readonly #heap: Heap;

  constructor(kernels: Kernels, memory: WebAssembly.Memory, maximumBytes?: number) {
    this.#kernels = kernels;
    this.#heap = new Heap(memory, { maximumBytes });
  }

  /** The loop `name` over buffers of `elements` f32 each, rounded up to 32; "fma" has none. */
  open(name: ProbeName, elements = 0): Probe {
    const kernels = this.#kernels;
    const n = Math.ceil(elements / GRAIN) * GRAIN;
    const f = functions.indexOf(name as FunctionName);
    const [buffers, moved] = { fma: [0, 0], read: [1, 1], copy: [2, 2], triad: [3, 3] }[
      name as StreamName
    ] ?? [1, 2];
    const [a, b, c] = Array.from({ length: buffers }, () => this.#filled(n));
    const streams: Readonly<Record<StreamName, () => void>> = {
      fma: () => void kernels.fma_peak_f32(FMA_STEPS),
      read: () => void kernels.stream_read_f32(a, n),
      copy: () => kernels.stream_copy_f32(b, a, n),
      triad: () => kernels.stream_triad_f32(c, a, b, 0.5, n),
    };
    const run = f < 0 ? streams[name as StreamName] : () => void kernels.function_loop_f32(a, n, f);
    const amount = name === "fma" ? FMA_STEPS * FLOPS_PER_STEP : n * 4 * moved;
    const dispose = (): void => {
      for (const pointer of [a, b, c]) if (pointer !== undefined) this.#heap.free(pointer);
    };
    return { amount, run, dispose };
  }

  #filled(n: number): F32Ptr {
    const pointer = this.#heap.alloc(n * 4);
    this.#heap.f32(pointer, n).fill(0.25);
    return pointer as F32Ptr;
  }
}
