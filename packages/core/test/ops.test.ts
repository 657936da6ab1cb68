// Every case of every reference beside an op, in both kernel builds: values, gradients, and all that must not matter to
// them. `npm run parity` prints the same as a table.
import { afterAll, beforeAll, describe, test } from "vitest";
import { init, terminate } from "../src/index.ts";
import { loadCases } from "./parity/cases.ts";
import { judge } from "./parity/judge.ts";

const cases = await loadCases();

describe.each(["simd", "relaxed"] as const)("%s", (variant) => {
  beforeAll(async () => {
    await init({ variant, development: true });
  });
  afterAll(terminate);

  for (const c of cases) {
    test(c.name, () => {
      judge(c);
    });
  }
});
