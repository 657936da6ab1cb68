// Showing a training while it runs: used by `train`, by the demo and by the recipe of the bundled checkpoint.
import type { TrainProgress } from "@saccade/models";
import { Progress } from "./terminal/progress.ts";
import type { Terminal } from "./terminal/terminal.ts";

export interface TrainingOutcome {
  readonly step: number;
  /** Mean loss of the last steps; single batches are noisy. */
  readonly loss: number;
  readonly losses: readonly number[];
  readonly evalLoss?: number;
  readonly tokensPerSecond: number;
  readonly seconds: number;
  /** Where the last checkpoint is. */
  readonly savedTo?: string;
}

/** Steps over which the shown loss is averaged. */
const WINDOW = 20;

/**
 * Runs a training with a progress bar on stderr; `onProgress` sees every step. Ends early, without an error,
 * when terminal.signal fires: the training has saved itself then.
 */
export async function showTraining(
  terminal: Terminal,
  training: AsyncIterable<TrainProgress>,
  label: string,
  onProgress?: (progress: TrainProgress) => void | Promise<void>,
): Promise<TrainingOutcome> {
  const began = performance.now();
  const losses: number[] = [];
  let outcome = { step: 0, loss: Number.NaN, tokensPerSecond: 0 } as Omit<
    TrainingOutcome,
    "losses" | "seconds"
  >;
  let bar: Progress | undefined;
  try {
    for await (const progress of training) {
      const {
        step,
        steps,
        tokensPerSecond,
        evalLoss = outcome.evalLoss,
        savedTo = outcome.savedTo,
      } = progress;
      bar ??= new Progress(terminal, label, steps, step - 1);
      losses.push(progress.loss);
      const last = losses.slice(-WINDOW);
      const loss = last.reduce((sum, value) => sum + value, 0) / last.length;
      outcome = { step, loss, tokensPerSecond, evalLoss, savedTo };
      bar.update(step, { loss, losses, evalLoss, tokensPerSecond });
      await onProgress?.(progress);
    }
  } catch (error) {
    if (error !== terminal.signal.reason) throw error;
  } finally {
    bar?.stop();
  }
  return { ...outcome, losses, seconds: (performance.now() - began) / 1000 };
}
