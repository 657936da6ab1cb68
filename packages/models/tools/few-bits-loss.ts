// npm run few-bits -w @saccade/models -- CHECKPOINT TEXT: what a character model loses on held-out text (the last tenth of
// the file) when its weights are kept in fewer bits, as `saccade train gpt` measures it. Fails over the limits of int8 and
// int4.
import { readFile } from "node:fs/promises";
import { init, noGrad, scope, tensor, type WeightFormat } from "@saccade/core";
import { AutoModelForCausalLM, AutoTokenizer } from "@saccade/models";

const LIMITS: Partial<Record<WeightFormat, number>> = { int8: 0.01, int4: 0.05 };
const BLOCK = 64;
const BATCH = 32;

const [checkpoint, file] = process.argv.slice(2);
if (file === undefined) throw new Error("few-bits CHECKPOINT TEXT");
await init();
const tokenizer = await AutoTokenizer.fromPretrained(checkpoint);
const text = await readFile(file, "utf8");
const ids = tokenizer.encode(text.slice(Math.floor(0.9 * text.length)));
const batches = Math.floor(ids.length / (BLOCK * BATCH));

/** Mean loss over the held-out text, in blocks. */
async function lossOf(dtype: WeightFormat): Promise<number> {
  using model = await AutoModelForCausalLM.fromPretrained(checkpoint, { dtype });
  let sum = 0;
  for (let batch = 0; batch < batches; batch++) {
    const from = batch * BLOCK * BATCH;
    const block = Int32Array.from(ids.slice(from, from + BLOCK * BATCH));
    sum += noGrad(() =>
      scope(() => {
        const inputIds = tensor(block, { shape: [BATCH, BLOCK] });
        return model.forward(inputIds, { labels: inputIds }).loss?.item() as number;
      }),
    );
  }
  return sum / batches;
}

const full = await lossOf("f32");
console.log(`f32   ${full.toFixed(4)}   over ${batches * BLOCK * BATCH} characters`);
for (const dtype of ["f16", "bf16", "int8", "int4"] as const) {
  const loss = await lossOf(dtype);
  const limit = LIMITS[dtype];
  const over = limit !== undefined && loss - full > limit;
  if (over) process.exitCode = 1;
  const wanted = limit === undefined ? "" : `   at most +${limit}${over ? "  OVER" : ""}`;
  console.log(`${dtype.padEnd(5)} ${loss.toFixed(4)}   ${(loss - full).toFixed(5).padStart(8)}${wanted}`);
}
