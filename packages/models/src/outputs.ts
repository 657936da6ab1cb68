// What models take and return, under transformers' names in camelCase.
import { SaccadeError, type Tensor, tensor } from "@saccade/core";
import type { KVCache } from "./generation/cache.ts";

export interface ModelInputs {
  /** (B, S) f32 or i32, 1 where a position counts; for padding. S includes cached positions. */
  readonly attentionMask?: Tensor;
  /** (B, T) i32; 0 … T − 1 behind the cache by default. */
  readonly positionIds?: Tensor;
  /** Keys and values of earlier positions; the output then has the grown cache. */
  readonly cache?: KVCache;
  readonly outputAttentions?: boolean;
  readonly outputHiddenStates?: boolean;
}

export interface CausalLMInputs extends ModelInputs {
  /** (B, T) i32, −100 where nothing is to be predicted; the loss is that of predicting them one position ahead. */
  readonly labels?: Tensor;
  /** Logits of the last so many positions only, which saves the head's product for the others; not with labels. */
  readonly logitsToKeep?: number;
}

export interface ModelOutput {
  /** (B, T, C) */
  readonly lastHiddenState: Tensor;
  /** The embedding and each block's output, the last one normalised: n_layer + 1 of (B, T, C). */
  readonly hiddenStates?: Tensor[];
  /** Attention weights of each layer (B, H, T, S). */
  readonly attentions?: Tensor[];
  /** The cache grown by these positions, when one was given. */
  readonly cache?: KVCache;
}

export interface CausalLMOutput extends Omit<ModelOutput, "lastHiddenState"> {
  /** (B, T, V) */
  readonly logits: Tensor;
  /** Mean cross-entropy of the labels, when they were given. */
  readonly loss?: Tensor;
}

/**
 * Labels (B, T) moved one position to the left, with −100 (ignored) at the end of each row, flat (B T): so that logits
 * need not be cut.
 */
export function shiftedLabels(labels: Tensor, inputIds: Tensor): Tensor {
  const [B, T] = inputIds.shape;
  if (`${labels.shape}` !== `${inputIds.shape}`) {
    const shapes = [labels, inputIds].map(({ shape }) => `(${shape.join(", ")})`);
    throw new SaccadeError(
      "shape",
      `labels ${shapes[0]} must have the shape of inputIds ${shapes[1]}; they are shifted here`,
    );
  }
  const values = labels.toTypedArray();
  const shifted = new Int32Array(B * T).fill(-100);
  for (let b = 0; b < B; b++) shifted.set(values.subarray(b * T + 1, (b + 1) * T), b * T);
  return tensor(shifted);
}
