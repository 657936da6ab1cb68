// Starting worker threads: Node's own in Node, Deno and Bun (by text, nothing to find on disk), blob: workers in a
// page, or whatever the caller makes. A page's policy may refuse a worker by throwing, by an `error` event without
// words, or by silence.
import source from "../generated/worker-source.ts";
import type { StartMessage } from "./block.ts";

/** What the pool needs of a worker, a page's or Node's. */
export interface WorkerLike {
  postMessage(message: unknown): void;
  terminate(): unknown;
  addEventListener?(event: string, listener: (event: unknown) => void): void;
  on?(event: string, listener: (value: unknown) => void): unknown;
  unref?(): void;
}

interface Globals {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly Worker?: new (url: string, options: { name: string }) => WorkerLike;
}

type NodeWorker = new (source: string, options: object) => WorkerLike;

const globals = globalThis as Globals;
const START_SECONDS = 10;
const POLICY =
  "the page's Content-Security-Policy may forbid blob: workers: add worker-src blob: or pass createWorker";

function builtin<T>(name: string): T | undefined {
  return globals.process?.getBuiltinModule?.(name) as T | undefined;
}

/** Why this runtime cannot share memory between threads; null if it can. */
export function whyNotShared(): string | null {
  const isPage = builtin("node:worker_threads") === undefined;
  if (isPage && globals.crossOriginIsolated === false) {
    const headers = "Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
    return `the page is not cross-origin isolated: serve it with ${headers}`;
  }
  return typeof SharedArrayBuffer === "undefined" ? "this runtime has no SharedArrayBuffer" : null;
}

/** Processors that may be used; 0 if unknown. */
export function processors(): number {
  const os = builtin<{ availableParallelism(): number }>("node:os");
  return os?.availableParallelism() ?? globals.navigator?.hardwareConcurrency ?? 0;
}

/** A worker that runs the text; throws where the policy or the runtime forbids it. */
export function spawnWorker(): WorkerLike {
  const node = builtin<{ Worker: NodeWorker }>("node:worker_threads");
  if (node !== undefined) return new node.Worker(source, { eval: true, execArgv: [], name: "saccade" });
  if (globals.Worker === undefined) throw new Error("there are no workers here");
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    return new globals.Worker(url, { name: "saccade" });
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), 1000 * START_SECONDS);
  }
}

/** Calls `listener` with what a worker says ("message"), or when it fails or ends. */
export function listen(worker: WorkerLike, event: string, listener: (value: unknown) => void): void {
  if (worker.on) worker.on(event, listener);
  else worker.addEventListener?.(event, (value) => listener((value as { data?: unknown }).data ?? value));
}

/** Starts a worker; answers null when it is ready, or why it is not. */
export function started(worker: WorkerLike, message: StartMessage): Promise<string | null> {
  return new Promise((resolve) => {
    const silent = `a worker did not start within ${START_SECONDS} s; ${POLICY}`;
    // In two steps: after a long computation of the caller the timer may come before the worker's message.
    let late = setTimeout(() => {
      late = setTimeout(() => resolve(silent), 100);
    }, 1000 * START_SECONDS);
    const settle = (reason: string | null): void => {
      clearTimeout(late);
      resolve(reason);
    };
    listen(worker, "message", (said) => settle(said === "ready" ? null : `a worker failed: ${said}`));
    listen(worker, "messageerror", () => settle("a worker cannot be given the kernels"));
    listen(worker, "exit", () => settle("a worker ended while it started"));
    listen(worker, "error", (error) => {
      const words = (error as { message?: string }).message;
      settle(words ? `a worker failed: ${words}` : `a worker was refused; ${POLICY}`);
    });
    worker.postMessage(message);
  });
}
