// The sizes everything is measured at, committed before any tuning: they are those of real models, and none is left out
// because it goes badly; modelShapes.ts has those of whole models. M, K, N as in C (M, N) = A (M, K) · B (K, N).
import type {
  Attention,
  Chain,
  Convolution,
  ElementwiseName,
  Form,
  Product,
  Recurrent,
  Row,
  Stack,
} from "./tasks.ts";
import { row } from "./tasks.ts";

type Size = readonly [M: number, K: number, N: number];

/** Products with the constant weights of models at inference, by model and layer. */
const inference: Readonly<Record<string, Readonly<Record<string, Size>>>> = {
  "GPT-2 124M, 128 tokens": {
    qkv: [128, 768, 2304],
    projection: [128, 768, 768],
    "feed-forward in": [128, 768, 3072],
    "feed-forward out": [128, 3072, 768],
  },
  "GPT-2 124M, 16 tokens": {
    projection: [16, 768, 768],
    "feed-forward in": [16, 768, 3072],
    "feed-forward out": [16, 3072, 768],
  },
  "BERT-base, 4 × 128 tokens": {
    projection: [512, 768, 768],
    "feed-forward in": [512, 768, 3072],
    "feed-forward out": [512, 3072, 768],
  },
  "ViT-B/16, one image": {
    patches: [196, 768, 768],
    projection: [197, 768, 768],
    "feed-forward in": [197, 768, 3072],
    "feed-forward out": [197, 3072, 768],
  },
  "Marian (opus-mt), 32 tokens": {
    projection: [32, 512, 512],
    "feed-forward in": [32, 512, 2048],
    "feed-forward out": [32, 2048, 512],
  },
  "Marian (opus-mt), 4 beams": {
    projection: [4, 512, 512],
    "feed-forward in": [4, 512, 2048],
    "feed-forward out": [4, 2048, 512],
  },
  "Marian (opus-mt), 8 sentences": { projection: [8, 512, 512], "feed-forward in": [8, 512, 2048] },
  "LSTM-512": {
    "inputs of 128 steps": [128, 512, 2048],
    "inputs of 16 × 128 steps": [2048, 512, 2048],
    "one step of 16": [16, 512, 2048],
  },
};

/** The linear layers of nanoGPT's CPU configuration, 12 × 64 characters, width 128: forward, and both gradients. */
const layersOfNanoGpt: Readonly<Record<string, readonly [inputs: number, outputs: number]>> = {
  qkv: [128, 384],
  projection: [128, 128],
  "feed-forward in": [128, 512],
  "feed-forward out": [512, 128],
  head: [128, 65],
};

/** Plain products whose operands all come anew. */
const squareAndLong: readonly Size[] = [
  [128, 768, 768],
  [197, 768, 3072],
  [128, 3072, 768],
  [512, 512, 512],
  [1024, 1024, 1024],
  [768, 64, 512],
];

/** Heads of attention: [heads, M, K, N]. */
const heads: readonly (readonly [batch: number, ...Size])[] = [
  [48, 64, 32, 64],
  [48, 64, 64, 32],
  [12, 128, 64, 128],
  [12, 128, 128, 64],
  [12, 1024, 64, 1024],
  [12, 1024, 1024, 64],
];

const FORMS: readonly Form[] = ["nn", "nt", "tn"];
const product = (form: Form, [M, K, N]: Size, weights: Product["weights"], batch = 1): Product => ({
  op: "matmul",
  form,
  M,
  K,
  N,
  batch,
  weights,
});
const sizeText = ({ form, batch, M, K, N }: Product): string =>
  `${form} ${batch > 1 ? `${batch} × ` : ""}${M}×${K}×${N}`;

export const gemmRows: readonly Row[] = [
  ...Object.entries(inference).flatMap(([model, layers]) =>
    Object.entries(layers).map(([layer, size]) => {
      const task = product("nn", size, "constant");
      return row(`${model}: ${layer}, ${sizeText(task)}`, task);
    }),
  ),
  ...Object.entries(layersOfNanoGpt).flatMap(([layer, [I, O]]) => {
    const T = 768;
    const parts: readonly [string, Product][] = [
      ["forward", product(layer === "head" ? "nt" : "nn", [T, I, O], "fresh")],
      ["dx", product(layer === "head" ? "nn" : "nt", [T, O, I], "fresh")],
      ["dW", product("tn", layer === "head" ? [O, T, I] : [I, T, O], "fresh")],
    ];
    return parts.map(([part, task]) => row(`nanoGPT step: ${layer} ${part}, ${sizeText(task)}`, task));
  }),
];

/** Each size in each form, from unpacked operands. */
export const formRows: readonly Row[] = [
  ...squareAndLong.map((size) => [1, size] as const),
  ...heads.map(([batch, ...size]) => [batch, size] as const),
].flatMap(([batch, size]) =>
  FORMS.map((form) => {
    const task = product(form, size, "fresh", batch);
    return row(sizeText(task), task);
  }),
);

