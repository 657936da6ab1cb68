// A small Vision Transformer in jax-js; patches go in as rows.
import { numbers } from "../data.ts";
import type { VitTraining } from "../tasks.ts";
import type { Model } from "./jaxTraining.ts";
import { layersOf, makersOf, oneHot } from "./jaxTransformer.ts";
import type { JaxModule } from "./libraries.ts";

export function vit(jax: JaxModule, task: VitTraining): Model {
  const { numpy: np } = jax;
  const { layers, width: C, batch: B, size, patch, classes } = task;
  const patches = (size / patch) ** 2;
  const pixels = 3 * patch ** 2;
  const T = patches + 1;
  const make = makersOf(jax);
  const { norm, linear, blocks, crossEntropy } = layersOf(jax, { ...task, T });
  const all = Array.from({ length: layers }, () => make.block(C)).flat();
  const embeddings = [...make.linear(pixels, C), make.normal(1, C), make.normal(T, C)];
  return {
    parameters: [...embeddings, ...make.norm(C), ...make.linear(C, classes), ...all],
    loss([patchW, patchB, token, positions, gain, shift, headW, headB, ...rest], images, targets) {
      const rows = linear(images, patchW, patchB).reshape([B, patches, C]);
      const first = np.broadcastTo(token.reshape([1, 1, C]), [B, 1, C]);
      const x = blocks(np.concatenate([first, rows], 1).add(positions), rest, false, false); // (B, T, C)
      const [classToken] = np.split(norm(x, gain, shift), [1], 1); // (B, 1, C)
      return crossEntropy(linear(classToken.reshape([B, C]), headW, headB), targets, B);
    },
    nextBatch() {
      const images = np.array(numbers(B * patches * pixels, 1)).reshape([B * patches, pixels]);
      const labels = Array.from({ length: B }, (_, i) => i % classes);
      return [images, oneHot(jax, labels, classes)];
    },
  };
}
