import { expect, test } from "vitest";
import type { TestReport } from "../skip-reporter.ts";
import { summarize } from "../skips.ts";

const report = (more: Partial<TestReport>): TestReport => ({
  package: "@saccade/core",
  passed: 3,
  failed: 0,
  skipped: [],
  ...more,
});
const skip = { file: "test/a.test.ts", test: "gpu > adds", reason: "no GPU here" };

test("adds up the packages, the totals last and alone", () => {
  const summary = summarize([report({}), report({ passed: 4, skipped: [skip] })]);
  expect(summary.lines).toEqual([
    "skipped: @saccade/core test/a.test.ts: gpu > adds: no GPU here",
    "7 passed, 0 failed, 1 skipped",
  ]);
  expect(summary.failed).toBe(false);
});

test("a failure fails", () => expect(summarize([report({ failed: 1 })]).failed).toBe(true));

test("a skip without a reason is refused everywhere", () => {
  expect(summarize([report({ skipped: [{ ...skip, reason: "" }] })]).failed).toBe(true);
});

test("in CI a skip must be listed, by package and full name", () => {
  const reports = [report({ skipped: [skip] })];
  expect(summarize(reports, []).failed).toBe(true);
  expect(summarize(reports, [{ package: "@saccade/models", test: skip.test }]).failed).toBe(true);
  expect(summarize(reports, [{ package: "@saccade/core", test: skip.test }]).failed).toBe(false);
});
