// The engine: one wasm instance, its memory and heap. Everything that calls a kernel goes through `run`, so the
// worker pool, the profiler and the split test have one place to hook into.
import {
  createMemory,
  Heap,
  instantiateKernels,
  type Kernels,
  type LayoutPtr,
  MAX_THREADS,
  type ParallelKernel,
  SaccadeError,
  type Variant,
  type WorkerLike,
  WorkerPool,
  whyNotShared,
  workKernels,
} from "@saccade/kernels";
import { collapse, type Shape } from "./shape.ts";

export interface InitOptions {
  /** Which kernel build: "relaxed" is fastest, "simd" is bit-identical everywhere, "auto" takes the best there is. */
  readonly variant?: "auto" | Variant;
  /** Threads to compute with, the caller included; 1 is the default. `info()` says how many there are and why. */
  readonly threads?: number;
  /**
   * Makes a worker that runs `@saccade/core/worker`, for pages whose policy forbids blob: workers, for instance
   * `() => new Worker(new URL("./worker.js", import.meta.url), { type: "module" })`.
   */
  readonly createWorker?: () => WorkerLike;
  /** Upper bound of the engine's memory in bytes, at most 4 GiB (the default). */
  readonly maximumBytes?: number;
  /** Poisons freed memory, guards the ends of buffers and reports leaks; the default under NODE_ENV=development|test. */
  readonly development?: boolean;
  /** Kernels from the caller instead of the embedded ones. */
  readonly module?: WebAssembly.Module;
  readonly bytes?: BufferSource;
  readonly url?: string | URL;
}

export interface EngineInfo {
  readonly variant: Variant;
  readonly threads: number;
  /** Why there are not more threads. */
  readonly threadsReason: string;
  readonly maximumBytes: number;
  readonly development: boolean;
}

type WithoutRange<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown, unknown]
  ? Head
  : never;
type WithoutWork<T extends readonly unknown[]> = T extends readonly [...infer Head, unknown] ? Head : never;
/** Arguments of a kernel but its range and, where it has one, its scratch. */
export type KernelArguments<K extends ParallelKernel> = K extends (typeof workKernels)[number]
  ? WithoutWork<WithoutRange<Parameters<Kernels[K]>>>
  : WithoutRange<Parameters<Kernels[K]>>;

const takesWork: ReadonlySet<string> = new Set(workKernels);

const LAYOUT_RING_BYTES = 16 * 1024;

/** The ranges that a call over [0, units) is cut into, in any order; a test proves that results do not depend on it. */
export type Splitter = (units: number) => readonly (readonly [begin: number, end: number])[];

export class Engine {
  readonly kernels: Kernels;
  readonly heap: Heap;
  readonly pool: WorkerPool | null;
  splitter: Splitter | null = null;
  alive = true;
  liveTensors = 0;
  #info: EngineInfo;
  #layoutRing: number;
  #layoutNext = 0;
  #scratch = 0;
  #scratchBytes = 0;

  constructor(kernels: Kernels, heap: Heap, pool: WorkerPool | null, info: EngineInfo) {
    this.kernels = kernels;
    this.heap = heap;
    this.pool = pool;
    this.#info = info;
    this.#layoutRing = heap.alloc(LAYOUT_RING_BYTES);
  }

  /** The same object until something changes: workers may be lost, and come back. */
  get info(): EngineInfo {
    const { pool } = this;
    if (pool !== null && pool.threads !== this.#info.threads) {
      this.#info = { ...this.#info, threads: pool.threads, threadsReason: pool.reason };
    }
    return this.#info;
  }

