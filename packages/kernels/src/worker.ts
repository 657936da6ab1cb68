// @saccade/kernels/worker: the program of a worker thread. The default entry carries it as text (tools/build.mjs);
// a page whose policy forbids blob: workers serves this file and passes `init({ createWorker })`.
import {
  awaitJob,
  BEAT,
  claim,
  fail,
  JOB,
  jobOf,
  join,
  leave,
  READY,
  type StartMessage,
} from "./threads/block.ts";

interface Port {
  postMessage(message: unknown): void;
  once?(event: "message", listener: (message: StartMessage) => void): void;
  addEventListener(event: "message", listener: (event: { data: StartMessage }) => void): void;
}

type Process = { getBuiltinModule?(name: string): { parentPort: Port | null } };

const node = (globalThis as { process?: Process }).process?.getBuiltinModule?.("node:worker_threads");
const port = node?.parentPort ?? (globalThis as unknown as Port);

/** Serves jobs until the pool ends. It does not go back to the event loop in between. */
function serve({ module, memory, control, thread }: StartMessage): void {
  let kernels: ((...args: number[]) => void)[];
  try {
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    kernels = Object.values(instance.exports) as typeof kernels;
  } catch (error) {
    port.postMessage(String(error));
    return;
  }
  const words = new Int32Array(control);
  const piece = { begin: 0, end: 0 };
  Atomics.add(words, READY, 1);
  port.postMessage("ready");
  for (let seen = 0; awaitJob(words, seen); ) {
    seen = Atomics.load(words, JOB); // before joining: a job that comes up in between is then seen as new
    if (!join(words)) continue;
    seen = Atomics.load(words, JOB);
    try {
      const { kernel, args } = jobOf(words, thread);
      while (claim(words, thread, piece)) {
        Atomics.add(words, BEAT, 1);
        kernels[kernel](...args, piece.begin, piece.end);
      }
    } catch (error) {
      fail(words, String(error));
    }
    leave(words);
  }
}

if (port.once) port.once("message", serve);
else port.addEventListener("message", ({ data }) => serve(data));
