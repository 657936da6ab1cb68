import { describe, expect, test } from "vitest";
import { type Goal, goals, verdictsOf, verdictText } from "../../bench/goals.ts";
import type { RowResult } from "../../bench/measure.ts";
import { type Machine, resultsFile, type SuiteReport, tableOf, terminalText } from "../../bench/report.ts";
import { suites } from "../../bench/suites.ts";
import { type Form, row, type Task } from "../../bench/tasks.ts";

const product = (M: number, form: Form = "nn"): Task => ({
  op: "matmul",
  form,
  M,
  K: 256,
  N: 256,
  batch: 1,
  weights: "fresh",
});

function result(task: Task, ratios: Record<string, number>, share = 0.95): RowResult {
  const { unit } = row("", task);
  const peers = Object.entries(ratios).map(([name, ratio]) => [
    name,
    { ms: ratio, spread: 0.02, rounds: 3, rate: 50 / ratio },
  ]);
  const ours = { ms: 1, spread: 0.04, rounds: 3, rate: 50 };
  const outcomes = { saccade: ours, ...Object.fromEntries(peers) };
  return {
    name: `${task.op} of 1|2`,
    unit,
    op: task.op,
    task,
    outcomes,
    ratios,
    limit: { loop: "fma", rate: 52.5, share },
  };
}

const report = (suite: string, rows: readonly RowResult[], threads = 1): SuiteReport => ({
  suite,
  about: "what it is about",
  threads,
  rounds: 3,
  versions: { saccade: "relaxed build" },
  rows,
});

const machine: Machine = {
  cpu: "Some CPU",
  cores: 2,
  memoryGiB: 8,
  platform: "linux-x64",
  node: "24.0.0",
  date: "2026-01-02",
  commit: "abc1234",
};

describe("tables", () => {
  const rows = [result(product(128), { peer: 2 }), result(product(16), { peer: 8 })];

  test("show rates, ratios, shares and the mean", () => {
    const { head, body } = tableOf(report("gemm", rows));
    expect(head).toEqual(["row", "unit", "saccade", "peer", "share of limit"]);
    expect(body[0]).toEqual([
      "matmul of 1|2",
      "GFLOP/s",
      "50.0 ± 2 %",
      "25.0 (2.00 ×)",
      "95 % of 52.5 (fma)",
    ]);
    expect(body[2]).toEqual(["geometric mean of the ratios", "", "", "4.00 ×", ""]);
  });

  test("have a dash for what a library lacks, and tell what failed", () => {
    const gap = { missing: "no matmul", failed: false };
    const fault = { missing: "out of memory\nand more", failed: true };
    const broken = { ...rows[0], outcomes: { ...rows[0].outcomes, gap, fault } };
    const text = terminalText(report("gemm", [broken]));
    expect(tableOf(report("gemm", [broken])).body[0].slice(4, 6)).toEqual(["–", "–"]);
    expect(text).toContain("failed: fault, matmul of 1|2: out of memory");
    expect(text).not.toContain("no matmul");
  });

  test("RESULTS.md: a run replaces its own section and leaves the others", () => {
    const first = resultsFile("", [report("gemm", rows), report("conv", [rows[0]])], machine);
    expect(first).toMatch(/^# Results\n/);
    expect(first).toContain(
      "## gemm, 1 thread\n\nWhat it is about. 2026-01-02, commit abc1234: Some CPU, 2 cores",
    );
    expect(first).toContain("| row | unit | saccade | peer | share of limit |\n|---|---|---:|---:|---:|\n");
    expect(first).toContain("| matmul of 1\\|2 | GFLOP/s |");
    const later = { ...machine, date: "2026-03-04" };
    const second = resultsFile(first, [report("gemm", [rows[1]]), report("gemm", rows, 2)], later);
    expect(second.match(/^## .*/gm)).toEqual([
      "## gemm, 1 thread",
      "## conv, 1 thread",
      "## gemm, 2 threads",
    ]);
    const [, gemm, conv, two] = second.split(/^## /m);
    expect([gemm, two].every((text) => text.includes("2026-03-04"))).toBe(true);
    expect(conv).toContain("2026-01-02");
    expect(resultsFile(second, [], machine)).toBe(second);
  });
});

describe("goals", () => {
  test("belong to suites that there are", () => {
    for (const { suite } of goals) expect(suites).toHaveProperty(suite);
  });

  test("the geometric mean may lie above where single rows lie below; the worst may not", () => {
    const rows = [
      result(product(128), { "onnxruntime-web": 4 }),
      result(product(16), { "onnxruntime-web": 1 }),
    ];
    const aim = (combine: Goal["combine"]): Goal => ({
      suite: "gemm",
      text: "faster",
      combine,
      atLeast: 2,
      values: (all) => all.map(({ ratios }) => ratios["onnxruntime-web"]),
    });
    const verdicts = verdictsOf([report("gemm", rows)], [aim("geomean"), aim("worst")]);
    expect(verdicts.map(({ state }) => state)).toEqual(["met", "missed"]);
    expect(verdicts.map(({ value }) => value)).toEqual([2, 1]);
    expect(verdictText(verdicts)).toContain(
      "missed         1.00  wanted 2.00  gemm, 1 thr.: faster (every row)",
    );
  });

  test("take only the rows they speak of, and say when there is none", () => {
    const rows = [result(product(4), { "onnxruntime-web": 0.1, "tfjs-wasm": 0.1 }, 0.1)];
    const states = verdictsOf([report("gemm", rows)]).map(({ state }) => state);
    expect(new Set(states)).toEqual(new Set(["not measured"]));
  });

  test("nt and tn are held against nn of the same sizes", () => {
    const rows = [
      result(product(64), {}, 0.9),
      result(product(64, "nt"), {}, 0.85),
      result(product(64, "tn"), {}, 0.6),
    ];
    const verdict = verdictsOf([report("forms", rows)]).find(({ goal }) => goal.startsWith("nt and tn"));
    expect(verdict).toMatchObject({ state: "missed", value: expect.closeTo(0.6 / 0.9) });
  });

  test("threads are held against copies, which are no peer", () => {
    const conv: Task = {
      op: "conv",
      batch: 1,
      channels: 3,
      size: 8,
      filters: 4,
      kernel: 3,
      stride: 1,
      padding: 1,
      groups: 1,
    };
    const rows = [result(conv, { "onnxruntime-web": 2, "tfjs-wasm": 1.6, "2 copies": 0.97 })];
    const verdicts = verdictsOf([report("conv", rows, 2)]);
    expect(verdicts.map(({ state, value }) => [state, value])).toEqual([
      ["met", 1.6],
      ["met", 0.97],
    ]);
    expect(verdictsOf([report("conv", rows)])).toHaveLength(1);
  });
});
