// A participant's process seen from the parent, and several such processes counted as one.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Checksum } from "./data.ts";
import type { Settings } from "./participant.ts";
import { MARK, type Request, type Response } from "./protocol.ts";
import type { Limit, Task } from "./tasks.ts";

export interface Ready {
  readonly checksum?: Checksum;
  readonly amount?: number;
}

/** Who is timed in a row. */
export interface Contestant {
  readonly name: string;
  /** Gets ready for a task, or throws `Missing`. */
  prepare(task: Task | Limit): Promise<Ready>;
  /** Milliseconds of one run, in a round. */
  time(): Promise<number>;
  finish(): Promise<void>;
}

/** Why a contestant has no figure in a row. */
export class Missing extends Error {
  readonly failed: boolean;

  constructor(message: string, failed: boolean) {
    super(message);
    this.failed = failed;
  }
}

/** An attention over 8192 positions may take a while; a library that hangs must not hold up the run. */
const PATIENCE_MS = 180_000;
const COMPLAINTS = 600;

function commandFor(
  name: string,
  { threads, variant }: Settings,
): readonly [program: string, args: string[]] {
  const path = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  if (name === "pytorch") return [python, [path("peers/pytorch.py"), String(threads)]];
  const args = ["--conditions=@saccade/source", "--no-warnings", path("host.ts"), name];
  return [process.execPath, [...args, String(threads), variant]];
}

/** Python by the name its users give it; SACCADE_PYTHON names another. */
export const python: string = process.env.SACCADE_PYTHON ?? "python3";

/** A running participant. */
export class Program implements Contestant {
  readonly name: string;
  readonly settings: Settings;
  version = "";
  threads = 1;
  threadsReason = "";
  #child: ChildProcess | null = null;
  #answers: AsyncIterator<string> | null = null;
  #complaints = "";

  constructor(name: string, settings: Settings) {
    this.name = name;
    this.settings = settings;
  }

  /** Starts the process and learns what it is; throws `Missing` when it does not come up. */
  async start(): Promise<this> {
    const [program, args] = commandFor(this.name, this.settings);
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    this.#complaints = "";
    child.on("error", (error) => {
      this.#complaints += error.message;
    });
    child.stdin.on("error", () => {}); // a process that died says so by ending its answers
    child.stderr.on("data", (chunk) => {
      this.#complaints = (this.#complaints + String(chunk)).slice(-COMPLAINTS);
    });
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const { version = "", threads = 1, threadsReason = "" } = await this.#answer();
    Object.assign(this, { version, threads, threadsReason });
    return this;
  }

  async prepare(task: Task | Limit): Promise<Ready> {
    if (this.#child === null) await this.start();
    return this.#ask({ prepare: task });
  }

  async time(): Promise<number> {
    const { ms } = await this.#ask({ time: true });
    return ms as number;
  }

  async finish(): Promise<void> {
    if (this.#child !== null) await this.#ask({ finish: true });
  }

  stop(): void {
    this.#child?.kill();
    this.#child = null;
  }

  #ask(request: Request): Promise<Response> {
    this.#child?.stdin?.write(`${JSON.stringify(request)}\n`);
    return this.#answer();
  }

  async #answer(): Promise<Response> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, null);
    });
    try {
      const response = await Promise.race([this.#nextLine(), late]);
      if (response === null) throw this.#lost(`no answer within ${PATIENCE_MS / 1000} s`);
      if (response.unsupported !== undefined) throw new Missing(response.unsupported, false);
      if (response.failed !== undefined) throw new Missing(response.failed, true);
      return response;
    } finally {
      clearTimeout(timer);
    }
  }

  async #nextLine(): Promise<Response> {
    for (;;) {
      const line = await this.#answers?.next();
      if (line === undefined || line.done) throw this.#lost(`the process ended: ${this.#complaints.trim()}`);
      if (line.value.startsWith(MARK)) return JSON.parse(line.value.slice(MARK.length)) as Response;
    }
  }

  /** The next row starts the participant anew. */
  #lost(message: string): Missing {
    this.stop();
    return new Missing(message, true);
  }
}

/** Independent copies that run side by side: what so many processors give without any coordination. */
export class Copies implements Contestant {
  readonly name: string;
  readonly #members: readonly Contestant[];

  constructor(name: string, members: readonly Contestant[]) {
    this.name = name;
    this.#members = members;
  }

  async prepare(task: Task | Limit): Promise<Ready> {
    const ready = await Promise.all(this.#members.map((member) => member.prepare(task)));
    return ready[0];
  }

  /** Milliseconds per run, all copies' runs counted. */
  async time(): Promise<number> {
    const times = await Promise.all(this.#members.map((member) => member.time()));
    return 1 / times.reduce((rate, ms) => rate + 1 / ms, 0);
  }

  async finish(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.finish()));
  }
}
