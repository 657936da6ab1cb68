// The allocator on a memory that is only a number, so that it can be four gigabytes large, then on a real
// one.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createMemory, type GrowableMemory, Heap, OutOfMemoryError, SaccadeError } from "../src/index.ts";

const PAGE = 65536;
const GIB = 2 ** 30;

/** Grows up to `limit` bytes and counts how often it was asked to. */
class MockMemory implements GrowableMemory {
  buffer = { byteLength: PAGE } as ArrayBuffer;
  requests: number[] = [];
  limit: number;

  constructor(limit = 4 * GIB) {
    this.limit = limit;
  }

  grow(pages: number): number {
    const before = this.buffer.byteLength;
    this.requests.push(pages);
    if (before + pages * PAGE > this.limit)
      throw new RangeError("WebAssembly.Memory.grow(): Maximum memory size exceeded");
    this.buffer = { byteLength: before + pages * PAGE } as ArrayBuffer;
    return before / PAGE;
  }
}

function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function errorOf(run: () => void): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("Heap", () => {
  test("blocks are aligned, never overlap, and all space comes back", () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3e6 }));
    const command = fc.oneof(fc.record({ bytes: size }), fc.record({ free: fc.nat(1000) }));
    const commands = fc.array(command, { minLength: 1, maxLength: 300 });
    const property = fc.property(commands, fc.nat(8), (list, base) => {
      const memory = new MockMemory();
      const heap = new Heap(memory, { base: base * 100 });
      const live = new Map<number, number>();
      for (const step of list) {
        if ("bytes" in step) {
          const ptr = heap.alloc(step.bytes);
          expect(ptr > 0 && ptr >= base * 100 && ptr % 64 === 0).toBe(true);
          expect(heap.sizeOf(ptr)).toBe(Math.max(Math.ceil(step.bytes / 64) * 64, 64));
          for (const [other, length] of live)
            expect(ptr + heap.sizeOf(ptr) <= other || other + length <= ptr).toBe(true);
          live.set(ptr, heap.sizeOf(ptr));
          expect(ptr + heap.sizeOf(ptr)).toBeLessThanOrEqual(memory.buffer.byteLength);
        } else if (live.size > 0) {
          const ptr = [...live.keys()][step.free % live.size];
          heap.free(ptr);
          live.delete(ptr);
        }
        expect(heap.liveBytes).toBe([...live.values()].reduce((sum, bytes) => sum + bytes, 0));
        expect(heap.liveBytes).toBeLessThanOrEqual(Math.min(heap.peakBytes, heap.spanBytes));
      }
      for (const ptr of live.keys()) heap.free(ptr);
      expect([heap.liveBytes, heap.spanBytes]).toEqual([0, Math.max(Math.ceil((base * 100) / 64), 1) * 64]);
    });
    fc.assert(property, { numRuns: 200, seed: 20261123 });
  });

  test("a freed block is taken again, and holes merge", () => {
    const heap = new Heap(new MockMemory());
    const [a, b, c, d] = [1000, 2000, 3000, 64].map((bytes) => heap.alloc(bytes));
    heap.free(b);
    expect(heap.alloc(2000)).toBe(b);
    heap.free(a);
    heap.free(c);
    heap.free(b);
    expect(heap.alloc(1024 + 2048 + 3008)).toBe(a);
    expect(heap.spanBytes).toBe(d + 64);
  });

  test("the tightest hole is chosen", () => {
    const heap = new Heap(new MockMemory());
    const holes = [65, 66, 68, 70].map((units) => {
      const ptr = heap.alloc(units * 64);
      heap.alloc(64);
      return ptr;
    });
    for (const ptr of holes) heap.free(ptr);
    expect(heap.alloc(65 * 64)).toBe(holes[0]);
    expect(heap.alloc(67 * 64)).toBe(holes[2]);
  });

  test("grows by a quarter or by what is needed, and not for what fits", () => {
    const memory = new MockMemory();
    const heap = new Heap(memory);
    heap.alloc(100 * PAGE);
    heap.alloc(PAGE);
    heap.alloc(20 * PAGE);
    expect(memory.requests).toEqual([100, 26]);
    expect(heap.heapBytes).toBe(127 * PAGE);
  });

  test("addresses above 2 GiB stay positive", () => {
    const heap = new Heap(new MockMemory(), { base: 2.2e9 });
    const ptr = heap.alloc(1e9);
    expect(ptr).toBeGreaterThanOrEqual(2.2e9);
    expect(heap.alloc(5e8)).toBeGreaterThanOrEqual(3.2e9);
    heap.free(ptr);
    expect(heap.alloc(9e8)).toBe(ptr);
  });

  test("the last byte below 4 GiB can be had", () => {
    const heap = new Heap(new MockMemory());
    heap.alloc(2 * GIB);
    heap.alloc(2 * GIB - 64);
    expect([heap.spanBytes, heap.heapBytes]).toEqual([4 * GIB, 4 * GIB]);
    expect(() => heap.alloc(1)).toThrow(OutOfMemoryError);
  });

  test("out of memory says how much, changes nothing and leaves the heap usable", () => {
    const memory = new MockMemory(100 * PAGE);
    const heap = new Heap(memory, { maximumBytes: 4 * GIB });
    const a = heap.alloc(60 * PAGE);
    const before = [heap.liveBytes, heap.peakBytes, heap.spanBytes, heap.heapBytes];
    const error = errorOf(() => heap.alloc(60 * PAGE)) as OutOfMemoryError;
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect([error.code, error.wanted, error.live]).toEqual(["outOfMemory", 60 * PAGE, 60 * PAGE]);
    expect(error.message).toContain("3.75 MiB wanted, 3.75 MiB live, limit ");
    expect([heap.liveBytes, heap.peakBytes, heap.spanBytes, heap.heapBytes]).toEqual(before);
    // A quarter more would not fit, the need itself does.
    heap.alloc(30 * PAGE);
    heap.alloc(9 * PAGE);
    heap.free(a);
    heap.alloc(59 * PAGE);
    for (const bytes of [5 * GIB, 1e15]) expect(() => heap.alloc(bytes)).toThrow(OutOfMemoryError);
    expect(new Heap(memory, { maximumBytes: 2 * PAGE }).heapBytes).toBe(memory.buffer.byteLength);
  });

  test("respects maximumBytes although the memory would grow further", () => {
    const memory = new MockMemory();
    const heap = new Heap(memory, { maximumBytes: 10 * PAGE });
    heap.alloc(9 * PAGE);
    const error = errorOf(() => heap.alloc(PAGE)) as OutOfMemoryError;
    expect(error.limit).toBe(10 * PAGE);
    expect(memory.buffer.byteLength).toBe(10 * PAGE);
  });

  test("names double frees, foreign pointers and sizes that are none", () => {
    const heap = new Heap(new MockMemory());
    const [a, b] = [heap.alloc(100), heap.alloc(100)];
    heap.free(a);
    for (const ptr of [a, 0, b + 4, b + 64, -64, Number.NaN]) {
      const error = errorOf(() => heap.free(ptr)) as SaccadeError;
      expect(error).toBeInstanceOf(SaccadeError);
      expect([error.code, error.message]).toEqual(["internal", expect.stringContaining(`starts at ${ptr} `)]);
    }
    for (const bytes of [-1, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => heap.alloc(bytes)).toThrow("is no size");
    heap.free(b);
    expect(heap.liveBytes).toBe(0);
  });
});

