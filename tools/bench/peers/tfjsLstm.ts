// A character LSTM in TensorFlow.js, step by step; rows are (step, piece), so that each step's lie together.
import type { LstmTraining } from "../tasks.ts";
import { characterIds } from "./characters.ts";
import type { TfModule, TfTensor, TfVariable } from "./libraries.ts";
import { layersOf, makersOf, oneHot, type Pair } from "./tfjsLayers.ts";
import type { Model } from "./tfjsTraining.ts";

/** Weights (H, 4 H) of inputs and states, and their biases. */
interface Layer {
  readonly inputs: Pair;
  readonly states: Pair;
}

export function lstm(
  tf: TfModule,
  { layers, width: H, block: T, batch: B, vocabulary }: LstmTraining,
): Model {
  const make = makersOf(tf);
  const { product, linear } = layersOf(tf);
  const bound = 1 / Math.sqrt(H);
  const part = (outputs: number): Pair => [make.uniform(bound, H, outputs), make.uniform(bound, outputs)];
  const embedding: TfVariable = make.normal(vocabulary, H, 1);
  const all = Array.from({ length: layers }, (): Layer => ({ inputs: part(4 * H), states: part(4 * H) }));
  const head = part(vocabulary);

  function layer(x: TfTensor, { inputs, states }: Layer): TfTensor {
    const [weight, bias] = states;
    const gates = tf.add(linear(x, inputs), bias); // (T B, 4 H)
    let [h, c] = [tf.zeros([B, H]), tf.zeros([B, H])];
    const outputs = tf.unstack(tf.reshape(gates, [T, B, 4 * H]), 0).map((step) => {
      const [i, f, g, o] = tf.split(tf.add(step, product(h, weight)), 4, 1);
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      return h;
    });
    return tf.concat(outputs, 0); // (T B, H)
  }

  const ids = characterIds(vocabulary, B * T + 1);
  const rows = (shift: number): TfTensor => {
    const ordered = Array.from(
      { length: B * T },
      (_, row) => ids[(row % B) * T + Math.floor(row / B) + shift],
    );
    return oneHot(tf, ordered, vocabulary);
  };
  return {
    parameters: make.all,
    loss: (inputs, targets) =>
      tf.losses.softmaxCrossEntropy(targets, linear(all.reduce(layer, product(inputs, embedding)), head)),
    nextBatch: () => [rows(0), rows(1)],
  };
}
