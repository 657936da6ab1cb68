// The harness itself: it must catch a write past an end, a read past an end of memory and a result that
// depends on where the work was cut. The "kernels" here are plain loops with exactly those faults.
import { describe, expect, test } from "vitest";
import { Arena } from "./harness.ts";

function makeArena(base = 65536): { arena: Arena; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
  return { arena: new Arena(memory, base), memory };
}

describe("Arena", () => {
  test("places data on 64-byte boundaries, or one element off", () => {
    const { arena } = makeArena();
    const x = arena.f32([1, 2, 3]);
    const y = arena.i32([4, -5], { misaligned: true });
    expect([x % 64, y % 64]).toEqual([0, 4]);
    expect([...arena.read(x), ...arena.read(y)]).toEqual([1, 2, 3, 4, -5]);
    expect([...arena.read(arena.f32(2))]).toEqual([Number.NaN, Number.NaN]);
    expect([...arena.read(arena.u8(2))]).toEqual([0xcd, 0xcd]);
  });

  test("finds a write before and behind an allocation", () => {
    const { arena, memory } = makeArena();
    const x = arena.f32(5);
    arena.checkSentinels();
    const words = new Float32Array(memory.buffer);
    words[x / 4 + 5] = 1;
    expect(() => arena.checkSentinels()).toThrow("0 bytes behind the end of the allocation of 20 bytes");
    words[x / 4 + 5] = Number.NaN;
    arena.reset();
    const y = arena.u8(3);
    new Uint8Array(memory.buffer)[y - 1] = 1;
    expect(() => arena.checkSentinels()).toThrow("1 bytes before");
  });

  test("guard zones read as NaN", () => {
    const { arena, memory } = makeArena();
    const x = arena.f32([1], { misaligned: true });
    const words = new Float32Array(memory.buffer);
    expect([words[x / 4 - 1], words[x / 4 + 1]]).toEqual([Number.NaN, Number.NaN]);
  });

  test("an input can end with the last byte of memory", () => {
    const { arena, memory } = makeArena();
    const x = arena.f32([7]);
    const y = arena.atEndOfMemory(Float32Array.of(1, 2, 3));
    expect(y + 12).toBe(memory.buffer.byteLength);
    expect([...arena.read(y), ...arena.read(x)]).toEqual([1, 2, 3, 7]);
    expect(() => arena.f32(1e6)).toThrow("before atEndOfMemory");
    arena.checkSentinels();
    arena.reset();
    arena.f32(1e6);
  });

  test("writes layouts as kernels read them", () => {
    const { arena } = makeArena();
    const layout = arena.layout([2, 3], 5, [15, 5, 1], [0, -5, 0]);
    expect([...arena.view(layout)]).toEqual([2, 5, 2, 3, 15, 5, 1, 0, -5, 0]);
    expect(() => arena.layout([2], 5, [1])).toThrow("needs 2 strides");
  });
});

describe("everySplit", () => {
  const kernels = {
    right: (out: Float32Array, begin: number, end: number) => {
      for (let i = begin; i < end; i++) out[i] += i * 0.1;
    },
    /** Adds a rounding of its own in what it takes for a tail. */
    tail: (out: Float32Array, begin: number, end: number) => {
      for (let i = begin; i < end; i++)
        out[i] += i < end - ((end - begin) % 4) ? i * 0.1 : Math.fround(i * 0.1) + 1e-7;
    },
    /** Carries a sum over its range, so a cut restarts it. */
    running: (out: Float32Array, begin: number, end: number) => {
      for (let i = begin, sum = 0; i < end; i++) out[i] = sum += i;
    },
  };

  for (const units of [1, 2, 17, 64, 65, 1000]) {
    test(`passes a kernel without seams, ${units} units`, () => {
      const { arena } = makeArena();
      const out = arena.f32(new Float32Array(units).fill(1));
      arena.everySplit(
        units,
        (begin, end) => kernels.right(arena.view(out) as Float32Array, begin, end),
        out,
      );
      expect(arena.read(out)[units - 1]).toBe(Math.fround(1 + (units - 1) * 0.1));
    });
  }

  for (const name of ["tail", "running"] as const) {
    for (const units of [17, 1000]) {
      test(`catches ${name}, ${units} units`, () => {
        const { arena } = makeArena();
        const out = arena.f32(new Float32Array(units).fill(1));
        const run = (begin: number, end: number) =>
          kernels[name](arena.view(out) as Float32Array, begin, end);
        expect(() => arena.everySplit(units, run, out)).toThrow(`when [0, ${units}) is cut at`);
      });
    }
  }

  test("catches a write behind the end by whole runs, which cuts do not repeat", () => {
    const { arena, memory } = makeArena();
    const out = arena.f32(new Float32Array(7));
    const run = (begin: number, end: number) => {
      if (end - begin === 7) new Float32Array(memory.buffer)[out / 4 + 7] = 1;
    };
    expect(() => arena.everySplit(7, run, out)).toThrow("0 bytes behind the end");
  });
});
