// The worker pool by itself: what it computes, every way its workers can fail to start, and what happens when one is
// lost in the middle of a kernel.
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import source from "../src/generated/worker-source.ts";
import {
  createMemory,
  type F32Ptr,
  Heap,
  instantiateKernels,
  type WorkerLike,
  WorkerLostError,
  WorkerPool,
  whyNotShared,
} from "../src/index.ts";
import {
  BLOCK_BYTES,
  claim,
  close,
  fail,
  failure,
  jobOf,
  join,
  leave,
  publish,
} from "../src/threads/block.ts";
import { spawnWorker } from "../src/threads/spawn.ts";

const pools: WorkerPool[] = [];
afterEach(() => {
  for (const pool of pools.splice(0)) pool.terminate();
});

async function open(threads: number, createWorker?: () => WorkerLike) {
  const { memory } = createMemory({ maximumBytes: 1 << 24, shared: true });
  const { module, kernels } = await instantiateKernels({ variant: "simd", memory });
  const pool = await WorkerPool.start({ threads, module, memory, kernels, createWorker });
  pools.push(pool);
  return { pool, kernels, heap: new Heap(memory) };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** Copies n numbers by the pool: the place of the first wrong one, −1 if none is. */
function copyWith({ pool, heap }: Opened, n: number): number {
  const [x, y] = [heap.alloc(4 * n), heap.alloc(4 * n)] as F32Ptr[];
  const layout = heap.alloc(64);
  heap.i32(layout, 4).set([0, n, 1, 1]);
  heap.f32(x, n).forEach((_, i, all) => {
    all[i] = i;
  });
  pool.run("copy_b4", [y, x, layout], n);
  const wrong = heap.f32(y, n).findIndex((value, i) => value !== i);
  for (const ptr of [x, y, layout]) heap.free(ptr);
  return wrong;
}

describe("pieces of a job", () => {
  test("cover every unit once, whoever takes them, and begin on multiples of the least", () => {
    const numbers = fc.record({
      begin: fc.integer({ min: 0, max: 500 }),
      units: fc.integer({ min: 1, max: 5000 }),
      least: fc.integer({ min: 1, max: 100 }),
      threads: fc.integer({ min: 1, max: 9 }),
      order: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 20 }),
    });
    fc.assert(
      fc.property(numbers, ({ begin, units, least, threads, order }) => {
        const block = newBlock();
        const job = { kernel: 0, args: [], workAt: -1, workStride: 0 };
        const end = begin + units;
        publish(block, { ...job, begin, end, least, threads });
        const taken = new Uint8Array(end);
        const piece = { begin: 0, end: 0 };
        for (let i = 0; claim(block, order[i % order.length] % threads, piece); i++) {
          expect((piece.begin - begin) % least).toBe(0);
          expect(piece.end).toBeLessThanOrEqual(end);
          expect(piece.end - piece.begin >= least || piece.end === end).toBe(true);
          for (let unit = piece.begin; unit < piece.end; unit++) taken[unit]++;
        }
        expect(taken.every((times, unit) => times === Number(unit >= begin))).toBe(true);
      }),
    );
  });

  test("arguments arrive exactly, with each thread's own scratch", () => {
    const block = newBlock();
    const args = [4294967232, -0, 1 / 3, -2147483648, Number.NaN, 2 ** 31, 1e-310];
    publish(block, { kernel: 7, args, workAt: 5, workStride: 3e9, begin: 0, end: 1, least: 1, threads: 2 });
    expect(jobOf(block, 0)).toEqual({ kernel: 7, args });
    expect(jobOf(block, 2).args[5]).toBe(2 ** 31 + 6e9);
  });

  test("a job is joined while it is open and left before the next", () => {
    const block = newBlock();
    const job = { kernel: 0, args: [], workAt: -1, workStride: 0, begin: 0, end: 1, least: 1, threads: 2 };
    expect(join(block)).toBe(false);
    publish(block, job);
    expect([join(block), join(block)]).toEqual([true, true]);
    expect(close(block)).toBe(false);
    expect(join(block)).toBe(false);
    leave(block);
    expect(close(block)).toBe(false);
    leave(block);
    expect([close(block), failure(block)]).toEqual([true, null]);
    fail(block, "first");
    expect([failure(block), failure(block)]).toEqual(["first", null]);
  });
});

