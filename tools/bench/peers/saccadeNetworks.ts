// The Transformers of networks.ts built from Saccade's layers, GPT-2 as @saccade/models has it, with packed weights.
import { writeFileSync } from "node:fs";
import { add, cat, linear, narrow, nn, scope, select, silu, type Tensor, tensor } from "@saccade/core";
import { GPT2LMHeadModel, generate } from "@saccade/models";
import { checksum } from "../data.ts";
import {
  image,
  loaded,
  loadedPrompt,
  networkWeights,
  PATCH,
  sizesOf,
  stacksOf,
  tokenIds,
} from "../networks.ts";
import type { Values } from "../onnx.ts";
import type { Prepared } from "../participant.ts";
import type { Network } from "../tasks.ts";
import { inference } from "./inference.ts";

type Weights = ReadonlyMap<string, Values>;

const made = ({ data, shape }: Values): Tensor => tensor(data, { shape });
const turned = (x: Tensor): Tensor => x.t().contiguous();

function load(module: nn.Module, entries: readonly (readonly [string, Tensor])[]): void {
  module.loadStateDict(new Map(entries));
}

/** Entries of `weights` below `prefix`, without it. */
const below = (weights: Weights, prefix: string): [string, Tensor][] =>
  [...weights].flatMap(([name, values]) =>
    name.startsWith(prefix) ? [[name.slice(prefix.length), made(values)]] : [],
  );

function stack(task: Network, weights: Weights, name: "encoder" | "decoder"): nn.Module {
  const { width, heads, inner, layers, activation, normFirst } = sizesOf(task);
  const options = {
    dimFeedforward: inner,
    activation: activation === "silu" ? silu : "gelu",
    normFirst,
  } as const;
  const module =
    name === "encoder"
      ? new nn.TransformerEncoder(new nn.TransformerEncoderLayer(width, heads, options), layers)
      : new nn.TransformerDecoder(new nn.TransformerDecoderLayer(width, heads, options), layers);
  scope(() => load(module, below(weights, `${name}.`)));
  return module.eval().pack();
}

/** Token rows plus those of their positions. */
class Embedded extends nn.Module {
  head: nn.Linear;
  positions: nn.Parameter;
  norm: nn.LayerNorm;

  constructor(task: Network, weights: Weights) {
    super();
    const { width, vocabulary } = sizesOf(task);
    this.head = new nn.Linear(width, vocabulary, { bias: false });
    this.positions = nn.parameter(...(weights.get("positions") as Values).shape);
    this.norm = new nn.LayerNorm(width);
    const values = (name: string): Tensor => made(weights.get(name) as Values);
    scope(() =>
      load(this, [
        ["head.weight", values("embedding")],
        ["positions", values("positions")],
        ...below(weights, "norm.").map(([name, x]) => [`norm.${name}`, x] as const),
      ]),
    );
    this.eval().pack();
  }

  /** ids (1, T) → (1, T, C) */
  forward(ids: Tensor): Tensor {
    return add(ids.embedding(this.head.weight), narrow(this.positions, 0, 0, ids.size(1)));
  }

  /** (1, T, C) → (1, V), of the last position. */
  last(x: Tensor): Tensor {
    return this.head.forward(select(x, 1, -1));
  }
}

function bert(task: Network, weights: Weights): Prepared {
  const [embedded, encoder] = [new Embedded(task, weights), stack(task, weights, "encoder")];
  const ids = idsOf(task, 1);
  const body = (): Tensor => encoder.forward(embedded.norm.forward(embedded.forward(ids))) as Tensor;
  return inference(body, [ids, embedded, encoder]);
}

function marian(task: Network, weights: Weights): Prepared {
  const embedded = new Embedded(task, weights);
  const [encoder, decoder] = [stack(task, weights, "encoder"), stack(task, weights, "decoder")];
  const [source, target] = [idsOf(task, 1), idsOf(task, 2)];
  const body = (): Tensor => {
    const memory = encoder.forward(embedded.forward(source)) as Tensor;
    return embedded.last(decoder.forward(embedded.forward(target), memory, { tgtIsCausal: true }) as Tensor);
  };
  return inference(body, [source, target, embedded, encoder, decoder]);
}

class Patches extends nn.Module {
  projection: nn.Conv2d;
  class: nn.Parameter;

