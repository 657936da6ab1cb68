// What `saccade bench` measures: loops that show the machine's limits, and what the engine makes of them through its
// public API, allocation included. Sizes are those of GPT-2 and ResNet.

import {
  conv2d,
  type EngineInfo,
  matmul,
  nn,
  noGrad,
  rand,
  scaledDotProductAttention,
  scope,
  softmax,
  type Tensor,
} from "@saccade/core";
import { createMemory, instantiateKernels, type Probe, type ProbeName, Probes } from "@saccade/kernels";
import type { GPT2Config } from "@saccade/models";

export interface Work {
  /** Operations, bytes or tokens of one run. */
  readonly amount: number;
  run(): void | Promise<void>;
  dispose(): void | Promise<void>;
}

export interface Measurement {
  readonly name: string;
  readonly about: string;
  readonly unit: "GFLOP/s" | "GB/s" | "tokens/s";
  /** The loop it is held against, and the size of that loop's buffers. */
  readonly limit?: { readonly loop: ProbeName; readonly elements: number };
  open(probes: Probes): Work | Promise<Work>;
}

export async function openProbes({ variant }: EngineInfo): Promise<Probes> {
  const { memory, maximumBytes } = createMemory();
  return new Probes((await instantiateKernels({ variant, memory })).kernels, memory, maximumBytes);
}

const peak = { loop: "fma", elements: 0 } as const;
const loop =
  (name: ProbeName, elements: number) =>
  (probes: Probes): Probe =>
    probes.open(name, elements);
const uniform = (...shape: number[]): Tensor => rand(shape);

/** Repeats `body` without gradients, freeing what it makes; `owned` is freed at the end. */
function work(amount: number, owned: readonly { dispose(): void }[], body: () => unknown): Work {
  return {
    amount,
    run: () =>
      noGrad(() =>
        scope(() => {
          body();
        }),
      ),
    dispose() {
      for (const one of owned) one.dispose();
    },
  };
}

/** 64 MiB, beyond any cache worth naming. */
const STREAM = 2 ** 24;

function product(): Work {
  const [M, K, N] = [512, 768, 768];
  const [a, b] = [uniform(M, K), uniform(K, N)];
  return work(2 * M * K * N, [a, b], () => matmul(a, b));
}

function matrixTimesVector(): Work {
  const size = Math.sqrt(STREAM);
  const layer = new nn.Linear(size, size, { bias: false }).eval().pack();
  const x = uniform(1, size);
  return work(4 * STREAM, [layer, x], () => layer.forward(x));
}

function rowsOfSoftmax(): Work {
  const x = uniform(1536, 1024);
  return work(2 * 4 * x.numel, [x], () => softmax(x, -1));
}

function causalAttention(): Work {
  const [T, heads, D] = [512, 12, 64];
  const inputs = [0, 1, 2].map(() => uniform(1, T, heads, D));
  return work(2 * heads * T * (T + 1) * D, inputs, () => {
    const [q, k, v] = inputs.map((x) => x.transpose(1, 2));
    scaledDotProductAttention(q, k, v, { isCausal: true });
  });
}

function convolution(): Work {
  const [channels, size] = [64, 56];
  const x = uniform(1, channels, size, size);
  const weight = uniform(channels, channels, 3, 3);
  return work(2 * channels * channels * 9 * size * size, [x, weight], () =>
    conv2d(x, weight, null, { padding: 1 }),
  );
}

/** Tokens of a GPT-2 of random numbers (124 million, unless `config` says else), one run each, behind a growing cache. */
export async function decoding(config: Partial<GPT2Config> = {}): Promise<Work> {
  const { generate, GPT2LMHeadModel } = await import("@saccade/models");
  const model = nn.build(() => new GPT2LMHeadModel(config).eval().pack());
  const start = () => generate(model, [1, 2, 3, 4], { maxNewTokens: 128 });
  let tokens = start();
  return {
    amount: 1,
    async run() {
      if (!(await tokens.next()).done) return;
      tokens = start();
      await tokens.next();
    },
    async dispose() {
      await tokens.return();
      model.dispose();
    },
  };
}

export const measurements: readonly Measurement[] = [
  { name: "peak", about: "multiply-adds in registers", unit: "GFLOP/s", open: loop("fma", 0) },
  { name: "read", about: "reading 64 MiB", unit: "GB/s", open: loop("read", STREAM) },
  { name: "gemm", about: "product of 512×768 and 768×768", unit: "GFLOP/s", limit: peak, open: product },
  {
    name: "gemv",
    about: "4096×4096 weights times one vector",
    unit: "GB/s",
    limit: { loop: "read", elements: STREAM },
    open: matrixTimesVector,
  },
  {
    name: "softmax",
    about: "1536 rows of 1024",
    unit: "GB/s",
    limit: { loop: "copy", elements: 1536 * 1024 },
    open: rowsOfSoftmax,
  },
  {
    name: "attention",
    about: "causal, 512 positions, 12 heads of 64",
    unit: "GFLOP/s",
    limit: peak,
    open: causalAttention,
  },
  { name: "conv", about: "3×3, 64 channels, 56×56", unit: "GFLOP/s", limit: peak, open: convolution },
  {
    name: "decode",
    about: "GPT-2 124M, random weights, token by token",
    unit: "tokens/s",
    open: () => decoding(),
  },
];
