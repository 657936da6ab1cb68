// The engine's memory and its allocator. Segregated free lists with good fit and immediate coalescing, after
// Masmano et al., "TLSF: a new dynamic memory allocator for real-time systems" (2004); but all bookkeeping is
// in TypeScript objects, so a kernel that writes out of bounds cannot break it, and blocks need no headers.
import { OutOfMemoryError, SaccadeError } from "./error.ts";

const PAGE = 65536;
/**
 * Blocks start and end on multiples of this; the bookkeeping counts in it, so that numbers stay small
 * integers.
 */
const UNIT = 64;
const GIB = 2 ** 30;
/** Sixteen size classes per power of two; below 32 units every size has its own. */
const CLASSES = 24 * 16;
/** How many blocks of a free list are looked at for the tightest fit. */
const SCAN = 32;
/** As f32 a NaN, as i32 no index, as bytes no bool. */
const POISON = 0x7fcdcdcd;

export interface CreateMemoryOptions {
  /** Most bytes the memory may grow to, at most 4 GiB (the default). */
  readonly maximumBytes?: number;
  /** A SharedArrayBuffer memory, for the shared builds. */
  readonly shared?: boolean;
}

/**
 * A memory of one page whose maximum is the largest of 4, 2, 1 GiB (at most `maximumBytes`) that the runtime
 * gives.
 */
export function createMemory(options: CreateMemoryOptions = {}): {
  memory: WebAssembly.Memory;
  maximumBytes: number;
} {
  const { maximumBytes = 4 * GIB, shared = false } = options;
  if (!(maximumBytes >= PAGE && maximumBytes <= 4 * GIB)) {
    throw new SaccadeError(
      "argument",
      `maximumBytes is ${maximumBytes}; it must lie between ${PAGE} and ${4 * GIB}`,
    );
  }
  const wanted = Math.floor(maximumBytes / PAGE);
  const smaller = [4 * GIB, 2 * GIB, GIB].map((bytes) => bytes / PAGE).filter((pages) => pages < wanted);
  let refusal: unknown;
  for (const maximum of [wanted, ...smaller]) {
    try {
      const memory = new WebAssembly.Memory(
        shared ? { initial: 1, maximum, shared } : { initial: 1, maximum },
      );
      return { memory, maximumBytes: maximum * PAGE };
    } catch (error) {
      refusal = error;
    }
  }
  throw new SaccadeError(
    "unsupported",
    "this runtime gives no WebAssembly memory, not even with a maximum of 1 GiB",
    {
      cause: refusal,
    },
  );
}

/** What the heap needs of a WebAssembly.Memory. */
export interface GrowableMemory {
  readonly buffer: ArrayBufferLike;
  grow(pages: number): number;
}

export interface HeapOptions {
  /** Most bytes the memory may have; the heap does not try to grow beyond. Default 4 GiB. */
  readonly maximumBytes?: number;
  /** Overwrites freed blocks, so that what still reads them computes NaN. */
  readonly poison?: boolean;
  /** Where the first block may start; tests put it above 2 GiB. */
  readonly base?: number;
}

/**
 * A run of units, free or taken. Neighbours in memory are linked, and so are the free blocks of a size class.
 */
class Block {
  start: number;
  size: number;
  free = false;
  before: Block | null;
  after: Block | null = null;
  previousFree: Block | null = null;
  nextFree: Block | null = null;

  constructor(start: number, size: number, before: Block | null) {
    this.start = start;
    this.size = size;
    this.before = before;
  }
}

/**
 * Allocates 64-byte aligned blocks; address 0 is never one of them. Space is taken from the free lists first,
 * then from behind the last block (`head`), growing the memory when that end is reached. No two free blocks
 * are neighbours and the last block is never free: it goes back behind the head.
 */
