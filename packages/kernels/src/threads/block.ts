// The control block: all that the caller and its workers know of each other, in one SharedArrayBuffer. A job is a
// kernel, its arguments and, per thread, a region of its units; each thread takes from its own region first, half
// of what is left at a time, then from the others'. Workers join a job that is open and leave it; the caller closes
// it and waits for those inside only, so one that sleeps, starts or died between jobs costs nothing.

/** Distance between words that different threads write, so that they do not share a cache line. */
const LINE = 16;

/** Counts the jobs; idle workers wait for it to change. */
const JOB = 0;
/** OPEN while a job may be joined, plus how many workers are inside. */
const STATE = LINE;
const OPEN = 1 << 16;
/** Workers in Atomics.wait, and whether the caller is. */
const SLEEPING = 2 * LINE;
const CALLER_SLEEPS = 3 * LINE;
/** Grows with every piece of work a worker takes: the sign of life. */
const BEAT = 4 * LINE;
const READY = 5 * LINE;
const STOP = READY + 1;
const FAILED = READY + 2;
/** The job. Written while no worker is inside. */
const KERNEL = 6 * LINE;
const ARGUMENTS = KERNEL + 1;
const WORK_AT = KERNEL + 2;
const REGIONS = KERNEL + 3;
const LEAST = KERNEL + 4;
/** Per thread: the next unit of its region, and the end of it. */
const REGION = 7 * LINE;

export const MAX_THREADS = 256;
const MAX_ARGUMENTS = 64;
const NUMBERS_AT = 4 * (REGION + MAX_THREADS * LINE);
const TEXT_AT = NUMBERS_AT + 8 * (1 + MAX_ARGUMENTS);
const TEXT_BYTES = 512;

/** Milliseconds a thread looks for a change before it sleeps. */
const SPIN = 0.1;

const { pause = () => {} } = Atomics as { pause?: () => void };

export interface Job {
  /** Position among the module's exports. */
  readonly kernel: number;
  /** Without the range. Every number a kernel takes (i32, f32, f64, an address) is one of f64's. */
  readonly args: readonly number[];
  /** Which argument is scratch, −1 if none is; thread t has its own `workStride` · t bytes further on. */
  readonly workAt: number;
  readonly workStride: number;
  readonly begin: number;
  readonly end: number;
  /** Smallest piece; pieces begin on its multiples behind `begin`. */
  readonly least: number;
  readonly threads: number;
}

export class ControlBlock {
  readonly buffer: SharedArrayBuffer;
  /** The piece that `claim` took. */
  begin = 0;
  end = 0;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #text: Uint8Array;

  constructor(buffer = new SharedArrayBuffer(TEXT_AT + TEXT_BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer, 0, NUMBERS_AT / 4);
    this.#numbers = new Float64Array(buffer, NUMBERS_AT, 1 + MAX_ARGUMENTS);
    this.#text = new Uint8Array(buffer, TEXT_AT, TEXT_BYTES);
  }

  // -- both sides -------------------------------------------------------------------------------------------------

  /** Takes a piece of the open job into `begin` and `end`; false when nothing is left. */
  claim(thread: number): boolean {
    const words = this.#words;
    const regions = words[REGIONS];
    const least = words[LEAST];
    for (let i = 0; i < regions; i++) {
      const at = REGION + LINE * ((thread + i) % regions);
      const end = words[at + 1];
      let next = Atomics.load(words, at);
      while (next < end) {
        const stop = next + portion(end - next, least);
        const seen = Atomics.compareExchange(words, at, next, stop);
        if (seen === next) {
          this.begin = next;
          this.end = stop;
          return true;
        }
        next = seen;
      }
    }
    return false;
  }

  // -- the caller -------------------------------------------------------------------------------------------------

