// Runs a suite in both kernel builds, and holds every test to leaving the engine's memory as it found it.
import { type InitOptions, init, type MemoryUse, memory, SaccadeError, terminate } from "@saccade/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";

type Live = Pick<MemoryUse, "liveBytes" | "liveTensors">;

/** What tensors hold now. */
export function live(): Live {
  const { liveBytes, liveTensors } = memory();
  return { liveBytes, liveTensors };
}

/** Starts the engine for the tests around; each must free whatever it makes, also when what it tests fails. */
export function withEngine(options: InitOptions): void {
  let before: Live;
  beforeAll(async () => {
    await init({ development: true, ...options });
  });
  afterAll(() => terminate());
  beforeEach(() => {
    before = live();
  });
  afterEach(() => {
    expect(live(), "memory behind the test").toEqual(before);
  });
}

/** `suite` once per kernel build. */
export function inBothBuilds(suite: () => void): void {
  describe.each(["simd", "relaxed"] as const)("%s", (variant) => {
    withEngine({ variant });
    suite();
  });
}

/** The SaccadeError that `body` throws; a test fails on any other outcome. */
export function errorOf(body: () => unknown): SaccadeError {
  try {
    body();
  } catch (error) {
    if (error instanceof SaccadeError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

/** Each number within 3e-6 of the largest one. */
export function expectClose(got: readonly number[], wanted: readonly number[], what = ""): void {
  const size = Math.max(...wanted.map(Math.abs));
  for (const [i, value] of wanted.entries())
    if (!(Math.abs(got[i] - value) <= 3e-6 * size)) expect.fail(`${what} ${i}: ${got[i]}, not ${value}`);
}
