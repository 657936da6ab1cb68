// GPT-2. Radford et al., "Language Models are Unsupervised Multitask Learners", 2019. Equals transformers' GPT2Model and
// GPT2LMHeadModel. A decoder-only Transformer with the norms before each part ("pre-norm") and learned positions.
// B batch, T new positions, S all positions (cached and new), C n_embd, H n_head, D = C / H, V vocab_size.
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

/** config.json of GPT-2, in its own spelling. */
export interface GPT2Config {
  model_type: "gpt2";
  vocab_size: number;
  n_positions: number;
  n_embd: number;
  n_layer: number;
  n_head: number;
  n_inner: number | null;
  activation_function: "gelu_new" | "gelu" | "gelu_pytorch_tanh" | "relu" | "silu" | "swish" | "tanh";
  resid_pdrop: number;
  embd_pdrop: number;
  attn_pdrop: number;
  layer_norm_epsilon: number;
  initializer_range: number;
  scale_attn_weights: boolean;
  scale_attn_by_inverse_layer_idx: boolean;
  tie_word_embeddings: boolean;
  bos_token_id: number | null;
  eos_token_id: number | number[] | null;
}

export const gpt2Defaults: GPT2Config = {
  model_type: "gpt2",
  vocab_size: 50257,
  n_positions: 1024,
  n_embd: 768,
  n_layer: 12,
  n_head: 12,
  n_inner: null,
  activation_function: "gelu_new",
  resid_pdrop: 0.1,
  embd_pdrop: 0.1,
  attn_pdrop: 0.1,
  layer_norm_epsilon: 1e-5,
  initializer_range: 0.02,
  scale_attn_weights: true,
  scale_attn_by_inverse_layer_idx: false,
  tie_word_embeddings: true,
  bos_token_id: 50256,
  eos_token_id: 50256,
};

const activations = {
  gelu_new: "gelu_tanh",
  gelu_pytorch_tanh: "gelu_tanh",
  gelu: "gelu",
  relu: "relu",
  silu: "silu",
  swish: "silu",
  tanh: "tanh",
} as const;

type Activation = (typeof activations)[keyof typeof activations] | "none";

/** The two-layer perceptron of a block: transformers' GPT2MLP */
class GPT2MLP extends nn.Module {
  readonly activation: Activation;
  readonly resid_pdrop: number;
  c_fc: Conv1D;
  c_proj: Conv1D;

  constructor(config: GPT2Config) {
    super();
    const inner = config.n_inner ?? 4 * config.n_embd;
    this.activation = activations[config.activation_function];
    this.resid_pdrop = config.resid_pdrop;
    this.c_fc = new Conv1D(inner, config.n_embd);
    this.c_proj = new Conv1D(config.n_embd, inner);
  }

  forward(x: Tensor): Tensor {
    const hidden = this.c_fc.forward(x, this.activation); //                    (B, T, 4 C)
    return dropout(this.c_proj.forward(hidden), this.resid_pdrop, this.training); // (B, T, C)
  }
}

/** Attention and perceptron, each added to the residual stream: transformers' GPT2Block */
class GPT2Block extends nn.Module {
  ln_1: nn.LayerNorm;
  attn: CausalSelfAttention;
  ln_2: nn.LayerNorm;
  mlp: GPT2MLP;

  constructor(config: GPT2Config, layer: number) {
    super();
    const eps = config.layer_norm_epsilon;
    this.ln_1 = new nn.LayerNorm(config.n_embd, { eps });
    this.attn = attentionOf(config, layer);
    this.ln_2 = new nn.LayerNorm(config.n_embd, { eps });
    this.mlp = new GPT2MLP(config);
  }

  override hookPoints(): readonly string[] {
    return ["residual"];
  }

  forward(x: Tensor, mask: Tensor | null, cache: LayerCache | null, needsPattern: boolean): AttentionResult {
    const attention = this.attn.forward(this.ln_1.forward(x), mask, cache, needsPattern);
    const middle = attention.output.add(x); //                                   (B, T, C)
    const output = this.mlp.forward(this.ln_2.forward(middle)).add(middle); //   (B, T, C)
    return { ...attention, output: this.tap("residual", output) };
  }
}

function attentionOf(config: GPT2Config, layer: number): CausalSelfAttention {
  const { n_embd: width, n_head: heads, attn_pdrop, resid_pdrop } = config;
  let scale = config.scale_attn_weights ? 1 / Math.sqrt(width / heads) : 1;
  if (config.scale_attn_by_inverse_layer_idx) scale /= layer + 1;
  return new CausalSelfAttention({ width, heads, scale, attn_pdrop, resid_pdrop });
}

/** The stack of blocks without a head: transformers' GPT2Model */
export class GPT2Model extends nn.Module {
  readonly config: GPT2Config;
  wte: nn.Embedding;
  wpe: nn.Embedding;
  h: nn.ModuleList<GPT2Block>;
  ln_f: nn.LayerNorm;

  constructor(config: GPT2Config) {
    super();
    this.config = config;
    this.wte = new nn.Embedding(config.vocab_size, config.n_embd);
    this.wpe = new nn.Embedding(config.n_positions, config.n_embd);
    this.h = new nn.ModuleList(
      Array.from({ length: config.n_layer }, (_, layer) => new GPT2Block(config, layer)),
    );
    this.ln_f = new nn.LayerNorm(config.n_embd, { eps: config.layer_norm_epsilon });
    initialize(this, config);
  }