  /** Runs a kernel over `units` units of its output. `workBytes` is the scratch it asked for, 0 if it takes none. */
  run<K extends ParallelKernel>(
    name: K,
    units: number,
    workBytes: number,
    ...args: KernelArguments<K>
  ): void {
    if (units <= 0) return;
    const { pool, splitter } = this;
    const head = args as unknown as number[];
    const stride = pool === null ? workBytes : 64 * Math.ceil(workBytes / 64);
    const workAt = takesWork.has(name) ? head.push(this.#work(stride * (pool?.size ?? 1))) - 1 : -1;
    if (splitter === null && pool !== null) {
      pool.run(name, head, units, workAt, stride);
      return;
    }
    const kernel = this.kernels[name] as (...all: number[]) => void;
    if (splitter === null) kernel(...head, 0, units);
    else for (const [begin, end] of splitter(units)) kernel(...head, begin, end);
  }

  /** Writes a layout descriptor (see kernels/assembly/types.ts) valid until some hundred further ones are written. */
  layout(shape: Shape, ...operands: Shape[]): LayoutPtr {
    const { sizes, strides } = collapse(shape, operands);
    const lead = Math.max(sizes.length - 1, 0);
    const words = 2 + lead + operands.length * (lead + 1);
    if (words * 4 > LAYOUT_RING_BYTES)
      throw new SaccadeError("shape", `a tensor of ${shape.length} axes is too deep`);
    if ((this.#layoutNext + words) * 4 > LAYOUT_RING_BYTES) this.#layoutNext = 0;
    const ptr = this.#layoutRing + this.#layoutNext * 4;
    const view = this.heap.i32(ptr, words);
    view[0] = lead;
    view[1] = sizes.length === 0 ? 1 : sizes[lead];
    for (let axis = 0; axis < lead; axis++) view[2 + axis] = sizes[axis];
    let at = 2 + lead;
    for (const operand of strides) {
      for (let axis = 0; axis <= lead; axis++) view[at++] = operand[axis] ?? 0;
    }
    this.#layoutNext += words;
    return ptr as LayoutPtr;
  }

  /** Bytes the engine holds for itself: descriptors and scratch, not tensors. */
  get ownBytes(): number {
    return this.heap.sizeOf(this.#layoutRing) + (this.#scratch === 0 ? 0 : this.heap.sizeOf(this.#scratch));
  }

  #work(bytes: number): number {
    if (bytes > this.#scratchBytes) {
      const old = this.#scratch;
      this.#scratch = 0;
      this.#scratchBytes = 0;
      if (old !== 0) this.heap.free(old);
      this.#scratch = this.heap.alloc(bytes);
      this.#scratchBytes = bytes;
    }
    return this.#scratch;
  }
}

let current: Engine | null = null;
let starting: { readonly options: string; readonly done: Promise<EngineInfo> } | null = null;

/** The running engine; an error that names `init` when there is none. */
export function engine(): Engine {
  if (current === null) {
    throw new SaccadeError(
      "notInitialized",
      "the engine is not running: `await init()` before making tensors",
    );
  }
  return current;
}

/** Starts the engine. A second call with the same options returns the same engine; with others it is an error. */
export async function init(options: InitOptions = {}): Promise<EngineInfo> {
  const key = describe(options);
  if (starting !== null) {
    if (starting.options !== key) {
      throw new SaccadeError(
        "argument",
        `init: the engine runs with ${starting.options}, asked for ${key}; call terminate() first`,
      );
    }
    return starting.done;
  }
  const mine = { options: key, done: build(options).then(begin) };
  function begin(built: Engine): EngineInfo {
    if (starting === mine) {
      current = built;
      return built.info;
    }
    built.pool?.terminate();
    throw new SaccadeError("aborted", "init: terminate() was called before the engine had started");
  }
  starting = mine;
  try {
    return await mine.done;
  } catch (error) {
    if (starting === mine) starting = null;
    throw error;
  }
}

async function build(options: InitOptions): Promise<Engine> {
  const { threads = 1, variant = "auto", development = isDevelopment() } = options;
  if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
    throw new SaccadeError(
      "argument",
      `init: threads is ${threads}, it must be an integer from 1 to ${MAX_THREADS}`,
    );
  }
  let reason = threads === 1 ? "one was asked for (the default)" : whyNotShared();
  const created = createMemory({ maximumBytes: options.maximumBytes, shared: reason === null });
  const { memory, maximumBytes } = created;
  const { module, bytes, url, createWorker } = options;
  const built = await instantiateKernels({ variant, memory, module, bytes, url });
  const heap = new Heap(memory, { maximumBytes, poison: development });
  const { kernels } = built;
  const pool =
    reason === null
      ? await WorkerPool.start({ threads, module: built.module, memory, kernels, createWorker })
      : null;
  reason ??= pool?.reason ?? "";
  return new Engine(kernels, heap, pool, {
    variant: built.variant,
    threads: pool?.threads ?? 1,
    threadsReason: reason,
    maximumBytes,
    development,
  });
}

function describe(options: InitOptions): string {
  const { variant = "auto", threads = 1, maximumBytes, development, url } = options;
  const parts = [`variant ${variant}`, `threads ${threads}`];
  if (maximumBytes !== undefined) parts.push(`maximumBytes ${maximumBytes}`);
  if (development !== undefined) parts.push(`development ${development}`);
  if (url !== undefined) parts.push(`url ${url}`);
  if (options.createWorker !== undefined) parts.push("workers of the caller");
  if (options.module !== undefined) parts.push("a module of the caller");
  if (options.bytes !== undefined) parts.push("bytes of the caller");
  return parts.join(", ");
}

function isDevelopment(): boolean {
  const environment = (globalThis as { process?: { env?: Record<string, string | undefined> } }).process?.env
    ?.NODE_ENV;
  return environment === "development" || environment === "test";
}

/** What runs: kernel build, threads and why not more, memory limit. */
export function info(): EngineInfo {
  return engine().info;
}

export interface MemoryUse {
  /** Bytes held by tensors now, and the most there were since `init`. */
  readonly liveBytes: number;
  readonly peakBytes: number;
  readonly liveTensors: number;
  /** Size of the wasm heap; it only grows. */
  readonly heapBytes: number;
}

export function memory(): MemoryUse {
  const { heap, liveTensors, ownBytes } = engine();
  return {
    liveBytes: heap.liveBytes - ownBytes,
    peakBytes: heap.peakBytes - ownBytes,
    liveTensors,
    heapBytes: heap.heapBytes,
  };
}

/** Ends the engine. Its tensors say so when they are used; a new `init` may follow. */
export function terminate(): void {
  if (current !== null) {
    current.alive = false;
    current.pool?.terminate();
  }
  current = null;
  starting = null;
}