  /** Workers that have started. */
  get ready(): number {
    return Atomics.load(this.#words, READY);
  }
  get beat(): number {
    return Atomics.load(this.#words, BEAT);
  }
  /** Workers that only a wake-up reaches. */
  get sleeping(): number {
    return Atomics.load(this.#words, SLEEPING);
  }
  /** Whether this thread may sleep: not so on the main thread of a page. */
  canSleep(): boolean {
    try {
      Atomics.wait(this.#words, JOB, this.#words[JOB] + 1, 0);
      return true;
    } catch {
      return false;
    }
  }

  /** Opens a job. No worker may be inside the one before. */
  publish({ kernel, args, workAt, workStride, begin, end, least, threads }: Job): void {
    const words = this.#words;
    words[KERNEL] = kernel;
    words[ARGUMENTS] = args.length;
    words[WORK_AT] = workAt;
    words[REGIONS] = threads;
    words[LEAST] = least;
    this.#numbers[0] = workStride;
    this.#numbers.set(args, 1);
    const share = Math.ceil((end - begin) / threads / least) * least;
    for (let thread = 0; thread < threads; thread++) {
      words[REGION + LINE * thread] = Math.min(begin + share * thread, end);
      words[REGION + LINE * thread + 1] = Math.min(begin + share * (thread + 1), end);
    }
    Atomics.store(words, STATE, OPEN);
    Atomics.add(words, JOB, 1);
    if (Atomics.load(words, SLEEPING) > 0) Atomics.notify(words, JOB);
  }

  /** Nobody joins any more. */
  close(): void {
    Atomics.and(this.#words, STATE, ~OPEN);
  }
  /** Workers inside, of a job that is closed. */
  get inside(): number {
    return Atomics.load(this.#words, STATE);
  }
  /** Looks for the last worker to leave, for a moment. */
  spin(): boolean {
    return spin(() => this.inside === 0);
  }
  /** Gives the workers time to come first; false if none did. */
  yield(): boolean {
    return spin(() => this.inside !== OPEN);
  }
  /** Sleeps until a worker leaves, at most `milliseconds`. */
  sleep(milliseconds: number): void {
    const inside = this.inside;
    if (inside === 0) return;
    Atomics.store(this.#words, CALLER_SLEEPS, 1);
    Atomics.wait(this.#words, STATE, inside, milliseconds);
    Atomics.store(this.#words, CALLER_SLEEPS, 0);
  }

  /** What a kernel died of in a worker, if one did since the last call. */
  failure(): string | null {
    const length = Atomics.exchange(this.#words, FAILED, 0);
    if (length === 0) return null;
    return String.fromCharCode(...this.#text.subarray(0, length));
  }

  /** Sends the workers home. */
  stop(): void {
    Atomics.store(this.#words, STOP, 1);
    Atomics.add(this.#words, JOB, 1);
    Atomics.notify(this.#words, JOB);
  }

  // -- a worker ---------------------------------------------------------------------------------------------------

  enter(): void {
    Atomics.add(this.#words, READY, 1);
  }
  /** Waits for a job after number `seen`; false when the pool ends. */
  await(seen: number): boolean {
    const words = this.#words;
    if (!spin(() => Atomics.load(words, JOB) !== seen)) {
      Atomics.add(words, SLEEPING, 1);
      Atomics.wait(words, JOB, seen);
      Atomics.sub(words, SLEEPING, 1);
    }
    return Atomics.load(words, STOP) === 0;
  }
  /** Number of the latest job. */
  get job(): number {
    return Atomics.load(this.#words, JOB);
  }
  /** Goes inside if a job is open: it then stays as it is until `leave`. */
  join(): boolean {
    const words = this.#words;
    let state = Atomics.load(words, STATE);
    while ((state & OPEN) !== 0) {
      const seen = Atomics.compareExchange(words, STATE, state, state + 1);
      if (seen === state) return true;
      state = seen;
    }
    return false;
  }
  /** The kernel of the job, and its arguments as `thread` passes them. */
  kernel(): number {
    return this.#words[KERNEL];
  }
  args(thread: number): number[] {
    const args = Array.from(this.#numbers.subarray(1, 1 + this.#words[ARGUMENTS]));
    const workAt = this.#words[WORK_AT];
    if (workAt >= 0) args[workAt] += this.#numbers[0] * thread;
    return args;
  }
  live(): void {
    Atomics.add(this.#words, BEAT, 1);
  }
  fail(message: string): void {
    const text = message.slice(0, TEXT_BYTES);
    for (let i = 0; i < text.length; i++) this.#text[i] = text.charCodeAt(i);
    Atomics.store(this.#words, FAILED, text.length);
  }
  leave(): void {
    const words = this.#words;
    Atomics.sub(words, STATE, 1);
    if (Atomics.load(words, CALLER_SLEEPS) === 1) Atomics.notify(words, STATE);
  }
}

/** Half of what is left, in multiples of `least`; all of it when half would be less. */
function portion(left: number, least: number): number {
  return left < 2 * least ? left : Math.ceil(left / 2 / least) * least;
}

/** Whether `done` came true within a moment. */
function spin(done: () => boolean): boolean {
  const until = performance.now() + SPIN;
  do {
    for (let i = 0; i < 64; i++) {
      if (done()) return true;
      pause();
    }
  } while (performance.now() < until);
  return done();
}