export class Heap {
  readonly memory: GrowableMemory;
  readonly #limit: number;
  readonly #poison: boolean;
  readonly #taken = new Map<number, Block>();
  readonly #lists: (Block | null)[] = new Array(CLASSES).fill(null);
  /** One bit per size class: whether its list has a block. */
  readonly #filled = new Uint32Array(CLASSES / 32);
  #last: Block | null = null;
  #head: number;
  #liveUnits = 0;
  #peakUnits = 0;

  constructor(memory: GrowableMemory, options: HeapOptions = {}) {
    this.memory = memory;
    this.#limit = Math.floor((options.maximumBytes ?? 4 * GIB) / PAGE) * PAGE;
    this.#poison = options.poison ?? false;
    this.#head = Math.max(Math.ceil((options.base ?? 0) / UNIT), 1);
  }

  /** Bytes in taken blocks now (each rounded up to 64), and the most there were. */
  get liveBytes(): number {
    return this.#liveUnits * UNIT;
  }
  get peakBytes(): number {
    return this.#peakUnits * UNIT;
  }
  /** Size of the memory; it never shrinks. */
  get heapBytes(): number {
    return this.memory.buffer.byteLength;
  }
  /** Bytes from the start of memory to the end of the last block: live blocks plus the holes between them. */
  get spanBytes(): number {
    return this.#head * UNIT;
  }

  /** Address of a new block of at least `bytes` bytes, 64-byte aligned; its contents are undefined. */
  alloc(bytes: number): number {
    if (!(bytes >= 0 && bytes <= Number.MAX_SAFE_INTEGER)) {
      throw new SaccadeError("argument", `alloc: ${bytes} bytes is no size`);
    }
    if (bytes > this.#limit) throw new OutOfMemoryError(bytes, this.liveBytes, this.#limit);
    const units = Math.max(Math.ceil(bytes / UNIT), 1);
    const block = this.#fromLists(units) ?? this.#fromHead(units, bytes);
    this.#taken.set(block.start, block);
    this.#liveUnits += units;
    if (this.#liveUnits > this.#peakUnits) this.#peakUnits = this.#liveUnits;
    return block.start * UNIT;
  }

  /** Gives a block back. */
  free(ptr: number): void {
    let block = this.#find(ptr, "free");
    this.#taken.delete(block.start);
    this.#liveUnits -= block.size;
    if (this.#poison) this.#view(Uint32Array, ptr, block.size * (UNIT / 4)).fill(POISON);
    const { before, after } = block;
    if (before?.free) {
      this.#unlist(before);
      before.size += block.size;
      this.#setAfter(before, after);
      block = before;
    }
    if (after?.free) {
      this.#unlist(after);
      block.size += after.size;
      this.#setAfter(block, after.after);
    }
    if (block === this.#last) {
      this.#last = block.before;
      if (block.before !== null) block.before.after = null;
      this.#head = block.start;
    } else {
      this.#enlist(block);
    }
  }

  /** Bytes of the block at `ptr`, as `liveBytes` counts them. */
  sizeOf(ptr: number): number {
    return this.#find(ptr, "sizeOf").size * UNIT;
  }

  /** Views of memory. Make one, use it, drop it: growing the memory ends its life. */
  f32(ptr: number, length: number): Float32Array<ArrayBuffer> {
    return this.#view(Float32Array, ptr, length);
  }
  f64(ptr: number, length: number): Float64Array<ArrayBuffer> {
    return this.#view(Float64Array, ptr, length);
  }
  i32(ptr: number, length: number): Int32Array<ArrayBuffer> {
    return this.#view(Int32Array, ptr, length);
  }
  u8(ptr: number, length: number): Uint8Array<ArrayBuffer> {
    return this.#view(Uint8Array, ptr, length);
  }

  /** A shared buffer is typed as a plain one: who must tell them apart (TextDecoder, fetch) copies first. */
  #view<T>(type: new (buffer: ArrayBuffer, at: number, length: number) => T, ptr: number, length: number): T {
    return new type(this.memory.buffer as ArrayBuffer, ptr, length);
  }

  #find(ptr: number, caller: string): Block {
    const block = this.#taken.get(ptr / UNIT);
    if (block !== undefined) return block;
    throw new SaccadeError(
      "internal",
      `${caller}: no block in use starts at ${ptr} (freed twice, or never allocated)`,
    );
  }

  /** The tightest free block among the first ones of the smallest class that fits, cut to size. */
  #fromLists(units: number): Block | null {
    let found: Block | null = null;
    for (
      let c = this.#filledFrom(sizeClass(units));
      c < CLASSES && found === null;
      c = this.#filledFrom(c + 1)
    ) {
      let block = this.#lists[c];
      for (let looked = 0; block !== null && looked < SCAN; looked++) {
        if (block.size >= units && (found === null || block.size < found.size)) found = block;
        block = block.nextFree;
      }
    }
    if (found === null) return null;
    this.#unlist(found);
    if (found.size > units) {
      const rest = new Block(found.start + units, found.size - units, found);
      this.#setAfter(rest, found.after);
      this.#setAfter(found, rest);
      found.size = units;
      this.#enlist(rest);
    }
    return found;
  }

