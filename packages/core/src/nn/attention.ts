// Multi-head attention with projections of its own, "Attention Is All You Need" (arXiv 1706.03762, section 3.2).
// torch.nn.MultiheadAttention: its parameter names, its masks and their meaning.
// B batch, T queries, S keys, E width, H heads, D = E / H.
import { arange, zeros } from "../create.ts";
import { optionsArgument, refuse } from "../ops/arguments.ts";
import { add } from "../ops/binary.ts";
import { cat } from "../ops/cat.ts";
import { gt, logicalNot, logicalOr } from "../ops/compare.ts";
import { dropout } from "../ops/dropout.ts";
import { linear } from "../ops/linear.ts";
import { packedRows } from "../ops/packing.ts";
import {
  attend,
  attentionScores,
  attentionWeights,
  scaledDotProductAttention,
} from "../ops/scaledDotProductAttention.ts";
import { mean } from "../ops/sum.ts";
import { expand, narrow, permute, reshape, split, squeeze, unsqueeze, view } from "../ops/views.ts";
import { formatShape, type Shape, sameShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { xavierNormal_, xavierUniform_, zeros_ } from "./init.ts";
import { Linear, parameter } from "./layers.ts";
import { Module, type Packable, type Parameter } from "./module.ts";
import { requireProbability, requireSizes } from "./options.ts";

export interface MultiheadAttentionOptions {
  /** Of attention weights, while training. */
  readonly dropout?: number;
  readonly bias?: boolean;
  /** A learned key and value behind all others. */
  readonly addBiasKv?: boolean;
  /** A key and a value of zeros behind all others. */
  readonly addZeroAttn?: boolean;
  /** Widths of keys and values; embedDim by default. */
  readonly kdim?: number | null;
  readonly vdim?: number | null;
  /** Inputs are (B, T, E), the default here; else (T, B, E), PyTorch's default. */
  readonly batchFirst?: boolean;
}

export interface MultiheadAttentionInputs {
  /** (B, S), or (S) without a batch: bool, true = IGNORE this key; f32 is added to its scores. */
  readonly keyPaddingMask?: Tensor | null;
  readonly needWeights?: boolean;
  /** (T, S) or (B·H, T, S): bool, true = IGNORE, the opposite of scaledDotProductAttention's; f32 is added. */
  readonly attnMask?: Tensor | null;
  readonly averageAttnWeights?: boolean;
  /** Query t sees keys 0 … t, beside whatever the masks say. */
  readonly isCausal?: boolean;
}

export interface MultiheadAttentionResult {
  /** As the query. */
  readonly output: Tensor;
  /** (B, T, S), or (B, H, T, S) when they are not averaged; null when they are not needed. */
  readonly weights: Tensor | null;
}

interface Masks {
  /** true takes part */
  readonly mask: Tensor | null;
  readonly bias: Tensor | null;
  readonly isCausal: boolean;
}

/** A query that may see no key gives the output's bias; PyTorch has NaN there when weights are needed. */
export class MultiheadAttention extends Module {
  readonly embedDim: number;
  readonly numHeads: number;
  readonly dropout: number;
  readonly batchFirst: boolean;
  readonly addZeroAttn: boolean;
  in_proj_weight: Parameter | null = null;
  q_proj_weight: Parameter | null = null;
  k_proj_weight: Parameter | null = null;
  v_proj_weight: Parameter | null = null;
  in_proj_bias: Parameter | null = null;
  bias_k: Parameter | null = null;
  bias_v: Parameter | null = null;
  out_proj: Linear;

  constructor(embedDim: number, numHeads: number, options: MultiheadAttentionOptions = {}) {
    super();
    const { dropout = 0, bias = true, batchFirst = true, addZeroAttn = false, addBiasKv = false } = options;
    const kdim = options.kdim ?? embedDim;
    const vdim = options.vdim ?? embedDim;
    requireSizes("MultiheadAttention", { embedDim, numHeads, kdim, vdim });
    requireProbability("MultiheadAttention", "dropout", dropout);
    if (embedDim % numHeads !== 0) {
      refuse("MultiheadAttention", "embedDim", `a multiple of numHeads ${numHeads}`, embedDim);
    }
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.addZeroAttn = addZeroAttn;
    if (kdim === embedDim && vdim === embedDim) this.in_proj_weight = parameter(3 * embedDim, embedDim);
    else {
      this.q_proj_weight = parameter(embedDim, embedDim);
      this.k_proj_weight = parameter(embedDim, kdim);
      this.v_proj_weight = parameter(embedDim, vdim);
    }
    if (bias) this.in_proj_bias = parameter(3 * embedDim);
    if (addBiasKv) {
      this.bias_k = parameter(1, 1, embedDim);
      this.bias_v = parameter(1, 1, embedDim);
    }
    this.out_proj = new Linear(embedDim, embedDim, { bias });
    this.resetParameters();
  }

  /** Uniform projections by Glorot's rule, zero biases. */
  resetParameters(): void {
    for (const weight of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight])
      if (weight !== null) xavierUniform_(weight);
    for (const bias of [this.in_proj_bias, this.out_proj.bias]) if (bias !== null) zeros_(bias);
    for (const bias of [this.bias_k, this.bias_v]) if (bias !== null) xavierNormal_(bias);
  }

  /** The projections, if panels end where they do; with widths of keys or values of their own they stay in rows. */
  override packable(): Packable | null {
    const { in_proj_weight: weight } = this;
    return weight !== null && this.embedDim % 8 === 0 ? { weight, transposed: true } : null;
  }

  override hookPoints(): readonly string[] {
    return ["scores", "pattern", "headOutput"];
  }

  /** query (B, T, E), key (B, S, kdim), value (B, S, vdim), or all without B → output as query. */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    inputs: MultiheadAttentionInputs = {},
  ): MultiheadAttentionResult {
    const given = optionsArgument("MultiheadAttention", inputs);
    const { needWeights = true, averageAttnWeights = true } = given;
    this.#checkInputs(query, key, value);
    const [q, keys, values] = this.#project(query, key, value).map((x) => this.#heads(x));
    const k = this.#lengthened(keys, this.bias_k); //                               (B, H, S, D)
    const v = this.#lengthened(values, this.bias_v);
    const masks = this.#masks(q, keys.size(-2), k.size(-2), given);

    const isSeen = needWeights || this.hooked("scores") || this.hooked("pattern");
    const weights = isSeen ? this.#pattern(attentionScores(q, k), masks) : null; //  (B, H, T, S)
    const attended = weights === null ? this.#attention(q, k, v, masks) : attend(weights, v);
    const mixed = this.tap("headOutput", attended); //                              (B, H, T, D)
    const output = this.out_proj.forward(this.#merged(mixed, query.shape)); //      as query
    if (!needWeights || weights === null) return { output, weights: null };
    const shown = averageAttnWeights ? mean(weights, 1) : weights;
    return { output, weights: query.rank === 2 ? squeeze(shown, 0) : shown };
  }

  /** Attention whose weights nobody sees. */
  #attention(q: Tensor, k: Tensor, v: Tensor, masks: Masks): Tensor {
    return scaledDotProductAttention(q, k, v, { ...masks, dropout: this.training ? this.dropout : 0 });
  }

  /** Attention weights from raw scores. */
  #pattern(scores: Tensor, masks: Masks): Tensor {
    const scale = 1 / Math.sqrt(this.embedDim / this.numHeads);
    const listened = this.hooked("scores");
    const scaled = listened ? this.tap("scores", scores.mul(scale)) : scores;
    const weights = attentionWeights(scaled, { ...masks, scale: listened ? 1 : scale });
    return this.tap("pattern", dropout(weights, this.dropout, this.training));
  }

  /** The three projections, in as few products as the arguments allow. */
  #project(query: Tensor, key: Tensor, value: Tensor): Tensor[] {
    const E = this.embedDim;
    const { in_proj_weight: packed, in_proj_bias: bias } = this;
    const part = (x: Tensor, begin: number, parts: number): Tensor[] => {
      const weight = rowsOf(packed as Tensor, begin * E, parts * E);
      return split(linear(x, weight, bias && narrow(bias, 0, begin * E, parts * E)), E, -1);
    };
    if (packed !== null && query === key && key === value) return part(query, 0, 3);
    if (packed !== null && key === value) return [...part(query, 0, 1), ...part(key, 1, 2)];
    const inputs = [query, key, value];
    if (packed !== null) return inputs.flatMap((x, i) => part(x, i, 1));
    const weights = [this.q_proj_weight, this.k_proj_weight, this.v_proj_weight] as Tensor[];
    return inputs.map((x, i) => linear(x, weights[i], bias && narrow(bias, 0, i * E, E)));
  }

  /** (B, T, E), (T, B, E) or (T, E) → (B, H, T, D), where it lies. */
  #heads(x: Tensor): Tensor {
    const apart = view(x, [...x.shape.slice(0, -1), this.numHeads, -1]);
    if (x.rank === 2) return unsqueeze(permute(apart, [1, 0, 2]), 0);
    return permute(apart, this.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3]);
  }

  /** (B, H, T, D) → the shape of the query. */
  #merged(x: Tensor, shape: Shape): Tensor {
    return reshape(permute(x, this.batchFirst || shape.length === 2 ? [0, 2, 1, 3] : [2, 0, 1, 3]), shape);
  }

  /** Keys or values (B, H, S, D) with the learned one and that of zeros behind them. */
  #lengthened(x: Tensor, learned: Tensor | null): Tensor {
    const [B, H, , D] = x.shape;
    const parts = [x];
    if (learned !== null) parts.push(expand(view(learned, [1, H, 1, D]), [B, H, 1, D]));
    if (this.addZeroAttn) parts.push(zeros([B, H, 1, D]));
    return parts.length === 1 ? x : cat(parts, -2);
  }

  /** Both masks as one of each kind, over `total` keys, of which the last were added and are always seen. */
  #masks(q: Tensor, S: number, total: number, inputs: MultiheadAttentionInputs): Masks {
    const [B, H, T] = q.shape;
    const { keyPaddingMask, attnMask, isCausal = false } = inputs;
    const padding = maskInput("keyPaddingMask", keyPaddingMask, [[B, S], ...(B === 1 ? [[S]] : [])]);
    const attention = maskInput("attnMask", attnMask, [
      [T, S],
      [B * H, T, S],
    ]);
    const given: Tensor[] = [];
    if (padding !== null) given.push(reshape(padding, [B, 1, 1, S]));
    if (attention !== null)
      given.push(attention.rank === 3 ? reshape(attention, [B, H, T, S]) : reshape(attention, [1, 1, T, S]));
    // Keys behind the others are not in a triangle that knows only its corner.
    const triangle = isCausal && total > S;
    if (triangle) given.push(view(futureMask(T, S), [1, 1, T, S]));
    const long = given.map((mask) => lengthenedMask(mask, total - S));
    const ignored = long.filter((mask) => mask.dtype === "bool").reduce(either(logicalOr), null);
    const bias = long.filter((mask) => mask.dtype === "f32").reduce(either(add), null);
    return { mask: ignored && logicalNot(ignored), bias, isCausal: isCausal && !triangle };
  }

  #checkInputs(query: Tensor, key: Tensor, value: Tensor): void {
    const wrong = (wanted: string): never =>
      refuse("MultiheadAttention", "query, key and value", wanted, [query, key, value], "shape");
    if (![query, key, value].every((x) => x instanceof Tensor && x.rank === query.rank))
      wrong("Tensors of 2 or 3 axes, all the same");
    if (query.rank !== 2 && query.rank !== 3) wrong("of 2 axes, or 3 with a batch");
    if (query.size(-1) !== this.embedDim) wrong(`(…, ${this.embedDim}) in the query`);
    const kdim = this.k_proj_weight?.size(1) ?? this.embedDim;
    const vdim = this.v_proj_weight?.size(1) ?? this.embedDim;
    if (key.size(-1) !== kdim || value.size(-1) !== vdim)
      wrong(`of widths ${kdim} in the key and ${vdim} in the value`);
    if (!sameShape(key.shape.slice(0, -1), value.shape.slice(0, -1)))
      wrong("of one batch and length in key and value");
    const batch = this.batchFirst ? 0 : 1;
    if (query.rank === 3 && query.size(batch) !== key.size(batch)) wrong("of one batch");
  }
}

