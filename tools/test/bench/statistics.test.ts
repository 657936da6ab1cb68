import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { geometricMean, median, orderOf, quantile, spread } from "../../bench/statistics.ts";

describe("figures of many times", () => {
  test("median and quantiles lie between neighbours in proportion, in any order", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10, 20, 30, 40], 0.25)).toBe(10);
    expect(quantile([1, 2], 0.75)).toBe(1.75);
    expect(median([])).toBeNaN();
  });

  test("spread is the middle half's width over the median, and one outlier does not move it", () => {
    expect(spread([1, 2, 3, 4, 5])).toBeCloseTo(2 / 3);
    expect(spread([1, 2, 3, 4, 500])).toBeCloseTo(2 / 3);
    expect(spread([7])).toBe(0);
  });

  test("twice as fast here and half as fast there is as fast on the whole", () => {
    expect(geometricMean([2, 0.5])).toBeCloseTo(1);
    expect(geometricMean([2, 8])).toBeCloseTo(4);
    expect(geometricMean([])).toBeNaN();
  });
});

describe("the order of a round", () => {
  test("everybody is there once", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(50), (n, round) => {
        const all = Array.from({ length: n }, (_, i) => i);
        expect(orderOf(all, round).sort()).toEqual(all);
      }),
    );
  });

  test("everybody begins, ends and follows each neighbour as often as everybody else", () => {
    const all = ["a", "b", "c", "d"];
    const rounds = Array.from({ length: 8 }, (_, round) => orderOf(all, round));
    const times = (place: (order: readonly string[]) => string, name: string): number =>
      rounds.filter((order) => place(order) === name).length;
    for (const name of all) {
      expect(times((order) => order[0], name)).toBe(2);
      expect(times((order) => order[3], name)).toBe(2);
    }
    const follows = (first: string, second: string): number =>
      rounds.filter((order) => order.indexOf(second) === order.indexOf(first) + 1).length;
    expect(follows("a", "b")).toBe(follows("b", "a"));
  });
});
