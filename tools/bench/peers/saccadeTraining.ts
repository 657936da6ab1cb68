// Saccade's training steps through its public API: nanoGPT by its recipe of @saccade/models, a small ViT and a character
// LSTM from layers of @saccade/core.
import { cat, crossEntropy, manualSeed, nn, optim, scope, type Tensor, tensor } from "@saccade/core";
import * as models from "@saccade/models";
import { numbers } from "../data.ts";
import type { Prepared } from "../participant.ts";
import type { GptTraining, LstmTraining, Training, VitTraining } from "../tasks.ts";
import { characterIds, characters } from "./characters.ts";
import { RECIPE } from "./recipe.ts";

function gpt({
  layers,
  heads,
  width,
  block: blockSize,
  batch: batchSize,
  vocabulary,
}: GptTraining): Prepared {
  const text = characters(vocabulary, blockSize * 400);
  const run = new models.GptTraining({ text, layers, heads, width, blockSize, batchSize });
  return prepared(
    run.model,
    () => run.advance(),
    () => run.dispose(),
  );
}

class VisionTransformer extends nn.Module {
  patches: nn.Conv2d;
  classToken: nn.Parameter;
  positions: nn.Parameter;
  encoder: nn.TransformerEncoder;
  head: nn.Linear;

  constructor({ layers, heads, width, size, patch, classes }: VitTraining) {
    super();
    this.patches = new nn.Conv2d(3, width, patch, { stride: patch });
    this.classToken = nn.parameter(1, 1, width);
    this.positions = nn.parameter(1, (size / patch) ** 2 + 1, width);
    const options = { dimFeedforward: 4 * width, dropout: 0, activation: "gelu", normFirst: true } as const;
    const layer = new nn.TransformerEncoderLayer(width, heads, options);
    this.encoder = new nn.TransformerEncoder(layer, layers, { norm: new nn.LayerNorm(width) });
    this.head = new nn.Linear(width, classes);
    for (const parameter of this.parameters()) if (parameter.rank >= 2) nn.init.normal_(parameter, 0, 0.02);
    for (const [name, parameter] of this.namedParameters())
      if (name.endsWith("bias")) nn.init.zeros_(parameter);
  }

  /** images (B, 3, size, size) → logits (B, classes) */
  forward(images: Tensor): Tensor {
    const patches = this.patches.forward(images).flatten(2).transpose(1, 2); // (B, P, C)
    const first = this.classToken.expand([images.shape[0], 1, this.classToken.shape[2]]);
    const x = this.encoder.forward(cat([first, patches], 1).add(this.positions)); // (B, 1 + P, C)
    return this.head.forward(x.select(1, 0));
  }
}

function vit(task: VitTraining): Prepared {
  const { batch, size, classes } = task;
  const model = nn.build(() => new VisionTransformer(task));
  const images = tensor(numbers(batch * 3 * size * size, 1), { shape: [batch, 3, size, size] });
  const labels = tensor(Int32Array.from({ length: batch }, (_, i) => i % classes));
  return stepping(model, () => crossEntropy(model.forward(images), labels), [images, labels]);
}

class CharacterLstm extends nn.Module {
  embedding: nn.Embedding;
  lstm: nn.LSTM;
  head: nn.Linear;

  constructor({ layers, width, vocabulary }: LstmTraining) {
    super();
    this.embedding = new nn.Embedding(vocabulary, width);
    this.lstm = new nn.LSTM(width, width, { numLayers: layers });
    this.head = new nn.Linear(width, vocabulary);
  }

  /** ids (B, T) → logits (B, T, V) */
  forward(ids: Tensor): Tensor {
    return this.head.forward(this.lstm.forward(this.embedding.forward(ids)).output);
  }
}

function lstm(task: LstmTraining): Prepared {
  const { batch, block, vocabulary } = task;
  const model = new CharacterLstm(task);
  const ids = Int32Array.from(characterIds(vocabulary, batch * block + 1));
  const piece = (shift: number, shape: number[]): Tensor =>
    tensor(ids.slice(shift, shift + batch * block), { shape });
  const [inputs, targets] = [piece(0, [batch, block]), piece(1, [batch * block])];
  return stepping(model, () => crossEntropy(model.forward(inputs).flatten(0, 1), targets), [inputs, targets]);
}

/** nanoGPT's recipe for any model. */
function stepping(model: nn.Module, lossOf: () => Tensor, inputs: readonly Tensor[]): Prepared {
  const all = model.train().parameters();
  const groups = [
    { params: all.filter(({ rank }) => rank >= 2), weightDecay: RECIPE.decay },
    { params: all.filter(({ rank }) => rank < 2), weightDecay: 0 },
  ];
  const optimizer = new optim.AdamW(groups, { lr: RECIPE.lr, betas: [RECIPE.beta1, RECIPE.beta2] });
  const advance = (): number => {
    const loss = scope(() => {
      const value = lossOf();
      value.backward();
      return value.item();
    });
    optim.clipGradNorm(all, RECIPE.clip);
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  };
  return prepared(model, advance, () => {
    optimizer.dispose();
    model.dispose();
    for (const input of inputs) input.dispose();
  });
}

/** The same model starts at about the same loss, whatever its random numbers: the logarithm of the number of classes. */
function prepared(model: nn.Module, advance: () => number, dispose: () => void): Prepared {
  const count = model.parameters().reduce((sum, { numel }) => sum + numel, 0);
  return { run: () => void advance(), check: () => [count, 0, advance()], dispose };
}

export function train(task: Training): Prepared {
  manualSeed(0);
  if (task.model === "GPT") return gpt(task);
  return task.model === "ViT" ? vit(task) : lstm(task);
}
