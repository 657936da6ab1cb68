// The one error class of the project. It lives in the lowest package so that every other can throw it; `code`
// is what programs test, the message is for people and says what is wrong and how to mend it.

export type ErrorCode =
  | "shape" // sizes that do not fit together
  | "dtype" // an element type the operation does not take
  | "index" // an index outside its axis, a token id outside its vocabulary
  | "argument" // any other argument out of its range
  | "autograd" // gradients asked for where there are none, or of something changed in place
  | "outOfMemory" // see OutOfMemoryError
  | "workerLost" // see WorkerLostError
  | "disposed" // use after dispose or after terminate
  | "scope" // a tensor kept or dropped against the rules of scopes
  | "notInitialized" // `await init()` is missing
  | "abi" // kernels and bindings of different versions
  | "unsupported" // this runtime, format or combination cannot do it
  | "file" // a file that is damaged or not what its name says
  | "stateDict" // names or shapes of a checkpoint that do not match the module
  | "config" // a model configuration that is incomplete or contradictory
  | "io" // reading, writing or downloading failed
  | "aborted" // an AbortSignal fired
  | "nanLoss" // training went out of range
  | "internal"; // a broken invariant of ours

/** What an error carries besides its message; `cause` is the error behind it. */
export type ErrorDetails = Readonly<Record<string, unknown>>;

export class SaccadeError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** The heap cannot grow by what was asked for. Nothing was allocated and the engine stays usable. */
export class OutOfMemoryError extends SaccadeError {
  /** Bytes asked for, bytes in use, and the most the heap may have. */
  readonly wanted: number;
  readonly live: number;
  readonly limit: number;

  constructor(wanted: number, live: number, limit: number) {
    const sizes = `${mebibytes(wanted)} wanted, ${mebibytes(live)} live, limit ${mebibytes(limit)}`;
    super("outOfMemory", `out of memory: ${sizes}; dispose tensors (scope) or take a smaller batch`, {
      wanted,
      live,
      limit,
    });
    this.wanted = wanted;
    this.live = live;
    this.limit = limit;
  }
}

/** A worker thread stopped in the middle of a kernel, whose result is lost. The next call starts new workers. */
export class WorkerLostError extends SaccadeError {
  constructor(kernel: string, seconds: number) {
    const what = `a worker thread gave no sign of life for ${seconds} s in ${kernel}`;
    super("workerLost", `${what}; its result is lost, and new workers are started for the next call`, {
      kernel,
    });
  }
}

function mebibytes(bytes: number): string {
  const size = bytes / 2 ** 20;
  return `${size < 100 ? size.toFixed(2) : Math.round(size)} MiB`;
}
