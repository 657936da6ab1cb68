// `npm run check`: everything about the code that needs no run of it. `npm run check -- layers math` runs only those;
// `npm run check -- biome --write` mends what biome can mend.
import { spawnSync } from "node:child_process";
import { bindingProblems } from "./check-bindings.ts";
import { lengthProblems, pathProblems } from "./check-files.ts";
import { layerProblems } from "./check-layers.ts";
import { lockfileProblems } from "./check-lockfile.ts";
import { mathProblems } from "./check-math.ts";
import { readManifest, root, sourceFiles, textFiles, workspaces } from "./project.ts";
import { turbo } from "./turbo.ts";

const write = process.argv.includes("--write");
const wanted = process.argv.slice(2).filter((argument) => argument !== "--write");

/** A check lists what is wrong; a program prints that itself and gives only its verdict. */
const checks: Record<string, () => readonly string[]> = {
  biome: () => run("biome", ["check", "--error-on-warnings", ...(write ? ["--write"] : [])]),
  types: () => verdict("typecheck", turbo(["run", "typecheck", "--output-logs=errors-only", "--continue"])),
  layers: () => layerProblems(sourceFiles(), workspaces(), readManifest(".")),
  math: () => mathProblems(sourceFiles()),
  lengths: () => lengthProblems(textFiles()),
  paths: () => pathProblems(textFiles()),
  lockfile: () => lockfileProblems(),
  bindings: () => bindingProblems(),
  packages: () =>
    verdict("build", turbo(["run", "build", "--output-logs=errors-only"])).concat(publishProblems()),
};

/** What a user of the built packages would stumble over: missing files, wrong conditions. */
function publishProblems(): string[] {
  const published = workspaces().filter(({ manifest }) => manifest.exports || manifest.bin);
  return published.flatMap(({ directory }) => run("publint", ["run", directory, "--strict"]));
}

function run(program: string, args: readonly string[]): string[] {
  const { status, error } = spawnSync(program, args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (error) throw error;
  return verdict(program, status ?? 1);
}

function verdict(program: string, status: number): string[] {
  return status === 0 ? [] : [`${program} ended with status ${status}`];
}

for (const name of wanted)
  if (!(name in checks)) throw new Error(`no check "${name}": ${Object.keys(checks)}`);

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const start = performance.now();
  const problems = check();
  for (const problem of problems) console.log(`  ${problem}`);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${name.padEnd(9)} ${seconds.padStart(5)} s`);
  if (problems.length > 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