  /** inputIds (B, T) i32 → lastHiddenState (B, T, C) */
  forward(inputIds: Tensor, inputs: ModelInputs = {}): ModelOutput {
    const { cache, outputAttentions = false, outputHiddenStates = false } = inputs;
    checkInputs("GPT2Model", inputIds, inputs);
    const past = cache?.length ?? 0;
    const { n_positions: limit } = this.config;
    const positions = inputs.positionIds ?? nextPositions("GPT2Model", inputIds, past, limit);
    const mask = inputs.attentionMask ? combinedMask(inputs.attentionMask, past) : null; // (B, 1, T, S)

    const embedded = this.wte.forward(inputIds).add(this.wpe.forward(positions)); //        (B, T, C)
    let x = dropout(embedded, this.config.embd_pdrop, this.training);
    const hiddenStates = outputHiddenStates ? [x] : undefined;
    const attentions: Tensor[] | undefined = outputAttentions ? [] : undefined;
    const layers: LayerCache[] = [];
    for (const [layer, block] of [...this.h].entries()) {
      const result = block.forward(x, mask, cache?.layers[layer] ?? null, outputAttentions);
      x = result.output;
      if (result.cache) layers.push(result.cache);
      if (result.pattern) attentions?.push(result.pattern);
      if (layer < this.config.n_layer - 1) hiddenStates?.push(x);
    }
    const lastHiddenState = this.ln_f.forward(x);
    hiddenStates?.push(lastHiddenState);
    return { lastHiddenState, hiddenStates, attentions, cache: cache && new KVCache(layers) };
  }
}

/** GPT-2 with the language-modelling head, which by default shares the token embedding: transformers' GPT2LMHeadModel */
export class GPT2LMHeadModel extends PreTrainedModel<GPT2Config> {
  static override readonly name: string = "GPT2LMHeadModel";
  static readonly modelType = "gpt2";
  static readonly task = "causal-lm";
  transformer: GPT2Model;
  lm_head: nn.Linear;

  constructor(config: Partial<GPT2Config> = {}) {
    super(checkConfig({ ...gpt2Defaults, ...config }));
    this.transformer = new GPT2Model(this.config);
    this.lm_head = new nn.Linear(this.config.n_embd, this.config.vocab_size, { bias: false });
    if (this.config.tie_word_embeddings) {
      this.lm_head.weight.dispose();
      this.lm_head.weight = this.transformer.wte.weight;
    } else nn.init.normal_(this.lm_head.weight, 0, this.config.initializer_range);
  }

  override get baseModelPrefix(): string {
    return "transformer";
  }

  override get ignorable(): readonly RegExp[] {
    return [/\.attn\.bias$/, /\.attn\.masked_bias$/];
  }

  override get maxPositions(): number {
    return this.config.n_positions;
  }

  /** An empty cache for `batch` sequences; buffers start with room for `capacity` positions. */
  override newCache(batch: number, capacity: number): KVCache {
    const { n_layer, n_head, n_embd, n_positions } = this.config;
    const room = Math.min(capacity, n_positions);
    return KVCache.empty(n_layer, [batch, n_head, room, n_embd / n_head]);
  }

  /** inputIds (B, T) i32 → logits (B, T, V), and the loss of predicting labels (B, T) i32 one position ahead. */
  forward(inputIds: Tensor, inputs: CausalLMInputs = {}): CausalLMOutput {
    const { lastHiddenState, ...rest } = this.transformer.forward(inputIds, inputs);
    const kept = keptPositions("GPT2LMHeadModel", lastHiddenState, inputs); //  (B, T, C)
    const logits = this.lm_head.forward(kept); //                                (B, T, V)
    if (inputs.labels === undefined) return { logits, ...rest };
    const V = this.config.vocab_size;
    const labels = shiftedLabels(inputs.labels, inputIds); //                    (B T)
    const loss = logits.view([-1, V]).crossEntropy(labels); //                   ()
    return { logits, loss, ...rest };
  }
}

/** Normal weights, smaller where a block adds to the residual stream; zero biases: GPT2PreTrainedModel._init_weights */
function initialize(model: GPT2Model, config: GPT2Config): void {
  const std = config.initializer_range;
  for (const [name, parameter] of model.namedParameters()) {
    if (/(^|\.)ln_[12f]\./.test(name)) continue;
    if (name.endsWith(".bias")) nn.init.zeros_(parameter);
    else
      nn.init.normal_(
        parameter,
        0,
        name.endsWith("c_proj.weight") ? std / Math.sqrt(2 * config.n_layer) : std,
      );
  }
}

function checkConfig(config: GPT2Config): GPT2Config {
  const { n_embd, n_head, activation_function } = config;
  if (n_embd % n_head !== 0) {
    throw new SaccadeError("config", `GPT2Config: n_embd ${n_embd} is not a multiple of n_head ${n_head}`);
  }
  if (!Object.hasOwn(activations, activation_function)) {
    const known = Object.keys(activations).join(", ");
    throw new SaccadeError(
      "config",
      `GPT2Config: activation_function "${activation_function}" is not one of ${known}`,
    );
  }
  for (const field of ["vocab_size", "n_positions", "n_embd", "n_layer", "n_head"] as const) {
    if (!Number.isInteger(config[field]) || config[field] < 1) {
      throw new SaccadeError(
        "config",
        `GPT2Config: ${field} is ${config[field]}, it must be an integer >= 1`,
      );
    }
  }
  return config;
}
