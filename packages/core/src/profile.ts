// The profiler: time, calls, floating-point operations and bytes per op while `profile(() => …)` runs.

export interface ProfileRow {
  readonly op: string;
  calls: number;
  milliseconds: number;
  flops: number;
}

export interface Profile<T> {
  readonly result: T;
  /** One row per op, the most expensive first. Backward passes are rows of their own, `<op>.backward`. */
  readonly rows: readonly ProfileRow[];
  /** Calls that moved elements without computing: making a strided tensor dense, or a gradient that needed two homes. */
  readonly copies: number;
}

let rows: Map<string, ProfileRow> | null = null;

/** Runs `body` and reports what its ops cost. Nested profiles are an error of the caller: the inner one wins. */
export function profile<T>(body: () => T): Profile<T> {
  const outer = rows;
  const mine = new Map<string, ProfileRow>();
  rows = mine;
  try {
    const result = body();
    const sorted = [...mine.values()].sort((a, b) => b.milliseconds - a.milliseconds);
    return { result, rows: sorted, copies: mine.get("copy")?.calls ?? 0 };
  } finally {
    rows = outer;
  }
}

/** @internal Accounts `work` to `op` while a profile runs; `flops` is asked only then. */
export function timed<T>(op: string, work: () => T, flops?: (result: T) => number): T {
  if (rows === null) return work();
  const start = performance.now();
  const result = work();
  const row = rows.get(op) ?? { op, calls: 0, milliseconds: 0, flops: 0 };
  row.calls++;
  row.milliseconds += performance.now() - start;
  row.flops += flops?.(result) ?? 0;
  rows.set(op, row);
  return result;
}
