// nanoGPT's training step in jax-js: the whole of it, AdamW included, one `jit`ted function. Every function takes its
// arguments over; `.ref` keeps one. Ids go in as one-hot rows, which with so few characters is the fast way.
import { numbers } from "../data.ts";
import type { Prepared } from "../participant.ts";
import type { Training } from "../tasks.ts";
import { characterIds } from "./characters.ts";
import type { JaxArray, JaxModule } from "./libraries.ts";

const RECIPE = { lr: 1e-3, beta1: 0.9, beta2: 0.99, eps: 1e-8, decay: 0.1, clip: 1 };
/** Parameters of a block: gains and shifts of two norms, then weight and bias of four linear layers. */
const PER_BLOCK = 12;

interface State {
  readonly parameters: JaxArray[];
  readonly means: JaxArray[];
  readonly squares: JaxArray[];
}

function initial({ numpy: np }: JaxModule, { layers, width: C, block, vocabulary }: Training): JaxArray[] {
  let seed = 0;
  const normal = (rows: number, columns: number, std: number): JaxArray =>
    np.array(numbers(rows * columns, seed++, std * Math.sqrt(12))).reshape([rows, columns]);
  const filled = (n: number, value: number): JaxArray => np.array(new Float32Array(n).fill(value));
  const norm = (): JaxArray[] => [filled(C, 1), filled(C, 0)];
  const linear = (inputs: number, outputs: number, std = 0.02): JaxArray[] => [
    normal(inputs, outputs, std),
    filled(outputs, 0),
  ];
  const residual = 0.02 / Math.sqrt(2 * layers);
  const blocks = Array.from({ length: layers }, () => [
    ...norm(),
    ...norm(),
    ...linear(C, 3 * C),
    ...linear(C, C, residual),
    ...linear(C, 4 * C),
    ...linear(4 * C, C, residual),
  ]);
  return [normal(vocabulary, C, 0.02), normal(block, C, 0.02), ...norm(), ...blocks.flat()];
}

/** The mean cross-entropy of the one-hot `targets` (B T, V) behind `inputs` (B T, V). */
function lossOf(jax: JaxModule, { heads, width: C, block: T, batch: B, layers }: Training) {
  const { numpy: np, nn } = jax;
  const mean = (x: JaxArray): JaxArray => np.mean(x, -1, { keepdims: true });
  const norm = (x: JaxArray, gain: JaxArray, shift: JaxArray): JaxArray => {
    const centred = x.ref.sub(mean(x));
    const deviation = np.sqrt(mean(np.square(centred.ref)).add(1e-5));
    return centred.div(deviation).mul(gain).add(shift);
  };
  const linear = (x: JaxArray, weight: JaxArray, bias: JaxArray): JaxArray => np.matmul(x, weight).add(bias);

  function block(x: JaxArray, p: readonly JaxArray[]): JaxArray {
    const [gain1, shift1, gain2, shift2, qkvW, qkvB, projectW, projectB, wideW, wideB, narrowW, narrowB] = p;
    const qkv = linear(norm(x.ref, gain1, shift1), qkvW, qkvB); // (B, T, 3 C)
    const [q, k, v] = np.split(qkv, 3, -1).map((part) => part.reshape([B, T, heads, C / heads]));
    const y = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([B, T, C]);
    const middle = x.add(linear(y, projectW, projectB));
    const hidden = nn.gelu(linear(norm(middle.ref, gain2, shift2), wideW, wideB), { approximate: true });
    return middle.add(linear(hidden, narrowW, narrowB));
  }

  return (parameters: readonly JaxArray[], inputs: JaxArray, targets: JaxArray): JaxArray => {
    const [tokens, positions, gain, shift, ...rest] = parameters;
    let x = np.matmul(inputs, tokens.ref).reshape([B, T, C]).add(positions);
    for (let i = 0; i < layers; i++) x = block(x, rest.slice(i * PER_BLOCK, (i + 1) * PER_BLOCK));
    const logits = np.matmul(norm(x, gain, shift).reshape([B * T, C]), tokens.transpose()); // (B T, V)
    return np.sum(nn.logSoftmax(logits, -1).mul(targets)).mul(-1 / (B * T));
  };
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

function stepOf(jax: JaxModule, task: Training): Step {
  const { numpy: np } = jax;
  const { lr, beta1, beta2, eps, decay, clip } = RECIPE;
  const differentiated = jax.valueAndGrad(
    lossOf(jax, task) as (...inputs: never[]) => JaxArray,
  ) as unknown as (parameters: JaxArray[], inputs: JaxArray, targets: JaxArray) => [JaxArray, JaxArray[]];
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

/** Batches of one-hot rows, prepared as a data loader would. */
function batchesOf({ numpy: np }: JaxModule, { block, batch, vocabulary }: Training) {
  const ids = characterIds(vocabulary, block * 400);
  let at = 0;
  const rows = (first: readonly number[], shift: number): JaxArray => {
    const data = new Float32Array(batch * block * vocabulary);
    for (let b = 0; b < batch; b++)
      for (let t = 0; t < block; t++) data[(b * block + t) * vocabulary + ids[first[b] + t + shift]] = 1;
    return np.array(data).reshape([batch * block, vocabulary]);
  };
  return (): [inputs: JaxArray, targets: JaxArray] => {
    const first = Array.from({ length: batch }, () => {
      at = (at + 7919) % (ids.length - block - 1);
      return at;
    });
    return [rows(first, 0), rows(first, 1)];
  };
}

export function train(jax: JaxModule, task: Training): Prepared {
  const { numpy: np } = jax;
  const parameters = initial(jax, task);
  const zeros = (): JaxArray[] => parameters.map((p) => np.zerosLike(p.ref));
  let state: State = { parameters, means: zeros(), squares: zeros() };
  const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const [step, nextBatch] = [stepOf(jax, task), batchesOf(jax, task)];
  let steps = 0;
  const scalar = (value: number): JaxArray => np.array(Float32Array.of(value)).reshape([]);
  const advance = async (): Promise<number> => {
    steps++;
    const corrections = [scalar(1 - RECIPE.beta1 ** steps), scalar(1 - RECIPE.beta2 ** steps)] as const;
    const all = step(state.parameters, state.means, state.squares, ...nextBatch(), ...corrections);
    const [newParameters, means, squares, loss] = all;
    state = { parameters: newParameters, means, squares };
    await jax.blockUntilReady(newParameters);
    return (await loss.data())[0];
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
