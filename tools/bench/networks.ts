// Whole Transformers with the sizes of well-known ones and random weights that everybody makes alike, named as torch.nn
// names them: <stack>.layers.<i>.self_attn.in_proj_weight and so on.
import { numbers, weights } from "./data.ts";
import type { Values } from "./onnx.ts";
import type { Network } from "./tasks.ts";

export interface Sizes {
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
  readonly layers: number;
  /** Tokens, or classes of images. */
  readonly vocabulary: number;
  readonly activation: "gelu" | "gelu_tanh" | "silu";
  /** Norms before each part instead of behind the sum. */
  readonly normFirst: boolean;
}

const base = { width: 768, heads: 12, inner: 3072, layers: 12 } as const;
const sizes: Readonly<Record<Network["model"], Sizes>> = {
  "GPT-2": { ...base, vocabulary: 50257, activation: "gelu_tanh", normFirst: true },
  BERT: { ...base, vocabulary: 30522, activation: "gelu", normFirst: false },
  ViT: { ...base, vocabulary: 1000, activation: "gelu", normFirst: true },
  Marian: {
    width: 512,
    heads: 8,
    inner: 2048,
    layers: 6,
    vocabulary: 58101,
    activation: "silu",
    normFirst: false,
  },
};

/** Pixels and the side of a patch of a ViT. */
export const IMAGE = 224;
export const PATCH = 16;
export const PATCHES = (IMAGE / PATCH) ** 2;

export const sizesOf = ({ model }: Network): Sizes => sizes[model];

/** Token ids that look random. */
export function tokenIds(n: number, { vocabulary }: Sizes, seed: number): number[] {
  return Array.from(numbers(n, seed), (x) => Math.floor((x + 0.5) * vocabulary));
}

export const image = (): Values => ({ shape: [1, 3, IMAGE, IMAGE], data: numbers(3 * IMAGE ** 2, 1, 2) });

/** Positions each side of the network sees at most. */
const POSITIONS = 256;

/** Where a network's layers lie. */
export const stacksOf = ({ model }: Network): readonly string[] =>
  model === "Marian" ? ["encoder", "decoder"] : ["encoder"];

/** Every weight by its name. The embedding of tokens is the head's weight, too. */
export function networkWeights(task: Network): Map<string, Values> {
  const { width: C, inner, layers, vocabulary } = sizesOf(task);
  const all = new Map<string, Values>();
  let seed = 10;
  const matrix = (name: string, outputs: number, inputs: number): void => {
    const data = weights(outputs * inputs, seed++, inputs);
    all.set(name, { shape: [outputs, inputs], data });
  };
  const vector = (name: string, n: number, middle = 0): void => {
    const data = numbers(n, seed++, 0.2).map((x) => x + middle);
    all.set(name, { shape: [n], data });
  };
  const linear = (name: string, outputs: number, inputs: number): void => {
    matrix(`${name}.weight`, outputs, inputs);
    vector(`${name}.bias`, outputs);
  };
  const norm = (name: string): void => {
    vector(`${name}.weight`, C, 1);
    vector(`${name}.bias`, C);
  };
  const attention = (name: string): void => {
    matrix(`${name}.in_proj_weight`, 3 * C, C);
    vector(`${name}.in_proj_bias`, 3 * C);
    linear(`${name}.out_proj`, C, C);
  };
  matrix("embedding", vocabulary, C);
  matrix("positions", POSITIONS, C);
  norm("norm");
  if (task.model === "ViT") {
    matrix("patches.weight", C, 3 * PATCH ** 2);
    vector("patches.bias", C);
    vector("class", C);
  }
  for (const stack of stacksOf(task)) {
    for (let i = 0; i < layers; i++) {
      const layer = `${stack}.layers.${i}`;
      attention(`${layer}.self_attn`);
      if (stack === "decoder") attention(`${layer}.multihead_attn`);
      for (const n of stack === "decoder" ? [1, 2, 3] : [1, 2]) norm(`${layer}.norm${n}`);
      linear(`${layer}.linear1`, inner, C);
      linear(`${layer}.linear2`, C, inner);
    }
  }
  return all;
}

/** What the suite `load` loads, and its prompt. */
export const loaded: Network = { op: "network", model: "GPT-2", tokens: 16 };
export const loadedPrompt = (): number[] => tokenIds(loaded.tokens, sizesOf(loaded), 1);
