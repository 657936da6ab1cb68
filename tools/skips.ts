// Adds up the packages' test reports: which tests were skipped and why, then one line with the totals. A skip must
// give its reason; in CI it must also stand in tools/allowed-skips.json, so that nothing stops being tested unseen.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { workspaces } from "./project.ts";
import type { TestReport } from "./skip-reporter.ts";

/** A skip that CI accepts: `test` is the full name, suites and all. */
export interface AllowedSkip {
  readonly package: string;
  readonly test: string;
}

export interface Summary {
  /** What `npm test` prints, the totals in the last line. */
  readonly lines: readonly string[];
  readonly failed: boolean;
}

/** Totals and skips of `reports`; `allowed` is given in CI only. */
export function summarize(reports: readonly TestReport[], allowed?: readonly AllowedSkip[]): Summary {
  const lines: string[] = [];
  const problems: string[] = [];
  let [passed, failed, skipped] = [0, 0, 0];
  for (const report of reports) {
    passed += report.passed;
    failed += report.failed;
    skipped += report.skipped.length;
    for (const { file, test, reason } of report.skipped) {
      const name = `${report.package} ${file}: ${test}`;
      lines.push(`skipped: ${name}: ${reason || "no reason given"}`);
      if (!reason) problems.push(`${name}: say why: ctx.skip(condition, reason) or { meta: { skipReason } }`);
      else if (allowed && !allowed.some((skip) => skip.package === report.package && skip.test === test))
        problems.push(`${name}: must run in CI, or stand in tools/allowed-skips.json`);
    }
  }
  for (const problem of problems) lines.push(`refused: ${problem}`);
  lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  return { lines, failed: failed > 0 || problems.length > 0 };
}

const reportOf = (directory: string): URL =>
  new URL(`../${directory}/test-report/report.json`, import.meta.url);

/** Forgets the reports of earlier runs; turbo brings back those of cached tasks. */
export function clearReports(): void {
  for (const { directory } of workspaces()) rmSync(reportOf(directory), { force: true });
}

/** Prints the summary of the last run and returns its exit status. `partial`: only some packages were asked for. */
export function printSummary(partial: boolean): number {
  const reports: TestReport[] = [];
  const missing: string[] = [];
  for (const { directory, manifest } of workspaces()) {
    const file = reportOf(directory);
    if (existsSync(file)) reports.push(JSON.parse(readFileSync(file, "utf8")));
    else if (manifest.scripts?.test && !partial) missing.push(manifest.name);
  }
  const ci = process.env.CI === "true" || process.env.CI === "1";
  const allowed = JSON.parse(readFileSync(new URL("allowed-skips.json", import.meta.url), "utf8"));
  const summary = summarize(reports, ci ? allowed : undefined);
  for (const name of missing) console.log(`refused: ${name} left no test report`);
  for (const line of summary.lines) console.log(line);
  return summary.failed || missing.length > 0 ? 1 : 0;
}
