// --profile: what each op cost, as a table on stderr and, with a file name, every call as a Chrome trace.
import { chromeTrace, type Profile, type ProfileRow, profile } from "@saccade/core";
import { Option } from "commander";
import { writeWhole } from "./files.ts";
import { bytes, count } from "./terminal/format.ts";
import { plainTable } from "./terminal/table.ts";
import type { Terminal } from "./terminal/terminal.ts";

/** true: the table alone; a text: the file for the trace, too. */
export type ProfileChoice = boolean | string | undefined;

export const profileOption = (): Option =>
  new Option("--profile [file]", "show what each op cost; write every call to the file, for ui.perfetto.dev");

const MOST_ROWS = 20;

/** Runs `body`, and shows what its ops cost if that was asked for. */
export async function profiled<T>(
  terminal: Terminal,
  choice: ProfileChoice,
  body: () => Promise<T>,
): Promise<T> {
  if (!choice) return body();
  const profiled = await profile(body, { events: typeof choice === "string" });
  terminal.note(profileText(profiled));
  if (typeof choice === "string") {
    await writeWhole(choice, chromeTrace(profiled));
    terminal.note(`${count(profiled.events.length)} calls written to ${choice}; open it in ui.perfetto.dev`);
  }
  return profiled.result;
}

/** One line per op, the most expensive first. */
export function profileText({ rows, milliseconds }: Profile<unknown>): string {
  const inOps = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  const shown = rows.length > MOST_ROWS + 1 ? rows.slice(0, MOST_ROWS) : rows;
  const rest = rows.slice(shown.length);
  const header = ["op", "calls", "ms", "share", "GFLOP/s", "GB/s", "moved"];
  const table = [header, ...shown.map((row) => cells(row.op, [row], milliseconds))];
  if (rest.length > 0) table.push(cells(`${rest.length} more`, rest, milliseconds));
  const sum = `ops ${inOps.toFixed(1)} ms of ${milliseconds.toFixed(1)} ms`;
  return `${plainTable(table, ["left", ...header.slice(1).map(() => "right" as const)])}\n${sum}`;
}

/** A row of the table: several ops count as one. */
function cells(name: string, rows: readonly ProfileRow[], total: number): string[] {
  const sum = (of: (row: ProfileRow) => number): number => rows.reduce((all, row) => all + of(row), 0);
  const [time, flops, moved] = [
    sum((row) => row.milliseconds),
    sum((row) => row.flops),
    sum((row) => row.bytes),
  ];
  const rate = (amount: number, digits: number): string =>
    amount > 0 && time > 0 ? (amount / time / 1e6).toFixed(digits) : "–";
  const share = `${Math.round((100 * time) / total)} %`;
  const calls = count(sum((row) => row.calls));
  return [name, calls, time.toFixed(1), share, rate(flops, 1), rate(moved, 1), bytes(moved)];
}
