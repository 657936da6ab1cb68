// Text for training steps whose content does not matter: `vocabulary` different characters, in an order that looks random.
import { numbers } from "../data.ts";
import type { GptTraining } from "../tasks.ts";

const FIRST = 0x30;

/** Every id once, then any. */
export function characterIds(vocabulary: number, length: number): number[] {
  const idOf = (x: number): number => Math.min(Math.floor((x + 0.5) * vocabulary), vocabulary - 1);
  const every = Array.from({ length: vocabulary }, (_, id) => id);
  return [...every, ...Array.from(numbers(length - vocabulary, 7), idOf)];
}

export function characters(vocabulary: number, length: number): string {
  return characterIds(vocabulary, length)
    .map((id) => String.fromCharCode(FIRST + id))
    .join("");
}

/** Rows of zeros with a one at each id. */
export function oneHotRows(ids: readonly number[], classes: number): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(ids.length * classes);
  for (const [row, id] of ids.entries()) rows[row * classes + id] = 1;
  return rows;
}

type Ids = readonly number[];

/** Pieces of text, one after the other, and the characters that follow each, as a data loader would prepare them. */
export function piecesOf({
  block,
  batch,
  vocabulary,
}: GptTraining): () => readonly [inputs: Ids, targets: Ids] {
  const ids = characterIds(vocabulary, block * 400);
  let at = 0;
  return () => {
    const starts = Array.from({ length: batch }, () => {
      at = (at + 7919) % (ids.length - block - 1);
      return at;
    });
    const pieces = (shift: number): number[] =>
      starts.flatMap((start) => ids.slice(start + shift, start + shift + block));
    return [pieces(0), pieces(1)];
  };
}
