// The program of the pages, and of a worker that a page makes for the engine: each task by its name.
import { loseWorker, train } from "./work.ts";

const tasks = { train, loseWorker };
type Call = [name: keyof typeof tasks, start: Parameters<typeof train>[0]];

const run = ([name, start]: Call): Promise<unknown> => tasks[name](start);

/** Runs a task in a worker of its own. */
function inWorker(call: Call): Promise<unknown> {
  const worker = new Worker("page.js", { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.value));
    worker.onerror = ({ message }) => reject(new Error(message || "the worker was refused"));
    worker.postMessage(call);
  });
}

if (typeof document === "undefined") {
  addEventListener("message", async ({ data }) => {
    try {
      postMessage({ value: await run(data) });
    } catch (error) {
      postMessage({ error: String(error) });
    }
  });
} else Object.assign(globalThis, { run, inWorker });
