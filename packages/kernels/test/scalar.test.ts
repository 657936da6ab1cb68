import { describe, expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";

const word = new BigInt64Array(1);
const float = new Float64Array(word.buffer);
/** Position of a double among all doubles: neighbours differ by 1. */
function rank(x: number): bigint {
  float[0] = x;
  return word[0] < 0n ? -(word[0] & 0x7fffffffffffffffn) : word[0];
}
const steps = (a: number, b: number): number => Math.abs(Number(rank(a) - rank(b)));

/** 20,000 points that fill [low, high]. */
const fill = (low: number, high: number): number[] =>
  Array.from({ length: 20_000 }, (_, i) => low + ((i * 0.6180339887498949) % 1) * (high - low));
const logFill = (low: number, high: number): number[] => fill(Math.log(low), Math.log(high)).map(Math.exp);
const turns = Array.from({ length: 20_000 }, (_, i) => (i * 50 + 1) * (Math.PI / 2));

forEachBuild((name, k) => {
  describe("one f64 against Math, which is itself within an ULP", () => {
    test.each([
      ["exp_f64", Math.exp, [...fill(-745, 709), ...fill(-1, 1), ...fill(-745.2, -707)]],
      ["log_f64", Math.log, [...logFill(5e-324, 1e308), ...fill(0.5, 2)]],
      ["sin_f64", Math.sin, [...fill(-10, 10), ...fill(-1.6e6, 1.6e6), ...turns]],
      ["cos_f64", Math.cos, [...fill(-10, 10), ...fill(-1.6e6, 1.6e6), ...turns]],
    ] as const)("%s", (kernel, reference, points) => {
      for (const x of points) {
        const [actual, expected] = [k[kernel](x), reference(x)];
        if (steps(actual, expected) > 1)
          throw new Error(`${kernel}(${x}) = ${actual} instead of ${expected}`);
      }
    });
  });

  test("zeros, infinities, NaN and the ends of the range", () => {
    expect([0, -0, Infinity, -Infinity, NaN, 710, -746, 1e300, -1e300].map((x) => k.exp_f64(x))).toEqual([
      1,
      1,
      Infinity,
      0,
      NaN,
      Infinity,
      0,
      Infinity,
      0,
    ]);
    expect([0, -0, Infinity, -Infinity, NaN, -1, 1].map((x) => k.log_f64(x))).toEqual([
      -Infinity,
      -Infinity,
      Infinity,
      NaN,
      NaN,
      NaN,
      0,
    ]);
    expect([0, -0, Infinity, NaN, 1e7].map((x) => k.sin_f64(x))).toEqual([0, -0, NaN, NaN, NaN]);
    expect([0, -0, Infinity, NaN, -1e7].map((x) => k.cos_f64(x))).toEqual([1, 1, NaN, NaN, NaN]);
  });

  test("the same bits in both builds: no lane is fused", () => {
    const sum = (f: (x: number) => number) => fill(0.1, 40).reduce((total, x) => total + f(x), 0);
    const sums = [k.exp_f64, k.log_f64, k.sin_f64, k.cos_f64].map((f) => rank(sum(f)).toString(16));
    expect(sums, name).toMatchInlineSnapshot(`
      [
        "441992e1d2219831",
        "40ea6736e5022b80",
        "408a0ce1cb19216a",
        "407435b5136caeb8",
      ]
    `);
  });
});
