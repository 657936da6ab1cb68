// The keys and values of positions seen so far, as a value: `append` returns a new cache and leaves the old one valid.
// Buffers have room at the end, which the newest cache may fill in place; an older one copies.
import { noGrad, persistent, SaccadeError, type Tensor, zeros } from "@saccade/core";

/** Room (B, H, capacity, D) shared by caches that grew out of one another. */
interface Buffers {
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Positions written by the newest cache. */
  filled: number;
  owners: number;
}

/** Caches made while `growing` runs. */
let unfinished: LayerCache[] | null = null;

/** Runs a computation that makes caches, which no scope frees: when it fails, those it has made by then are freed. */
export function growing<T>(compute: () => T): T {
  const around = unfinished;
  const mine: LayerCache[] = [];
  unfinished = mine;
  try {
    return compute();
  } catch (error) {
    for (const cache of mine) cache.dispose();
    throw error;
  } finally {
    unfinished = around;
    around?.push(...mine);
  }
}

/** One layer's part of a cache. */
export class LayerCache {
  readonly length: number;
  readonly #buffers: Buffers;
  /** (B, H, length, D) views. */
  readonly keys: Tensor;
  readonly values: Tensor;
  #disposed = false;

  private constructor(buffers: Buffers, length: number) {
    this.#buffers = buffers;
    this.length = length;
    buffers.owners++;
    this.keys = persistent(() => buffers.keys.narrow(2, 0, length));
    this.values = persistent(() => buffers.values.narrow(2, 0, length));
    unfinished?.push(this);
  }

  /** Room for `shape` = (B, H, capacity, D), nothing in it. */
  static empty(shape: readonly number[]): LayerCache {
    return new LayerCache(room(shape), 0);
  }

  /** A cache with keys and values (B, H, T, D) behind this one's. */
  append(keys: Tensor, values: Tensor): LayerCache {
    if (keys.requiresGrad || values.requiresGrad) {
      throw new SaccadeError(
        "autograd",
        "a KV cache holds values without gradients; run the model inside noGrad(…)",
      );
    }
    const [B, H, capacity, D] = this.#buffers.keys.shape;
    if (keys.size(0) !== B || keys.size(1) !== H || keys.size(3) !== D) {
      throw new SaccadeError("shape", `KV cache: ${keys} does not fit a cache of (${B}, ${H}, ·, ${D})`);
    }
    const end = this.length + keys.size(2);
    const inPlace = this.#buffers.filled === this.length && end <= capacity;
    const buffers = inPlace ? this.#buffers : this.#moved([B, H, Math.max(end, 2 * capacity, 16), D]);
    noGrad(() => {
      write(buffers.keys, this.length, keys);
      write(buffers.values, this.length, values);
    });
    buffers.filled = end;
    return new LayerCache(buffers, end);
  }

  /** The cache whose batch item i is this one's item rows[i]; for beam search. */
  reorder(rows: readonly number[]): LayerCache {
    const [, ...rest] = this.#buffers.keys.shape;
    const buffers = room([rows.length, ...rest]);
    noGrad(() => {
      for (const [i, row] of rows.entries()) {
        writeRow(buffers.keys, i, this.keys, row);
        writeRow(buffers.values, i, this.values, row);
      }
    });
    buffers.filled = this.length;
    return new LayerCache(buffers, this.length);
  }

  #moved(shape: readonly number[]): Buffers {
    const buffers = room(shape);
    noGrad(() => {
      if (this.length === 0) return;
      write(buffers.keys, 0, this.keys);
      write(buffers.values, 0, this.values);
    });
    return buffers;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.keys.dispose();
    this.values.dispose();
    if (--this.#buffers.owners > 0) return;
    this.#buffers.keys.dispose();
    this.#buffers.values.dispose();
  }
}

function room(shape: readonly number[]): Buffers {
  const keys = persistent(() => zeros(shape));
  try {
    return { keys, values: persistent(() => zeros(shape)), filled: 0, owners: 0 };
  } catch (error) {
    keys.dispose();
    throw error;
  }
}

function write(buffer: Tensor, begin: number, part: Tensor): void {
  const place = buffer.narrow(2, begin, part.size(2));
  place.copy_(part);
  place.dispose();
}

function writeRow(buffer: Tensor, i: number, source: Tensor, row: number): void {
  const length = source.size(2);
  const from = source.narrow(0, row, 1);
  const whole = buffer.narrow(0, i, 1);
  const to = whole.narrow(2, 0, length);
  to.copy_(from);
  for (const view of [from, whole, to]) view.dispose();
}

/** The caches of all layers. */
export class KVCache {
  readonly layers: readonly LayerCache[];

  constructor(layers: readonly LayerCache[]) {
    this.layers = layers;
  }

  /** Room of `shape` = (B, H, capacity, D) in each of `layers` layers. */
  static empty(layers: number, shape: readonly number[]): KVCache {
    return growing(() => new KVCache(Array.from({ length: layers }, () => LayerCache.empty(shape))));
  }

  /** Positions in the cache. */
  get length(): number {
    return this.layers[0]?.length ?? 0;
  }

  reorder(rows: readonly number[]): KVCache {
    return growing(() => new KVCache(this.layers.map((layer) => layer.reorder(rows))));
  }

  dispose(): void {
    for (const layer of this.layers) layer.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
