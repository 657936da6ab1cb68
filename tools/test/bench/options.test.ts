import { expect, test } from "vitest";
import { agrees, checksum, numbers, reordered, transposed } from "../../bench/data.ts";
import { readCommand } from "../../bench/options.ts";
import { suites } from "../../bench/suites.ts";
import { row } from "../../bench/tasks.ts";

const read = (...words: string[]) => readCommand(words, ["gemm", "conv"], ["training"]);

test("options and suites", () => {
  expect(read()).toMatchObject({ suites: ["gemm"], threads: [1], rounds: 15, json: false });
  expect(read("all", "training")).toMatchObject({ suites: ["gemm", "conv"], programmes: ["training"] });
  expect(read("conv", "--threads", "1,2", "--rounds", "3", "--json", "--check")).toMatchObject({
    suites: ["conv"],
    threads: [1, 2],
    rounds: 3,
    json: true,
    check: true,
  });
  expect(read("--peers", "ort,jax-js")).toMatchObject({ peers: ["onnxruntime-web", "jax-js"] });
  expect(read("--peers", "none")).toMatchObject({ peers: [] });
});

test.each([
  ["there is no suite", ["nope"]],
  ["print text of their own", ["training", "--json"]],
  ["--threads 0", ["--threads", "0"]],
  ["--threads two", ["--threads", "two"]],
  ["--rounds 1,2", ["--rounds", "1,2"]],
  ["--peers mine", ["--peers", "mine"]],
  ["--fast", ["--fast"]],
])("%s", (message, words) => {
  expect(read(...words)).toContain(message);
});

test("all rows of a suite have names of their own", () => {
  for (const { rows } of Object.values(suites))
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

test("work is counted", () => {
  const conv = {
    op: "conv",
    batch: 2,
    channels: 4,
    size: 9,
    filters: 6,
    kernel: 3,
    stride: 2,
    padding: 0,
    groups: 2,
  } as const;
  expect(row("", conv).amount).toBe(2 * 2 * 6 * 16 * 2 * 9);
  const attention = { op: "attention", batch: 1, T: 4, heads: 2, D: 8, causal: true } as const;
  expect(row("", attention).amount).toBe(4 * 2 * 8 * 10);
  const chain = { op: "chain", name: "add", shape: [8, 32], length: 3 } as const;
  expect(row("", chain)).toMatchObject({ amount: 3 * 256 * 12, limit: { loop: "triad", elements: 256 } });
});

test("everybody's numbers are the same, spread evenly, and differ by seed", () => {
  const x = numbers(10_000, 1, 2);
  expect([...x.subarray(0, 3)].map((v) => Number(v.toFixed(6)))).toMatchInlineSnapshot(`
    [
      0.46224,
      -0.891886,
      -0.453942,
    ]
  `);
  expect(Math.abs(x.reduce((sum, v) => sum + v, 0) / x.length)).toBeLessThan(0.03);
  expect(Math.min(...x)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...x)).toBeLessThan(1);
  expect(numbers(4, 2)).not.toEqual(numbers(4, 1));
});

test("reordering keeps what a checksum sees, and one wrong element is seen", () => {
  const x = Float32Array.of(1, 2, 3, 4, 5, 6);
  expect(transposed(x, 2, 3)).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
  expect(reordered(x, 2, [2, 0, 1])).toEqual(Float32Array.of(5, 6, 1, 2, 3, 4));
  expect(agrees(checksum(x), checksum(transposed(x, 2, 3)))).toBe(true);
  expect(agrees(checksum(x), checksum(Float32Array.of(1, 2, 3, 4, 5, 5.9)))).toBe(false);
  expect(agrees(checksum(x), checksum(x.subarray(1)))).toBe(false);
  expect(agrees(checksum(Float32Array.of(Number.NaN)), checksum(Float32Array.of(Number.NaN)))).toBe(false);
});
