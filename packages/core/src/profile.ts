// The profiler: time, calls, floating-point operations and bytes per op while `profile(() => …)` runs, and each call by
// itself as a Chrome trace. Without a profile an op pays one comparison.

/** What one call of an op cost. */
export interface Cost {
  /** Floating-point operations; those of a backward count as twice its forward's. */
  readonly flops: number;
  /** Bytes of what it read and wrote, each tensor once. */
  readonly bytes: number;
  /** Shapes of its inputs. */
  readonly shapes: string;
}

export interface ProfileRow {
  readonly op: string;
  calls: number;
  /** Without the ops that ran inside. */
  milliseconds: number;
  flops: number;
  bytes: number;
}

export interface ProfileEvent extends Cost {
  readonly op: string;
  /** Milliseconds since the profile began. */
  readonly start: number;
  /** With the ops that ran inside. */
  readonly milliseconds: number;
}

export interface Profile<T> {
  readonly result: T;
  /** One row per op, the most expensive first. Backward passes are rows of their own, `<op>.backward`. */
  readonly rows: readonly ProfileRow[];
  /** Every call in the order in which they ended; empty unless asked for. */
  readonly events: readonly ProfileEvent[];
  /** What the body took, ops and all between them. */
  readonly milliseconds: number;
  /** Calls that moved elements without computing: making a strided tensor dense, or a gradient that needed two homes. */
  readonly copies: number;
}

export interface ProfileOptions {
  /** Keeps every call for chromeTrace, some 200 bytes each. */
  readonly events?: boolean;
}

interface Recording {
  readonly began: number;
  readonly rows: Map<string, ProfileRow>;
  readonly events: ProfileEvent[] | null;
}

const nothing: Cost = { flops: 0, bytes: 0, shapes: "" };
const open = new Set<Recording>();
/** Time of ops that ran inside the one that runs. */
let inside = 0;

/**
 * Runs `body` and reports what its ops cost; with an async body, those of everything that runs until it is done. Profiles
 * may lie within each other or overlap: each counts all that runs while it is open.
 */
export function profile<T>(body: () => Promise<T>, options?: ProfileOptions): Promise<Profile<T>>;
export function profile<T>(body: () => T, options?: ProfileOptions): Profile<T>;
export function profile<T>(
  body: () => T | Promise<T>,
  options: ProfileOptions = {},
): Profile<T> | Promise<Profile<T>> {
  const mine: Recording = {
    began: performance.now(),
    rows: new Map(),
    events: options.events ? [] : null,
  };
  open.add(mine);
  let result: T | Promise<T>;
  try {
    result = body();
  } catch (error) {
    open.delete(mine);
    throw error;
  }
  if (result instanceof Promise)
    return result.then((value) => reported(mine, value)).finally(() => open.delete(mine));
  open.delete(mine);
  return reported(mine, result);
}

function reported<T>({ began, rows, events }: Recording, result: T): Profile<T> {
  return {
    result,
    rows: [...rows.values()].sort((a, b) => b.milliseconds - a.milliseconds),
    events: events ?? [],
    milliseconds: performance.now() - began,
    copies: rows.get("copy")?.calls ?? 0,
  };
}

/** @internal Accounts `work` to `op` in every open profile; what it cost is asked only then. */
export function timed<T>(op: string, work: () => T, cost?: (result: T) => Cost): T {
  if (open.size === 0) return work();
  const outer = inside;
  inside = 0;
  const start = performance.now();
  try {
    const result = work();
    const milliseconds = performance.now() - start;
    const spent = cost?.(result) ?? nothing;
    for (const recording of open) account(recording, op, start, milliseconds, spent);
    return result;
  } finally {
    inside = outer + performance.now() - start;
  }
}

function account(
  { began, rows, events }: Recording,
  op: string,
  start: number,
  milliseconds: number,
  cost: Cost,
): void {
  const row = rows.get(op) ?? { op, calls: 0, milliseconds: 0, flops: 0, bytes: 0 };
  row.calls++;
  row.milliseconds += milliseconds - inside;
  row.flops += cost.flops;
  row.bytes += cost.bytes;
  rows.set(op, row);
  events?.push({ op, start: start - began, milliseconds, ...cost });
}

/** The events of a profile as JSON for chrome://tracing or ui.perfetto.dev. */
export function chromeTrace({ events }: Profile<unknown>): string {
  const traceEvents = events.map(({ op, start, milliseconds, ...args }) => {
    return { name: op, cat: "op", ph: "X", ts: 1000 * start, dur: 1000 * milliseconds, pid: 1, tid: 1, args };
  });
  return JSON.stringify({ traceEvents, displayTimeUnit: "ms" });
}
