// The control block: all that the caller and its workers know of each other, in one SharedArrayBuffer. A job is a
// kernel, its arguments and, per thread, a region of its units; each thread takes from its own region first, most
// of what is left at a time, then from the others'. Workers join a job that is open and leave it; the caller closes
// it and waits for those inside only, so one that sleeps, starts or died between jobs costs nothing.

/** Distance between words that different threads write, so that they do not share a cache line. */
const LINE = 16;

/** Counts the jobs; idle workers wait for it to change. */
export const JOB = 0;
/** OPEN while a job may be joined, plus how many workers are inside. */
const STATE = LINE;
const OPEN = 1 << 16;
/** Workers in Atomics.wait, and whether the caller is. */
export const SLEEPING = 2 * LINE;
const CALLER_SLEEPS = 3 * LINE;
/** Grows with every piece of work a worker takes: the sign of life. */
export const BEAT = 4 * LINE;
/** Workers that have started; whether they shall end. */
export const READY = 5 * LINE;
const STOP = READY + 1;
/** Length of the message behind it, by which a worker says what its kernel died of. */
const FAILED = 6 * LINE;
const MESSAGE = 100;
/** The job. Written while no worker is inside. */
const KERNEL = FAILED + 8 * LINE;
const COUNT = KERNEL + 1;
const WORK_AT = KERNEL + 2;
const REGIONS = KERNEL + 3;
const LEAST = KERNEL + 4;
/** Stride of the scratch, then the arguments, in f64: every number a kernel takes is one of those. */
const NUMBERS = KERNEL + LINE;
const ARGUMENTS = 64;
/** Per thread: the next unit of its region, and the end of it. */
const REGION = NUMBERS + 2 * (1 + ARGUMENTS) + LINE;

export const MAX_THREADS = 256;
export const BLOCK_BYTES = 4 * (REGION + MAX_THREADS * LINE);

/** Milliseconds a thread looks for a change before it sleeps. */
const SPIN = 0.1;

const { add, and, compareExchange, exchange, load, notify, store, sub, wait } = Atomics;
const { pause = () => {} } = Atomics as { pause?: () => void };

type Words = Int32Array<SharedArrayBuffer>;

export interface Job {
  /** Position among the module's exports. */
  readonly kernel: number;
  /** Without the range. */
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

/** What a worker is told first. */
export interface StartMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly control: SharedArrayBuffer;
  readonly thread: number;
}

function numbersOf(words: Words): Float64Array {
  return new Float64Array(words.buffer, 4 * NUMBERS, 1 + ARGUMENTS);
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

/**
 * Most of what is left, in multiples of `least`: a matrix product packs its rows once per piece, so few pieces cost less,
 * and the last ones, which wait for nobody, are small.
 */
function portion(left: number, least: number): number {
  return left < 2 * least ? left : Math.floor((0.75 * left) / least) * least;
}

/** Takes a piece of the open job, [begin, end); false when nothing is left. */
export function claim(words: Words, thread: number, piece: { begin: number; end: number }): boolean {
  for (let i = 0; i < words[REGIONS]; i++) {
    const at = REGION + LINE * ((thread + i) % words[REGIONS]);
    const end = words[at + 1];
    let next = load(words, at);
    while (next < end) {
      const stop = next + portion(end - next, words[LEAST]);
      const seen = compareExchange(words, at, next, stop);
      if (seen === next) {
        piece.begin = next;
        piece.end = stop;
        return true;
      }
      next = seen;
    }
  }
  return false;
}

// -- the caller ---------------------------------------------------------------------------------------------------

/** Whether this thread may sleep: not so on the main thread of a page. */
export function canSleep(words: Words): boolean {
  try {
    wait(words, JOB, words[JOB] + 1, 0);
    return true;
  } catch {
    return false;
  }
}

/** Opens a job. No worker may be inside the one before. */
export function publish(words: Words, job: Job): void {
  const { begin, end, least, threads } = job;
  words[KERNEL] = job.kernel;
  words[COUNT] = job.args.length;
  words[WORK_AT] = job.workAt;
  words[REGIONS] = threads;
  words[LEAST] = least;
  words[FAILED] = 0; // by a job whose caller failed, too
  const numbers = numbersOf(words);
  numbers[0] = job.workStride;
  numbers.set(job.args, 1);
  const share = Math.ceil((end - begin) / threads / least) * least;
  for (let thread = 0; thread < threads; thread++) {
    words[REGION + LINE * thread] = Math.min(begin + share * thread, end);
    words[REGION + LINE * thread + 1] = Math.min(begin + share * (thread + 1), end);
  }
  store(words, STATE, OPEN);
  wake(words);
}

function wake(words: Words): void {
  add(words, JOB, 1);
  if (load(words, SLEEPING) > 0) notify(words, JOB);
}

/** Gives workers a moment to come to the open job first. */
export function yieldTo(words: Words): void {
  spin(() => load(words, STATE) !== OPEN);
}

/** Nobody joins any more; true when the last worker has left within a moment. */
export function close(words: Words): boolean {
  and(words, STATE, ~OPEN);
  return spin(() => load(words, STATE) === 0);
}

/** Waits for the workers inside a closed job, at most `milliseconds` or, where it may not sleep, for a moment. */
export function awaitLeaving(words: Words, milliseconds: number, maySleep: boolean): boolean {
  if (!maySleep) return close(words);
  const inside = load(words, STATE);
  if (inside > 0) {
    store(words, CALLER_SLEEPS, 1);
    wait(words, STATE, inside, milliseconds);
    store(words, CALLER_SLEEPS, 0);
  }
  return load(words, STATE) === 0;
}

/** What a kernel died of in a worker, if one did since the last call. */
export function failure(words: Words): string | null {
  const length = exchange(words, FAILED, 0);
  return length === 0 ? null : String.fromCharCode(...words.subarray(FAILED + 1, FAILED + 1 + length));
}

/** Sends the workers home. */
export function stop(words: Words): void {
  store(words, STOP, 1);
  wake(words);
}

// -- a worker -----------------------------------------------------------------------------------------------------

/** Waits for a job after number `seen`; false when the pool ends. */
export function awaitJob(words: Words, seen: number): boolean {
  if (!spin(() => load(words, JOB) !== seen)) {
    add(words, SLEEPING, 1);
    wait(words, JOB, seen);
    sub(words, SLEEPING, 1);
  }
  return load(words, STOP) === 0;
}

/** Goes inside if a job is open: it then stays as it is until `leave`. */
export function join(words: Words): boolean {
  let state = load(words, STATE);
  while ((state & OPEN) !== 0) {
    const seen = compareExchange(words, STATE, state, state + 1);
    if (seen === state) return true;
    state = seen;
  }
  return false;
}

/** The kernel of the job, and its arguments as `thread` passes them. */
export function jobOf(words: Words, thread: number): { kernel: number; args: number[] } {
  const numbers = numbersOf(words);
  const args = Array.from(numbers.subarray(1, 1 + words[COUNT]));
  if (words[WORK_AT] >= 0) args[words[WORK_AT]] += numbers[0] * thread;
  return { kernel: words[KERNEL], args };
}

export function fail(words: Words, message: string): void {
  const length = Math.min(message.length, MESSAGE);
  for (let i = 0; i < length; i++) words[FAILED + 1 + i] = message.charCodeAt(i);
  store(words, FAILED, length);
}

export function leave(words: Words): void {
  sub(words, STATE, 1);
  if (load(words, CALLER_SLEEPS) === 1) notify(words, STATE);
}
