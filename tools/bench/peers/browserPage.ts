// The page of browser.ts: Saccade and wllama generate from the same GPT-2, each with its own weights of few bits.
import { init } from "@saccade/core";
import { GPT2LMHeadModel, generate } from "@saccade/models";
import type { GeneratedRun } from "./browser.ts";

/** What is used of @wllama/wllama, which the server has. */
interface Wllama {
  loadModel(blobs: readonly Blob[], options: Readonly<Record<string, unknown>>): Promise<void>;
  createCompletion(
    options: Readonly<Record<string, unknown>>,
  ): Promise<{ readonly choices: readonly { readonly text: string }[] }>;
}
interface WllamaModule {
  readonly Wllama: new (
    paths: { readonly default: string },
    options: Readonly<Record<string, unknown>>,
  ) => Wllama;
}

const runs = new Map<string, (count: number) => Promise<GeneratedRun>>();
const file = async (path: string): Promise<Blob> => (await fetch(path)).blob();

async function saccade(dtype: "int8" | "int4", ids: readonly number[]): Promise<void> {
  const names = ["config.json", "model.safetensors"];
  const files = new Map(await Promise.all(names.map(async (name) => [name, await file(name)] as const)));
  const model = await GPT2LMHeadModel.fromPretrained(files, { dtype });
  runs.set(`saccade ${dtype}`, async (maxNewTokens) => {
    const all: number[] = [];
    const start = performance.now();
    for await (const id of generate(model, [...ids], { maxNewTokens, eosTokenId: null })) all.push(id);
    return { ms: performance.now() - start, ids: all };
  });
}

async function other(type: string, prompt: string): Promise<void> {
  const quiet = { debug() {}, log() {}, warn() {}, error: console.error };
  const { Wllama } = (await import(`${location.origin}/wllama.js`)) as WllamaModule;
  const model = new Wllama({ default: `${location.origin}/wllama.wasm` }, { logger: quiet });
  await model.loadModel([await file(`${type}.gguf`)], {
    n_threads: 1,
    n_gpu_layers: 0,
    n_ctx: 256,
    n_parallel: 1,
  });
  runs.set(`wllama ${type}`, async (count) => {
    const start = performance.now();
    const greedy = { temperature: 0, samplers: ["top_k"], top_k: 1 };
    const options = { prompt, max_tokens: count, cache_prompt: false, ...greedy };
    const { choices } = await model.createCompletion(options);
    const ms = performance.now() - start;
    const ids = [...choices[0].text.matchAll(/t(\d+);|([a-z])/g)];
    return {
      ms,
      ids: ids.map(([, number, letter]) => (letter ? letter.charCodeAt(0) - 97 : Number(number))),
    };
  });
}

/** Gets everybody ready and returns their names; `run` is called from outside. */
async function prepare(ids: readonly number[], prompt: string): Promise<string[]> {
  await init({ threads: 1, development: false });
  for (const dtype of ["int8", "int4"] as const) await saccade(dtype, ids);
  for (const type of ["q8_0", "q4_0"]) await other(type, prompt);
  return [...runs.keys()];
}

const run = (name: string, count: number): Promise<GeneratedRun> => {
  const found = runs.get(name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found(count);
};

Object.assign(globalThis, { prepare, run });
