// Every case of every reference beside an op in one kernel build: values, gradients, and all that must not matter to them.
// A test file per build, so that they run side by side. `npm run parity` prints the same as a table.
import { afterAll, beforeAll, test } from "vitest";
import { init, terminate } from "../../src/index.ts";
import { loadCases } from "./cases.ts";
import { judge } from "./judge.ts";

export async function judgeEveryCase(variant: "simd" | "relaxed"): Promise<void> {
  beforeAll(async () => {
    await init({ variant, development: true });
  });
  afterAll(terminate);
  for (const c of await loadCases()) {
    test(c.name, () => {
      judge(c);
    });
  }
}
