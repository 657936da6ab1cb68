// Text for training steps whose content does not matter: `vocabulary` different characters, in an order that looks random.
import { numbers } from "../data.ts";

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
