// Saccade through its public API: every run allocates its results and packs what is no constant weight.
import {
  add,
  exp,
  gelu,
  gru,
  info,
  init,
  layerNorm,
  lstm,
  matmul,
  mul,
  nn,
  noGrad,
  relu,
  rmsNorm,
  scaledDotProductAttention,
  scope,
  sigmoid,
  silu,
  softmax,
  type Tensor,
  tanh,
  tensor,
} from "@saccade/core";
import { numbers, weights } from "../data.ts";
import { type Open, type Preparations, type Prepared, prepareFrom, Unsupported } from "../participant.ts";
import type { Recurrent, Stack } from "../tasks.ts";
import {
  type Attention,
  type Chain,
  type Convolution,
  type ElementwiseName,
  gatesOf,
  type Product,
} from "../tasks.ts";
import { inference } from "./inference.ts";
import { loads, startups } from "./modules.ts";
import { network, writeCheckpoint } from "./saccadeNetworks.ts";
import { train } from "./saccadeTraining.ts";

const made = (data: Float32Array<ArrayBuffer>, ...shape: number[]): Tensor => tensor(data, { shape });

/** A layer y = x B with B (K, N), packed as a model packs its weights after loading. */
function constantLayer(B: Float32Array<ArrayBuffer>, K: number, N: number): nn.Linear {
  const layer = new nn.Linear(K, N, { bias: false });
  noGrad(() =>
    scope(() => {
      layer.weight.copy_(made(B, K, N).t());
    }),
  );
  return layer.eval().pack();
}

function product({ form, M, K, N, batch, weights: kind }: Product): Prepared {
  const many = batch > 1 ? [batch] : [];
  const [dataA, dataB] = [numbers(batch * M * K, 1), numbers(batch * K * N, 2)];
  const A = form === "tn" ? made(dataA, ...many, K, M) : made(dataA, ...many, M, K);
  if (kind === "constant") {
    if (form !== "nn" || batch > 1) throw new Unsupported("constant weights are plain matrices");
    const layer = constantLayer(dataB, K, N);
    return inference(() => layer.forward(A), [A, layer]);
  }
  const B = form === "nt" ? made(dataB, ...many, N, K) : made(dataB, ...many, K, N);
  const turned = (x: Tensor, turn: boolean): Tensor => (turn ? x.transpose(-2, -1) : x);
  return inference(() => matmul(turned(A, form === "tn"), turned(B, form === "nt")), [A, B]);
}

function stack({ rows, widths, depth }: Stack): Prepared {
  const x = made(numbers(rows * widths[0], 1), rows, widths[0]);
  const layers = Array.from({ length: depth }, (_, d) =>
    widths
      .slice(1)
      .map((N, i) => constantLayer(weights(widths[i] * N, d * 8 + i + 2, widths[i]), widths[i], N)),
  ).flat();
  return inference(() => layers.reduce((y, layer) => layer.forward(y), x), [x, ...layers]);
}

function chain({ name, shape, length }: Chain): Prepared {
  const [rows, columns] = shape;
  const x = made(numbers(rows * columns, 1, 2), rows, columns);
  const other = made(numbers(rows * columns, 2), rows, columns);
  const [gain, shift] = [
    made(
      numbers(columns, 3).map((v) => v + 1),
      columns,
    ),
    made(numbers(columns, 4), columns),
  ];
  const ops: Readonly<Record<ElementwiseName, (y: Tensor) => Tensor>> = {
    add: (y) => add(y, other),
    mul: (y) => mul(y, other),
    relu,
    scale: (y) => mul(y, 0.875),
    layerNorm: (y) => layerNorm(y, [columns], gain, shift),
    rmsNorm: (y) => rmsNorm(y, [columns], gain, 1e-5),
    softmax: (y) => softmax(y, -1),
    exp,
    sigmoid,
    tanh,
    gelu: (y) => gelu(y),
    silu,
  };
  const op = ops[name];
  const body = (): Tensor => {
    let y = op(x);
    for (let i = 1; i < length; i++) {
      const next = op(y);
      y.dispose();
      y = next;
    }
    return y;
  };
  return inference(body, [x, other, gain, shift]);
}

function conv({ batch, channels, size, filters, kernel, stride, padding, groups }: Convolution): Prepared {
  const x = made(numbers(batch * channels * size * size, 1), batch, channels, size, size);
  const each = channels / groups;
  const layer = new nn.Conv2d(channels, filters, kernel, { stride, padding, groups });
  const taps = each * kernel ** 2;
  noGrad(() =>
    scope(() => {
      layer.weight.copy_(made(weights(filters * taps, 2, taps), filters, each, kernel, kernel));
      layer.bias?.copy_(made(numbers(filters, 3), filters));
    }),
  );
  layer.eval().pack();
  return inference(() => layer.forward(x), [x, layer]);
}

function recurrent(task: Recurrent): Prepared {
  const { cell, batch, T, I, H } = task;
  const G = gatesOf(task) * H;
  const x = made(numbers(batch * T * I, 1), batch, T, I);
  const all = [
    made(weights(G * I, 2, I), G, I),
    made(weights(G * H, 3, H), G, H),
    made(numbers(G, 4), G),
    made(numbers(G, 5), G),
  ];
  const layer = cell === "lstm" ? lstm : gru;
  return inference(() => layer(x, null, all).output, [x, ...all]);
}

function attention({ batch, T, heads, D, causal }: Attention): Prepared {
  const all = [1, 2, 3].map((seed) => made(numbers(batch * T * heads * D, seed, 2), batch, T, heads * D));
  const body = (): Tensor => {
    const [q, k, v] = all.map((x) => x.view([batch, T, heads, D]).transpose(1, 2));
    return scaledDotProductAttention(q, k, v, { isCausal: causal })
      .transpose(1, 2)
      .reshape([batch, T, heads * D]);
  };
  return inference(body, all);
}

const preparations: Preparations = {
  matmul: product,
  stack,
  chain,
  conv,
  recurrent,
  attention,
  network,
  train,
  startup: () => startups("saccade"),
  load: () => loads("saccade", writeCheckpoint),
};

export const open: Open = async ({ threads, variant }) => {
  await init({ threads, variant, development: false });
  return {
    version: `${info().variant} build`,
    threads: info().threads,
    threadsReason: info().threadsReason,
    prepare: (task) => prepareFrom(preparations, task),
  };
};
