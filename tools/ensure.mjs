// Runs before every root script, on whatever Node the machine has (20 or newer): installs the dependencies when they
// do not match the lockfile, and makes sure the script proper gets a Node that vitest and `node file.ts` need.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = new URL("../", import.meta.url);
const shell = process.platform === "win32";

/** @param {string} file @returns {Record<string, Record<string, unknown>> | undefined} the entries of a lockfile */
function locked(file) {
  const url = new URL(file, root);
  return existsSync(url) ? JSON.parse(readFileSync(url, "utf8")).packages : undefined;
}

/** True when node_modules holds what the lockfile says; contents are compared, as a checkout changes times. */
function installed() {
  const present = locked("node_modules/.package-lock.json");
  if (!present) return false;
  for (const [path, wanted] of Object.entries(locked("package-lock.json") ?? {})) {
    if (!path.startsWith("node_modules/")) continue; // the root and the workspaces themselves
    const found = present[path];
    if (!found && (wanted.optional || wanted.devOptional || wanted.peer)) continue; // for another platform
    if (found?.version !== wanted.version || found?.integrity !== wanted.integrity) return false;
  }
  return true;
}

/** The version of the Node that npm scripts will find: the repository's own, else the machine's. */
function scriptNode() {
  if (!existsSync(new URL("node_modules/.bin/node", root))) return process.versions.node;
  const file = fileURLToPath(new URL("node_modules/.bin/node", root));
  return spawnSync(file, ["--version"], { encoding: "utf8", shell }).stdout?.trim().slice(1) ?? "";
}

if (!installed()) {
  const { status } = spawnSync("npm", ["ci", "--loglevel=error"], { cwd: root, stdio: "inherit", shell });
  if (status !== 0) process.exit(status ?? 1);
}

const version = scriptNode();
const [major = 0, minor = 0] = version.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`Saccade is developed on Node 22.18 or newer; the scripts would run on ${version || "no Node"}.
Its own Node 24 comes with npm on Linux (x64, arm64, glibc) and Windows (x64); here (${process.platform}-${process.arch})
install Node 24 from https://nodejs.org and try again. The built packages themselves run on Node 20.19.`);
  process.exit(1);
}