describe("2,000 training steps", () => {
  /**
   * Parameters and state live on; each step allocates activations, gradients and scratch and frees them mixed
   * up.
   */
  function train(
    heap: Heap,
    sizesOf: (step: number) => readonly number[],
  ): { heap: number[]; span: number[] } {
    const history = { heap: [] as number[], span: [] as number[] };
    const random = makeRandom(1);
    const weights = Array.from({ length: 50 }, () => heap.alloc(4 * Math.ceil(random() * 65536)));
    for (let step = 0; step < 2000; step++) {
      if (step === 0) for (const ptr of weights) heap.alloc(heap.sizeOf(ptr) * 2);
      const order = makeRandom(2);
      const live: number[] = [];
      for (const bytes of sizesOf(step)) {
        live.push(heap.alloc(bytes));
        if (order() < 0.4) heap.free(live.splice(Math.floor(order() * live.length), 1)[0]);
      }
      while (live.length > 0) heap.free(live.splice(Math.floor(order() * live.length), 1)[0]);
      history.heap.push(heap.heapBytes);
      history.span.push(heap.spanBytes);
    }
    return history;
  }

  test("of one shape leave the heap as it was after the second", () => {
    const random = makeRandom(3);
    const sizes = Array.from({ length: 200 }, () => 4 * Math.ceil(2 ** (4 + 14 * random())));
    const heap = new Heap(new MockMemory());
    const history = train(heap, () => sizes);
    expect(new Set(history.heap.slice(1)).size).toBe(1);
    expect(new Set(history.span.slice(1)).size).toBe(1);
    expect(heap.heapBytes).toBeLessThan(1.5 * heap.peakBytes);
  });

  test("of changing sequence lengths stay below 1.5 times the peak", () => {
    const random = makeRandom(4);
    const sizes = Array.from({ length: 200 }, () => 2 ** (3 + 10 * random()));
    const heap = new Heap(new MockMemory());
    const history = train(heap, (step) => sizes.map((bytes) => bytes * (1 + ((step * 37) % 64))));
    expect(new Set(history.heap.slice(200)).size).toBe(1);
    expect(heap.heapBytes).toBeLessThan(1.5 * heap.peakBytes);
  });
});

