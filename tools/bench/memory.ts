// What a gpt2-medium-shaped checkpoint in f16 (710 MB) takes to load and to answer with one token, each way in a process of
// its own: the most memory the process ever had, as the system counts it, over the size of the file. Goal: f16 within 1.3.
//   node tools/bench/memory.ts
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { files, init, nn, noGrad, scope, tensor, terminate, type WeightFormat } from "@saccade/core";
import { GPT2LMHeadModel } from "@saccade/models";

const MB = 2 ** 20;
const GOAL = 1.3;
const medium = {
  model_type: "gpt2" as const,
  n_layer: 24,
  n_head: 16,
  n_embd: 1024,
  vocab_size: 50257,
  n_positions: 1024,
};

/** Small random halves, a megabyte of them again and again: only their size matters. */
function halves(bytes: number): Uint8Array {
  const words = new Uint16Array(bytes / 2);
  for (let i = 0, x = 1; i < words.length; i++) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    words[i] = ((x >>> 16) & 0x83ff) | 0x2000;
  }
  return new Uint8Array(words.buffer);
}

/** Writes the checkpoint without ever having the model: its parameters are never asked for their memory. */
async function writeCheckpoint(directory: string): Promise<void> {
  await init();
  const model = nn.init.skip(() => new GPT2LMHeadModel(medium));
  const { head, parts } = files.fileLayout(new Map(model.namedParameters()), {}, "F16");
  const file = openSync(`${directory}/model.safetensors`, "w");
  writeSync(file, head);
  const piece = halves(MB);
  for (const { bytes } of parts) {
    for (let left = bytes; left > 0; left -= MB) writeSync(file, piece, 0, Math.min(left, MB));
  }
  closeSync(file);
  terminate();
  writeFileSync(`${directory}/config.json`, JSON.stringify(medium));
}

/** The child: loads, computes the first token and tells the most memory it had, in bytes. */
async function load(directory: string, dtype: WeightFormat): Promise<void> {
  await init({ development: false });
  using model = await GPT2LMHeadModel.fromPretrained(directory, { dtype });
  const ids = tensor([[1, 2, 3]], { dtype: "i32" });
  noGrad(() => scope(() => void model.forward(ids, { logitsToKeep: 1 }).logits.toTypedArray()));
  console.log(process.resourceUsage().maxRSS * 1024);
}

function peakOf(directory: string, dtype: WeightFormat): number {
  const command = [...process.execArgv, fileURLToPath(import.meta.url), directory, dtype];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: "utf8" });
  if (status !== 0) throw new Error(`loading as ${dtype} failed: ${stderr.trim().slice(-400)}`);
  return Number(stdout);
}

async function compare(): Promise<void> {
  const directory = mkdtempSync(`${tmpdir()}/saccade-memory-`);
  try {
    await writeCheckpoint(directory);
    const size = statSync(`${directory}/model.safetensors`).size;
    console.log(`file ${(size / MB).toFixed(0)} MB; loaded in the type below, one token computed`);
    for (const dtype of ["f16", "bf16", "int8", "int4", "f32"] as const) {
      const peak = peakOf(directory, dtype);
      const ratio = peak / size;
      const verdict = dtype === "f16" ? (ratio <= GOAL ? ", met" : ", missed") : "";
      const goal = dtype === "f16" ? `  (goal ${GOAL}${verdict})` : "";
      console.log(
        `${dtype.padEnd(5)}${(peak / MB).toFixed(0).padStart(7)} MB  ${ratio.toFixed(2)} × the file${goal}`,
      );
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const [directory, dtype] = process.argv.slice(2);
if (directory === undefined) await compare();
else await load(directory, dtype as WeightFormat);
