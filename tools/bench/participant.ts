// What a library has to offer to take part: each file of peers/ exports `open`. A participant lives in a process of its
// own (host.ts): libraries get in each other's way, and thread counts are set once per process.
import type { Checksum } from "./data.ts";
import type { Limit, Task } from "./tasks.ts";

export interface Settings {
  readonly threads: number;
  /** Which build of Saccade. */
  readonly variant: "auto" | "simd" | "relaxed";
}

export interface Prepared {
  /** One run of the task through the public API, from inputs and constant weights that are there to a result. */
  run(): void | Promise<void>;
  /** How many runs of the task one call of `run` stands for; 1 without it. */
  readonly runs?: number;
  /** Instead of timing `run`: milliseconds measured elsewhere. */
  measure?(): Promise<number>;
  /** What one run computes. */
  check?(): Checksum | Promise<Checksum>;
  /** What one run amounts to, where the participant decides that: a limit's loop. */
  readonly amount?: number;
  dispose(): void | Promise<void>;
}

export interface Participant {
  readonly version: string;
  /** Threads it really uses, and why not more. */
  readonly threads: number;
  readonly threadsReason: string;
  prepare(task: Task | Limit): Prepared | Promise<Prepared>;
}

export type Open = (settings: Settings) => Promise<Participant>;

/** The library has no such op: a gap in a table, no failure. */
export class Unsupported extends Error {}

type Op = (Task | Limit)["op"];
export type Preparations = {
  readonly [K in Op]?: (task: Extract<Task | Limit, { op: K }>) => Prepared | Promise<Prepared>;
};

/** Looks the task's op up in `preparations`. */
export function prepareFrom(preparations: Preparations, task: Task | Limit): Prepared | Promise<Prepared> {
  const prepare = preparations[task.op] as ((task: Task | Limit) => Prepared | Promise<Prepared>) | undefined;
  if (prepare === undefined) throw new Unsupported(`no ${task.op}`);
  return prepare(task);
}
