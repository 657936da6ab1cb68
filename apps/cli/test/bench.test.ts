// What is printed, in what form; how fast this machine is stands in no test.
import { memory } from "@saccade/core";
import { expect, test } from "vitest";
import { startEngine } from "../src/engineOptions.ts";
import { decoding, measurements } from "../src/measurements.ts";
import { saccade } from "./session.ts";

const short = ["--seconds", "0.001"];
const quick = measurements.map(({ name }) => name).filter((name) => name !== "decode");

test("bench prints a row for each measurement, with its share of a limit", async () => {
  const { status, stdout } = await saccade(["bench", ...short, "--only", quick.join(",")]);
  expect(status).toBe(0);
  expect(stdout).not.toContain("\u001b");
  expect(stdout).toMatch(/^.*SIMD.* · \d+ threads? /);
  expect(stdout).toMatch(/^peak +\d+\.?\d* +GFLOP\/s +multiply-adds in registers$/m);
  expect(stdout).toMatch(/^gemm +\d+\.?\d* +GFLOP\/s +\d+ % of the peak +product of 512×768 and 768×768$/m);
  for (const name of quick) expect(stdout).toMatch(new RegExp(`^${name} `, "m"));
});

test("bench --json is one object, and all memory is given back", async () => {
  await startEngine({ variant: "auto" });
  const before = memory().liveBytes;
  const { status, stdout } = await saccade(["bench", ...short, "--only", "gemv,softmax", "--json"]);
  expect(status).toBe(0);
  const number = expect.any(Number);
  expect(JSON.parse(stdout)).toMatchObject({
    runtime: expect.stringContaining(process.versions.node),
    variant: expect.stringMatching(/^(simd|relaxed)$/),
    threads: { count: number, reason: expect.any(String) },
    rows: [
      { name: "gemv", unit: "GB/s", milliseconds: number, rate: number, limit: "read", share: number },
      { name: "softmax", unit: "GB/s", milliseconds: number, rate: number, limit: "copy", share: number },
    ],
  });
  expect(memory().liveBytes).toBe(before);
});

test("decoding goes on behind the end of a text, and gives its memory back", async () => {
  await startEngine({ variant: "auto" });
  const before = memory().liveBytes;
  const tiny = { n_layer: 1, n_embd: 16, n_head: 2, vocab_size: 64, n_positions: 140 };
  const work = await decoding(tiny);
  const model = memory().liveBytes;
  expect(model).toBeGreaterThan(before);
  for (let token = 0; token < 130; token++) await work.run();
  expect(work.amount).toBe(1);
  await work.dispose();
  expect(memory().liveBytes).toBe(before);
});

test("bench stops at once when interrupted", async () => {
  const signal = AbortSignal.abort();
  const { status, stdout, stderr } = await saccade(["bench", ...short, "--only", "peak"], { signal });
  expect({ status, stdout, stderr }).toEqual({ status: 130, stdout: "", stderr: "" });
});