  #fromHead(units: number, bytes: number): Block {
    this.#reserve((this.#head + units) * UNIT, bytes);
    const block = new Block(this.#head, units, this.#last);
    if (this.#last !== null) this.#last.after = block;
    this.#last = block;
    this.#head += units;
    return block;
  }

  /**
   * Makes the memory reach to `end`: grows by a quarter, by what is needed if that is more or all there is.
   */
  #reserve(end: number, bytes: number): void {
    const size = this.memory.buffer.byteLength;
    if (end <= size) return;
    const need = Math.ceil((end - size) / PAGE);
    const room = (this.#limit - size) / PAGE;
    if (need > room) throw new OutOfMemoryError(bytes, this.liveBytes, this.#limit);
    const generous = Math.min(Math.max(need, Math.ceil(size / 4 / PAGE)), room);
    if (this.#grow(generous) || (generous > need && this.#grow(need))) return;
    throw new OutOfMemoryError(bytes, this.liveBytes, size);
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  }

  #setAfter(block: Block, after: Block | null): void {
    block.after = after;
    if (after === null) this.#last = block;
    else after.before = block;
  }

  #enlist(block: Block): void {
    const c = sizeClass(block.size);
    const first = this.#lists[c];
    block.free = true;
    block.previousFree = null;
    block.nextFree = first;
    if (first !== null) first.previousFree = block;
    this.#lists[c] = block;
    this.#filled[c >> 5] |= 1 << (c & 31);
  }

  #unlist(block: Block): void {
    const { previousFree, nextFree } = block;
    block.free = false;
    if (nextFree !== null) nextFree.previousFree = previousFree;
    if (previousFree !== null) {
      previousFree.nextFree = nextFree;
      return;
    }
    const c = sizeClass(block.size);
    this.#lists[c] = nextFree;
    if (nextFree === null) this.#filled[c >> 5] &= ~(1 << (c & 31));
  }

  /** The first size class >= `from` whose list has a block; CLASSES if there is none. */
  #filledFrom(from: number): number {
    let word = from >> 5;
    if (word >= this.#filled.length) return CLASSES;
    let bits = this.#filled[word] & (-1 << (from & 31));
    while (bits === 0) {
      if (++word === this.#filled.length) return CLASSES;
      bits = this.#filled[word];
    }
    return word * 32 + 31 - Math.clz32(bits & -bits);
  }
}

/** Class of blocks of `units` units: sizes below 32 exactly, then in sixteen steps per power of two. */
function sizeClass(units: number): number {
  if (units < 16) return units;
  const exponent = 31 - Math.clz32(units);
  return (exponent - 3) * 16 + ((units >> (exponent - 4)) & 15);
}
