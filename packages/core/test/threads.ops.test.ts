// Every case of every reference on a pool that shares even the smallest work: the bits of one thread, forward and
// backward, in both builds.
import { init, scope, terminate } from "@saccade/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { engine } from "../src/engine.ts";
import { loadCases } from "./parity/cases.ts";
import { identical } from "./parity/compare.ts";
import { type Result, run } from "./parity/run.ts";

const cases = await loadCases();

describe.each(["simd", "relaxed"] as const)("%s", (variant) => {
  beforeAll(async () => {
    await init({ variant, threads: 3, development: false });
  });
  afterAll(() => {
    const pieces = engine().pool?.beats;
    terminate();
    expect(pieces, "pieces that workers did").toBeGreaterThan(100);
  });

  for (const file of new Set(cases.map((c) => c.file))) {
    test(file, () => {
      for (const c of cases.filter((other) => other.file === file)) {
        const alone = run(c);
        expectSame(
          c.name,
          forced(() => run(c)),
          alone,
        );
      }
    });
  }
});

function forced<T>(body: () => T): T {
  const { pool } = engine();
  if (pool === null) throw new Error("there are no threads");
  pool.always = true;
  try {
    return scope(body);
  } finally {
    pool.always = false;
  }
}

function expectSame(name: string, result: Result, alone: Result): void {
  for (const [i, y] of alone.outputs.entries())
    expect(identical(result.outputs[i], y), `${name}: output ${i}`).toBe(true);
  for (const [i, gradient] of alone.gradients.entries())
    expect(identical(result.gradients[i], gradient), `${name}: gradient of input ${i}`).toBe(true);
}
