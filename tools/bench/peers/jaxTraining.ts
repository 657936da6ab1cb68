// A training step in jax-js: the whole of it, AdamW included, one `jit`ted function. Every function takes its arguments
// over; `.ref` keeps one.
import { type Prepared, Unsupported } from "../participant.ts";
import type { Training } from "../tasks.ts";
import { gpt } from "./jaxGpt.ts";
import { vit } from "./jaxVit.ts";
import type { JaxArray, JaxModule } from "./libraries.ts";
import { RECIPE } from "./recipe.ts";

interface State {
  readonly parameters: JaxArray[];
  readonly means: JaxArray[];
  readonly squares: JaxArray[];
}

/** What is trained, and on what: arrays of a batch in the order in which `loss` takes them. */
export interface Model {
  readonly parameters: JaxArray[];
  loss(parameters: readonly JaxArray[], inputs: JaxArray, targets: JaxArray): JaxArray;
  nextBatch(): [inputs: JaxArray, targets: JaxArray];
}

type Step = (
  parameters: JaxArray[],
  means: JaxArray[],
  squares: JaxArray[],
  inputs: JaxArray,
  targets: JaxArray,
  correction1: JaxArray,
  correction2: JaxArray,
) => [JaxArray[], JaxArray[], JaxArray[], JaxArray];

function stepOf(jax: JaxModule, loss: Model["loss"]): Step {
  const { numpy: np } = jax;
  const { lr, beta1, beta2, eps, decay, clip } = RECIPE;
  const differentiated = jax.valueAndGrad(loss as (...inputs: never[]) => JaxArray) as unknown as (
    parameters: JaxArray[],
    inputs: JaxArray,
    targets: JaxArray,
  ) => [JaxArray, JaxArray[]];
  const step: Step = (parameters, means, squares, inputs, targets, correction1, correction2) => {
    const [loss, gradients] = differentiated(
      parameters.map((p) => p.ref),
      inputs,
      targets,
    );
    const length = np.sqrt(gradients.map((g) => np.sum(np.square(g.ref))).reduce((a, b) => a.add(b)));
    const scale = np.minimum(np.array(Float32Array.of(clip)).reshape([]).div(length.add(1e-6)), 1);
    const clipped = gradients.map((g) => g.mul(scale.ref));
    const newMeans = means.map((m, i) => m.mul(beta1).add(clipped[i].ref.mul(1 - beta1)));
    const newSquares = squares.map((s, i) => s.mul(beta2).add(np.square(clipped[i]).mul(1 - beta2)));
    const updated = parameters.map((p, i) => {
      const kept = p.shape.length > 1 ? 1 - lr * decay : 1;
      const spread = np.sqrt(newSquares[i].ref.div(correction2.ref)).add(eps);
      return p.mul(kept).sub(newMeans[i].ref.div(correction1.ref).div(spread).mul(lr));
    });
    for (const one of [scale, correction1, correction2]) one.dispose();
    return [updated, newMeans, newSquares, loss];
  };
  return jax.jit(step as unknown as (...inputs: never[]) => unknown) as unknown as Step;
}

function modelOf(jax: JaxModule, task: Training): Model {
  if (task.model === "GPT") return gpt(jax, task);
  if (task.model === "ViT") return vit(jax, task);
  throw new Unsupported("no scan over steps, and no LSTM");
}

export function train(jax: JaxModule, task: Training): Prepared {
  const { numpy: np } = jax;
  const { parameters, loss, nextBatch } = modelOf(jax, task);
  const zeros = (): JaxArray[] => parameters.map((p) => np.zerosLike(p.ref));
  let state: State = { parameters, means: zeros(), squares: zeros() };
  const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const step = stepOf(jax, loss);
  let steps = 0;
  const scalar = (value: number): JaxArray => np.array(Float32Array.of(value)).reshape([]);
  const advance = async (): Promise<number> => {
    steps++;
    const corrections = [scalar(1 - RECIPE.beta1 ** steps), scalar(1 - RECIPE.beta2 ** steps)] as const;
    const all = step(state.parameters, state.means, state.squares, ...nextBatch(), ...corrections);
    const [newParameters, means, squares, value] = all;
    state = { parameters: newParameters, means, squares };
    await jax.blockUntilReady(newParameters);
    return (await value.data())[0];
  };
  return {
    run: async () => {
      await advance();
    },
    check: async () => [count, 0, await advance()],
    dispose() {
      for (const one of [state.parameters, state.means, state.squares].flat()) one.dispose();
    },
  };
}
