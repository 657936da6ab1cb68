import { integerArgument } from "./ops/arguments.ts";
// Random integers and fractions in TypeScript, for shuffling and sampling: the same Philox4x32-10 as the kernels, drawn
// one word at a time. The state is (seed, counter), so a resumed run goes on where it stopped.

export interface HostRandomState {
  readonly seed: number;
  readonly counter: number;
}

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** Upper 32 bits of a 32 × 32 bit product, from 16-bit halves. */
function mulHigh(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const carry = aLow * bHigh + (middle & 0xffff);
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** Ten rounds of Philox on one counter. */
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = [mulHigh(M0, c0), Math.imul(M0, c0) >>> 0];
    const [high1, low1] = [mulHigh(M1, c2), Math.imul(M1, c2) >>> 0];
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

export class HostRandom {
  readonly #seed: number;
  #counter: number;

  constructor(seed: number, counter = 0) {
    this.#seed = integerArgument("HostRandom", "seed", seed, 0);
    this.#counter = integerArgument("HostRandom", "counter", counter, 0);
  }

  get state(): HostRandomState {
    return { seed: this.#seed, counter: this.#counter };
  }

  /** 32 random bits. */
  word(): number {
    const block = Math.floor(this.#counter / 4);
    const lane = this.#counter % 4;
    this.#counter++;
    const counter = [block >>> 0, Math.floor(block / 2 ** 32), 0x486f7374, 0];
    return philox(counter, [this.#seed >>> 0, Math.floor(this.#seed / 2 ** 32)])[lane];
  }

  /** A fraction in [0, 1) with 24 bits. */
  fraction(): number {
    return (this.word() >>> 8) / 2 ** 24;
  }

  /** An integer in [0, limit), each equally likely. */
  integer(limit: number): number {
    integerArgument("HostRandom.integer", "limit", limit, 1, 2 ** 32);
    const span = 2 ** 32 - (2 ** 32 % limit);
    let word = this.word();
    while (word >= span) word = this.word();
    return word % limit;
  }

  /** 0 … n − 1 in random order (Fisher–Yates). torch.randperm */
  permutation(n: number): Int32Array {
    integerArgument("HostRandom.permutation", "n", n, 0, 2 ** 31);
    const order = Int32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    return order;
  }
}
