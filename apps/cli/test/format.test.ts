import { expect, test } from "vitest";
import { bytes, compact, count, duration, plural } from "../src/terminal/format.ts";

test("count groups digits", () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

test("compact keeps three significant digits, also where rounding carries over", () => {
  const numbers = [0, 7.4, 999, 999.6, 1000, 9994, 9996, 12345, 99_960, 999_600, 4.2e6, 7e9];
  const shown = [
    "0",
    "7",
    "999",
    "1.00k",
    "1.00k",
    "9.99k",
    "10.0k",
    "12.3k",
    "100k",
    "1.00M",
    "4.20M",
    "7.00G",
  ];
  expect(numbers.map(compact)).toEqual(shown);
});

test("bytes are binary", () => {
  expect([0, 1023, 1024, 1887436, 104857600, 4 * 2 ** 30].map(bytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 KiB",
    "1.8 MiB",
    "100 MiB",
    "4.0 GiB",
  ]);
});

test("durations change their form at ten seconds, a minute and an hour", () => {
  const seconds = [
    0,
    0.044,
    0.9996,
    9.94,
    9.96,
    59.4,
    59.6,
    75,
    3599.7,
    4000,
    Number.POSITIVE_INFINITY,
    Number.NaN,
  ];
  const shown = [
    "0 ms",
    "44 ms",
    "1.0 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1:00",
    "1:15",
    "1:00:00",
    "1:06:40",
    "–",
    "–",
  ];
  expect(seconds.map(duration)).toEqual(shown);
});

test("plural", () => {
  expect([0, 1, 2, 1200].map((n) => plural(n, "token"))).toEqual([
    "0 tokens",
    "1 token",
    "2 tokens",
    "1,200 tokens",
  ]);
});