describe("createMemory", () => {
  test("gives what was asked for, and the heap works on it", () => {
    const { memory, maximumBytes } = createMemory({ maximumBytes: 10 * PAGE + 5 });
    expect(maximumBytes).toBe(10 * PAGE);
    const heap = new Heap(memory, { maximumBytes, poison: true });
    const ptr = heap.alloc(24);
    const view = heap.f32(ptr, 6);
    view.set([1, 2, 3, 4, 5, 6]);
    const grown = heap.alloc(5 * PAGE);
    expect(view.length).toBe(0); // detached by the growth
    expect([...heap.f32(ptr, 6)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...heap.i32(ptr, 1), ...heap.u8(ptr, 4)]).toEqual([0x3f800000, 0, 0, 0x80, 0x3f]);
    expect(heap.f64(ptr, 1)[0]).not.toBe(0);
    heap.free(ptr);
    expect(heap.f32(ptr, 16).every(Number.isNaN)).toBe(true);
    expect(() => heap.alloc(6 * PAGE)).toThrow(OutOfMemoryError);
    heap.free(grown);
    heap.alloc(6 * PAGE);
  });

  test("shared", () => {
    const { memory } = createMemory({ shared: true, maximumBytes: 4 * PAGE });
    expect(memory.buffer).toBeInstanceOf(SharedArrayBuffer);
    const heap = new Heap(memory, { maximumBytes: 4 * PAGE });
    heap.alloc(2 * PAGE);
    heap.f32(heap.alloc(8), 2).fill(1);
  });

  test("falls back to 2, then 1 GiB, and reports a runtime that gives none", () => {
    const real = WebAssembly.Memory;
    const asked: (number | undefined)[] = [];
    let allowed = 0;
    WebAssembly.Memory = new Proxy(real, {
      construct(target, [descriptor]: [WebAssembly.MemoryDescriptor]) {
        asked.push(descriptor.maximum);
        if ((descriptor.maximum ?? 0) > allowed) throw new RangeError("could not allocate memory");
        return new target(descriptor);
      },
    });
    try {
      expect(() => createMemory()).toThrow("gives no WebAssembly memory");
      expect(asked).toEqual([65536, 32768, 16384]);
      allowed = 16384;
      expect(createMemory().maximumBytes).toBe(GIB);
      allowed = 40000;
      expect(createMemory().maximumBytes).toBe(2 * GIB);
      expect(createMemory({ maximumBytes: 3 * PAGE }).maximumBytes).toBe(3 * PAGE);
    } finally {
      WebAssembly.Memory = real;
    }
    for (const bytes of [0, 100, 5 * GIB, Number.NaN]) {
      expect(() => createMemory({ maximumBytes: bytes })).toThrow("must lie between");
    }
  });
});
