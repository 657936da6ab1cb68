// nanoGPT in TensorFlow.js.
import type { GptTraining } from "../tasks.ts";
import { piecesOf } from "./characters.ts";
import type { TfModule } from "./libraries.ts";
import { blocksOf, layersOf, makersOf, oneHot } from "./tfjsLayers.ts";
import type { Model } from "./tfjsTraining.ts";

export function gpt(tf: TfModule, task: GptTraining): Model {
  const { layers, width: C, block: T, batch: B, vocabulary } = task;
  const make = makersOf(tf);
  const { product, norm } = layersOf(tf);
  const through = blocksOf(tf, { ...task, T }, true);
  const residual = 0.02 / Math.sqrt(2 * layers);
  const blocks = Array.from({ length: layers }, () => make.block(C, residual));
  const [tokens, positions, last] = [make.normal(vocabulary, C), make.normal(T, C), make.norm(C)];
  const nextPieces = piecesOf(task);
  return {
    parameters: make.all,
    loss(inputs, targets) {
      const embedded = tf.add(tf.reshape(product(inputs, tokens), [B, T, C]), positions);
      const x = norm(through(tf.reshape(embedded, [B * T, C]), blocks), last);
      return tf.losses.softmaxCrossEntropy(targets, product(x, tf.transpose(tokens, [1, 0])));
    },
    nextBatch() {
      const [inputs, targets] = nextPieces();
      return [oneHot(tf, inputs, vocabulary), oneHot(tf, targets, vocabulary)];
    },
  };
}
