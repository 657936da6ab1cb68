// The Transformers of networks.ts as ONNX graphs, in the fused form onnxruntime's own transformer optimiser gives them:
// Attention, MultiHeadAttention, SkipLayerNormalization, BiasGelu and FastGelu of com.microsoft. With int8 weights, as its
// quantize_dynamic leaves them: DynamicQuantizeMatMul, a scale for each output.
import { writeFileSync } from "node:fs";
import { transposed } from "../data.ts";
import {
  image,
  loaded,
  loadedPrompt,
  networkWeights,
  PATCH,
  PATCHES,
  type Sizes,
  sizesOf,
  tokenIds,
} from "../networks.ts";
import { type AnyValues, type Attribute, type Graph, model, type Node, type Values } from "../onnx.ts";
import type { Network } from "../tasks.ts";

type Floats = Float32Array<ArrayBuffer>;

const CONTRIB = "com.microsoft";
const EPSILON = { float: 1e-5 };

export const integers = (list: readonly number[]): BigInt64Array<ArrayBuffer> =>
  BigInt64Array.from(list, (x) => BigInt(x));

/** A graph that grows node by node; every value has a name. */
class Builder {
  readonly task: Network;
  readonly sizes: Sizes;
  readonly weights: ReadonlyMap<string, Values>;
  readonly nodes: Node[] = [];
  readonly constants: Record<string, AnyValues> = {};
  #count = 0;

  constructor(task: Network) {
    this.task = task;
    this.sizes = sizesOf(task);
    this.weights = networkWeights(task);
  }

  constant(name: string, values: AnyValues): string {
    this.constants[name] = values;
    return name;
  }

  /** A vector or matrix as it is. */
  weight(name: string): string {
    return this.constant(name, this.weights.get(name) as Values);
  }

  /** A new value out of `inputs`; "" is an input left out. */
  node(op: string, inputs: readonly string[], attributes: Node["attributes"] = {}, domain?: string): string {
    return this.nodeOf(1, op, inputs, attributes, domain)[0];
  }

  /** `outputs` new values; those of `more` have names already, "" is one left out. */
  nodeOf(
    outputs: number,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    domain?: string,
    more: readonly string[] = [],
  ): string[] {
    const names = Array.from({ length: outputs }, () => `n${this.#count++}`);
    this.nodes.push({ op, inputs, outputs: [...names, ...more], attributes, domain });
    return names;
  }

  contrib(op: string, inputs: readonly string[], attributes: Node["attributes"] = {}): string {
    return this.node(op, inputs, attributes, CONTRIB);
  }

  /** x Wᵀ of a weight (out, in), without its bias. */
  product(x: string, name: string): string {
    const { shape, data } = this.weights.get(name) as Values;
    const [N, K] = shape;
    const flat = transposed(data, N, K);
    if (this.task.dtype !== "int8") {
      return this.node("MatMul", [x, this.constant(name, { shape: [K, N], data: flat })]);
    }
    const { bytes, scales } = quantized(flat, K, N);
    const W = this.constant(`${name}.bytes`, { shape: [K, N], data: bytes });
    const scale = this.constant(`${name}.scale`, { shape: [N], data: scales });
    return this.contrib("DynamicQuantizeMatMul", [x, W, scale]);
  }

