// Results as tables: for a terminal, and for RESULTS.md.
import { type Gap, OURS, type RowResult, type Timing, timingOf } from "./measure.ts";
import { geometricMean } from "./statistics.ts";

export interface SuiteReport {
  readonly suite: string;
  readonly about: string;
  readonly threads: number;
  readonly rounds: number;
  /** Versions of everybody who took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly RowResult[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
  readonly date: string;
  readonly commit: string;
}

export interface Table {
  readonly head: readonly string[];
  readonly body: readonly (readonly string[])[];
}

const NONE = "–";

function figure(value: number): string {
  if (!Number.isFinite(value)) return NONE;
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

const percent = (share: number): string => (Number.isFinite(share) ? `${(100 * share).toFixed(0)} %` : NONE);

function ours(outcome: Timing | Gap | undefined): string {
  const timing = timingOf(outcome);
  return timing ? `${figure(timing.rate)} ± ${percent(timing.spread / 2)}` : NONE;
}

function theirs(row: RowResult, name: string): string {
  const timing = timingOf(row.outcomes[name]);
  if (timing === undefined) return NONE;
  const ratio = row.ratios[name];
  return ratio === undefined ? figure(timing.rate) : `${figure(timing.rate)} (${figure(ratio)} ×)`;
}

/** Those who stand beside Saccade in any row, in the order of their first appearance. */
export function rivalsOf(rows: readonly RowResult[]): string[] {
  const names = rows.flatMap(({ outcomes }) => Object.keys(outcomes));
  return [...new Set(names)].filter((name) => name !== OURS);
}

/** Geometric mean of the ratios to `name`, over the rows that have one. */
export function meanRatio(rows: readonly RowResult[], name: string): number {
  return geometricMean(rows.map(({ ratios }) => ratios[name]).filter((ratio) => ratio !== undefined));
}

export function tableOf({ rows }: SuiteReport): Table {
  const rivals = rivalsOf(rows);
  const limited = rows.some(({ limit }) => limit !== undefined);
  const body = rows.map((row) => [
    row.name,
    row.unit,
    ours(row.outcomes[OURS]),
    ...rivals.map((name) => theirs(row, name)),
    ...(limited
      ? [row.limit ? `${percent(row.limit.share)} of ${figure(row.limit.rate)} (${row.limit.loop})` : NONE]
      : []),
  ]);
  const means = rivals.map((name) => {
    const mean = meanRatio(rows, name);
    return Number.isFinite(mean) ? `${figure(mean)} ×` : NONE;
  });
  const total = ["geometric mean of the ratios", "", "", ...means, ...(limited ? [""] : [])];
  const head = ["row", "unit", OURS, ...rivals, ...(limited ? ["share of limit"] : [])];
  return { head, body: rows.length > 1 && rivals.length > 0 ? [...body, total] : body };
}

/** What should have worked and did not. */
export function failuresOf({ rows }: SuiteReport): string[] {
  return rows.flatMap((row) =>
    Object.entries(row.outcomes).flatMap(([name, outcome]) =>
      "missing" in outcome && outcome.failed ? [`${name}, ${row.name}: ${firstLine(outcome.missing)}`] : [],
    ),
  );
}

const firstLine = (text: string): string => text.split("\n")[0].slice(0, 200);

const threadsText = (threads: number): string => `${threads} thread${threads === 1 ? "" : "s"}`;
const titleOf = ({ suite, threads }: SuiteReport): string => `${suite}, ${threadsText(threads)}`;

/** Padded columns under the suite's name. */
export function terminalText(report: SuiteReport): string {
  const { head, body } = tableOf(report);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((cells) => cells[i].length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join("  ")
      .trimEnd();
  const failures = failuresOf(report).map((text) => `failed: ${text}`);
  const title = `${titleOf(report)}: ${report.about}`;
  return [title, "", line(head), ...body.map(line), ...(failures.length > 0 ? ["", ...failures] : [])].join(
    "\n",
  );
}

const INTRODUCTION = `# Results

Made by \`npm run bench -- <suite…> --write\`; each section tells its own run. Rates are medians of rounds in which all
alternate, ± half the distance of the quartiles; in brackets how many times faster Saccade is, the median of the rounds'
own ratios. "Share of limit" is Saccade's part of what a loop reaches in the same rounds: multiply-adds in registers (fma), a
stream read, copy or triad, or a function's polynomial. Every row goes through the public API, allocation and packing included.
A dash is an op that a library does not have. [bench/main.ts](main.ts) has the suites, [shapes.ts](shapes.ts) the sizes,
[goals.ts](goals.ts) what is aimed at.
`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

export function section(report: SuiteReport, machine: Machine): string {
  const { head, body } = tableOf(report);
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const rule = `|${head.map((_, i) => (i < 2 ? "---" : "---:")).join("|")}|`;
  const { cpu, cores, memoryGiB, platform, node, date, commit } = machine;
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const where = `${date}, commit ${commit}: ${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}, Node ${node}.`;
  const who = `${report.rounds} rounds; ${versions.join(", ")}.`;
  const failures = failuresOf(report).map((text) => `- failed: ${text}`);
  return [
    `## ${titleOf(report)}`,
    `${report.about[0].toUpperCase()}${report.about.slice(1)}. ${where} ${who}`,
    [line(head), rule, ...body.map(line)].join("\n"),
    ...(failures.length > 0 ? [failures.join("\n")] : []),
  ].join("\n\n");
}

/** RESULTS.md with the sections of these reports put in, in place of older ones of the same title. */
export function resultsFile(before: string, reports: readonly SuiteReport[], machine: Machine): string {
  const sections = new Map(
    before
      .split(/^(?=## )/m)
      .filter((text) => text.startsWith("## "))
      .map((text) => [text.slice(3, text.indexOf("\n")), text.trimEnd()]),
  );
  for (const report of reports) sections.set(titleOf(report), section(report, machine));
  return `${[INTRODUCTION.trimEnd(), ...sections.values()].join("\n\n")}\n`;
}
