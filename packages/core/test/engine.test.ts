// The engine's life: starting, ending, running out of memory, accounting, and reporting what was never freed.
import { spawnSync } from "node:child_process";
import {
  chromeTrace,
  info,
  init,
  memory,
  nn,
  OutOfMemoryError,
  ones,
  optim,
  profile,
  scope,
  tensor,
  terminate,
  zeros,
} from "@saccade/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { timed } from "../src/profile.ts";
import { errorOf, live } from "./engine.ts";

afterEach(() => terminate());

describe("init", () => {
  test("a second call with the same options gives the same engine, with others it is an error", async () => {
    const first = await init({ variant: "simd" });
    expect(await init({ variant: "simd" })).toBe(first);
    expect(info()).toBe(first);
    await expect(init({ variant: "simd", maximumBytes: 1 << 24 })).rejects.toThrow(
      /runs with variant simd.*terminate/,
    );
    expect(info()).toBe(first);
  });

  test("calls in flight share one engine", async () => {
    const [a, b] = await Promise.all([init({ variant: "simd" }), init({ variant: "simd" })]);
    expect(a).toBe(b);
  });

  test("a failure leaves a clean state", async () => {
    for (const options of [
      { threads: 0 },
      { threads: 1.5 },
      { variant: "fast" as "simd" },
      { maximumBytes: 3 },
      { maximumBytes: Number.NaN },
      { bytes: new Uint8Array([0, 97, 115, 109]) },
    ]) {
      await expect(init(options)).rejects.toMatchObject({ name: "SaccadeError" });
      expect(errorOf(() => zeros([1])).code).toBe("notInitialized");
    }
    await init({ variant: "simd" });
    ones([1]).dispose();
  });

  test("terminate during init ends that init too", async () => {
    const starting = init({ variant: "simd" });
    terminate();
    await expect(starting).rejects.toMatchObject({ code: "aborted" });
    expect(errorOf(() => info()).code).toBe("notInitialized");
    const other = init({ variant: "relaxed" });
    expect((await other).variant).toBe("relaxed");
    expect(info()).toBe(await other);
  });
});

describe("terminate", () => {
  test("tensors of the ended engine say so, in a new one too, and can be disposed", async () => {
    await init({ variant: "simd" });
    const x = ones([2]);
    const view = x.view([1, 2]);
    const parameter = new nn.Linear(2, 2);
    terminate();
    expect(errorOf(() => x.add(1)).code).toMatch(/disposed|notInitialized/);
    await init({ variant: "relaxed" });
    const before = live();
    const uses: (() => unknown)[] = [
      () => x.toArray(),
      () => view.toArray(),
      () => x.add(ones([2])),
      () => parameter.forward(ones([1, 2])),
    ];
    for (const use of uses) {
      const error = errorOf(() => scope(use));
      expect(error.code).toBe("disposed");
      expect(error.message).toContain("terminated");
    }
    x.dispose();
    view.dispose();
    parameter.dispose();
    expect(live()).toEqual(before);
  });
});

describe("out of memory", () => {
  test("names the sizes, gives everything back and leaves the engine usable", async () => {
    const limit = 1 << 22;
    await init({ variant: "simd", maximumBytes: limit, development: false });
    const x = ones([256, 1024]);
    const before = live();
    const error = errorOf(() => scope(() => [x.exp(), x.exp(), x.exp(), x.exp()])) as OutOfMemoryError;
    expect(error).toBeInstanceOf(OutOfMemoryError);
    expect(error).toMatchObject({ code: "outOfMemory", wanted: 1 << 20, limit });
    expect(error.live).toBeGreaterThan(3 << 20);
    expect(live()).toEqual(before);
    const y = scope(() => x.exp().sum());
    expect(y.item()).toBeCloseTo(Math.E * 2 ** 18, -1);
    y.dispose();
    x.dispose();
    expect(live()).toEqual({ liveBytes: 0, liveTensors: 0 });
  });

  test("in the middle of a backward frees its gradients, and a smaller one works after", async () => {
    await init({ variant: "simd", maximumBytes: 1 << 22, development: false });
    const w = ones([200, 200], { requiresGrad: true });
    const before = live();
    const run = (rows: number): void =>
      scope(() => {
        const x = ones([rows, 200]);
        x.linear(w).relu().linear(w).relu().linear(w).sum().backward();
      });
    expect(errorOf(() => run(940)).code).toBe("outOfMemory");
    expect(w.grad).toBeNull();
    expect(live()).toEqual(before);
    run(8);
    expect(w.grad).not.toBeNull();
    w.dispose();
    expect(live()).toEqual({ liveBytes: 0, liveTensors: 0 });
  });
});

