// The sizes of whole models: what is trained in a step, what is run, what generates. Committed as those of shapes.ts are.
import type { GptTraining, LstmTraining, Network, Row, VitTraining } from "./tasks.ts";
import { row } from "./tasks.ts";

const nanoGpt: GptTraining = {
  op: "train",
  model: "GPT",
  layers: 4,
  heads: 4,
  width: 128,
  block: 64,
  batch: 12,
  vocabulary: 65,
};

const smallVit: VitTraining = {
  op: "train",
  model: "ViT",
  layers: 6,
  heads: 3,
  width: 192,
  batch: 32,
  size: 32,
  patch: 4,
  classes: 10,
};

const characterLstm: LstmTraining = {
  op: "train",
  model: "LSTM",
  layers: 2,
  width: 256,
  batch: 16,
  block: 128,
  vocabulary: 65,
};

export const trainingRows: readonly Row[] = [
  row("nanoGPT's CPU configuration: 4 layers, width 128, 12 × 64", nanoGpt),
  row("6 layers, width 384, 8 × 128", { ...nanoGpt, layers: 6, heads: 6, width: 384, block: 128, batch: 8 }),
  row("small ViT: 6 layers, width 192, 32 images of 64 patches", smallVit),
  row("LSTM: 2 layers, width 256, 16 × 128", characterLstm),
];

const networks: Readonly<Record<string, Omit<Network, "op">>> = {
  "GPT-2 124M, prefill of 128": { model: "GPT-2", tokens: 128 },
  "BERT-base, 128 tokens": { model: "BERT", tokens: 128 },
  "ViT-B/16, one image": { model: "ViT", tokens: 197 },
  "opus-mt: 32 tokens, the decoder over 32": { model: "Marian", tokens: 32 },
};

export const networkRows: readonly Row[] = Object.entries(networks).map(([name, task]) =>
  row(name, { op: "network", ...task }),
);

/** Greedy, behind a prompt of 16. */
export const generateRows: readonly Row[] = (["f32", "int8", "int4"] as const).map((dtype) => {
  const task: Network = { op: "network", model: "GPT-2", tokens: 16, generated: 64 };
  return row(`GPT-2 124M, 64 tokens, ${dtype}`, dtype === "f32" ? task : { ...task, dtype });
});
