// Runs a suite in both kernel builds, and holds every test to leaving the engine's memory as it found it.
import { init, type MemoryUse, memory, terminate } from "@saccade/core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from "vitest";

export type Variant = "simd" | "relaxed";

export type Live = Pick<MemoryUse, "liveBytes" | "liveTensors">;

/** What tensors hold now. */
export function live(): Live {
  const { liveBytes, liveTensors } = memory();
  return { liveBytes, liveTensors };
}

/**
 * `suite` once per build: "simd" with development's poisoned and guarded memory, "relaxed" as it is shipped. Whatever a
 * test makes it must free, also when what it tests fails.
 */
export function inBothBuilds(suite: (variant: Variant) => void): void {
  describe.each(["simd", "relaxed"] as const)("%s", (variant) => {
    let before: Live;
    beforeAll(async () => {
      await init({ variant, development: variant === "simd" });
    });
    afterAll(() => terminate());
    beforeEach(() => {
      before = live();
    });
    afterEach(() => {
      expect(live(), "memory behind the test").toEqual(before);
    });
    suite(variant);
  });
}
