// What can be measured: rows, who takes part, and in which build.
import { generateRows, networkRows, trainingRows } from "./modelShapes.ts";
import type { Settings } from "./participant.ts";
import {
  attentionRows,
  convRows,
  decodeRows,
  elementwiseRows,
  formRows,
  gemmRows,
  loadRows,
  recurrentRows,
  startupRows,
} from "./shapes.ts";
import type { Row } from "./tasks.ts";

export interface Suite {
  readonly about: string;
  readonly rows: readonly Row[];
  readonly peers: readonly string[];
  /** Build of Saccade and of the limits: the fastest there is, unless it says. */
  readonly variant?: Settings["variant"];
  /** Runs the built packages, so these have to be there. */
  readonly built?: boolean;
}

const ORT = "onnxruntime-web";
const TFJS = "tfjs-wasm";
const JAX = "jax-js";

export const suites: Readonly<Record<string, Suite>> = {
  gemm: {
    about:
      "products of GPT-2, BERT, ViT, Marian, LSTM-512 (constant weights) and of a nanoGPT step (all fresh)",
    rows: gemmRows,
    peers: [ORT, TFJS, JAX],
  },
  "gemm-simd": {
    about: "the same in the build without relaxed SIMD",
    rows: gemmRows,
    peers: [ORT, TFJS, JAX],
    variant: "simd",
  },
  forms: {
    about: "nn, nt, tn and batched heads from unpacked operands, packing counted",
    rows: formRows,
    peers: [ORT, TFJS, JAX],
  },
  decode: {
    about: "one row through a model's constant weights, as a share of the in-run stream read",
    rows: decodeRows,
    peers: [ORT, TFJS, JAX],
  },
  elementwise: {
    about: "elementwise ops, softmax and norms beyond cache and within",
    rows: elementwiseRows,
    peers: [ORT, TFJS, JAX],
  },
  conv: { about: "convolutions of ResNet, MobileNet and ViT", rows: convRows, peers: [ORT, TFJS, JAX] },
  recurrent: { about: "LSTM and GRU layers over 128 steps", rows: recurrentRows, peers: [ORT] },
  attention: {
    about:
      "attention over 128 … 8192 positions; onnxruntime has MultiHeadAttention, which refuses 4096 and more: plain nodes there",
    rows: attentionRows,
    peers: [ORT, TFJS, JAX],
  },
  networks: {
    about: "whole models with random weights; onnxruntime-web has them as its own optimiser fuses them",
    rows: networkRows,
    peers: [ORT],
  },
  generate: {
    about: "greedy generation behind a prompt of 16, keys and values kept",
    rows: generateRows,
    peers: [ORT],
  },
  startup: {
    about: "a new process: import → the first product's numbers (the built packages)",
    rows: startupRows,
    peers: [ORT, TFJS, JAX],
    built: true,
  },
  load: {
    about: "a new process: import, a checkpoint's file, the first token (the built packages)",
    rows: loadRows,
    peers: [ORT],
    built: true,
  },
  step: {
    about: "a training step of nanoGPT's recipe: GPTs, a ViT, an LSTM",
    rows: trainingRows,
    peers: ["pytorch", TFJS, JAX],
  },
};

/** Measurements of another kind: programs of their own that print as they like. */
export interface Programme {
  readonly about: string;
  readonly workspace: string;
  readonly program: string;
  readonly args: readonly string[];
  /** An argument that has to be there as a file. */
  readonly file?: string;
}

export function programmes(text: string): Readonly<Record<string, Programme>> {
  const kernels = { workspace: "packages/kernels", program: "tools/gemm-bench.ts" };
  return {
    kernels: {
      ...kernels,
      about: "kernels of matrix products without tensors around them: packed, with packing, activations",
      args: ["relaxed"],
    },
    "kernels-simd": { ...kernels, about: "the same in the build without relaxed SIMD", args: ["simd"] },
    "few-bits": {
      about: "layers with weights in f16, bf16, int8 and int4 beside f32, in both builds",
      workspace: "packages/core",
      program: "tools/few-bits-bench.ts",
      args: [],
    },
    threads: {
      about: "a second thread, beside two independent single-thread copies in the same rounds",
      workspace: "tools",
      program: "bench/threads.ts",
      args: [],
    },
    memory: {
      about:
        "the most memory that loading a gpt2-medium-shaped f16 checkpoint takes, over the size of its file",
      workspace: "tools",
      program: "bench/memory.ts",
      args: [],
    },
    browser: {
      about: "GPT-2 generating in Chromium: int8 and int4 beside wllama's q8_0 and q4_0",
      workspace: "tools",
      program: "bench/peers/browser.ts",
      args: [],
    },
    growth: {
      about: "how time and memory grow with context, batch, length and steps",
      workspace: "tools",
      program: "bench/growth.ts",
      args: [],
    },
    training: {
      about:
        "loss and time of 2,000 steps of nanoGPT's CPU configuration beside PyTorch, from the same weights",
      workspace: "packages/models",
      program: "tools/compare-training.ts",
      args: [text],
      file: text,
    },
  };
}
