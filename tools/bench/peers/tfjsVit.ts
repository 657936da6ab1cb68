// A small Vision Transformer in TensorFlow.js; patches go in as rows.
import { numbers } from "../data.ts";
import type { VitTraining } from "../tasks.ts";
import type { TfModule } from "./libraries.ts";
import { blocksOf, layersOf, makersOf, oneHot } from "./tfjsLayers.ts";
import type { Model } from "./tfjsTraining.ts";

export function vit(tf: TfModule, task: VitTraining): Model {
  const { layers, width: C, batch: B, size, patch, classes } = task;
  const patches = (size / patch) ** 2;
  const pixels = 3 * patch ** 2;
  const T = patches + 1;
  const make = makersOf(tf);
  const { linear, norm } = layersOf(tf);
  const through = blocksOf(tf, { ...task, T }, false);
  const blocks = Array.from({ length: layers }, () => make.block(C));
  const [embedding, token, positions] = [make.linear(pixels, C), make.normal(1, C), make.normal(T, C)];
  const [last, head] = [make.norm(C), make.linear(C, classes)];
  return {
    parameters: make.all,
    loss(images, targets) {
      const rows = tf.reshape(linear(images, embedding), [B, patches, C]);
      const first = tf.broadcastTo(tf.reshape(token, [1, 1, C]), [B, 1, C]);
      const embedded = tf.add(tf.concat([first, rows], 1), positions); // (B, T, C)
      const x = norm(through(tf.reshape(embedded, [B * T, C]), blocks), last);
      const classToken = tf.slice(tf.reshape(x, [B, T, C]), [0, 0, 0], [B, 1, C]);
      return tf.losses.softmaxCrossEntropy(targets, linear(tf.reshape(classToken, [B, C]), head));
    },
    nextBatch() {
      const labels = Array.from({ length: B }, (_, i) => i % classes);
      const images = tf.tensor(numbers(B * patches * pixels, 1), [B * patches, pixels]);
      return [images, oneHot(tf, labels, classes)];
    },
  };
}
