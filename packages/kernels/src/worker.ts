// @saccade/kernels/worker: the program of a worker thread. The default entry carries it as text (tools/build.mjs);
// a page whose policy forbids blob: workers serves this file and passes `init({ createWorker })`.
import { ControlBlock } from "./threads/block.ts";
import type { StartMessage } from "./threads/spawn.ts";

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
  const block = new ControlBlock(control);
  block.enter();
  port.postMessage("ready");
  for (let seen = 0; block.await(seen); ) {
    seen = block.job; // before joining: a job that comes up in between is then seen as new
    if (!block.join()) continue;
    seen = block.job;
    try {
      const kernel = kernels[block.kernel()];
      const args = block.args(thread);
      while (block.claim(thread)) {
        block.live();
        kernel(...args, block.begin, block.end);
      }
    } catch (error) {
      block.fail(String(error));
    }
    block.leave();
  }
}

if (port.once) port.once("message", serve);
else port.addEventListener("message", ({ data }) => serve(data));
