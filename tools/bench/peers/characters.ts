// Text for training steps whose content does not matter: `vocabulary` different characters, in an order that looks random.
import { numbers } from "../data.ts";

const FIRST = 0x30;

export function characters(vocabulary: number, length: number): string {
  const letters = Array.from({ length: vocabulary }, (_, i) => String.fromCharCode(FIRST + i)).join("");
  const rest = numbers(length - vocabulary, 7).map((x) =>
    Math.min(Math.floor((x + 0.5) * vocabulary), vocabulary - 1),
  );
  return letters + Array.from(rest, (id) => letters[id]).join("");
}
