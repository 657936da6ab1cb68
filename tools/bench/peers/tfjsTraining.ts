// A training step in TensorFlow.js on its wasm backend, by its own Adam. That backend has no gradients of gathering
// (tensorflow/tfjs#8082) and of convolutions' weights (#8474): ids go in as one-hot rows, patches as rows.
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Prepared } from "../participant.ts";
import type { Training } from "../tasks.ts";
import type { TfModule, TfTensor, TfVariable } from "./libraries.ts";
import { imported } from "./modules.ts";
import { RECIPE } from "./recipe.ts";
import { gpt } from "./tfjsGpt.ts";
import { lstm } from "./tfjsLstm.ts";
import { vit } from "./tfjsVit.ts";

/** What is trained, and on what. */
export interface Model {
  readonly parameters: readonly TfVariable[];
  loss(inputs: TfTensor, targets: TfTensor): TfTensor;
  nextBatch(): readonly [inputs: TfTensor, targets: TfTensor];
}

let gradients: Promise<unknown> | null = null;

/** What Node gets of tfjs-core has no gradients; the file that has them is made for bundlers. */
async function importGradients(): Promise<unknown> {
  const file = "node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js";
  const entryPoints = [fileURLToPath(new URL(file, import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: "esm", write: false });
  return imported(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

function modelOf(tf: TfModule, task: Training): Model {
  if (task.model === "GPT") return gpt(tf, task);
  return task.model === "ViT" ? vit(tf, task) : lstm(tf, task);
}

export async function train(tf: TfModule, task: Training): Promise<Prepared> {
  gradients ??= importGradients();
  await gradients;
  const { lr, beta1, beta2, eps, decay, clip } = RECIPE;
  const { parameters, loss, nextBatch } = modelOf(tf, task);
  const matrices = parameters.filter(({ shape }) => shape.length > 1);
  const adam = tf.train.adam(lr, beta1, beta2, eps);
  const step = (): TfTensor => {
    const batch = nextBatch();
    const { value, grads } = tf.variableGrads(() => loss(...batch), parameters);
    const length = tf.sqrt(tf.addN(Object.values(grads).map((g) => tf.sum(tf.square(g)))));
    const scale = tf.minimum(tf.div(tf.scalar(clip), tf.add(length, 1e-6)), 1);
    for (const matrix of matrices) matrix.assign(tf.mul(matrix, 1 - lr * decay));
    const clipped = Object.entries(grads).map(([name, g]) => [name, tf.mul(g, scale)] as const);
    adam.applyGradients(Object.fromEntries(clipped));
    return value;
  };
  const advance = (): number => {
    const value = tf.tidy(step);
    const [first] = value.dataSync();
    value.dispose();
    return first;
  };
  const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  return {
    run: () => void advance(),
    check: () => [count, 0, advance()],
    dispose() {
      adam.dispose();
      for (const parameter of parameters) parameter.dispose();
    },
  };
}
