import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { saccade } from "./session.ts";

const scratch = await mkdtemp(join(tmpdir(), "saccade-test-"));
afterAll(() => rm(scratch, { recursive: true }));

test("demo writes, draws, trains and says what to try next, without a question", async () => {
  const { status, stdout, stderr } = await saccade(["demo", "--steps", "5", "--out", join(scratch, "demo")]);
  expect(status).toBe(0);
  const shown = stdout.replace(/\s+/g, " ");
  expect(shown).toMatch(/^Saccade · .*SIMD.* · \d+ threads? \(.*\) · up to 4\.0 GiB /);
  // The bundled checkpoint repeats what was said, and counts.
  expect(shown).toMatch(/found 5 red kites\. She gave 1 to Leo\. Now Mia has 4 red kites\./);
  expect(stdout).toContain("before “4”");
  expect(stdout).toContain("█");
  expect(stdout).toContain("saccade doctor");
  expect(stderr).toContain("learning 5/5");
});

test("doctor says what runs and why not more", async () => {
  const { status, stdout } = await saccade(["doctor"]);
  expect(status).toBe(0);
  expect(stdout).not.toContain("\u001b");
  for (const row of ["runtime", "kernels", "threads", "memory", "speed"])
    expect(stdout).toMatch(new RegExp(`^${row} `, "m"));
});

test("doctor --json is one object", async () => {
  const { stdout } = await saccade(["doctor", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    runtime: expect.stringContaining(process.versions.node),
    threads: { count: expect.any(Number), reason: expect.any(String) },
    matmul: { gigaflops: expect.any(Number) },
  });
});
