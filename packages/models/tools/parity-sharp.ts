// GPT-2 124M against transformers, on the sharp random checkpoint that tools/oracle/sharp124m.py writes:
//   npm run parity:sharp -w @saccade/models -- DIR [--variant simd|relaxed]
// Loads the clean and the hub form in both builds; 64 greedy and 64 beam-4 ids must be equal, logits must lie within the
// tolerance of the float64 ones. Prints a table; exit status 1 when anything differs.
import { statSync } from "node:fs";
import { parseArgs } from "node:util";
import { init, memory, noGrad, scope, tensor, terminate } from "@saccade/core";
import { GPT2LMHeadModel, generate } from "@saccade/models";
import { collect } from "../test/collect.ts";
import { readJsonFile, readReferences } from "../test/reference.ts";

interface Expected {
  readonly prompt: readonly number[];
  readonly greedy: readonly number[];
  readonly beam: readonly number[];
  readonly beams: number;
  readonly maxNewTokens: number;
  readonly maxAbsDeltaLogit: number;
  readonly tolerances: { readonly logits: { readonly d: number; readonly scale: number } };
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { variant: { type: "string" } },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error(
    "usage: parity-sharp.ts DIR [--variant simd|relaxed]   (DIR is made by tools/oracle/sharp124m.py)",
  );
  process.exit(2);
}
const expected = readJsonFile(`${folder}/expected.json`) as unknown as Expected;
const references = readReferences(`${folder}/expected.safetensors`);
const limit = 8 * expected.tolerances.logits.d + 1e-7 * expected.tolerances.logits.scale;

/** Largest distance of the recorded logits from ours. */
function deviation(model: GPT2LMHeadModel): number {
  const steps = references.get("steps")?.values ?? [];
  const { values: exact } = references.get("logits") as { values: Float64Array };
  const V = model.config.vocab_size;
  return noGrad(() =>
    scope(() => {
      const ids = Int32Array.from([...expected.prompt, ...expected.greedy.slice(0, -1)]);
      const logits = model.forward(tensor(ids, { shape: [1, ids.length] })).logits; // (1, T, V)
      let worst = 0;
      for (const [i, step] of steps.entries()) {
        const row = logits.narrow(1, expected.prompt.length - 1 + step, 1).toTypedArray();
        for (let v = 0; v < V; v++) {
          const distance = Math.abs(row[v] - exact[i * V + v]);
          if (!(distance <= worst)) worst = distance;
        }
      }
      return worst;
    }),
  );
}

async function seconds<T>(work: () => Promise<T>): Promise<[T, number]> {
  const started = performance.now();
  const result = await work();
  return [result, (performance.now() - started) / 1000];
}

async function idsOf(model: GPT2LMHeadModel, numBeams: number): Promise<number[]> {
  const options = { maxNewTokens: expected.maxNewTokens, numBeams };
  return collect(generate(model, expected.prompt, options));
}

/** Loads one form in one build and prints its row. */
async function check(form: string, variant: "simd" | "relaxed"): Promise<boolean> {
  await init({ variant, development: false });
  const path = `${folder}/${form}`;
  const [model, loading] = await seconds(() => GPT2LMHeadModel.fromPretrained(path));
  const { liveBytes, peakBytes } = memory();
  const delta = deviation(model);
  const [greedy, greedySeconds] = await seconds(() => idsOf(model, 1));
  const [beam, beamSeconds] = await seconds(() => idsOf(model, expected.beams));
  const same = { greedy: `${greedy}` === `${expected.greedy}`, beam: `${beam}` === `${expected.beam}` };
  const fileBytes = statSync(`${path}/model.safetensors`).size;
  console.log(
    `${variant} ${form}: greedy ${same.greedy ? "equal" : "DIFFERS"} (${greedySeconds.toFixed(1)} s), ` +
      `beam-${expected.beams} ${same.beam ? "equal" : "DIFFERS"} (${beamSeconds.toFixed(1)} s), ` +
      `max |delta logit| ${delta.toExponential(2)} (limit ${limit.toExponential(2)}), loaded in ${loading.toFixed(1)} s; ` +
      `MB: file ${megabytes(fileBytes)}, live ${megabytes(liveBytes)}, peak loading ${megabytes(peakBytes)}, ` +
      `peak ${megabytes(memory().peakBytes)}, heap ${megabytes(memory().heapBytes)}, ` +
      `process ${megabytes(process.resourceUsage().maxRSS * 1024)}`,
  );
  model.dispose();
  terminate();
  return same.greedy && same.beam && delta <= limit;
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);

const variants = (["simd", "relaxed"] as const).filter((name) => name === (values.variant ?? name));
let passed = true;
for (const variant of variants)
  for (const form of ["clean", "hub"]) passed = (await check(form, variant)) && passed;
process.exitCode = passed ? 0 : 1;