describe("memory", () => {
  test("returns to where it was, and remembers the peak", async () => {
    await init({ variant: "simd", development: false });
    expect(memory()).toMatchObject({ liveBytes: 0, peakBytes: 0, liveTensors: 0 });
    const x = zeros([1000]);
    expect(memory()).toMatchObject({ liveBytes: 4032, liveTensors: 1 });
    const view = x.narrow(0, 1, 5);
    expect(memory()).toMatchObject({ liveBytes: 4032, liveTensors: 2 });
    x.dispose();
    view.dispose();
    expect(memory()).toMatchObject({ liveBytes: 0, peakBytes: 4032, liveTensors: 0 });
  });

  test("the heap is stable over 2,000 training steps", async () => {
    await init({ variant: "auto", development: false });
    const model = new nn.Sequential(new nn.Linear(8, 16), new nn.LayerNorm(16), new nn.Linear(16, 4));
    const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3 });
    const step = (i: number): void =>
      scope(() => {
        const x = tensor(
          Float32Array.from({ length: (2 + (i % 3)) * 8 }, (_, k) => Math.fround((k * i) % 7)),
          {
            shape: [2 + (i % 3), 8],
          },
        );
        optimizer.zeroGrad();
        model.forward(x).gelu().square().mean().backward();
        optim.clipGradNorm(model.parameters(), 1);
        optimizer.step();
      });
    for (let i = 0; i < 20; i++) step(i);
    const settled = memory();
    for (let i = 20; i < 2000; i++) step(i);
    const { liveBytes, liveTensors, heapBytes } = memory();
    expect({ liveTensors, heapBytes }).toEqual({
      liveTensors: settled.liveTensors,
      heapBytes: settled.heapBytes,
    });
    expect(liveBytes).toBe(settled.liveBytes);
    optimizer.dispose();
    model.dispose();
    expect(live()).toEqual({ liveBytes: 0, liveTensors: 0 });
  });
});

describe("development", () => {
  // In a process of its own: collection is forced there, and nothing of vitest holds the tensor.
  test("a leaked tensor is reported with the place it was made at; a disposed one is not", () => {
    const program = `
      import { init, onLeak, zeros } from "@saccade/core";
      await init({ variant: "simd", development: true });
      const reports = [];
      onLeak((message) => reports.push(message));
      (function leakHere() {
        zeros([3, 5]);
        zeros([7]).dispose();
      })();
      for (let i = 0; i < 50 && reports.length < 2; i++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      console.log(JSON.stringify(reports));`;
    const flags = ["--expose-gc", "--conditions=@saccade/source", "--input-type=module", "--eval", program];
    const child = spawnSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: "utf8" });
    expect(child.stderr).toBe("");
    const reports = JSON.parse(child.stdout) as string[];
    expect(reports).toHaveLength(1);
    expect(reports[0]).toContain("a tensor (3, 5) was never disposed");
    expect(reports[0]).toContain("leakHere");
  });

  test("freed memory is poisoned", async () => {
    await init({ variant: "simd", development: true });
    const x = ones([16]);
    const { ptr, engine } = x.storage;
    x.dispose();
    expect([...engine.heap.f32(ptr, 16)].every(Number.isNaN)).toBe(true);
  });

  test("a write behind the end of a buffer is found when it is freed", async () => {
    await init({ variant: "simd", development: true });
    const x = ones([3]);
    x.storage.engine.heap.u8(x.storage.ptr + 12, 1)[0] = 0;
    expect(errorOf(() => x.dispose()).message).toContain("wrote behind the end of a buffer of 12 bytes");
  });
});

