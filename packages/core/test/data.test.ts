// Datasets, loaders and how items become batches.
import {
  ConcatDataset,
  DataLoader,
  type Dataset,
  defaultCollate,
  randomSplit,
  Subset,
  scope,
  type Tensor,
  TensorDataset,
  tensor,
} from "@saccade/core";
import { describe, expect, test } from "vitest";
import { errorOf, withEngine } from "./engine.ts";

withEngine({ variant: "simd" });

describe("DataLoader", () => {
  const dataset: Dataset<string> = { length: 10, get: (i) => `item ${i}` };
  const order = (loader: DataLoader<string>): number[] =>
    [...loader].flat().map((item) => Number(item.slice(5)));

  test("batches in order; the last one may be short or left out", () => {
    const loader = new DataLoader(dataset, { batchSize: 4 });
    expect([...loader].map((batch) => batch.length)).toEqual([4, 4, 2]);
    expect(loader.length).toBe(3);
    expect(order(loader)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const dropping = new DataLoader(dataset, { batchSize: 4, dropLast: true });
    expect([...dropping].map((batch) => batch.length)).toEqual([4, 4]);
    expect(dropping.length).toBe(2);
    expect([...new DataLoader({ length: 0, get: () => 1 })]).toEqual([]);
    expect([...new DataLoader(dataset, { batchSize: 5, dropLast: true })]).toHaveLength(2);
  });

  test("shuffles anew in each pass, the same for the same seed, and resumes at a pass", () => {
    const options = { batchSize: 3, shuffle: true, seed: 8 };
    const [a, b] = [new DataLoader(dataset, options), new DataLoader(dataset, options)];
    const passes = [order(a), order(a), order(a)];
    expect([order(b), order(b), order(b)]).toEqual(passes);
    expect(new Set(passes.map(String)).size).toBe(3);
    for (const pass of passes)
      expect([...pass].sort((x, y) => x - y)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const resumed = new DataLoader(dataset, options);
    resumed.epoch = 2;
    expect(order(resumed)).toEqual(passes[2]);
    expect(order(new DataLoader(dataset, { ...options, seed: 9 }))).not.toEqual(passes[0]);
  });

  test("collates, and takes undefined for an option that was not given", () => {
    const loader = new DataLoader(dataset, {
      batchSize: 5,
      collate: (items) => items.join(),
      shuffle: undefined,
    });
    expect([...loader]).toEqual(["item 0,item 1,item 2,item 3,item 4", "item 5,item 6,item 7,item 8,item 9"]);
    expect([...new DataLoader(dataset, { batchSize: undefined, collate: undefined })]).toHaveLength(10);
    for (const batchSize of [0, -1, 1.5])
      expect(errorOf(() => new DataLoader(dataset, { batchSize })).code).toBe("argument");
  });
});

describe("datasets", () => {
  test("TensorDataset: rows of each tensor, stacked into batches", () => {
    scope(() => {
      const x = tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]);
      const labels = tensor(Int32Array.of(7, 8, 9));
      const loader = new DataLoader(new TensorDataset(x, labels), { batchSize: 2 });
      const batches = [...loader].map(([a, b]) => [a.toArray(), b.toArray(), b.dtype]);
      expect(batches).toEqual([
        [
          [
            [1, 2],
            [3, 4],
          ],
          [7, 8],
          "i32",
        ],
        [[[5, 6]], [9], "i32"],
      ]);
      for (const tensors of [[], [x, tensor([1, 2])], [tensor(1)]]) {
        expect(errorOf(() => new TensorDataset(...tensors)).code).toBe("shape");
      }
    });
  });

  test("Subset and ConcatDataset", () => {
    const letters: Dataset<string> = { length: 4, get: (i) => "abcd"[i] };
    const part = new Subset(letters, [3, 1]);
    const joined = new ConcatDataset([part, letters, new Subset(letters, [])]);
    expect(Array.from({ length: joined.length }, (_, i) => joined.get(i)).join("")).toBe("dbabcd");
    expect(errorOf(() => joined.get(6)).code).toBe("index");
    expect(errorOf(() => joined.get(-1)).code).toBe("index");
    expect(errorOf(() => new Subset(letters, [4])).message).toContain(
      "index 0 must be an integer in 0…3, got 4",
    );
  });

  test("randomSplit: each item once, by sizes or fractions, the same for the same seed", () => {
    const numbers: Dataset<number> = { length: 11, get: (i) => i };
    const items = (part: Dataset<number>): number[] =>
      Array.from({ length: part.length }, (_, i) => part.get(i));
    for (const sizes of [
      [8, 3],
      [0.7, 0.3],
    ]) {
      const parts = randomSplit(numbers, sizes, { seed: 3 }).map(items);
      expect(parts.map((part) => part.length)).toEqual([8, 3]);
      expect(parts.flat().sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(randomSplit(numbers, sizes, { seed: 3 }).map(items)).toEqual(parts);
      expect(randomSplit(numbers, sizes, { seed: 4 }).map(items)).not.toEqual(parts);
    }
    for (const sizes of [
      [8, 4],
      [0.5, 0.4],
      [12, -1],
    ]) {
      expect(errorOf(() => randomSplit(numbers, sizes)).code).toBe("argument");
    }
  });
});

test("defaultCollate goes through arrays and objects to tensors, numbers, booleans and typed arrays", () => {
  scope(() => {
    const items = [1, 2].map((i) => ({
      x: tensor([i, i]),
      pair: [i, i > 1] as [number, boolean],
      ids: Int32Array.of(i, 5),
      name: `item ${i}`,
    }));
    const batch = defaultCollate(items);
    const shown = (t: Tensor): unknown[] => [t.dtype, t.toArray()];
    expect(shown(batch.x)).toEqual([
      "f32",
      [
        [1, 1],
        [2, 2],
      ],
    ]);
    expect(batch.pair.map((part) => shown(part as Tensor))).toEqual([
      ["f32", [1, 2]],
      ["bool", [false, true]],
    ]);
    expect(shown(batch.ids)).toEqual([
      "i32",
      [
        [1, 5],
        [2, 5],
      ],
    ]);
    expect(batch.name).toEqual(["item 1", "item 2"]);
  });
});