const rowsOf = (weight: Tensor, begin: number, count: number): Tensor =>
  weight.panel === null ? narrow(weight, 0, begin, count) : packedRows(weight, begin, count);

const either =
  (join: (a: Tensor, b: Tensor) => Tensor) =>
  (all: Tensor | null, mask: Tensor): Tensor =>
    all === null ? mask : join(all, mask);

function maskInput(name: string, mask: unknown, shapes: readonly Shape[]): Tensor | null {
  if (mask === null || mask === undefined) return null;
  const fits = mask instanceof Tensor && mask.dtype !== "i32" && shapes.some((s) => sameShape(s, mask.shape));
  if (fits) return mask;
  const wanted = `${shapes.map(formatShape).join(" or ")} of bool (true = ignore) or f32 (added)`;
  return refuse("MultiheadAttention", name, wanted, mask, "shape");
}

/** (T, S) bool: true where key s comes after query t. */
function futureMask(T: number, S: number): Tensor {
  return gt(unsqueeze(arange(S), 0), unsqueeze(arange(T), 1));
}

/** A mask for `more` further keys, which nothing hides. */
function lengthenedMask(mask: Tensor, more: number): Tensor {
  if (more === 0) return mask;
  return cat([mask, zeros([...mask.shape.slice(0, -1), more], { dtype: mask.dtype })], -1);
}
