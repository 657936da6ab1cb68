// Every architecture, one line each. The Auto classes choose among the classes exported here.
export { type GPT2Config, GPT2LMHeadModel, GPT2Model, gpt2Defaults } from "./gpt2.ts";
export {
  type OpenAIGPTConfig,
  OpenAIGPTLMHeadModel,
  OpenAIGPTModel,
  openAIGPTDefaults,
} from "./openaiGpt.ts";