  norm(x: string, name: string): string {
    const parameters = [this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    return this.node("LayerNormalization", [x, ...parameters], { axis: -1, epsilon: EPSILON });
  }

  /** The norm of x + skip + bias, and that sum. */
  skipNorm(x: string, skip: string, bias: string, name: string): readonly [normed: string, sum: string] {
    const parameters = [this.weight(`${name}.weight`), this.weight(`${name}.bias`)];
    const inputs = [x, skip, ...parameters, this.weight(bias)];
    const sum = `${name}.sum`;
    const more = ["", "", sum];
    const [normed] = this.nodeOf(1, "SkipLayerNormalization", inputs, { epsilon: EPSILON }, CONTRIB, more);
    return [normed, sum];
  }

  /** activation(x Wᵀ + b) */
  activated(x: string, name: string): string {
    const [y, bias] = [this.product(x, `${name}.weight`), this.weight(`${name}.bias`)];
    if (this.sizes.activation === "gelu_tanh") return this.contrib("FastGelu", [y, bias]);
    if (this.sizes.activation === "gelu") return this.contrib("BiasGelu", [y, bias]);
    return this.contrib("QuickGelu", [this.node("Add", [y, bias])], { alpha: { float: 1 } });
  }

  /** The three projections and attention over x itself, before the output's product. */
  selfAttention(x: string, name: string, causal: boolean): string {
    const { shape, data } = this.weights.get(`${name}.in_proj_weight`) as Values;
    const [N, C] = shape;
    const W = this.constant(`${name}.in_proj_weight`, { shape: [C, N], data: transposed(data, N, C) });
    const attributes = { num_heads: this.sizes.heads, unidirectional: Number(causal) };
    return this.contrib("Attention", [x, W, this.weight(`${name}.in_proj_bias`)], attributes);
  }

  /** Attention of x to `memory`, before the output's product. */
  crossAttention(x: string, memory: string, name: string): string {
    const { data } = this.weights.get(`${name}.in_proj_weight`) as Values;
    const C = this.sizes.width;
    const [q, k, v] = [x, memory, memory].map((from, i) => {
      const part = data.slice(i * C * C, (i + 1) * C * C);
      const W = this.constant(`${name}.in_proj_weight.${i}`, { shape: [C, C], data: transposed(part, C, C) });
      return this.node("MatMul", [from, W]);
    });
    const inputs = [q, k, v, this.weight(`${name}.in_proj_bias`)];
    return this.contrib("MultiHeadAttention", inputs, { num_heads: this.sizes.heads });
  }

  /** Attention behind a cache of keys and values, with both grown. */
  cachedAttention(x: string, name: string, layer: number): string {
    const projected = this.product(x, `${name}.in_proj_weight`);
    const [q, k, v] = this.nodeOf(3, "Split", [projected], { axis: -1 });
    const inputs = [q, k, v, this.weight(`${name}.in_proj_bias`), "", "", `k${layer}`, `v${layer}`];
    const attributes = { num_heads: this.sizes.heads, unidirectional: 1 };
    const grown = [`K${layer}`, `V${layer}`];
    return this.nodeOf(1, "MultiHeadAttention", inputs, attributes, CONTRIB, grown)[0];
  }

  /** Rows of tokens plus rows of positions; both are inputs of ids. */
  embedded(ids: string, positions: string): string {
    const rows = this.node("Gather", [this.weight("embedding"), ids]);
    return this.node("Add", [rows, this.node("Gather", [this.weight("positions"), positions])]);
  }

  /** One position of (1, T, C) through the head: (1, V). */
  head(x: string, position: number): string {
    const at = this.constant("at", { shape: [], data: integers([position]) });
    const row = this.node("Gather", [x, at], { axis: 1 });
    if (this.task.dtype === "int8") return this.product(row, "embedding");
    return this.node("Gemm", [row, this.weight("embedding")], { transB: 1 });
  }

  graph(rest: Pick<Graph, "inputs" | "outputs" | "integers">): Uint8Array {
    return model({ nodes: this.nodes, constants: this.constants, ...rest });
  }
}

/** (K, N) in bytes with a scale for each column. */
function quantized(flat: Floats, K: number, N: number): { bytes: Int8Array<ArrayBuffer>; scales: Floats } {
  const scales = new Float32Array(N);
  for (let i = 0; i < K * N; i++) scales[i % N] = Math.max(scales[i % N], Math.abs(flat[i]) / 127);
  return { bytes: Int8Array.from(flat, (x, i) => Math.round(x / scales[i % N])), scales };
}

type Attend = (x: string, name: string, layer: number) => string;

/** Norms behind the sums: BERT, Marian. */
function postNorm(build: Builder, x: string, stack: string, attend: Attend, memory?: string): string {
  for (let i = 0; i < build.sizes.layers; i++) {
    const layer = `${stack}.layers.${i}`;
    const part = (y: string, name: string, norm: number): void => {
      const out = build.product(y, `${layer}.${name}.weight`);
      x = build.skipNorm(out, x, `${layer}.${name}.bias`, `${layer}.norm${norm}`)[0];
    };
    part(attend(x, `${layer}.self_attn`, i), "self_attn.out_proj", 1);
    if (memory !== undefined)
      part(build.crossAttention(x, memory, `${layer}.multihead_attn`), "multihead_attn.out_proj", 2);
    part(build.activated(x, `${layer}.linear1`), "linear2", memory === undefined ? 2 : 3);
  }
  return x;
}

/** Norms before the parts, and one at the end: GPT-2, ViT. */
function preNorm(build: Builder, first: string, attend: Attend): string {
  const { layers } = build.sizes;
  let x = first;
  let normed = build.norm(x, "encoder.layers.0.norm1");
  for (let i = 0; i < layers; i++) {
    const layer = `encoder.layers.${i}`;
    const attended = build.product(
      attend(normed, `${layer}.self_attn`, i),
      `${layer}.self_attn.out_proj.weight`,
    );
    [normed, x] = build.skipNorm(attended, x, `${layer}.self_attn.out_proj.bias`, `${layer}.norm2`);
    const out = build.product(build.activated(normed, `${layer}.linear1`), `${layer}.linear2.weight`);
    const next = i + 1 < layers ? `encoder.layers.${i + 1}.norm1` : "norm";
    [normed, x] = build.skipNorm(out, x, `${layer}.linear2.bias`, next);
  }
  return normed;
}

export interface NetworkSession {
  readonly model: Uint8Array;
  readonly feeds: Readonly<Record<string, AnyValues>>;
  readonly result: string;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const idsFeed = (list: readonly number[]): AnyValues => ({ shape: [1, list.length], data: integers(list) });

function finished(
  build: Builder,
  feeds: Readonly<Record<string, AnyValues>>,
  result: string,
  shape: readonly number[],
): NetworkSession {
  const inputs = Object.fromEntries(Object.entries(feeds).map(([name, values]) => [name, values.shape]));
  const ids = Object.keys(feeds).filter((name) => feeds[name].data instanceof BigInt64Array);
  const bytes = build.graph({ inputs, outputs: { [result]: shape }, integers: ids });
  return { model: bytes, feeds, result };
}

function bert(build: Builder): NetworkSession {
  const T = build.task.tokens;
  const feeds = { ids: idsFeed(tokenIds(T, build.sizes, 1)), places: idsFeed(range(T)) };
  const x = build.norm(build.embedded("ids", "places"), "norm");
  const y = postNorm(build, x, "encoder", (z, name) => build.selfAttention(z, name, false));
  return finished(build, feeds, y, [1, T, build.sizes.width]);
}

function marian(build: Builder): NetworkSession {
  const T = build.task.tokens;
  const feeds = {
    source: idsFeed(tokenIds(T, build.sizes, 1)),
    target: idsFeed(tokenIds(T, build.sizes, 2)),
    places: idsFeed(range(T)),
  };
  const attend = (causal: boolean) => (x: string, name: string) => build.selfAttention(x, name, causal);
  const memory = postNorm(build, build.embedded("source", "places"), "encoder", attend(false));
  const y = postNorm(build, build.embedded("target", "places"), "decoder", attend(true), memory);
  return finished(build, feeds, build.head(y, T - 1), [1, build.sizes.vocabulary]);
}

function gpt2(build: Builder): NetworkSession {
  const T = build.task.tokens;
  const feeds = { ids: idsFeed(tokenIds(T, build.sizes, 1)), places: idsFeed(range(T)) };
  const x = build.embedded("ids", "places");
  const y = preNorm(build, x, (z, name) => build.selfAttention(z, name, true));
  return finished(build, feeds, build.head(y, T - 1), [1, build.sizes.vocabulary]);
}

function vit(build: Builder): NetworkSession {
  const { width: C, vocabulary } = build.sizes;
  const kernels = { shape: [C, 3, PATCH, PATCH], data: (build.weights.get("patches.weight") as Values).data };
  const W = build.constant("patches.weight", kernels);
  const attributes = { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH] };
  const grid = build.node("Conv", ["pixels", W, build.weight("patches.bias")], attributes);
  const flat = build.constant("flat", { shape: [3], data: integers([1, C, PATCHES]) });
  const rows = build.node("Transpose", [build.node("Reshape", [grid, flat])], { perm: [0, 2, 1] });
  const first = build.constant("class", {
    shape: [1, 1, C],
    data: (build.weights.get("class") as Values).data,
  });
  const tokens = build.node("Concat", [first, rows], { axis: 1 });
  const length = PATCHES + 1;
  const table = (build.weights.get("positions") as Values).data.slice(0, length * C);
  const x = build.node("Add", [tokens, build.constant("positions", { shape: [1, length, C], data: table })]);
  const y = preNorm(build, x, (z, name) => build.selfAttention(z, name, false));
  const pixels = image();
  return finished(build, { pixels }, build.head(y, 0), [1, vocabulary]);
}

const networks = { "GPT-2": gpt2, BERT: bert, ViT: vit, Marian: marian } as const;

export function networkSession(task: Network): NetworkSession {
  return networks[task.model](new Builder(task));
}

/** GPT-2 that takes new tokens and the keys and values of earlier ones: inputs ids, places, k0, v0, …; outputs K0, V0, …. */
export function decoderSession(task: Network): { readonly model: Uint8Array; readonly result: string } {
  const build = new Builder(task);
  const { layers, heads, width, vocabulary } = build.sizes;
  const y = preNorm(build, build.embedded("ids", "places"), (z, name, i) =>
    build.cachedAttention(z, name, i),
  );
  const result = build.head(y, -1);
  const past = [1, heads, "past", width / heads];
  const grown = [1, heads, "all", width / heads];
  const named = (names: readonly string[], shape: Graph["inputs"][string]): Graph["inputs"] =>
    Object.fromEntries(names.flatMap((name) => range(layers).map((i) => [`${name}${i}`, shape])));
  return {
    model: build.graph({
      inputs: { ids: [1, "new"], places: [1, "new"], ...named(["k", "v"], past) },
      integers: ["ids", "places"],
      outputs: { [result]: [1, vocabulary], ...named(["K", "V"], grown) },
    }),
    result,
  };
}

/** Writes the graph that `load` reads. */
export async function writeGraph(directory: string): Promise<void> {
  writeFileSync(`${directory}/model.onnx`, networkSession(loaded).model);
  writeFileSync(`${directory}/ids.json`, JSON.stringify(loadedPrompt()));
}
