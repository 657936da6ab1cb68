// Batches of a dataset, in order or shuffled by a seed. torch.utils.data.DataLoader

import { HostRandom } from "../hostRandom.ts";
import { integerArgument } from "../ops/arguments.ts";
import { type Collated, defaultCollate } from "./collate.ts";
import type { Dataset } from "./dataset.ts";

export interface LoaderOptions<T, B> {
  readonly batchSize?: number;
  /** A new order in each pass, drawn from `seed` and the number of the pass. */
  readonly shuffle?: boolean;
  readonly seed?: number;
  /** Leaves out a last batch that is not full. */
  readonly dropLast?: boolean;
  /** Makes a batch of items; `defaultCollate` unless given. */
  readonly collate?: (items: T[]) => B;
}

export class DataLoader<T, B = Collated<T>> implements Iterable<B> {
  readonly #dataset: Dataset<T>;
  readonly #options: Required<LoaderOptions<T, B>>;
  /** Passes begun; set it to resume. */
  epoch = 0;

  constructor(dataset: Dataset<T>, options: LoaderOptions<T, B> = {}) {
    this.#dataset = dataset;
    const { batchSize = 1, shuffle = false, seed = 0, dropLast = false } = options;
    const { collate = defaultCollate as unknown as (items: T[]) => B } = options;
    this.#options = { batchSize, shuffle, seed, dropLast, collate };
    integerArgument("DataLoader", "batchSize", batchSize, 1);
  }

  /** Batches in one pass. */
  get length(): number {
    const { batchSize, dropLast } = this.#options;
    const batches = this.#dataset.length / batchSize;
    return dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Generator<B> {
    const { batchSize, shuffle, seed, collate } = this.#options;
    const { length } = this.#dataset;
    const random = new HostRandom(seed, this.epoch++ * 2 ** 32);
    const order = shuffle ? random.permutation(length) : null;
    for (let batch = 0; batch < this.length; batch++) {
      const begin = batch * batchSize;
      const size = Math.min(batchSize, length - begin);
      yield collate(
        Array.from({ length: size }, (_, i) => this.#dataset.get(order?.[begin + i] ?? begin + i)),
      );
    }
  }
}
