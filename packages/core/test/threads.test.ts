// Threads through the public surface: the same bits for any number of them, growth of memory in between, what `info`
// says, the loss of a worker, and a process that ends by itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import {
  type InitOptions,
  info,
  init,
  manualSeed,
  memory,
  nn,
  noGrad,
  ones,
  optim,
  randint,
  randn,
  scope,
  type Tensor,
  terminate,
  WorkerLostError,
  zeros,
} from "@saccade/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { engine } from "../src/engine.ts";
import { errorOf, live } from "./engine.ts";

afterEach(() => terminate());

// -- the same bits ------------------------------------------------------------------------------------------------

/** Every result of `body` as a hash, by number of threads; the work is shared even where it is small. */
async function hashes(variant: "simd" | "relaxed", body: () => Tensor[]): Promise<string[]> {
  const found: string[] = [];
  for (const threads of [1, 2, 3]) {
    const { threads: actual } = await init({ variant, threads, development: true });
    expect(actual).toBe(threads);
    const { pool } = engine();
    if (pool !== null) pool.always = true;
    const run = (): string => {
      manualSeed(7);
      const hash = createHash("sha256");
      scope(() => {
        for (const y of body()) hash.update(Buffer.from(y.toTypedArray().buffer));
      });
      expect(live()).toEqual({ liveBytes: 0, liveTensors: 0 });
      return hash.digest("hex");
    };
    // On a busy machine the caller may be done before a worker is awake.
    for (let i = 0; i < 200 && pool?.beats === 0; i++) run();
    found.push(run());
    if (pool !== null) expect(pool.beats, "pieces that workers did").toBeGreaterThan(0);
    terminate();
  }
  return found;
}

const withGradients = (y: Tensor, ...leaves: Tensor[]): Tensor[] => {
  y.square().mean().backward();
  return [y, ...leaves.map((leaf) => leaf.grad as Tensor)];
};
const leaf = (...shape: number[]): Tensor => randn(shape, { requiresGrad: true });

const work: Readonly<Record<string, () => Tensor[]>> = {
  matmul: () => {
    const [a, b] = [leaf(130, 97), leaf(97, 211)];
    return withGradients(a.matmul(b), a, b);
  },
  "one row": () => [randn([1, 300]).matmul(randn([300, 517])), randn([1, 300]).matmul(randn([517, 300]).t())],
  "batched products": () => {
    const [a, b] = [leaf(3, 5, 33, 17), leaf(3, 5, 17, 40)];
    return withGradients(a.matmul(b), a, b);
  },
  "softmax and norms": () => {
    const [x, w, b] = [leaf(37, 65), leaf(65), leaf(65)];
    return withGradients(x.softmax(-1).add(x.logSoftmax(-1)).layerNorm([65], w, b), x, w, b);
  },
  elementwise: () => {
    const [x, y] = [leaf(91, 103), leaf(1, 103)];
    return withGradients(
      x
        .gelu()
        .mul(y.exp())
        .add(x.t().contiguous().view([91, 103]).tanh()),
      x,
      y,
    );
  },
  reductions: () => {
    const x = leaf(70, 40, 19);
    return [
      x.sum(),
      x.sum([0]),
      x.mean([1, 2]),
      x.amax([2]),
      x.argmax(1),
      x.var([0, 2]),
      x.cumsum(1),
      x.prod(2),
    ];
  },
  convolutions: () => {
    const [x, w, d] = [leaf(2, 6, 19, 23), leaf(8, 6, 3, 3), leaf(6, 1, 3, 3)];
    const y = x.conv2d(w, null, { padding: 1, stride: 2 });
    return [...withGradients(y, x, w), ...withGradients(x.conv2d(d, null, { groups: 6 }), d)];
  },
  lstm: () => {
    const layer = new nn.LSTM(12, 20);
    const [x] = [leaf(3, 9, 12)];
    const parameters = layer.parameters();
    const { output } = layer.forward(x);
    const all = withGradients(output, x, ...parameters).map((y) => y.clone());
    layer.dispose();
    return all;
  },
  attention: () => {
    const [q, k, v] = [leaf(2, 4, 33, 16), leaf(2, 4, 33, 16), leaf(2, 4, 33, 16)];
    return withGradients(q.scaledDotProductAttention(k, v, { isCausal: true }), q, k, v);
  },
  "three training steps of a small GPT": () => {
    const [T, E, V] = [16, 32, 50];
    const embedding = new nn.Embedding(V, E);
    const block = new nn.TransformerEncoderLayer(E, 4, {
      dimFeedforward: 64,
      activation: "gelu",
      dropout: 0.1,
    });
    const head = new nn.Linear(E, V);
    const parts = [embedding, block, head];
    const parameters = parts.flatMap((part) => part.parameters());
    const optimizer = new optim.AdamW(parameters, { lr: 1e-2 });
    const losses: Tensor[] = [];
    for (let step = 0; step < 3; step++) {
      const [ids, targets] = [randint(0, V, [4, T]), randint(0, V, [4, T])];
      const hidden = block.forward(embedding.forward(ids), { isCausal: true });
      const loss = head
        .forward(hidden)
        .view([4 * T, V])
        .crossEntropy(targets.view([4 * T]));
      optimizer.zeroGrad();
      loss.backward();
      optim.clipGradNorm(parameters, 1);
      optimizer.step();
      losses.push(loss);
    }
    const results = [...losses, ...parameters.map((parameter) => parameter.clone())];
    optimizer.dispose();
    for (const part of parts) part.dispose();
    return results;
  },
};

