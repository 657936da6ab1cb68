// The committed kernel bindings are what the generator makes of the kernels' sources today.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { root } from "./project.ts";

const path = "packages/kernels/src/generated/bindings.ts";

/** Generates the bindings, compares, and leaves the file as it was. */
export function bindingProblems(): string[] {
  const bindings = root + path;
  const committed = process.env.CI ? headText() : readFileSync(bindings, "utf8");
  const args = ["run", "--silent", "gen", "--workspace=@saccade/kernels"];
  const { status } = spawnSync("npm", args, {
    cwd: root,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (status !== 0) return ["the bindings generator failed"];
  if (readFileSync(bindings, "utf8") === committed) return [];
  writeFileSync(bindings, committed);
  return [`${path} is stale: npm run gen, and commit it`];
}

/** In CI the commit counts: building the wasm for the tests has already written the file anew. */
function headText(): string {
  const { stdout, stderr, status } = spawnSync("git", ["show", `HEAD:${path}`], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`reading the committed bindings: ${stderr}`);
  return stdout;
}