  constructor(weights: Weights, width: number) {
    super();
    this.projection = new nn.Conv2d(3, width, PATCH, { stride: PATCH });
    this.class = nn.parameter(1, 1, width);
    const values = (name: string, shape: readonly number[]): Tensor =>
      made({ data: (weights.get(name) as Values).data, shape });
    scope(() =>
      load(this, [
        ["projection.weight", values("patches.weight", [width, 3, PATCH, PATCH])],
        ["projection.bias", values("patches.bias", [width])],
        ["class", values("class", [1, 1, width])],
      ]),
    );
    this.eval().pack();
  }

  /** pixels (1, 3, size, size) → the class and patches (1, 1 + N, C) */
  forward(pixels: Tensor): Tensor {
    return cat([this.class, this.projection.forward(pixels).flatten(2).transpose(1, 2)], 1);
  }
}

function vit(task: Network, weights: Weights): Prepared {
  const [embedded, encoder] = [new Embedded(task, weights), stack(task, weights, "encoder")];
  const patches = new Patches(weights, sizesOf(task).width);
  const pixels = made(image());
  const body = (): Tensor => {
    const tokens = patches.forward(pixels);
    const x = encoder.forward(add(tokens, narrow(embedded.positions, 0, 0, tokens.size(1)))) as Tensor;
    return linear(embedded.norm.forward(select(x, 1, 0)), embedded.head.weight);
  };
  return inference(body, [pixels, embedded, encoder, patches]);
}

/** transformers' names of a block's parts, whose weights lie (in, out). */
const gpt2Names: Readonly<Record<string, string>> = {
  "self_attn.in_proj_weight": "attn.c_attn.weight",
  "self_attn.in_proj_bias": "attn.c_attn.bias",
  "self_attn.out_proj": "attn.c_proj",
  norm1: "ln_1",
  norm2: "ln_2",
  linear1: "mlp.c_fc",
  linear2: "mlp.c_proj",
};

function gpt2Model({ dtype = "f32", ...task }: Network, weights: Weights): GPT2LMHeadModel {
  const positions = weights.get("positions") as Values;
  const model = nn.build(() => nn.init.skip(() => new GPT2LMHeadModel({ n_positions: positions.shape[0] })));
  const renamed = (name: string): string => {
    const [, layer, part] = /^encoder\.layers\.(\d+)\.(.*)$/.exec(name) as string[];
    const known = Object.keys(gpt2Names).find((prefix) => part.startsWith(prefix)) as string;
    return `transformer.h.${layer}.${gpt2Names[known]}${part.slice(known.length)}`;
  };
  scope(() => {
    const at = (name: string): Tensor => made(weights.get(name) as Values);
    load(model, [
      ...["transformer.wte.weight", "lm_head.weight"].map((name): [string, Tensor] => [
        name,
        at("embedding"),
      ]),
      ["transformer.wpe.weight", made(positions)],
      ["transformer.ln_f.weight", at("norm.weight")],
      ["transformer.ln_f.bias", at("norm.bias")],
      ...stacksOf(task)
        .flatMap((stack) => [...weights.keys()].filter((name) => name.startsWith(`${stack}.`)))
        .map((name): [string, Tensor] => {
          const x = at(name);
          return [renamed(name), x.rank === 2 ? turned(x) : x];
        }),
    ]);
  });
  return model.eval().pack({ dtype });
}

function gpt2(task: Network, weights: Weights): Prepared {
  const model = gpt2Model(task, weights);
  const prompt = tokenIds(task.tokens, sizesOf(task), 1);
  if (task.generated === undefined) {
    const ids = idsOf(task, 1);
    return inference(() => model.forward(ids, { logitsToKeep: 1 }).logits, [ids, model]);
  }
  const maxNewTokens = task.generated;
  const tokens = async (): Promise<number[]> => {
    const all: number[] = [];
    for await (const id of generate(model, prompt, { maxNewTokens, eosTokenId: null })) all.push(id);
    return all;
  };
  const exact = (task.dtype ?? "f32") === "f32";
  return {
    run: async () => void (await tokens()),
    ...(exact ? { check: async () => checksum(await tokens()) } : {}),
    dispose: () => model.dispose(),
  };
}

const idsOf = (task: Network, seed: number): Tensor =>
  tensor([tokenIds(task.tokens, sizesOf(task), seed)], { dtype: "i32" });

const networks = { "GPT-2": gpt2, BERT: bert, ViT: vit, Marian: marian } as const;

export function network(task: Network): Prepared {
  return networks[task.model](task, networkWeights(task));
}

/** Writes the checkpoint that `load` reads. */
export async function writeCheckpoint(directory: string): Promise<void> {
  using model = gpt2Model(loaded, networkWeights(loaded));
  await model.savePretrained(directory);
  writeFileSync(`${directory}/ids.json`, JSON.stringify(loadedPrompt()));
}
