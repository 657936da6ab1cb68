// The bench every kernel test stands on: both builds of the module, each over a memory of its own in which
// all allocations lie between guard zones. The guards read as NaN, so reading past an end spoils a result and
// writing past one is found after every test. `everySplit` is the check that work may be cut anywhere
// (DESIGN: parallel by range).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, test } from "vitest";
import type {
  F32Ptr,
  F64Ptr,
  I32Ptr,
  Kernels,
  LayoutPtr,
  Pointer,
  U8Ptr,
  WorkPtr,
} from "../src/generated/bindings.ts";
import { type Variant, variantSupported } from "../src/variant.ts";

type Element = Float32Array | Float64Array | Int32Array | Uint8Array;
type Numbers = ArrayLike<number>;
export interface Placement {
  /** One element off the 64-byte boundary. */
  readonly misaligned?: boolean;
}

const GUARD = 64;
const PAGE = 65536;
/** Guard bytes by address: as f32 words they are NaN, as bytes no bool, as i32 no index. */
const guardByte = (address: number): number => ((address & 3) === 3 ? 0x7f : 0xcd);

/** Where the built modules are; SACCADE_KERNELS names another directory (tools/build.mjs --out). */
const directory = process.env.SACCADE_KERNELS ?? fileURLToPath(new URL("../build", import.meta.url));
/** SACCADE_HEAP_BASE=2400000000 runs any test with every pointer above 2 GiB. */
const defaultBase = Number(process.env.SACCADE_HEAP_BASE ?? PAGE);

/** Instantiates one build over a new memory whose allocations start at `base`. */
export function openBuild(variant: Variant, base: number = defaultBase): { kernels: Kernels; arena: Arena } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  const module = new WebAssembly.Module(readFileSync(join(directory, `kernels-${variant}.wasm`)));
  const instance = new WebAssembly.Instance(module, { env: { memory } });
  return { kernels: instance.exports as unknown as Kernels, arena: new Arena(memory, base) };
}

/** Declares the tests of `body` once per build. The arena is checked and emptied after each of them. */
export function forEachBuild(body: (name: Variant, kernels: Kernels, arena: Arena) => void): void {
  for (const variant of ["simd", "relaxed"] as const) {
    describe(`${variant} build`, () => {
      if (!variantSupported(variant)) {
        test("runs", (context) => context.skip("this runtime has no relaxed SIMD"));
        return;
      }
      const { kernels, arena } = openBuild(variant);
      afterEach(() => {
        try {
          arena.checkSentinels();
        } finally {
          arena.reset();
        }
      });
      body(variant, kernels, arena);
    });
  }
}

interface Block {
  readonly start: number;
  readonly end: number;
  readonly data: number;
  readonly bytes: number;
  readonly make: (buffer: ArrayBufferLike, at: number) => Element;
}

/** A bump allocator with guard zones. Contents given as a length are NaN (floats), 0xCD bytes (others). */
export class Arena {
  readonly memory: WebAssembly.Memory;
  readonly #base: number;
  #top: number;
  #atEnd = 0;
  #blocks = new Map<number, Block>();

  constructor(memory: WebAssembly.Memory, base: number) {
    this.memory = memory;
    this.#base = Math.ceil(base / GUARD) * GUARD;
    this.#top = this.#base;
  }

  f32(data: number | Numbers, place?: Placement): F32Ptr {
    return this.#place(contents(data, Float32Array), place) as F32Ptr;
  }
  f64(data: number | Numbers, place?: Placement): F64Ptr {
    return this.#place(contents(data, Float64Array), place) as F64Ptr;
  }
  i32(data: number | Numbers, place?: Placement): I32Ptr {
    return this.#place(contents(data, Int32Array), place) as I32Ptr;
  }
  u8(data: number | Numbers, place?: Placement): U8Ptr {
    return this.#place(contents(data, Uint8Array), place) as U8Ptr;
  }
  /** Scratch of `bytes` bytes, full of rubbish. */
  work(bytes: number): WorkPtr {
    return this.#place(contents(bytes, Uint8Array), undefined) as number as WorkPtr;
  }

