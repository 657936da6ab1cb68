// nanoGPT in jax-js. Ids go in as one-hot rows, which with so few characters is the fast way.
import type { GptTraining } from "../tasks.ts";
import { piecesOf } from "./characters.ts";
import type { Model } from "./jaxTraining.ts";
import { layersOf, makersOf, oneHot } from "./jaxTransformer.ts";
import type { JaxModule } from "./libraries.ts";

export function gpt(jax: JaxModule, task: GptTraining): Model {
  const { numpy: np } = jax;
  const { layers, width: C, block: T, batch: B, vocabulary } = task;
  const make = makersOf(jax);
  const { norm, blocks, crossEntropy } = layersOf(jax, { ...task, T });
  const residual = 0.02 / Math.sqrt(2 * layers);
  const all = Array.from({ length: layers }, () => make.block(C, residual)).flat();
  return {
    parameters: [make.normal(vocabulary, C), make.normal(T, C), ...make.norm(C), ...all],
    loss([tokens, positions, gain, shift, ...rest], inputs, targets) {
      const embedded = np.matmul(inputs, tokens.ref).reshape([B, T, C]).add(positions);
      const x = norm(blocks(embedded, rest, true, true), gain, shift).reshape([B * T, C]);
      return crossEntropy(np.matmul(x, tokens.transpose()), targets, B * T);
    },
    nextBatch: batchesOf(jax, task),
  };
}

/** Batches as one-hot rows. */
function batchesOf(jax: JaxModule, task: GptTraining): Model["nextBatch"] {
  const nextPieces = piecesOf(task);
  return () => {
    const [inputs, targets] = nextPieces();
    return [oneHot(jax, inputs, task.vocabulary), oneHot(jax, targets, task.vocabulary)];
  };
}
