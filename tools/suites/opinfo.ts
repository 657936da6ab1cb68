// `npm run suite:opinfo [-- --filter NAME] [--fresh] [--verbose]`: PyTorch's own operator samples (op_db, module_db) through
// the public surface of @saccade/core. opinfo.py writes them, PyTorch's results and gradients; opinfo/table.ts says what
// our call is. Allowed: 8 times what PyTorch's float32 is off from its float64, and 1e-6 of the largest element.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { init } from "@saccade/core";
import { root } from "../project.ts";
import { type Outcome, runSample } from "./opinfo/run.ts";
import { readSamples } from "./opinfo/samples.ts";
import { known, signatureOf } from "./opinfo/surface.ts";

const cache = `${root}node_modules/.cache/saccade-opinfo`;
const exporter = `${root}tools/suites/opinfo.py`;

interface Tally {
  passed: number;
  readonly failures: string[];
  readonly skipped: Map<string, number>;
}

/** Has Python write the samples that are not there; false with a message when it cannot. */
function exported(names: readonly string[], fresh: boolean): boolean {
  const stamp = `${cache}/exporter.py`;
  const program = readFileSync(exporter, "utf8");
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === program;
  const missing = names.filter((name) => fresh || !current || !existsSync(`${cache}/${name}.jsonl`));
  if (missing.length === 0) return true;
  const probe = spawnSync("python3", ["-c", "import torch, expecttest, numpy"], { encoding: "utf8" });
  if (probe.status !== 0) {
    const why = probe.error?.message ?? probe.stderr.trim().split("\n").at(-1);
    console.log(`suite:opinfo needs python3 with torch, numpy and expecttest (${why}); nothing was run.`);
    return false;
  }
  mkdirSync(cache, { recursive: true });
  const { status } = spawnSync("python3", [exporter, cache, ...missing], { stdio: "inherit" });
  if (status === 0 && (current || missing.length === names.length)) writeFileSync(stamp, program);
  return status === 0;
}

function add(tally: Tally, outcome: Outcome): void {
  if ("skip" in outcome) tally.skipped.set(outcome.skip, (tally.skipped.get(outcome.skip) ?? 0) + 1);
  else if ("failure" in outcome) tally.failures.push(outcome.failure);
  else tally.passed++;
}

const skips = ({ skipped }: Tally): number => [...skipped.values()].reduce((n, count) => n + count, 0);

function row(name: string, tally: Tally, verbose: boolean): string {
  const { passed, failures, skipped } = tally;
  const total = passed + failures.length + skips(tally);
  const numbers = [total, passed, failures.length, skips(tally)].map((n) => String(n).padStart(6)).join("");
  const reasons = [...skipped].map(([reason, n]) => `${n} ${reason}`).join("; ");
  const shown = verbose ? failures : failures.slice(0, 1);
  const lines = shown.map((failure) => `\n    ${failure}`).join("");
  return `${name.padEnd(44)}${numbers}  ${reasons}${lines}`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      filter: { type: "string", default: "" },
      fresh: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      simd: { type: "boolean", default: false },
    },
  });
  const names = known().filter((name) => name.includes(values.filter));
  if (!exported(names, values.fresh)) return 0;
  await init({ variant: values.simd ? "simd" : "relaxed" });
  console.log(`${"op".padEnd(44)}samples passed failed skipped`);
  const sum = { ops: 0, samples: 0, passed: 0, failed: 0, skipped: 0 };
  for (const name of names) {
    const { samples, numbers } = readSamples(cache, name);
    if (samples.length === 0) continue;
    const tally: Tally = { passed: 0, failures: [], skipped: new Map() };
    const target = signatureOf(name);
    for (const sample of samples) add(tally, runSample(target, sample, numbers));
    console.log(row(name, tally, values.verbose));
    sum.ops++;
    sum.samples += samples.length;
    sum.passed += tally.passed;
    sum.failed += tally.failures.length;
    sum.skipped += skips(tally);
  }
  console.log(
    `\n${sum.ops} ops, ${sum.samples} samples: ${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`,
  );
  return sum.failed === 0 ? 0 : 1;
}

process.exit(await main());