  /**
   * A layout descriptor: leading sizes, last size, then per operand (output first) its lead.length + 1
   * strides.
   */
  layout(lead: readonly number[], last: number, ...strides: readonly (readonly number[])[]): LayoutPtr {
    for (const operand of strides) {
      if (operand.length !== lead.length + 1)
        throw new Error(`layout: ${operand} needs ${lead.length + 1} strides`);
    }
    return this.#place(
      Int32Array.of(lead.length, last, ...lead, ...strides.flat()),
      undefined,
    ) as number as LayoutPtr;
  }

  /**
   * Places an input so that its last byte is the last byte of memory: reading one further traps. Once per
   * test.
   */
  atEndOfMemory(data: Float32Array): F32Ptr;
  atEndOfMemory(data: Float64Array): F64Ptr;
  atEndOfMemory(data: Int32Array): I32Ptr;
  atEndOfMemory(data: Uint8Array): U8Ptr;
  atEndOfMemory(data: Element): number {
    if (this.#atEnd !== 0) throw new Error("atEndOfMemory: something lies there already; memory has one end");
    this.#reserve(this.#top + data.byteLength + 2 * GUARD);
    const end = this.memory.buffer.byteLength;
    this.#atEnd = end - data.byteLength;
    this.#fill(this.#atEnd - GUARD, this.#atEnd);
    return this.#write({ start: this.#atEnd - GUARD, end, data: this.#atEnd }, data);
  }

  /** A copy of what was allocated at `ptr`. */
  read(ptr: F32Ptr): Float32Array;
  read(ptr: F64Ptr): Float64Array;
  read(ptr: I32Ptr): Int32Array;
  read(ptr: U8Ptr): Uint8Array;
  read(ptr: number): Element {
    return this.view(ptr).slice();
  }

  /** The allocation itself; good until the arena grows. */
  view(ptr: number): Element {
    const block = this.#blocks.get(ptr);
    if (block === undefined) throw new Error(`nothing was allocated at ${ptr}`);
    return block.make(this.memory.buffer, ptr);
  }

  /** Throws when anything outside the allocations was written. */
  checkSentinels(): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const { start, end, data, bytes: length } of this.#blocks.values()) {
      for (let at = start; at < end; at++) {
        if (at === data) at += length;
        if (at < end && bytes[at] !== guardByte(at)) {
          const where =
            at < data ? `${data - at} bytes before` : `${at - data - length} bytes behind the end of`;
          throw new Error(`a kernel wrote ${where} the allocation of ${length} bytes at ${data}`);
        }
      }
    }
  }

  /** Forgets all allocations. */
  reset(): void {
    this.#blocks.clear();
    this.#top = this.#base;
    this.#atEnd = 0;
  }

  /**
   * Runs [0, units) whole, then cut at every k (a sample of them when there are many), halves in either
   * order, then one unit at a time, each from the same memory contents, and compares the bits of `outputs`.
   */
  everySplit(units: number, run: (begin: number, end: number) => void, ...outputs: Pointer[]): void {
    const before = this.#save();
    run(0, units);
    this.checkSentinels(); // before they are restored
    const whole = outputs.map((ptr) => this.view(ptr).slice());
    const attempt = (cuts: readonly number[], reversed: boolean) => {
      this.#restore(before);
      const bounds = [0, ...cuts, units];
      const pieces = bounds.slice(1).map((end, i) => [bounds[i], end] as const);
      for (const [begin, end] of reversed ? pieces.reverse() : pieces) run(begin, end);
      this.checkSentinels();
      outputs.forEach((ptr, i) => {
        const at = firstDifference(this.view(ptr), whole[i]);
        if (at < 0) return;
        const values = `${this.view(ptr)[at]} instead of ${whole[i][at]}`;
        throw new Error(`output ${i}, element ${at}: ${values} when [0, ${units}) is cut at ${cuts}`);
      });
    };
    sampleCuts(units).forEach((k, i) => {
      attempt([k], i % 2 === 1);
    });
    if (units <= 256) {
      attempt(
        Array.from({ length: Math.max(units - 1, 0) }, (_, i) => i + 1),
        true,
      );
    }
  }

  #place(data: Element, place: Placement | undefined): number {
    const shift = place?.misaligned ? data.BYTES_PER_ELEMENT : 0;
    const start = this.#top;
    const at = start + GUARD + shift;
    const end = Math.ceil((at + data.byteLength + GUARD) / GUARD) * GUARD;
    this.#reserve(end);
    this.#top = end;
    this.#fill(start, end);
    return this.#write({ start, end, data: at }, data);
  }

  #write(range: { start: number; end: number; data: number }, data: Element): number {
    const type = data.constructor as new (buffer: ArrayBufferLike, at: number, length: number) => Element;
    const length = data.length;
    const make = (buffer: ArrayBufferLike, at: number) => new type(buffer, at, length);
    this.#blocks.set(range.data, { ...range, bytes: data.byteLength, make });
    const source = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    new Uint8Array(this.memory.buffer).set(source, range.data);
    return range.data;
  }

  #reserve(end: number): void {
    const limit = this.#atEnd === 0 ? this.memory.buffer.byteLength : this.#atEnd - GUARD;
    if (end <= limit) return;
    if (this.#atEnd !== 0)
      throw new Error("make every other allocation before atEndOfMemory: this one must grow memory");
    this.memory.grow(Math.ceil((end - limit) / PAGE) + 16);
  }

  #fill(start: number, end: number): void {
    const bytes = new Uint8Array(this.memory.buffer, start, end - start);
    for (let i = 0; i < bytes.length; i++) bytes[i] = guardByte(start + i);
  }

  #save(): Uint8Array[] {
    return [...this.#blocks.values()].map(({ start, end }) =>
      new Uint8Array(this.memory.buffer).slice(start, end),
    );
  }

  #restore(saved: Uint8Array[]): void {
    const bytes = new Uint8Array(this.memory.buffer);
    [...this.#blocks.values()].forEach(({ start }, i) => {
      bytes.set(saved[i], start);
    });
  }
}

