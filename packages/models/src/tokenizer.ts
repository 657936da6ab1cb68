// Text to ids and back, by the tokenizer.json of a checkpoint. The work is done by @huggingface/tokenizers.

import { Tokenizer } from "@huggingface/tokenizers";
import { SaccadeError } from "@saccade/core";
import { makeDirectory, writeJson } from "./checkpoint/save.ts";
import { type CheckpointLocation, checkpointSource, readJson } from "./checkpoint/source.ts";

export class PreTrainedTokenizer {
  readonly #tokenizer: Tokenizer;
  readonly #json: Record<string, unknown>;
  readonly #config: Record<string, unknown>;

  /** From the objects in tokenizer.json and tokenizer_config.json. */
  constructor(json: Record<string, unknown>, config: Record<string, unknown> = {}) {
    this.#json = json;
    this.#config = config;
    try {
      this.#tokenizer = new Tokenizer(json, config);
    } catch (error) {
      throw new SaccadeError("file", `tokenizer.json: could not be understood (${(error as Error).message})`);
    }
  }

  /** Ids of a text; special tokens of the model's template are added unless told otherwise. */
  encode(text: string, options: { addSpecialTokens?: boolean } = {}): number[] {
    return this.#tokenizer.encode(text, { add_special_tokens: options.addSpecialTokens ?? true }).ids;
  }

  /** The text of ids. */
  decode(ids: readonly number[], options: { skipSpecialTokens?: boolean } = {}): string {
    if (ids.length === 0) return "";
    return this.#tokenizer.decode([...ids], {
      skip_special_tokens: options.skipSpecialTokens ?? false,
      clean_up_tokenization_spaces: false,
    });
  }

  tokenToId(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token);
  }

  idToToken(id: number): string | undefined {
    return this.#tokenizer.id_to_token(id);
  }

  get vocabSize(): number {
    return this.#tokenizer.get_vocab(true).size;
  }

  /** Writes tokenizer.json and tokenizer_config.json. */
  async savePretrained(directory: string): Promise<void> {
    await makeDirectory(directory);
    await writeJson(`${directory}/tokenizer.json`, this.#json);
    await writeJson(`${directory}/tokenizer_config.json`, this.#config);
  }
}

/** transformers.AutoTokenizer */
export const AutoTokenizer = {
  /** Reads tokenizer.json, and tokenizer_config.json where there is one, of a checkpoint directory. */
  async fromPretrained(location: CheckpointLocation): Promise<PreTrainedTokenizer> {
    const source = checkpointSource(location);
    const json = await readJson(source, "tokenizer.json");
    const hasConfig = (await source.size("tokenizer_config.json")) !== null;
    return new PreTrainedTokenizer(json, hasConfig ? await readJson(source, "tokenizer_config.json") : {});
  },
};

/** Turns a stream of ids into text, holding back bytes that are not yet a whole character. */
export class TextStreamer {
  readonly #tokenizer: PreTrainedTokenizer;
  #ids: number[] = [];
  #shown = "";

  constructor(tokenizer: PreTrainedTokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The text that `id` completes. */
  push(id: number): string {
    this.#ids.push(id);
    const text = this.#tokenizer.decode(this.#ids);
    if (text.endsWith("\ufffd")) return "";
    const fresh = text.slice(this.#shown.length);
    this.#shown = text;
    // At a line's end nothing later can change what was shown: start anew, so that long texts stay cheap.
    if (text.endsWith("\n")) {
      this.#ids = [];
      this.#shown = "";
    }
    return fresh;
  }

  /** What was held back at the end. */
  flush(): string {
    const text = this.#tokenizer.decode(this.#ids).slice(this.#shown.length);
    this.#ids = [];
    this.#shown = "";
    return text;
  }
}

/** A tokenizer.json whose tokens are the characters of a text, in order of code point; nanoGPT's character level. */
export function characterTokenizer(text: string): PreTrainedTokenizer {
  const characters = [...new Set(text)].sort((a, b) => (a.codePointAt(0) ?? 0) - (b.codePointAt(0) ?? 0));
  const vocab = Object.fromEntries(characters.map((character, id) => [character, id]));
  const json = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges: [],
    },
  };
  return new PreTrainedTokenizer(json, {
    tokenizer_class: "PreTrainedTokenizerFast",
    clean_up_tokenization_spaces: false,
  });
}
