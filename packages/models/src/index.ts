// @saccade/models: architectures that load original Hugging Face checkpoints, tokenizers, generation and training.
export * from "./architectures.ts";
export { AutoModelForCausalLM, type CausalModel } from "./auto.ts";
export type { LoadOptions, LoadProgress } from "./checkpoint/load.ts";
export type { CheckpointLocation } from "./checkpoint/source.ts";
export { KVCache, LayerCache } from "./generation/cache.ts";
export { generate } from "./generation/generate.ts";
export type { GenerateOptions, Generator } from "./generation/plan.ts";
export type { CausalLMInputs, CausalLMOutput, ModelInputs, ModelOutput } from "./outputs.ts";
export { PreTrainedModel, type PretrainedOptions } from "./pretrained.ts";
export { AutoTokenizer, characterTokenizer, PreTrainedTokenizer, TextStreamer } from "./tokenizer.ts";
export { GptTraining, type TrainGptOptions, type TrainProgress, trainGpt } from "./train/gpt.ts";