test("profile counts calls, flops and copies", async () => {
  await init({ variant: "simd" });
  const { result, rows, copies } = profile(() =>
    scope(() => {
      const a = ones([4, 8], { requiresGrad: true });
      a.matmul(ones([8, 2]))
        .sum()
        .backward();
      return ones([2, 3]).t().contiguous().numel;
    }),
  );
  expect(result).toBe(6);
  const row = (op: string) => rows.find((each) => each.op === op);
  expect(row("matmul")).toMatchObject({ calls: 1, flops: 2 * 4 * 8 * 2, bytes: 4 * (4 * 8 + 8 * 2 + 4 * 2) });
  // One input takes a gradient: it is read and its gradient is written.
  expect(row("matmul.backward")).toMatchObject({ calls: 1, flops: 4 * 4 * 8 * 2, bytes: 4 * (8 + 2 * 32) });
  expect(copies).toBe(1);
});

test("an embedding moves the rows it reads, a broadcast operand its own bytes", async () => {
  await init({ variant: "simd" });
  const { rows } = profile(() =>
    scope(() =>
      tensor([1, 2])
        .to("i32")
        .embedding(ones([50, 4]))
        .add(ones([1]).expand([2, 4])),
    ),
  );
  expect(rows.find(({ op }) => op === "embedding")?.bytes).toBe(4 * (2 + 2 * 2 * 4));
  expect(rows.find(({ op }) => op === "add")?.bytes).toBe(4 * (8 + 8 + 1));
});

test("profiles of async bodies, within each other and after a failure; events as a Chrome trace", async () => {
  await init({ variant: "simd" });
  const step = () => scope(() => ones([4, 4]).matmul(ones([4, 4])).numel);
  const outer = await profile(
    async () => {
      const inner = profile(step, { events: true });
      expect(inner.rows.find(({ op }) => op === "matmul")?.calls).toBe(1);
      expect(inner.events.map(({ op, shapes }) => [op, shapes])).toContainEqual(["matmul", "(4, 4) (4, 4)"]);
      const trace = JSON.parse(chromeTrace(inner));
      const call = trace.traceEvents.find(({ name }: { name: string }) => name === "matmul");
      expect(call).toMatchObject({ ph: "X", args: { flops: 128, bytes: 192, shapes: "(4, 4) (4, 4)" } });
      expect(call.dur).toBeCloseTo(1000 * (inner.events.at(-1)?.milliseconds ?? 0), 6);
      await Promise.resolve();
      return step();
    },
    { events: false },
  );
  expect(outer).toMatchObject({ result: 16, events: [] });
  expect(outer.rows.find(({ op }) => op === "matmul")?.calls).toBe(2);
  const sum = outer.rows.reduce((all, { milliseconds }) => all + milliseconds, 0);
  expect(sum).toBeLessThanOrEqual(outer.milliseconds);
  const failing = profile(async () => {
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(() =>
    profile(() => {
      throw new Error("neither");
    }),
  ).toThrow("neither");
  // None of them is open any more: nobody asks what an op costs.
  const cost = vi.fn(() => ({ flops: 0, bytes: 0, shapes: "" }));
  timed("op", step, cost);
  expect(cost).not.toHaveBeenCalled();
  expect(profile(() => timed("op", step, cost)).rows.find(({ op }) => op === "op")?.calls).toBe(1);
  expect(cost).toHaveBeenCalledOnce();
});

test("the time of an op is its own, without that of the ops inside", () => {
  const wait = (): void => {
    for (const begin = performance.now(); performance.now() - begin < 10; );
  };
  const { rows, events, milliseconds } = profile(() => timed("outer", () => timed("inner", wait)), {
    events: true,
  });
  const [inner, outer] = ["inner", "outer"].map((name) => rows.find(({ op }) => op === name)?.milliseconds);
  expect(inner).toBeGreaterThanOrEqual(10);
  expect(outer).toBeLessThan(inner as number);
  expect((inner as number) + (outer as number)).toBeLessThanOrEqual(milliseconds);
  expect(events.map(({ op }) => op)).toEqual(["inner", "outer"]);
  expect(events[1].milliseconds).toBeGreaterThanOrEqual(10);
});
