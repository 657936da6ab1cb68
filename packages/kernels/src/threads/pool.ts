// The worker pool. The caller works too, and decides what to share: it keeps, per kernel and order of magnitude of
// units, how long a unit took last time, so small work never leaves the calling thread. Results do not depend on any
// of this: a kernel gives the same bits however its range is cut.
import { SaccadeError, WorkerLostError } from "../error.ts";
import {
  awaitLeaving,
  BEAT,
  BLOCK_BYTES,
  canSleep,
  claim,
  close,
  failure,
  publish,
  READY,
  SLEEPING,
  type StartMessage,
  stop,
  yieldTo,
} from "./block.ts";
import { listen, processors, spawnWorker, started, type WorkerLike } from "./spawn.ts";

export interface PoolOptions {
  /** Threads, the caller included. */
  readonly threads: number;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** The caller's instance of the module. */
  readonly kernels: object;
  /** Makes the workers, which run @saccade/kernels/worker. */
  readonly createWorker?: () => WorkerLike;
}

type Kernel = (...args: number[]) => void;
type Words = Int32Array<SharedArrayBuffer>;

interface Call {
  readonly name: string;
  readonly place: number;
  readonly kernel: Kernel;
  /** Where its cost is kept. */
  readonly key: number;
  readonly args: readonly number[];
  readonly units: number;
  readonly workAt: number;
  readonly workStride: number;
}

/** Milliseconds: work below is not shared; not even enough to wake a sleeping worker; smallest piece of shared work. */
const SHARE = 0.04;
const WAKE = 0.1;
const PIECE = 0.02;
/** A worker is lost after this long without a sign of life, or ten pieces of the caller's if they are long. */
const LOST = 5000;
const SLICE = 100;
const MOST_RESTARTS = 3;

export class WorkerPool {
  readonly size: number;
  /** Shares all work, however small, and lets the workers begin: for tests. */
  always = false;
  /** Jobs that were shared so far. */
  jobs = 0;
  readonly #options: PoolOptions;
  readonly #kernels: readonly Kernel[];
  readonly #places: ReadonlyMap<string, number>;
  /** Milliseconds per unit, by kernel and log2 of the units; 0 where nothing is known. */
  readonly #costs: Float64Array;
  /** The control block of workers that are there or starting. */
  #block: Words | null = null;
  readonly #piece = { begin: 0, end: 0 };
  #workers: WorkerLike[] = [];
  #canSleep = false;
  #trouble: string | null = null;
  #restarts = 0;
  #chance = 0;

  /** Starts the workers and waits for them. Those that do not start are missing; `reason` says why. */
  static async start(options: PoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    await pool.#open();
    return pool;
  }

  private constructor(options: PoolOptions) {
    this.size = options.threads;
    this.#options = options;
    this.#kernels = Object.values(options.kernels);
    this.#places = new Map(Object.keys(options.kernels).map((name, i) => [name, i]));
    this.#costs = new Float64Array(32 * this.#kernels.length);
  }

  /** Threads that work now, the caller included. */
  get threads(): number {
    return 1 + this.#read(READY);
  }

  /** Pieces of work that workers took so far. */
  get beats(): number {
    return this.#read(BEAT);
  }

  /** Why there are not more threads. */
  get reason(): string {
    if (this.threads < this.size && this.#trouble !== null) return this.#trouble;
    if (this.threads < this.size) return "new workers are starting";
    const cores = processors();
    if (cores === this.size) return "one for each processor";
    return `${this.size} were asked for${cores < this.size && cores > 0 ? `, more than the ${cores} processors` : ""}`;
  }

  /** Runs a kernel over [0, units). args[workAt] is scratch for `size` threads, `workStride` bytes apart. */
  run(name: string, args: readonly number[], units: number, workAt = -1, workStride = 0): void {
    const place = this.#places.get(name) as number;
    const kernel = this.#kernels[place];
    const key = 32 * place + 31 - Math.clz32(units);
    const expected = this.#costs[key] * units;
    if (expected > 0 && expected < SHARE && !this.always) {
      if (this.#measures(expected)) this.#timed(key, kernel, args, 0, units);
      else kernel(...args, 0, units);
      return;
    }
    const block = this.#living();
    if (block === null || Atomics.load(block, READY) === 0) kernel(...args, 0, units);
    else this.#share(block, { name, place, kernel, key, args, units, workAt, workStride });
  }

  /** Whether to look at the clock, which costs as much as a tiny kernel: always, or by chance one time in eight. */
  #measures(expected: number): boolean {
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) | 0;
    return expected > SHARE / 4 || this.#chance >>> 29 === 0;
  }

