// Running a suite at a thread count: everybody's processes are started, rows are measured one after the other.
import { type Contestant, Copies, Missing, Program } from "./contestant.ts";
import { copiesName } from "./goals.ts";
import { LIMITS, measureRow, OURS, type RowResult } from "./measure.ts";
import type { SuiteReport } from "./report.ts";
import type { Suite } from "./suites.ts";

export interface Plan {
  readonly threads: number;
  readonly rounds: number;
  readonly peers: readonly string[];
  /** Only rows whose name contains this. */
  readonly filter: string;
  readonly tell: (line: string) => void;
}

const threadsText = (threads: number): string => `${threads} thread${threads === 1 ? "" : "s"}`;

/** Starts everybody who can take part with as many threads as wanted; the rest is told and left out. */
class Field {
  readonly contestants: Contestant[] = [];
  readonly versions: Record<string, string> = {};
  readonly #programs: Program[] = [];
  readonly #suite: Suite;
  readonly #plan: Plan;

  constructor(suite: Suite, plan: Plan) {
    this.#suite = suite;
    this.#plan = plan;
  }

  /** False when Saccade itself cannot do it. */
  async start(): Promise<boolean> {
    const { threads, peers } = this.#plan;
    const ours = await this.#program(OURS, threads);
    if (ours === null) return false;
    this.contestants.push(ours);
    for (const name of this.#suite.peers.filter((peer) => peers.includes(peer))) {
      const peer = await this.#program(name, threads);
      if (peer !== null) this.contestants.push(peer);
    }
    if (threads > 1 && this.#suite.built !== true) {
      this.contestants.push(new Copies(copiesName(threads), await this.#several(OURS)));
    }
    this.contestants.push(new Copies(LIMITS, await this.#several(LIMITS)));
    return true;
  }

  stop(): void {
    for (const program of this.#programs) program.stop();
  }

  async #several(name: string): Promise<Program[]> {
    const all: Program[] = [];
    for (let i = 0; i < this.#plan.threads; i++) {
      const program = await this.#program(name, 1);
      if (program === null) throw new Error(`${name} does not start`);
      all.push(program);
    }
    return all;
  }

  async #program(name: string, threads: number): Promise<Program | null> {
    const { variant = "auto" } = this.#suite;
    const program = new Program(name, { threads, variant });
    this.#programs.push(program);
    try {
      await program.start();
    } catch (error) {
      if (!(error instanceof Missing) || name === OURS || name === LIMITS) throw error;
      this.#plan.tell(`${name} is left out, it does not start: ${lastLine(error.message)}`);
      return null;
    }
    if (program.threads < threads) {
      const why = program.threadsReason;
      this.#plan.tell(
        `${name} offers ${threadsText(program.threads)} (${why}): no rows of ${threadsText(threads)}`,
      );
      return null;
    }
    if (name !== LIMITS) this.versions[name] = program.version;
    return program;
  }
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? text;

/** Null when Saccade does not offer that many threads. */
export async function runSuite(name: string, suite: Suite, plan: Plan): Promise<SuiteReport | null> {
  const field = new Field(suite, plan);
  try {
    if (!(await field.start())) return null;
    const wanted = suite.rows.filter((row) => row.name.includes(plan.filter));
    const rows: RowResult[] = [];
    for (const [i, row] of wanted.entries()) {
      plan.tell(`${name}, ${threadsText(plan.threads)}, ${i + 1}/${wanted.length}: ${row.name}`);
      rows.push(await measureRow(row, field.contestants, plan.rounds));
    }
    const { threads, rounds } = plan;
    return { suite: name, about: suite.about, threads, rounds, versions: field.versions, rows };
  } finally {
    field.stop();
  }
}