function contents<T extends Element>(
  data: number | Numbers,
  type: { new (length: number): T; from(data: Numbers): T },
): T {
  if (typeof data !== "number") return data instanceof type ? data : type.from(data);
  const made = new type(data);
  if (made instanceof Float32Array || made instanceof Float64Array) made.fill(Number.NaN);
  else made.fill(0xcdcdcdcd);
  return made;
}

/** Index of the first element whose bits differ, -1 if none does. */
export function firstDifference(a: Element, b: Element): number {
  const x = new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  const y = new Uint8Array(b.buffer, b.byteOffset, b.byteLength);
  const at = x.findIndex((byte, i) => byte !== y[i]);
  if (at < 0) return x.length === y.length ? -1 : b.length;
  return Math.floor(at / a.BYTES_PER_ELEMENT);
}

/** Every cut of a short range; of a long one both ends, the middle and a spread of odd places between. */
function sampleCuts(units: number): number[] {
  if (units <= 64) return Array.from({ length: Math.max(units - 1, 0) }, (_, i) => i + 1);
  const middle = units >> 1;
  const cuts = new Set<number>();
  for (let i = 1; i <= 9; i++) cuts.add(i).add(units - i);
  for (let i = -4; i <= 4; i++) cuts.add(middle + i);
  for (let i = 1; i <= 16; i++) cuts.add(1 + Math.floor(((i * 0.6180339887) % 1) * (units - 1)));
  return [...cuts].filter((k) => k > 0 && k < units).sort((a, b) => a - b);
}
