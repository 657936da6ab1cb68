// What every architecture has: a config in its own spelling, loading from and saving to a checkpoint directory.
// transformers.PreTrainedModel
import { files, nn, SaccadeError, type Tensor, type WeightFormat } from "@saccade/core";
import { type LoadOptions, loadWeights } from "./checkpoint/load.ts";
import { withPanels } from "./checkpoint/panels.ts";
import { makeDirectory, writeJson, writeSafetensors } from "./checkpoint/save.ts";
import { type CheckpointLocation, checkpointSource, readJson } from "./checkpoint/source.ts";
import type { KVCache } from "./generation/cache.ts";
import type { CausalLMInputs, CausalLMOutput } from "./outputs.ts";

export interface PretrainedOptions extends LoadOptions {
  /** Keep weights in rows, so that they can be trained at once; packed for inference by default. */
  readonly trainable?: boolean;
  /** What packed weights are kept in: "f16", "bf16", "int8" or "int4" instead of f32, or of what the file holds. */
  readonly dtype?: WeightFormat;
  /** Neighbouring weights that share a scale in int8 and int4, 32 by default. */
  readonly groupSize?: number;
}

export interface SaveOptions {
  /** The type of f32 tensors in the file: "F16" or "BF16" halve it, and Python's transformers still loads it. */
  readonly dtype?: "F32" | "F16" | "BF16";
}

/** The fields of config.json that every architecture has; each adds its own. */
export interface CausalLMConfig {
  model_type: string;
  vocab_size: number;
  eos_token_id?: number | number[] | null;
}

/** A head says its name, which config.json holds, itself: a minifier renames classes. */
// biome-ignore lint/suspicious/noExplicitAny: each class has its own config
type ModelClass<M> = { new (config: any): M; readonly modelType: string; readonly name: string };

export abstract class PreTrainedModel<C extends CausalLMConfig> extends nn.Module {
  readonly config: C;

  constructor(config: C) {
    super();
    this.config = config;
  }

  /** Field under which the model without its head lies, and the prefix of its names. */
  abstract get baseModelPrefix(): string;

  /** Names in old checkpoints that mean nothing here. */
  get ignorable(): readonly RegExp[] {
    return [];
  }

  /** Longest sequence the model can take. */
  abstract get maxPositions(): number;

  abstract newCache(batch: number, capacity: number): KVCache;

  abstract override forward(inputIds: Tensor, inputs?: CausalLMInputs): CausalLMOutput;

  /** Loads a checkpoint directory of Hugging Face form: config.json and safetensors, in one file or in shards. */
  static async fromPretrained<M extends PreTrainedModel<CausalLMConfig>>(
    this: ModelClass<M>,
    location: CheckpointLocation,
    options: PretrainedOptions = {},
  ): Promise<M> {
    if (options.trainable && options.dtype !== undefined) {
      const text = `fromPretrained: dtype "${options.dtype}" is for packed weights, trainable ones are f32; leave one of them out`;
      throw new SaccadeError("argument", text);
    }
    const packing = options.trainable
      ? null
      : files.packOptions({ dtype: options.dtype, groupSize: options.groupSize });
    const source = checkpointSource(location);
    const config = await readJson(source, "config.json");
    // biome-ignore lint/complexity/noThisInStatic: the class it is called on is the one to make
    const model = build(this, config, source.name);
    try {
      await loadWeights(model, source, packing, options);
      model.eval();
      if (options.trainable) model.unpack();
      // What the file holds in panels may have to be in others.
      else model.pack({ dtype: options.dtype, groupSize: options.groupSize });
    } catch (error) {
      model.dispose();
      throw error;
    }
    return model;
  }

  /**
   * Writes config.json and model.safetensors; Python's transformers loads the directory unchanged, unless weights are packed
   * as int8 or int4: those are written as they lie, for Saccade alone.
   */
  async savePretrained(directory: string, { dtype = "F32" }: SaveOptions = {}): Promise<void> {
    await makeDirectory(directory);
    const { contents, metadata } = withPanels(this.#weights());
    try {
      const file = `${directory}/model.safetensors`;
      await writeSafetensors(file, contents, { format: "pt", ...metadata }, dtype);
    } finally {
      for (const [name, tensor] of this.#weights())
        if (contents.get(name) !== tensor) contents.get(name)?.dispose();
    }
    // Whatever the type of the files the weights came from; "torch_dtype" is its older name.
    const { torch_dtype: _, ...config } = this.config as C & { torch_dtype?: unknown };
    const architectures = [this.constructor.name];
    await writeJson(`${directory}/config.json`, { ...config, architectures, dtype: pythonTypes[dtype] });
  }

  /** Parameters and buffers, tied ones once. */
  #weights(): Map<string, Tensor> {
    return new Map<string, Tensor>([...this.namedParameters(), ...this.namedBuffers()]);
  }
}

const pythonTypes = { F32: "float32", F16: "float16", BF16: "bfloat16" } as const;

/** A model with room for its weights and nothing in it yet. */
function build<M extends nn.Module>(
  head: ModelClass<M>,
  config: Record<string, unknown>,
  directory: string,
): M {
  const { model_type: type = head.modelType } = config;
  if (type !== head.modelType) {
    throw new SaccadeError(
      "config",
      `${directory}/config.json: model_type ${JSON.stringify(type)} is not for ${head.name}, which is a "${head.modelType}"`,
    );
  }
  return nn.build(() => nn.init.skip(() => new head(config)));
}
