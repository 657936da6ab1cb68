// A running average of the weights, which often tests better than the weights themselves.
// torch.optim.swa_utils.AveragedModel with get_ema_multi_avg_fn: average = decay average + (1 - decay) p

import { noGrad } from "../autograd/tape.ts";
import { fail, rangeArgument } from "../ops/arguments.ts";
import { add, mul, sub } from "../ops/binary.ts";
import { clone, copyElements } from "../ops/contiguous.ts";
import { persistent, scope } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

export class ExponentialMovingAverage {
  readonly #params: readonly Tensor[];
  readonly #averages: readonly Tensor[];
  readonly decay: number;
  /** Updates made; the first takes the weights as they are. */
  updates = 0;

  constructor(params: readonly Tensor[], options: { decay?: number } = {}) {
    const { decay = 0.999 } = options;
    this.decay = rangeArgument("ExponentialMovingAverage", "decay", decay, 0, 1);
    this.#params = params;
    this.#averages = persistent(() => noGrad(() => params.map(clone)));
  }

  /** Takes in the weights as they are now: call it after the optimizer's step. */
  update(): void {
    const part = this.updates++ === 0 ? 1 : 1 - this.decay;
    this.#each((average, p) => copyInto(average, part === 1 ? p : add(average, mul(sub(p, average), part))));
  }

  /** Runs `body` with the averages in place of the weights, which are put back behind it, whatever happens. */
  apply<T>(body: () => T): T {
    this.#swap();
    try {
      return body();
    } finally {
      this.#swap();
    }
  }

  /** The averages by number of their parameter, the tensors themselves. Beside it, keep `updates`. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.#averages.map((average, i) => [String(i), average]));
  }

  loadStateDict(state: ReadonlyMap<string, Tensor>, updates: number): void {
    const wrong = this.#averages.flatMap((average, i) => {
      const found = state.get(String(i));
      if (found?.dtype === "f32" && sameShape(found.shape, average.shape)) return [];
      return [`${i} must be f32 ${formatShape(average.shape)}, it is ${found ?? "missing"}`];
    });
    if (wrong.length > 0 || state.size !== this.#averages.length) {
      const many = `${state.size} tensors for ${this.#averages.length} parameters`;
      fail("stateDict", `ExponentialMovingAverage: the state does not fit: ${[many, ...wrong].join("; ")}`);
    }
    for (const [i, average] of this.#averages.entries()) copyInto(average, state.get(String(i)) as Tensor);
    this.updates = updates;
  }

  dispose(): void {
    for (const average of this.#averages) average.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #swap(): void {
    this.#each((average, p) => {
      const kept = clone(p);
      copyInto(p, average);
      copyInto(average, kept);
    });
  }

  #each(change: (average: Tensor, p: Tensor) => void): void {
    noGrad(() =>
      scope(() => {
        for (const [i, p] of this.#params.entries()) change(this.#averages[i], p);
      }),
    );
  }
}

function copyInto(target: Tensor, source: Tensor): void {
  copyElements(target, source);
  target.storage.version++;
}