const stacks: Readonly<Record<string, Stack>> = {
  "GPT-2 124M: 12 × (768 → 3072 → 768)": { op: "stack", rows: 1, widths: [768, 3072, 768], depth: 12 },
  "GPT-2 124M: 12 × (768 → 768)": { op: "stack", rows: 1, widths: [768, 768], depth: 12 },
  "GPT-2 124M: head 768 → 50257": { op: "stack", rows: 1, widths: [768, 50257], depth: 1 },
  "Marian: 6 × (512 → 2048 → 512)": { op: "stack", rows: 1, widths: [512, 2048, 512], depth: 6 },
  "Marian: head 512 → 58101": { op: "stack", rows: 1, widths: [512, 58101], depth: 1 },
  "in cache: 4 × (256 → 256)": { op: "stack", rows: 1, widths: [256, 256], depth: 4 },
  "4 beams, Marian: 6 × (512 → 2048 → 512)": { op: "stack", rows: 4, widths: [512, 2048, 512], depth: 6 },
};

export const decodeRows: readonly Row[] = Object.entries(stacks).map(([name, task]) => row(name, task));

/** 64 MiB, beyond cache, and 256 KiB, within. */
const BEYOND = [16384, 1024] as const;
const WITHIN = [128, 512] as const;
/** exp of exp of exp still fits in an f32. */
const lengthOf = (name: ElementwiseName): number => (name === "exp" ? 3 : 8);
const chain = (name: ElementwiseName, shape: Chain["shape"]): Row =>
  row(`${name} ${shape.join("×")}`, { op: "chain", name, shape, length: lengthOf(name) });

export const elementwiseRows: readonly Row[] = [
  ...(["add", "mul", "relu", "scale", "layerNorm", "rmsNorm", "softmax"] as const).map((name) =>
    chain(name, BEYOND),
  ),
  ...(
    ["exp", "sigmoid", "tanh", "gelu", "silu", "softmax", "layerNorm", "rmsNorm", "add", "relu"] as const
  ).map((name) => chain(name, WITHIN)),
  chain("layerNorm", [128, 768]),
  chain("softmax", [1536, 128]),
  chain("softmax", [64, 8192]),
];

const image = { op: "conv", batch: 1, groups: 1 } as const;
const convolutions: Readonly<Record<string, Convolution>> = {
  "ResNet 7×7 stride 2": { ...image, channels: 3, size: 224, filters: 64, kernel: 7, stride: 2, padding: 3 },
  "ResNet 3×3, 64 at 56²": {
    ...image,
    channels: 64,
    size: 56,
    filters: 64,
    kernel: 3,
    stride: 1,
    padding: 1,
  },
  "ResNet 3×3, 256 at 14²": {
    ...image,
    channels: 256,
    size: 14,
    filters: 256,
    kernel: 3,
    stride: 1,
    padding: 1,
  },
  "ResNet 3×3 stride 2": {
    ...image,
    channels: 128,
    size: 56,
    filters: 128,
    kernel: 3,
    stride: 2,
    padding: 1,
  },
  "ResNet 1×1, 256 → 64 at 56²": {
    ...image,
    channels: 256,
    size: 56,
    filters: 64,
    kernel: 1,
    stride: 1,
    padding: 0,
  },
  "ResNet 1×1, 512 → 2048 at 7²": {
    ...image,
    channels: 512,
    size: 7,
    filters: 2048,
    kernel: 1,
    stride: 1,
    padding: 0,
  },
  "MobileNet depthwise 3×3, 96 at 112²": {
    ...image,
    channels: 96,
    size: 112,
    filters: 96,
    kernel: 3,
    stride: 1,
    padding: 1,
    groups: 96,
  },
  "MobileNet depthwise 3×3 stride 2, 144 at 56²": {
    ...image,
    channels: 144,
    size: 56,
    filters: 144,
    kernel: 3,
    stride: 2,
    padding: 1,
    groups: 144,
  },
  "ViT-B/16 patches 16×16": {
    ...image,
    channels: 3,
    size: 224,
    filters: 768,
    kernel: 16,
    stride: 16,
    padding: 0,
  },
};

export const convRows: readonly Row[] = Object.entries(convolutions).map(([name, task]) => row(name, task));

const cells: readonly Recurrent[] = (["lstm", "gru"] as const).flatMap((cell) =>
  [256, 512].flatMap((H) =>
    [1, 16].map((batch): Recurrent => ({ op: "recurrent", cell, batch, T: 128, I: H, H })),
  ),
);

export const recurrentRows: readonly Row[] = cells.map((task) =>
  row(`${task.cell.toUpperCase()}-${task.H}, ${task.T} steps, batch ${task.batch}`, task),
);

/** GPT-2's 12 heads of 64 up to 2048 positions; 2 of them beyond, where some need gigabytes for the weights of 12. */
const attentions: readonly Attention[] = [128, 256, 512, 1024, 2048, 4096, 8192].flatMap((T) =>
  [false, true].map(
    (causal): Attention => ({ op: "attention", batch: 1, T, heads: T > 2048 ? 2 : 12, D: 64, causal }),
  ),
);

export const attentionRows: readonly Row[] = attentions.map((task) =>
  row(`T ${task.T}, ${task.heads} heads of ${task.D}${task.causal ? ", causal" : ""}`, task),
);

export const startupRows: readonly Row[] = [row("import → first 64×64×64 product read", { op: "startup" })];

export const loadRows: readonly Row[] = [
  row("GPT-2 124M in f32: import → file loaded → the first token's logits", { op: "load" }),
];
