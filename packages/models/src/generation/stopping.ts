// Ending at given texts: the text so far is decoded and searched at its end.
import { SaccadeError } from "@saccade/core";
import type { PreTrainedTokenizer } from "../tokenizer.ts";

export class StopStrings {
  readonly #stops: readonly string[];
  readonly #tokenizer: PreTrainedTokenizer | undefined;
  readonly #ids: number[] = [];
  /** Tokens that can hold the longest stop string, with room for one-byte tokens. */
  readonly #window: number;

  constructor({
    stopStrings = [],
    tokenizer,
  }: { stopStrings?: readonly string[]; tokenizer?: PreTrainedTokenizer }) {
    if (stopStrings.length > 0 && tokenizer === undefined) {
      throw new SaccadeError("argument", "generate: stopStrings need the tokenizer to read the text with");
    }
    if (stopStrings.includes("")) throw new SaccadeError("argument", "generate: a stop string is empty");
    this.#stops = stopStrings;
    this.#tokenizer = tokenizer;
    this.#window = 4 * Math.max(0, ...stopStrings.map((stop) => stop.length)) + 8;
  }

  /** True when the text, with `id` added, holds a stop string that `id` completed. */
  reached(id: number): boolean {
    if (this.#tokenizer === undefined || this.#stops.length === 0) return false;
    this.#ids.push(id);
    if (this.#ids.length > this.#window) this.#ids.shift();
    const text = this.#tokenizer.decode(this.#ids);
    return this.#stops.some((stop) => text.includes(stop));
  }
}