describe("a pool", () => {
  test("starts, shares work with its workers, and ends", async () => {
    const opened = await open(3);
    const { pool } = opened;
    expect([pool.threads, pool.size]).toEqual([3, 3]);
    expect(pool.reason).toMatch(/^(one for each processor|3 were asked for.*)$/);
    pool.always = true;
    for (let n = 1; n < 400; n += 7) expect(copyWith(opened, n)).toBe(-1);
    expect(pool.jobs).toBeGreaterThan(0);
    for (let i = 0; i < 200 && pool.beats === 0; i++) expect(copyWith(opened, 1000)).toBe(-1);
    expect(pool.beats).toBeGreaterThan(0);
    pool.terminate();
    expect([pool.threads, pool.reason]).toEqual([1, "the engine was terminated"]);
    expect(copyWith(opened, 1000)).toBe(-1);
  });

  test("keeps small work to itself and shares large work", async () => {
    const opened = await open(2);
    const { pool } = opened;
    for (let i = 0; i < 50; i++) copyWith(opened, 100);
    const before = pool.jobs;
    for (let i = 0; i < 2000; i++) copyWith(opened, 100);
    expect(pool.jobs - before).toBeLessThan(100); // a pause of this thread makes one look long
    for (let i = 0; i < 20; i++) expect(copyWith(opened, 1 << 20)).toBe(-1);
    expect(pool.jobs - before).toBeGreaterThan(15);
  });

  test("says what a kernel died of in a worker, and goes on", async () => {
    const opened = await open(2, () => worker(`copy_b4: () => { throw new Error("no such page") }`));
    const { pool } = opened;
    pool.always = true;
    expect(() => repeat(() => copyWith(opened, 100))).toThrow(
      "copy_b4 failed in a worker thread: Error: no such page",
    );
    expect(pool.threads).toBe(2);
  });

  test("a kernel that dies in the caller leaves no job behind", async () => {
    const opened = await open(2);
    opened.pool.always = true;
    for (let i = 0; i < 20; i++) {
      expect(() => opened.pool.run("copy_b4", [2 ** 31, 64, 0], 100)).toThrow(WebAssembly.RuntimeError);
    }
    expect(() => repeat(() => copyWith(opened, 100), 1)).not.toThrow();
  });
});

describe("a worker lost in a kernel", () => {
  for (const [how, body] of [
    ["that ends", "process.exit()"],
    ["that hangs", "for (;;);"],
  ]) {
    test(`${how} is a WorkerLostError within six seconds, and new ones take over`, async () => {
      let made = 0;
      const opened = await open(2, () =>
        made++ === 0 ? worker(`copy_b4: () => { ${body} }`) : spawnWorker(),
      );
      const { pool } = opened;
      pool.always = true;
      const start = performance.now();
      const error = thrownBy(() => repeat(() => copyWith(opened, 100)));
      expect(performance.now() - start).toBeLessThan(6500);
      expect(error).toBeInstanceOf(WorkerLostError);
      expect(error).toMatchObject({
        code: "workerLost",
        message: expect.stringMatching(/for 5 s in copy_b4; its result is lost/),
      });
      expect(pool.threads).toBe(1);
      expect(copyWith(opened, 1000)).toBe(-1);
      await vi.waitUntil(() => pool.threads === 2, { timeout: 10_000 });
      const before = pool.beats;
      for (let i = 0; i < 200 && pool.beats === before; i++) expect(copyWith(opened, 1000)).toBe(-1);
      expect(pool.beats).toBeGreaterThan(before);
      expect(made).toBe(2);
    });
  }

  test("between jobs is noticed by its end", async () => {
    const workers: WorkerLike[] = [];
    const opened = await open(2, () => {
      workers.push(spawnWorker());
      return workers[workers.length - 1];
    });
    await workers[0].terminate();
    await vi.waitUntil(() => opened.pool.threads === 1, { timeout: 10_000 });
    expect(opened.pool.reason).toBe("a worker ended");
    expect(copyWith(opened, 1000)).toBe(-1);
    await vi.waitUntil(() => opened.pool.threads === 2, { timeout: 10_000 });
    expect(workers).toHaveLength(2);
  });

  test("again and again is given up", async () => {
    const workers: WorkerLike[] = [];
    const opened = await open(2, () => {
      workers.push(spawnWorker());
      return workers[workers.length - 1];
    });
    for (let i = 0; i < 5; i++) {
      await vi.waitUntil(() => opened.pool.threads === 2 || workers.length === 4, { timeout: 10_000 });
      await workers[workers.length - 1].terminate();
      await vi.waitUntil(() => opened.pool.threads === 1, { timeout: 10_000 });
      expect(copyWith(opened, 10)).toBe(-1);
    }
    expect(workers).toHaveLength(4);
    expect(opened.pool.reason).toContain("a worker ended");
  });
});

