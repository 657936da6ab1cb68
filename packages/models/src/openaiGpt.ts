// GPT. Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018. Equals transformers'
// OpenAIGPTModel and OpenAIGPTLMHeadModel. Unlike GPT-2 it normalises behind each part ("post-norm") and has no last norm;
// unlike transformers' class it can keep keys and values in a cache.
// B batch, T new positions, S all positions (cached and new), C n_embd, V vocab_size.
import { dropout, nn, SaccadeError, type Tensor } from "@saccade/core";
import { KVCache, type LayerCache } from "./generation/cache.ts";
import { checkInputs, combinedMask, keptPositions, nextPositions } from "./inputs.ts";
import { type AttentionResult, CausalSelfAttention, Conv1D } from "./layers.ts";
import {
  type CausalLMInputs,
  type CausalLMOutput,
  type ModelInputs,
  type ModelOutput,
  shiftedLabels,
} from "./outputs.ts";
import { PreTrainedModel } from "./pretrained.ts";

/** config.json of GPT, in its own spelling. */
export interface OpenAIGPTConfig {
  model_type: "openai-gpt";
  vocab_size: number;
  n_positions: number;
  n_embd: number;
  n_layer: number;
  n_head: number;
  afn: "gelu" | "relu" | "silu" | "swish";
  resid_pdrop: number;
  embd_pdrop: number;
  attn_pdrop: number;
  layer_norm_epsilon: number;
  initializer_range: number;
  tie_word_embeddings: boolean;
  eos_token_id?: number | number[] | null;
}

export const openAIGPTDefaults: OpenAIGPTConfig = {
  model_type: "openai-gpt",
  vocab_size: 40478,
  n_positions: 512,
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  afn: "gelu",
  resid_pdrop: 0.1,
  embd_pdrop: 0.1,
  attn_pdrop: 0.1,
  layer_norm_epsilon: 1e-5,
  initializer_range: 0.02,
  tie_word_embeddings: true,
};

/** "gelu" means the tanh form in this config. */
const activations = { gelu: "gelu_tanh", relu: "relu", silu: "silu", swish: "silu" } as const;

/** The two-layer perceptron of a block: transformers' MLP */
class OpenAIGPTMLP extends nn.Module {
  readonly config: OpenAIGPTConfig;
  c_fc: Conv1D;
  c_proj: Conv1D;

  constructor(config: OpenAIGPTConfig) {
    super();
    this.config = config;
    this.c_fc = new Conv1D(4 * config.n_embd, config.n_embd);
    this.c_proj = new Conv1D(config.n_embd, 4 * config.n_embd);
  }

  forward(x: Tensor): Tensor {
    const hidden = this.c_fc.forward(x, activations[this.config.afn]); //              (B, T, 4 C)
    return dropout(this.c_proj.forward(hidden), this.config.resid_pdrop, this.training); // (B, T, C)
  }
}

/** Attention and perceptron, each added and then normalised: transformers' Block */
class OpenAIGPTBlock extends nn.Module {
  attn: CausalSelfAttention;
  ln_1: nn.LayerNorm;
  mlp: OpenAIGPTMLP;
  ln_2: nn.LayerNorm;

  constructor(config: OpenAIGPTConfig) {
    super();
    const { n_embd: width, n_head: heads, attn_pdrop, resid_pdrop, layer_norm_epsilon: eps } = config;
    const scale = 1 / Math.sqrt(width / heads);
    this.attn = new CausalSelfAttention({ width, heads, scale, attn_pdrop, resid_pdrop });
    this.ln_1 = new nn.LayerNorm(width, { eps });
    this.mlp = new OpenAIGPTMLP(config);
    this.ln_2 = new nn.LayerNorm(width, { eps });
  }

  override hookPoints(): readonly string[] {
    return ["residual"];
  }

  forward(x: Tensor, mask: Tensor | null, cache: LayerCache | null, needsPattern: boolean): AttentionResult {
    const attention = this.attn.forward(x, mask, cache, needsPattern);
    const middle = this.ln_1.forward(attention.output.add(x)); //                (B, T, C)
    const output = this.ln_2.forward(this.mlp.forward(middle).add(middle)); //   (B, T, C)
    return { ...attention, output: this.tap("residual", output) };
  }
}

/** The stack of blocks without a head: transformers' OpenAIGPTModel */
export class OpenAIGPTModel extends nn.Module {
  readonly config: OpenAIGPTConfig;
  tokens_embed: nn.Embedding;
  positions_embed: nn.Embedding;
  h: nn.ModuleList<OpenAIGPTBlock>;

