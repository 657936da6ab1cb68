// Choosing the class by config.json's model_type. transformers.AutoModelForCausalLM
import { SaccadeError } from "@saccade/core";
import * as architectures from "./architectures.ts";
import { type CheckpointLocation, checkpointSource, readJson } from "./checkpoint/source.ts";
import type { CausalLMConfig, PreTrainedModel, PretrainedOptions } from "./pretrained.ts";

/** What a class says of itself: the model_type of its configs, and what it is for. */
interface HeadClass {
  readonly modelType: string;
  readonly task: string;
  fromPretrained(location: CheckpointLocation, options?: PretrainedOptions): Promise<CausalModel>;
}

export type CausalModel = PreTrainedModel<CausalLMConfig>;

const headClasses = Object.values(architectures).filter(
  (value) => typeof value === "function" && "task" in value,
) as unknown as readonly HeadClass[];

function autoModel(task: string, what: string) {
  const known = headClasses.filter((head) => head.task === task);
  return {
    /** Loads the model in a checkpoint directory, by the class its config.json asks for. */
    async fromPretrained(
      location: CheckpointLocation,
      options: PretrainedOptions = {},
    ): Promise<CausalModel> {
      const source = checkpointSource(location);
      const { model_type: type } = await readJson(source, "config.json");
      const head = known.find(({ modelType }) => modelType === type);
      if (head !== undefined) return head.fromPretrained(location, options);
      throw new SaccadeError(
        "config",
        `${source.name}/config.json: model_type ${JSON.stringify(type)} is no ${what} known here; ` +
          `known are ${known.map(({ modelType }) => modelType).join(", ")}`,
      );
    },
  };
}

export const AutoModelForCausalLM = autoModel("causal-lm", "causal language model");