  /** A call that may be worth sharing: of unknown cost, or known to be large. */
  #share(block: Words, call: Call): void {
    const { place, kernel, key, args, units, workAt, workStride } = call;
    const grain = this.always ? 1 : units >= 1024 ? 64 : units >= 128 ? 16 : 1;
    let begin = 0;
    if (this.#costs[key] === 0 && !this.always) {
      begin = Math.min(units, Math.ceil(units / 16 / grain) * grain);
      this.#timed(key, kernel, args, 0, begin);
    }
    const cost = this.#costs[key];
    const enough = Atomics.load(block, SLEEPING) >= this.size - 1 ? WAKE : SHARE;
    if (!this.always && (cost * (units - begin) < enough || units - begin < 2 * grain)) {
      this.#timed(key, kernel, args, begin, units);
      return;
    }
    const least = this.always ? 1 : grain * Math.max(1, Math.ceil(Math.min(PIECE / cost, units) / grain));
    const range = { begin, end: units, least, threads: this.size };
    publish(block, { kernel: place, args, workAt, workStride, ...range });
    this.jobs++;
    this.#work(block, call);
  }

  /** Ends the workers. */
  terminate(): void {
    this.#close("the engine was terminated");
    this.#restarts = MOST_RESTARTS;
  }

  #timed(key: number, kernel: Kernel, args: readonly number[], begin: number, end: number): void {
    if (begin === end) return;
    const start = performance.now();
    kernel(...args, begin, end);
    this.#learn(key, performance.now() - start, end - begin);
  }

  /** Believes a rise only by and by: a thread that was stopped for a while makes any work look long. */
  #learn(key: number, milliseconds: number, units: number): void {
    const known = this.#costs[key];
    const cost = Math.max(milliseconds, 1e-6) / units;
    this.#costs[key] = known === 0 ? cost : Math.min(cost, 16 * known);
  }

  /** The caller's part of an open job, and the wait for the others'. */
  #work(block: Words, { name, key, kernel, args }: Call): void {
    let longest = 0;
    let [busy, done] = [0, 0];
    try {
      if (this.always) yieldTo(block);
      while (claim(block, 0, this.#piece)) {
        const { begin, end } = this.#piece;
        const start = performance.now();
        kernel(...args, begin, end);
        const took = performance.now() - start;
        longest = Math.max(longest, took);
        busy += took;
        done += end - begin;
      }
    } finally {
      if (!close(block)) this.#wait(block, name, Math.max(LOST, 10 * longest));
    }
    if (done > 0) this.#learn(key, busy, done);
    this.#restarts = 0;
    const died = failure(block);
    if (died !== null) throw new SaccadeError("internal", `${name} failed in a worker thread: ${died}`);
  }

  /** Waits for the workers inside a closed job. Only time in which this thread runs counts against them. */
  #wait(block: Words, name: string, patience: number): void {
    let beat = 0;
    let waited = 0;
    let last = performance.now();
    while (!awaitLeaving(block, SLICE, this.#canSleep)) {
      const now = performance.now();
      waited += Math.min(now - last, 2 * SLICE);
      last = now;
      const seen = Atomics.load(block, BEAT);
      if (seen !== beat) waited = 0;
      beat = seen;
      if (waited < patience) continue;
      this.#close("a worker was lost");
      throw new WorkerLostError(name, Math.round(patience / 1000));
    }
  }

  #read(word: number): number {
    return this.#block === null ? 0 : Atomics.load(this.#block, word);
  }

  /** The control block of workers that are there or starting; null when the pool has ended. */
  #living(): Words | null {
    if (this.#block === null && this.#restarts < MOST_RESTARTS) {
      this.#restarts++;
      void this.#open();
    }
    return this.#block;
  }

  /** Starts all workers; resolves when each is ready or will not be. */
  async #open(): Promise<void> {
    const { module, memory, createWorker = spawnWorker } = this.#options;
    const block = new Int32Array(new SharedArrayBuffer(BLOCK_BYTES));
    this.#block = block;
    this.#trouble = null;
    this.#canSleep = canSleep(block);
    const starting: Promise<void>[] = [];
    for (let thread = 1; thread < this.size; thread++) {
      let worker: WorkerLike;
      try {
        worker = createWorker();
      } catch (error) {
        this.#trouble = `a worker was refused (${String(error)}); a strict policy needs createWorker`;
        break;
      }
      this.#workers.push(worker);
      starting.push(this.#join(worker, { module, memory, control: block.buffer, thread }, block));
    }
    await Promise.all(starting);
    if (Atomics.load(block, READY) === 0 && this.#block === block) {
      this.#close(this.#trouble ?? "no worker started");
      this.#restarts = MOST_RESTARTS;
    }
  }

  async #join(worker: WorkerLike, message: StartMessage, block: Words): Promise<void> {
    const refusal = await started(worker, message);
    worker.unref?.();
    if (refusal === null) {
      const lost = (): void => {
        if (this.#block === block) this.#close("a worker ended");
      };
      listen(worker, "exit", lost);
      listen(worker, "error", lost);
      return;
    }
    worker.terminate();
    if (this.#block === block) this.#trouble = refusal;
  }

  #close(reason: string): void {
    this.#trouble = reason;
    if (this.#block !== null) stop(this.#block);
    this.#block = null;
    for (const worker of this.#workers.splice(0)) worker.terminate();
  }
}
