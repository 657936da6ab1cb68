// How costs grow with the work, over three doublings: the slope of a line through the logarithms, 1 where twice the work
// costs twice as much. Goal: at most 1.05. And whether memory stays as it is while steps go on.
//   node tools/bench/growth.ts
import { init, memory, noGrad, randn, scope, type Tensor, tensor, terminate } from "@saccade/core";
import { GPT2LMHeadModel, GptTraining, type KVCache } from "@saccade/models";
import { median } from "./statistics.ts";

const GOAL = 1.05;
const ROUNDS = 7;

/** Least-squares slope of log(cost) over log(size). */
function slopeOf(sizes: readonly number[], costs: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
  const [xs, ys] = [sizes, costs].map((values) => values.map(Math.log));
  const [x0, y0] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - x0) * (ys[i] - y0), 0);
  return over / xs.reduce((sum, x) => sum + (x - x0) ** 2, 0);
}

function tell(what: string, unit: string, sizes: readonly number[], costs: readonly number[]): void {
  const slope = slopeOf(sizes, costs);
  const figures = sizes.map((size, i) => `${size}: ${costs[i].toPrecision(3)}`).join(", ");
  console.log(
    `${what}: slope ${slope.toFixed(2)} (goal ${GOAL}, ${slope <= GOAL ? "met" : "missed"}); ${unit} ${figures}`,
  );
}

/** Median milliseconds of every body, in rounds that alternate. */
function timed(bodies: readonly (() => void)[]): number[] {
  const times: number[][] = bodies.map(() => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [i, body] of bodies.entries()) {
      const start = performance.now();
      body();
      if (round >= 0) times[i].push(performance.now() - start);
    }
  }
  return times.map(median);
}

const doublings = (first: number): number[] => [1, 2, 4, 8].map((factor) => first * factor);

/** One token behind contexts of various lengths; the model is small, so that the context counts. */
function decoding(): void {
  const sizes = doublings(512);
  const config = { n_layer: 4, n_head: 4, n_embd: 256, vocab_size: 512, n_positions: 4608 };
  using model = new GPT2LMHeadModel(config).eval().pack();
  const next = tensor([[1]], { dtype: "i32" });
  const steps = sizes.map((size) => {
    let cache = model.newCache(1, size + 512);
    const grow = (ids: Tensor): void => {
      const before = cache;
      cache = noGrad(() => scope(() => model.forward(ids, { cache }).cache)) as KVCache;
      before.dispose();
    };
    grow(tensor([Array.from({ length: size }, (_, i) => i % 512)], { dtype: "i32" }));
    return (): void => {
      for (let i = 0; i < 20; i++) grow(next);
    };
  });
  tell("decode step against context", "ms of 20", sizes, timed(steps));
}

/** What a block of a long line needs must not grow with the line. */
function convolution(): void {
  const sizes = doublings(6000);
  const weight = randn([64, 128, 3]);
  const lines = sizes.map((size) => randn([1, 128, size]));
  const run = (x: Tensor) => () => noGrad(() => scope(() => void x.conv1d(weight, null, { padding: 1 })));
  tell("conv1d against length", "ms", sizes, timed(lines.map(run)));
}

const text = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(97 + ((i * i) % 23))).join("");

function training(): void {
  const sizes = doublings(4);
  const runs = sizes.map(
    (batchSize) => new GptTraining({ text, layers: 2, heads: 2, width: 128, blockSize: 64, batchSize }),
  );
  tell("training step against batch", "ms", sizes, timed(runs.map((run) => () => void run.advance())));
  for (const run of runs) run[Symbol.dispose]();
}

/** What attention holds at most beyond what was there, forward and backward, in an engine of its own each time. */
async function attention(): Promise<void> {
  const sizes = doublings(1024);
  const most: number[] = [];
  for (const size of sizes) {
    await init({ development: false });
    const [q, k, v] = [0, 1, 2].map(() => randn([1, 2, size, 64]).requiresGrad_());
    const before = memory().liveBytes;
    scope(() => q.scaledDotProductAttention(k, v, { isCausal: true }).sum().backward());
    most.push((memory().peakBytes - before) / 2 ** 20);
    terminate();
  }
  tell("attention's memory against length", "MB", sizes, most);
}

function steps(): void {
  using run = new GptTraining({ text, layers: 2, heads: 2, width: 128, blockSize: 64, batchSize: 8 });
  for (let i = 0; i < 20; i++) run.advance();
  const before = memory();
  for (let i = 0; i < 300; i++) run.advance();
  const { heapBytes, liveBytes } = memory();
  const flat = heapBytes === before.heapBytes && liveBytes === before.liveBytes;
  console.log(
    `memory over 300 training steps: heap ${before.heapBytes} → ${heapBytes}, live ${before.liveBytes} → ${liveBytes}: ${flat ? "flat" : "not flat"}`,
  );
}

await attention();
await init({ development: false });
decoding();
convolution();
training();
steps();
process.exit(0);
