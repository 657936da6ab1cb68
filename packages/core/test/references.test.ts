// The references themselves: every op has one, and in float64 they are PyTorch's values and gradients to many digits.
import { describe, expect, test } from "vitest";
import * as ops from "../src/ops/index.ts";
import { centralDifferences, loadCases } from "./parity/cases.ts";
import { largest } from "./parity/compare.ts";
import { fixtureOf } from "./parity/fixtures.ts";

const cases = await loadCases();

test("every op has a reference", () => {
  expect([...new Set(cases.map(({ ref }) => ref.op))].sort()).toEqual(Object.keys(ops).sort());
});

describe("the reference agrees with PyTorch in float64", () => {
  for (const file of new Set(cases.map((c) => c.file))) {
    test(file, () => {
      for (const c of cases.filter((other) => other.file === file)) compareWithTorch(c);
    });
  }
});

function compareWithTorch(c: (typeof cases)[number]): void {
  const fixture = fixtureOf(c);
  if (fixture === null) return;
  for (const [i, { data }] of c.expected.entries()) {
    const values: Float64Array = fixture.outputs[i].values;
    const bound = 1e-12 * Math.max(largest(values), largest(data));
    for (const [at, value] of values.entries()) {
      const same =
        Object.is(Math.fround(value), Math.fround(data[at])) || Math.abs(value - data[at]) <= bound;
      if (!same) expect.fail(`${c.name}: element ${at} is ${data[at]}, PyTorch says ${value}`);
    }
  }
  for (const { input, index, value, slack } of centralDifferences(c)) {
    const wanted = fixture.gradients[input]?.values as Float64Array;
    if (!Number.isFinite(value)) continue;
    if (Math.abs(value - wanted[index]) > 2e-8 * largest(wanted) + slack) {
      expect.fail(
        `${c.name}: the gradient of input ${input} at ${index} is ${value}, PyTorch says ${wanted[index]}`,
      );
    }
  }
}
