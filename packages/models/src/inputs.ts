// What every causal model does with its inputs: checks, positions and masks.
import { SaccadeError, type Tensor, tensor } from "@saccade/core";
import type { CausalLMInputs, ModelInputs } from "./outputs.ts";

/** An error unless inputIds is (B, T), and the mask and the positions fit it. */
export function checkInputs(
  model: string,
  inputIds: Tensor,
  { attentionMask, positionIds, cache }: ModelInputs,
): void {
  const shape = (x: Tensor): string => `(${x.shape.join(", ")})`;
  const problem = (what: string): SaccadeError => new SaccadeError("shape", `${model}: ${what}`);
  if (inputIds.rank !== 2)
    throw problem(`inputIds ${shape(inputIds)} must be (B, T); one sequence is (1, T)`);
  const [B, T] = inputIds.shape;
  const past = cache?.length ?? 0;
  const ids = `inputIds ${shape(inputIds)}${past > 0 ? ` behind ${past} cached positions` : ""}`;
  if (attentionMask !== undefined && `${attentionMask.shape}` !== `${B},${past + T}`) {
    throw problem(
      `attentionMask ${shape(attentionMask)} does not fit ${ids}; it must be (${B}, ${past + T})`,
    );
  }
  if (positionIds !== undefined && ![`${T}`, `1,${T}`, `${B},${T}`].includes(`${positionIds.shape}`)) {
    throw problem(`positionIds ${shape(positionIds)} does not fit ${ids}; it must be (${T}) or (${B}, ${T})`);
  }
}

/** The last positions of hidden states (B, T, C) that logits are wanted of: all of them by default. */
export function keptPositions(
  model: string,
  hidden: Tensor,
  { logitsToKeep, labels }: CausalLMInputs,
): Tensor {
  if (logitsToKeep === undefined) return hidden;
  const T = hidden.size(1);
  const valid =
    Number.isInteger(logitsToKeep) && logitsToKeep >= 1 && logitsToKeep <= T && labels === undefined;
  if (!valid) {
    throw new SaccadeError(
      "argument",
      `${model}: logitsToKeep is ${logitsToKeep} of ${T} positions; it must lie in 1…${T} and goes without labels`,
    );
  }
  return hidden.narrow(1, T - logitsToKeep, logitsToKeep);
}

/** (T) i32 positions of `inputIds` (B, T) behind `past` cached ones; an error beyond the model's `limit`. */
export function nextPositions(model: string, inputIds: Tensor, past: number, limit: number): Tensor {
  const T = inputIds.size(-1);
  if (past + T > limit) {
    throw new SaccadeError(
      "argument",
      `${model}: ${past + T} positions are more than the context of ${limit}; shorten the prompt`,
    );
  }
  return tensor(Int32Array.from({ length: T }, (_, t) => past + t));
}

/** Causal mask and padding mask (B, S) in one, added to scores: 0 where a key is seen, the lowest f32 elsewhere. */
export function combinedMask(attentionMask: Tensor, past: number): Tensor {
  const [B, S] = attentionMask.shape;
  const T = S - past;
  const counts = attentionMask.toTypedArray();
  const lowest = -3.4028234663852886e38; // finite, so that a row that sees nothing gives no NaN
  const mask = new Float32Array(B * T * S);
  for (let b = 0; b < B; b++) {
    for (let t = 0; t < T; t++) {
      for (let s = 0; s < S; s++) {
        const seen = s <= past + t && counts[b * S + s] !== 0;
        if (!seen) mask[(b * T + t) * S + s] = lowest;
      }
    }
  }
  return tensor(mask, { shape: [B, 1, T, S] });
}
