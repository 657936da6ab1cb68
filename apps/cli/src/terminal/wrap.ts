// Text that arrives in pieces, wrapped at spaces while it is written: a word goes to a new line when it would
// not fit.
import type { Terminal } from "./terminal.ts";

export class Wrapper {
  readonly #terminal: Terminal;
  readonly #indent: string;
  #column: number;
  #word = "";
  #style: (text: string) => string = String;

  /** Starts a paragraph indented by `indent` columns. */
  constructor(terminal: Terminal, indent: number) {
    this.#terminal = terminal;
    this.#indent = " ".repeat(indent);
    this.#column = 0;
  }

  /** Adds a piece; a word is written when it has ended. */
  async push(piece: string, style: (text: string) => string = String): Promise<void> {
    for (const character of piece) {
      if (style !== this.#style) await this.#flushWord();
      this.#style = style;
      if (/\s/.test(character)) await this.#flushWord();
      this.#word += character === "\n" ? " " : character;
    }
  }

  /** Ends the paragraph. */
  async end(): Promise<void> {
    await this.#flushWord();
    await this.#terminal.write("\n");
    this.#column = 0;
  }

  async #flushWord(): Promise<void> {
    const word = this.#word;
    this.#word = "";
    if (word === "") return;
    const room = this.#terminal.width - this.#indent.length;
    const startsLine = this.#column === 0;
    const breaks = !startsLine && this.#column + word.length > room && word.startsWith(" ");
    const shown = startsLine || breaks ? word.trimStart() : word;
    const lead = breaks ? `\n${this.#indent}` : startsLine ? this.#indent : "";
    this.#column = startsLine || breaks ? shown.length : this.#column + shown.length;
    await this.#terminal.write(lead + this.#style(shown));
  }
}
