// Datasets: items by number. torch.utils.data.TensorDataset, Subset, ConcatDataset, random_split

import { HostRandom } from "../hostRandom.ts";
import { fail, refuse } from "../ops/arguments.ts";
import { select } from "../ops/views.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Items by number. */
export interface Dataset<T> {
  readonly length: number;
  get(index: number): T;
}

/** Item i is the i-th of each tensor along its first axis: views, in the scope that asks for them. */
export class TensorDataset implements Dataset<Tensor[]> {
  readonly tensors: readonly Tensor[];
  readonly length: number;

  constructor(...tensors: Tensor[]) {
    const lengths = new Set(tensors.map((x) => x.shape[0]));
    if (lengths.size !== 1 || lengths.has(undefined as unknown as number)) {
      const shapes = tensors.map((x) => formatShape(x.shape)).join(", ");
      fail("shape", `TensorDataset: first axes must be of one size, got ${shapes || "none"}`);
    }
    this.tensors = tensors;
    this.length = tensors[0].shape[0];
  }

  get(index: number): Tensor[] {
    return this.tensors.map((x) => select(x, 0, index));
  }
}

/** Some items of another dataset, in the order of their numbers. */
export class Subset<T> implements Dataset<T> {
  readonly #dataset: Dataset<T>;
  readonly #indices: ArrayLike<number>;

  constructor(dataset: Dataset<T>, indices: ArrayLike<number>) {
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (Number.isInteger(index) && index >= 0 && index < dataset.length) continue;
      refuse("Subset", `index ${i}`, `an integer in 0…${dataset.length - 1}`, index, "index");
    }
    this.#dataset = dataset;
    this.#indices = indices;
  }

  get length(): number {
    return this.#indices.length;
  }

  get(index: number): T {
    return this.#dataset.get(this.#indices[index]);
  }
}

/** Datasets one behind the other. */
export class ConcatDataset<T> implements Dataset<T> {
  readonly #datasets: readonly Dataset<T>[];

  constructor(datasets: readonly Dataset<T>[]) {
    this.#datasets = datasets;
  }

  get length(): number {
    return this.#datasets.reduce((sum, { length }) => sum + length, 0);
  }

  get(index: number): T {
    let rest = index;
    for (const dataset of this.#datasets) {
      if (rest >= 0 && rest < dataset.length) return dataset.get(rest);
      rest -= dataset.length;
    }
    return refuse("ConcatDataset", "index", `in 0…${this.length - 1}`, index, "index");
  }
}

/**
 * Cuts a dataset into parts at random, each item in one of them: sizes that add up to its length, or fractions that add
 * up to 1, of which what rounding leaves over is dealt out one each from the first. torch.utils.data.random_split
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  sizes: readonly number[],
  options: { seed?: number } = {},
): Subset<T>[] {
  const counts = partSizes(dataset.length, sizes);
  const order = new HostRandom(options.seed ?? 0).permutation(dataset.length);
  let begin = 0;
  return counts.map((count) => {
    const part = order.subarray(begin, begin + count);
    begin += count;
    return new Subset(dataset, part);
  });
}

function partSizes(length: number, sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.every((size) => Number.isInteger(size) && size >= 0) && total === length) return [...sizes];
  if (Math.abs(total - 1) > 1e-9 || !sizes.every((size) => size >= 0 && size <= 1)) {
    refuse("randomSplit", "sizes", `numbers that add up to ${length}, or fractions to 1`, sizes);
  }
  const counts = sizes.map((part) => Math.floor(part * length));
  const left = length - counts.reduce((sum, count) => sum + count, 0);
  for (let i = 0; i < left; i++) counts[i % counts.length]++;
  return counts;
}