describe.each(["simd", "relaxed"] as const)("the same bits for 1, 2 and 3 threads, %s", (variant) => {
  for (const [name, body] of Object.entries(work)) {
    test(name, async () => {
      const [one, two, three] = await hashes(variant, body);
      expect([two, three]).toEqual([one, one]);
    });
  }
});

// -- the engine's life --------------------------------------------------------------------------------------------

describe("init with threads", () => {
  test("says how many there are and why, and a second call with others is an error", async () => {
    const first = await init({ threads: 2 });
    expect(first).toMatchObject({
      threads: 2,
      threadsReason: expect.stringMatching(/processor|2 were asked for/),
    });
    expect(await init({ threads: 2 })).toBe(first);
    expect(info()).toBe(first);
    await expect(init({ threads: 3 })).rejects.toThrow(/runs with .*threads 2, asked for .*threads 3/);
    terminate();
    expect(await init()).toMatchObject({ threads: 1, threadsReason: "one was asked for (the default)" });
  });

  test("where memory cannot be shared one thread computes, and says why", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    try {
      const { threads, threadsReason } = await init({ threads: 2 });
      expect([threads, threadsReason]).toEqual([1, "this runtime has no SharedArrayBuffer"]);
      expect(scope(() => ones([100]).sum().item())).toBe(100);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test("a refused worker leaves one thread", async () => {
    const createWorker = (): never => {
      throw new Error("refused by a policy");
    };
    const { threads, threadsReason } = await init({ threads: 2, createWorker });
    expect([threads, threadsReason]).toEqual([1, expect.stringContaining("refused by a policy")]);
    expect(scope(() => ones([100]).sum().item())).toBe(100);
  });

  test("terminate during init ends the workers, too", async () => {
    const starting = init({ threads: 2 });
    terminate();
    await expect(starting).rejects.toMatchObject({ code: "aborted" });
    expect((await init({ threads: 2 })).threads).toBe(2);
  });

  test("no threads, half ones and too many are errors", async () => {
    for (const threads of [0, 1.5, -1, 257, Number.NaN])
      await expect(init({ threads })).rejects.toThrow(/threads is .*an integer from 1 to 256/);
  });
});

test("memory grows while workers wait", async () => {
  await init({ threads: 2, development: false });
  const { pool } = engine();
  const grown: number[] = [];
  for (let size = 1 << 10; size <= 1 << 24; size <<= 2) {
    const sum = scope(() => noGrad(() => ones([size]).add(1).mul(2).sum().item()));
    expect(sum).toBe(4 * size);
    grown.push(memory().heapBytes);
  }
  expect(grown[grown.length - 1]).toBeGreaterThan(100 * grown[0]);
  for (let i = 0; i < 200 && pool?.beats === 0; i++) scope(() => ones([1 << 20]).add(1));
  expect(pool?.beats).toBeGreaterThan(0);
});

test("an out of memory error in the middle leaves engine and threads usable", async () => {
  await init({ threads: 2, maximumBytes: 1 << 22, development: false });
  expect(
    errorOf(() =>
      scope(() =>
        zeros([1 << 19])
          .add(1)
          .add(1),
      ),
    ).code,
  ).toBe("outOfMemory");
  expect(
    scope(() =>
      ones([1 << 18])
        .sum()
        .item(),
    ),
  ).toBe(1 << 18);
  expect(live()).toEqual({ liveBytes: 0, liveTensors: 0 });
});

test("the loss of a worker is an error of that call; the next one has new workers", async () => {
  let made = 0;
  const options: InitOptions = { threads: 2, createWorker: () => workerThatDies(made++ === 0) };
  expect((await init(options)).threads).toBe(2);
  const { pool } = engine();
  if (pool === null) throw new Error("there are no threads");
  pool.always = true;
  const x = randn([64, 64]);
  const error = errorOf(() => {
    for (let i = 0; i < 500; i++) scope(() => void x.softmax(-1));
  });
  expect(error).toBeInstanceOf(WorkerLostError);
  expect(info()).toMatchObject({ threads: 1, threadsReason: "a worker was lost" });
  expect(live()).toMatchObject({ liveTensors: 1 });
  scope(() => void x.softmax(-1));
  await vi.waitUntil(() => info().threads === 2, { timeout: 10_000 });
  const rows = scope(() => x.softmax(-1).sum().item());
  expect(rows).toBeCloseTo(64, 3);
  x.dispose();
});

test("a process with idle workers ends by itself", () => {
  const program = `
    import { init, ones, scope } from "@saccade/core";
    const { threads } = await init({ threads: 3 });
    console.log(threads, scope(() => ones([1000, 1000]).sum().item()));`;
  const flags = ["--conditions=@saccade/source", "--input-type=module", "--eval", program];
  const child = spawnSync(process.execPath, flags, {
    cwd: import.meta.dirname,
    encoding: "utf8",
    timeout: 20_000,
  });
  expect([child.status, child.stdout, child.stderr]).toEqual([0, "3 1000000\n", ""]);
});

/** A worker of our program; the first softmax ends one that `dies`. */
function workerThatDies(dies: boolean): Worker {
  const before = `const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) {
      return { exports: { ...new Instance(...args).exports, softmax_f32: () => process.exit() } };
    };`;
  return new Worker(`${dies ? before : ""} import("@saccade/core/worker");`, {
    eval: true,
    execArgv: ["--conditions=@saccade/source"],
  });
}
