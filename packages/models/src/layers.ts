// Layers that several architectures share and torch.nn does not have.
// B batch, T new positions, S all positions (cached and new), C width, H heads, D = C / H.
import {
  attend,
  attentionScores,
  attentionWeights,
  dropout,
  type LinearActivation,
  linear,
  nn,
  scaledDotProductAttention,
  type Tensor,
} from "@saccade/core";
import type { LayerCache } from "./generation/cache.ts";

/** A linear layer whose weight is stored (in, out): transformers.pytorch_utils.Conv1D */
export class Conv1D extends nn.Module {
  weight: nn.Parameter;
  bias: nn.Parameter;

  constructor(outFeatures: number, inFeatures: number) {
    super();
    this.weight = nn.parameter(inFeatures, outFeatures);
    this.bias = nn.parameter(outFeatures);
  }

  forward(x: Tensor, activation: LinearActivation = "none"): Tensor {
    return linear(x, this.weight, this.bias, { transposed: true, activation });
  }

  override packable(): nn.Packable {
    return { weight: this.weight, transposed: false };
  }
}

/**
 * Masked multi-head self-attention with one projection for q, k and v: transformers' GPT2Attention, and the Attention of
 * its OpenAI GPT.
 */
export class CausalSelfAttention extends nn.Module {
  readonly numHeads: number;
  readonly scale: number;
  readonly attn_pdrop: number;
  readonly resid_pdrop: number;
  c_attn: Conv1D;
  c_proj: Conv1D;

  constructor(options: {
    width: number;
    heads: number;
    scale: number;
    attn_pdrop: number;
    resid_pdrop: number;
  }) {
    super();
    const { width, heads, scale, attn_pdrop, resid_pdrop } = options;
    this.numHeads = heads;
    this.scale = scale;
    this.attn_pdrop = attn_pdrop;
    this.resid_pdrop = resid_pdrop;
    this.c_attn = new Conv1D(3 * width, width);
    this.c_proj = new Conv1D(width, width);
  }

  override hookPoints(): readonly string[] {
    return ["scores", "pattern", "headOutput"];
  }

  /** x (B, T, C); the pattern comes back if it is asked for, or a hook on it or on the scores wants it. */
  forward(x: Tensor, mask: Tensor | null, cache: LayerCache | null, needsPattern = false): AttentionResult {
    const [B, T, C] = x.shape;
    const heads = (part: Tensor): Tensor => part.view([B, T, this.numHeads, -1]).transpose(1, 2);
    const [q, k, v] = this.c_attn.forward(x).split(C, -1).map(heads); //        (B, H, T, D) each
    const past = cache?.length ?? 0;
    const grown = cache?.append(k, v) ?? null;
    const keys = grown?.keys ?? k; //                                            (B, H, S, D)
    const values = grown?.values ?? v; //                                        (B, H, S, D)

    // A padding mask holds the causal one already, see combinedMask.
    const masking = { mask, isCausal: mask === null, past };
    const shown = needsPattern || this.hooked("scores") || this.hooked("pattern");
    const pattern = shown ? this.pattern(attentionScores(q, keys), masking) : null; // (B, H, T, S)
    const attended = pattern ? attend(pattern, values) : this.attention(q, keys, values, masking);
    const mixed = this.tap("headOutput", attended); //                           (B, H, T, D)
    const merged = mixed.transpose(1, 2).reshape([B, T, C]); //                  (B, T, C)
    const output = dropout(this.c_proj.forward(merged), this.resid_pdrop, this.training);
    return { output, pattern, cache: grown };
  }

  /** Attention whose weights nobody sees. */
  attention(q: Tensor, k: Tensor, v: Tensor, masking: Masking): Tensor {
    const dropoutP = this.training ? this.attn_pdrop : 0;
    return scaledDotProductAttention(q, k, v, { ...masking, scale: this.scale, dropoutP });
  }

  /** Attention weights from raw scores (B, H, T, S). */
  pattern(scores: Tensor, masking: Masking): Tensor {
    const listened = this.hooked("scores");
    const scaled = listened ? this.tap("scores", scores.mul(this.scale)) : scores;
    const weights = attentionWeights(scaled, { ...masking, scale: listened ? 1 : this.scale });
    return this.tap("pattern", dropout(weights, this.attn_pdrop, this.training));
  }
}

interface Masking {
  readonly mask: Tensor | null;
  readonly isCausal: boolean;
  /** Cached positions before the first query. */
  readonly past: number;
}

export interface AttentionResult {
  readonly output: Tensor;
  /** null unless it was asked for */
  readonly pattern: Tensor | null;
  readonly cache: LayerCache | null;
}
