// Our training against PyTorch's, at nanoGPT's published CPU setting, from the same weights over the same batches:
//   npm run compare:training -w @saccade/models -- TEXT [--seeds 0,1,2] [--python python3] [--steps 2000] [--variant auto]
// One thread each, one behind the other, seed by seed. Prints the loss over the whole validation split and the seconds of
// the training loop. The other side is tools/oracle/train_gpt2.py; its Python needs tools/oracle/requirements.txt.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type InitOptions, info, init } from "@saccade/core";
import { GptTraining } from "@saccade/models";

interface Outcome {
  readonly validation: number;
  readonly seconds: number;
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "0,1,2" },
    python: { type: "string", default: "python3" },
    steps: { type: "string", default: "2000" },
    variant: { type: "string", default: "auto" },
  },
});
const [textFile] = positionals;
if (textFile === undefined) {
  console.error(
    "usage: compare-training.ts TEXT [--seeds 0,1,2] [--python python3] [--steps 2000] [--variant auto]",
  );
  process.exit(2);
}
const text = readFileSync(textFile, "utf8");
const steps = Number(values.steps);
const oracle = fileURLToPath(new URL("../../../tools/oracle/train_gpt2.py", import.meta.url));

/** Trains ours; leaves the weights it began with and its batches in `folder`. */
async function ours(seed: number, folder: string): Promise<Outcome> {
  using run = new GptTraining({ text, seed }); // the schedule is that of 2000 steps, as the other side's is
  await run.model.savePretrained(folder);
  const offsets = Array.from({ length: steps }, () => run.nextOffsets());
  writeFileSync(`${folder}/offsets.bin`, new Uint8Array(Int32Array.from(offsets.flat()).buffer));
  const started = performance.now();
  for (const batch of offsets) run.advance(batch);
  const seconds = (performance.now() - started) / 1000;
  return { validation: run.evaluate(), seconds };
}

function theirs(folder: string): Outcome {
  const inputs = ["--weights", `${folder}/model.safetensors`, "--offsets", `${folder}/offsets.bin`];
  const args = [oracle, textFile, ...inputs, "--iterations", String(steps), "--threads", "1"];
  const output = execFileSync(values.python, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return JSON.parse(output) as Outcome;
}

await init({ variant: values.variant as InitOptions["variant"], development: false });
console.log(`${steps} steps, ${info().variant} build, one thread each`);
console.log("seed   validation loss           seconds");
console.log("       saccade  torch   diff     saccade  torch   ratio");
for (const seed of values.seeds.split(",").map(Number)) {
  const folder = mkdtempSync(`${tmpdir()}/saccade-compare-`);
  try {
    const mine = await ours(seed, folder);
    const other = theirs(folder);
    const difference = (mine.validation - other.validation).toFixed(5).padStart(8);
    const times = [mine.seconds, other.seconds].map((value) => value.toFixed(1).padStart(7));
    const losses = [mine.validation, other.validation].map((value) => value.toFixed(4));
    const ratio = (mine.seconds / other.seconds).toFixed(2);
    console.log(
      `${String(seed).padEnd(6)} ${losses.join("   ")} ${difference}  ${times.join(" ")}    ${ratio}`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
