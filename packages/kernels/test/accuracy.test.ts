import { expect, test } from "vitest";
import { measure } from "../tools/accuracy.ts";
import { erf, erfc } from "../tools/reference.ts";

test("every transcendental kernel keeps its ceiling (npm run ulp visits a thousand times more)", () => {
  const rows = measure({ stride: 99991, closeStride: 499 });
  expect(rows.filter((row) => !row.pass)).toEqual([]);
  expect(rows.length).toBeGreaterThanOrEqual(43);
  // A table of zeros would mean that nothing was measured: correctly rounded results are up to half an ULP
  // away.
  for (const row of rows) expect(row.worst).toBeGreaterThan(0.4);
});

test("the float64 references agree with tabulated values", () => {
  // Abramowitz and Stegun, tables 7.1 and 7.3.
  expect(erf(0.5)).toBeCloseTo(0.5204998778130465, 15);
  expect(erf(-2)).toBeCloseTo(-0.9953222650189527, 15);
  expect(erfc(1) / 0.15729920705028513).toBeCloseTo(1, 13);
  expect(erfc(2) / 0.004677734981047266).toBeCloseTo(1, 13);
  expect(erfc(5) / 1.537459794428035e-12).toBeCloseTo(1, 13);
  expect(erfc(10) / 2.088487583762545e-45).toBeCloseTo(1, 12);
});
