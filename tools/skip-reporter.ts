// A vitest reporter that writes test-report/report.json: how many tests passed and failed, and which were skipped
// and why. turbo caches the file with the task, so a cached run still lists its skips.
// A reason comes from `ctx.skip(condition, reason)` or, with `test.skipIf`, from `{ meta: { skipReason } }`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SerializedError } from "vitest";
import type { Reporter, TestModule, Vitest } from "vitest/node";

declare module "vitest" {
  interface TaskMeta {
    /** Why this test is skipped when it is. */
    skipReason?: string;
  }
}

export interface SkippedTest {
  readonly file: string;
  readonly test: string;
  /** Empty when the test gives none, which `npm test` refuses. */
  readonly reason: string;
}

export interface TestReport {
  readonly package: string;
  readonly passed: number;
  /** Failed tests, and errors outside tests: a file that does not load, a hook that throws. */
  readonly failed: number;
  readonly skipped: readonly SkippedTest[];
}

export class SkipReporter implements Reporter {
  #root = "";

  onInit(vitest: Vitest): void {
    this.#root = vitest.config.root;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const manifest = JSON.parse(readFileSync(join(this.#root, "package.json"), "utf8"));
    const report: TestReport = { package: manifest.name, ...tally(modules, unhandled.length) };
    const directory = join(this.#root, "test-report");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "report.json"), `${JSON.stringify(report, null, 2)}\n`);
  }
}

function tally(modules: readonly TestModule[], unhandled: number): Omit<TestReport, "package"> {
  const skipped: SkippedTest[] = [];
  let passed = 0;
  let failed = unhandled;
  for (const module of modules) {
    failed += module.errors().length;
    for (const suite of module.children.allSuites()) failed += suite.errors().length;
    for (const test of module.children.allTests()) {
      const result = test.result();
      if (result.state === "passed") passed++;
      else if (result.state === "skipped") {
        const reason = result.note ?? test.meta().skipReason ?? "";
        skipped.push({ file: module.relativeModuleId, test: test.fullName, reason });
      } else failed++;
    }
  }
  return { passed, failed, skipped };
}
