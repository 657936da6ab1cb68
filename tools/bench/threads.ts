// What a second thread brings: each row on one thread, on two, and as two independent single-thread copies at once, in
// turns within one run. The copies together are what the machine has for two threads at that moment: the ceiling.
//   node tools/bench/threads.ts [row filter] [rounds]
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { init, noGrad, randn, scope, type Tensor } from "@saccade/core";

/** Milliseconds of one measurement. */
const WINDOW = 100;

const rows: Readonly<Record<string, () => () => unknown>> = {
  "product 128×768×768": product(128, 768, 768),
  "product 512×512×512": product(512, 512, 512),
  "product 16×768×768": product(16, 768, 768),
  "attention 12 heads, T 512, causal": () => {
    const [q, k, v] = [0, 1, 2].map(() => randn([1, 12, 512, 64]));
    return () => q.scaledDotProductAttention(k, v, { isCausal: true });
  },
  "conv 3×3, 64 → 64, 56×56": () => {
    const [x, w] = [randn([1, 64, 56, 56]), randn([64, 64, 3, 3])];
    return () => x.conv2d(w, null, { padding: 1 });
  },
  "recurrent input 128×512×2048": product(128, 512, 2048),
  "add, 4 MB": pair(1 << 20, (a, b) => a.add(b)),
  "add, 64 MB": pair(1 << 24, (a, b) => a.add(b)),
  "gelu, 4 MB": pair(1 << 20, (a) => a.gelu()),
  "softmax 512×1024": () => {
    const x = randn([512, 1024]);
    return () => x.softmax(-1);
  },
  "small: add of 1,000": pair(1000, (a, b) => a.add(b)),
  "small: product 4×64×64": product(4, 64, 64),
  "small: product 32×64×64": product(32, 64, 64),
  "small: layer norm 8×128": () => {
    const x = randn([8, 128]);
    return () => x.layerNorm([128]);
  },
};

function product(M: number, K: number, N: number) {
  return () => {
    const [a, b] = [randn([M, K]), randn([K, N])];
    return () => a.matmul(b);
  };
}

function pair(size: number, run: (a: Tensor, b: Tensor) => Tensor) {
  return () => {
    const [a, b] = [randn([size]), randn([size])];
    return () => run(a, b);
  };
}

/** The child: answers a row's name with milliseconds per call over one window. */
async function serve(threads: number): Promise<void> {
  const info = await init({ threads });
  if (info.threads !== threads) throw new Error(info.threadsReason);
  const bodies = new Map<string, () => unknown>();
  process.on("message", (row: string) => {
    const body = bodies.get(row) ?? rows[row]();
    bodies.set(row, body);
    let calls = 0;
    const start = performance.now();
    let elapsed = 0;
    for (; elapsed < WINDOW; elapsed = performance.now() - start) {
      for (let i = 0; i < 10; i++) noGrad(() => scope(() => void body()));
      calls += 10;
    }
    process.send?.(elapsed / calls);
  });
  process.send?.("ready");
}

async function child(threads: number): Promise<ChildProcess> {
  const started = fork(fileURLToPath(import.meta.url), ["--serve", String(threads)]);
  await once(started, "message");
  return started;
}

async function ask(asked: ChildProcess, row: string): Promise<number> {
  asked.send(row);
  return (await once(asked, "message"))[0] as number;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1];

async function compare(filter: string, rounds: number): Promise<void> {
  const [one, other, two] = [await child(1), await child(1), await child(2)];
  console.log(`${"".padEnd(36)}${"one thread".padStart(13)}  two threads  two copies  share`);
  for (const row of Object.keys(rows).filter((name) => name.includes(filter))) {
    for (const each of [one, other, two]) await ask(each, row);
    const found: [alone: number, threads: number, copies: number][] = [];
    for (let round = 0; round < rounds; round++) {
      const alone = await ask(one, row);
      const copies = await Promise.all([ask(one, row), ask(other, row)]);
      const shared = await ask(two, row);
      found.push([alone, alone / shared, alone / copies[0] + alone / copies[1]]);
    }
    const [alone, threads, copies] = [0, 1, 2].map((i) => median(found.map((round) => round[i])));
    const share = median(found.map(([, by, ceiling]) => by / ceiling));
    const figures = `${alone.toFixed(4)} ms`.padStart(13) + `${threads.toFixed(2)} ×`.padStart(13);
    console.log(
      `${row.padEnd(36)}${figures}${`${copies.toFixed(2)} ×`.padStart(12)}${`${Math.round(100 * share)} %`.padStart(7)}`,
    );
  }
  for (const each of [one, other, two]) each.disconnect();
}

const [first = "", second = "9"] = process.argv.slice(2);
if (first === "--serve") await serve(Number(second));
else await compare(first, Number(second));