  constructor(config: OpenAIGPTConfig) {
    super();
    this.config = config;
    this.tokens_embed = new nn.Embedding(config.vocab_size, config.n_embd);
    this.positions_embed = new nn.Embedding(config.n_positions, config.n_embd);
    this.h = new nn.ModuleList(Array.from({ length: config.n_layer }, () => new OpenAIGPTBlock(config)));
    for (const [name, parameter] of this.namedParameters()) {
      if (name.endsWith(".bias")) nn.init.zeros_(parameter);
      else if (parameter.rank === 2) nn.init.normal_(parameter, 0, config.initializer_range);
    }
  }

  /** inputIds (B, T) i32 → lastHiddenState (B, T, C) */
  forward(inputIds: Tensor, inputs: ModelInputs = {}): ModelOutput {
    const { cache, outputAttentions = false, outputHiddenStates = false } = inputs;
    checkInputs("OpenAIGPTModel", inputIds, inputs);
    const past = cache?.length ?? 0;
    const { n_positions: limit, embd_pdrop } = this.config;
    const positions = inputs.positionIds ?? nextPositions("OpenAIGPTModel", inputIds, past, limit);
    const mask = inputs.attentionMask ? combinedMask(inputs.attentionMask, past) : null; // (B, 1, T, S)

    const embedded = this.tokens_embed.forward(inputIds).add(this.positions_embed.forward(positions));
    let x = dropout(embedded, embd_pdrop, this.training); //                              (B, T, C)
    const hiddenStates = outputHiddenStates ? [x] : undefined;
    const attentions: Tensor[] | undefined = outputAttentions ? [] : undefined;
    const layers: LayerCache[] = [];
    for (const [layer, block] of [...this.h].entries()) {
      const result = block.forward(x, mask, cache?.layers[layer] ?? null, outputAttentions);
      x = result.output;
      if (result.cache) layers.push(result.cache);
      if (result.pattern) attentions?.push(result.pattern);
      hiddenStates?.push(x);
    }
    return { lastHiddenState: x, hiddenStates, attentions, cache: cache && new KVCache(layers) };
  }
}

/** GPT with the language-modelling head, which shares the token embedding: transformers' OpenAIGPTLMHeadModel */
export class OpenAIGPTLMHeadModel extends PreTrainedModel<OpenAIGPTConfig> {
  static override readonly name: string = "OpenAIGPTLMHeadModel";
  static readonly modelType = "openai-gpt";
  static readonly task = "causal-lm";
  transformer: OpenAIGPTModel;
  lm_head: nn.Linear;

  constructor(config: Partial<OpenAIGPTConfig> = {}) {
    super(checkConfig({ ...openAIGPTDefaults, ...config }));
    const { n_embd, vocab_size, tie_word_embeddings, initializer_range } = this.config;
    this.transformer = new OpenAIGPTModel(this.config);
    this.lm_head = new nn.Linear(n_embd, vocab_size, { bias: false });
    if (tie_word_embeddings) {
      this.lm_head.weight.dispose();
      this.lm_head.weight = this.transformer.tokens_embed.weight;
    } else nn.init.normal_(this.lm_head.weight, 0, initializer_range);
  }

  override get baseModelPrefix(): string {
    return "transformer";
  }

  override get ignorable(): readonly RegExp[] {
    return [/\.attn\.bias$/];
  }

  override get maxPositions(): number {
    return this.config.n_positions;
  }

  override newCache(batch: number, capacity: number): KVCache {
    const { n_layer, n_head, n_embd, n_positions } = this.config;
    return KVCache.empty(n_layer, [batch, n_head, Math.min(capacity, n_positions), n_embd / n_head]);
  }

  /** inputIds (B, T) i32 → logits (B, T, V), and the loss of predicting labels (B, T) i32 one position ahead. */
  forward(inputIds: Tensor, inputs: CausalLMInputs = {}): CausalLMOutput {
    const { lastHiddenState, ...rest } = this.transformer.forward(inputIds, inputs);
    const kept = keptPositions("OpenAIGPTLMHeadModel", lastHiddenState, inputs); //  (B, T, C)
    const logits = this.lm_head.forward(kept); //                                (B, T, V)
    if (inputs.labels === undefined) return { logits, ...rest };
    const loss = logits
      .view([-1, this.config.vocab_size])
      .crossEntropy(shiftedLabels(inputs.labels, inputIds)); // ()
    return { logits, loss, ...rest };
  }
}

function checkConfig(config: OpenAIGPTConfig): OpenAIGPTConfig {
  const { n_embd, n_head, afn } = config;
  if (n_embd % n_head !== 0) {
    throw new SaccadeError(
      "config",
      `OpenAIGPTConfig: n_embd ${n_embd} is not a multiple of n_head ${n_head}`,
    );
  }
  if (!Object.hasOwn(activations, afn)) {
    const known = Object.keys(activations).join(", ");
    throw new SaccadeError("config", `OpenAIGPTConfig: afn "${afn}" is not one of ${known}`);
  }
  return config;
}