describe("workers that do not start", () => {
  const silent: WorkerLike = { postMessage: () => {}, terminate: () => {}, on: () => {} };
  const saying = (event: string, value: unknown): WorkerLike => ({
    ...silent,
    on: (name, listener) => name === event && queueMicrotask(() => listener(value)),
  });
  const refusals: [string, () => WorkerLike, RegExp][] = [
    [
      "thrown by the policy",
      () => {
        throw new Error("SecurityError");
      },
      /refused \(Error: SecurityError\).*createWorker/,
    ],
    [
      "an error without words",
      () => saying("error", {}),
      /refused.*add worker-src blob: or pass createWorker/,
    ],
    ["an error with words", () => saying("error", new Error("404")), /failed: 404/],
    ["an end", () => saying("exit", 1), /ended while it started/],
    ["kernels refused", () => saying("message", "CompileError"), /failed: CompileError/],
  ];
  for (const [how, createWorker, reason] of refusals) {
    test(how, async () => {
      const opened = await open(2, createWorker);
      expect([opened.pool.threads, opened.pool.reason]).toEqual([1, expect.stringMatching(reason)]);
      expect(copyWith(opened, 1000)).toBe(-1);
    });
  }

  test("silence", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let opened: Opened | undefined;
      void open(2, () => silent).then((made) => {
        opened = made;
      });
      while (opened === undefined) {
        await new Promise((resolve) => setImmediate(resolve));
        await vi.advanceTimersByTimeAsync(11_000);
      }
      expect(opened.pool.reason).toMatch(/did not start within 10 s/);
    } finally {
      vi.useRealTimers();
    }
  });

  test("some of them: the others work", async () => {
    let made = 0;
    const { pool } = await open(3, () => (made++ === 0 ? saying("error", {}) : spawnWorker()));
    expect([pool.threads, pool.reason]).toEqual([2, expect.stringContaining("refused")]);
  });
});

test("without shared memory the reason is named", () => {
  expect(whyNotShared()).toBeNull();
  vi.stubGlobal("SharedArrayBuffer", undefined);
  expect(whyNotShared()).toBe("this runtime has no SharedArrayBuffer");
  vi.unstubAllGlobals();
  vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
  vi.stubGlobal("crossOriginIsolated", false);
  expect(whyNotShared()).toMatch(/not cross-origin isolated: serve it with Cross-Origin-Opener-Policy/);
  vi.unstubAllGlobals();
});

/** The worker's program over kernels with these exports replaced. */
function worker(replaced: string): WorkerLike {
  const made = new Worker(
    `const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) {
      return { exports: { ...new Instance(...args).exports, ${replaced} } };
    };
    ${source}`,
    { eval: true },
  );
  made.unref();
  return made;
}

/** Often enough that the worker takes part. */
function repeat(body: () => void, times = 500): void {
  for (let i = 0; i < times; i++) body();
}

function thrownBy(body: () => void): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}

function newBlock(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(BLOCK_BYTES));
}
