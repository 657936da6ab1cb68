// Writing in place: what aliasing may not spoil, and what is refused. The values are in ops/inplace.ref.ts.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { init, noGrad, scope, tensor, terminate } from "../src/index.ts";

beforeAll(async () => {
  await init({ variant: "simd", development: true });
});
afterAll(terminate);

describe("writing in place", () => {
  test("reads a source in the same memory as it was before", () => {
    scope(() => {
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      expect(x.copy_(x.t()).toArray()).toEqual([
        [1, 3],
        [2, 4],
      ]);
      expect(x.add_(x.t()).toArray()).toEqual([
        [2, 5],
        [5, 8],
      ]);
      expect(x.mul_(x.select(0, 0)).toArray()).toEqual([
        [4, 25],
        [10, 40],
      ]);
      expect(x.mul_(x).toArray()).toEqual([
        [16, 625],
        [100, 1600],
      ]);
    });
  });

  test("refuses a target that shows an element twice, and what would cut the tape", () => {
    scope(() => {
      const x = tensor([1, 2]);
      expect(() => x.expand([3, 2]).zero_()).toThrow(/in many places; clone it first/);
      expect(x.toArray()).toEqual([1, 2]);
      const w = tensor([1, 2], { requiresGrad: true });
      expect(() => x.add_(w)).toThrow(/add_: what requires a gradient is written in place only in noGrad/);
      expect(() => w.add_(x)).toThrow(
        /add_: a tensor that requires a gradient is changed in place only in noGrad/,
      );
      expect(noGrad(() => x.add_(w)).toArray()).toEqual([2, 4]);
    });
  });
});
