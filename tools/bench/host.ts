// A participant's process: node host.ts <participant> <threads> <variant>. It reads one request per line of stdin and
// answers each with a line of stdout that begins with MARK (libraries write to stdout as they like).
//   {"prepare": task} → {checksum, amount} | {unsupported} | {failed};  {"time": true} → {ms};  {"finish": true} → {}
import { createInterface } from "node:readline";
import type { Settings } from "./participant.ts";
import { type Participant, type Prepared, Unsupported } from "./participant.ts";
import { participants } from "./participants.ts";
import { MARK, type Request, type Response } from "./protocol.ts";

/** A round repeats the task for about so long. */
const ROUND_MS = 40;
const WARM_UP_MS = 300;
const WARM_UP_RUNS = 30;
const LONG_MS = 3000;

let prepared: Prepared | null = null;
let repeats = 1;

async function once(task: Prepared): Promise<void> {
  const pending = task.run();
  if (pending !== undefined) await pending;
}

/** Runs until compilers have settled; returns how many calls fill a round. */
async function warmUp(task: Prepared): Promise<number> {
  const began = performance.now();
  let fastest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < WARM_UP_RUNS && performance.now() - began < WARM_UP_MS; i++) {
    const start = performance.now();
    await once(task);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return Math.max(1, Math.round(ROUND_MS / Math.max(fastest, 1e-3)));
}

async function time(task: Prepared): Promise<number> {
  if (task.measure) return task.measure();
  const start = performance.now();
  for (let i = 0; i < repeats; i++) {
    const pending = task.run();
    if (pending !== undefined) await pending;
  }
  return (performance.now() - start) / repeats / (task.runs ?? 1);
}

async function finish(): Promise<void> {
  const task = prepared;
  prepared = null;
  await task?.dispose();
}

async function answer(participant: Participant, request: Request): Promise<Response> {
  if (request.prepare !== undefined) {
    await finish();
    prepared = await participant.prepare(request.prepare);
    const began = performance.now();
    const checksum = await prepared.check?.();
    // A check runs the task once: when that took so long, nothing is left to warm up.
    const long = performance.now() - began > LONG_MS;
    repeats = prepared.measure || (long && prepared.check) ? 1 : await warmUp(prepared);
    return { checksum, amount: prepared.amount };
  }
  if (request.time) {
    if (prepared === null) throw new Error("nothing is prepared");
    return { ms: await time(prepared) };
  }
  await finish();
  return {};
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function explain(error: unknown): Response {
  return error instanceof Unsupported ? { unsupported: error.message } : { failed: textOf(error) };
}

function send(response: Response): void {
  process.stdout.write(`${MARK}${JSON.stringify(response)}\n`);
}

async function main([name, threads, variant]: readonly string[]): Promise<void> {
  const settings: Settings = { threads: Number(threads), variant: variant as Settings["variant"] };
  const { open } = await participants[name].load();
  const participant = await open(settings);
  const { version, threads: used, threadsReason } = participant;
  send({ version, threads: used, threadsReason });
  for await (const line of createInterface({ input: process.stdin })) {
    send(await answer(participant, JSON.parse(line) as Request).catch(explain));
  }
  process.exit(0);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  send({ failed: textOf(error) });
  process.exit(1);
});
