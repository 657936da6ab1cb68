// Where a run took place, and getting the peers there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { root } from "../project.ts";
import type { Machine } from "./report.ts";

function git(...args: string[]): string {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trim() : "";
}

export function thisMachine(now = new Date()): Machine {
  const changed = git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " with changes";
  return {
    cpu: (cpus()[0]?.model ?? "unknown processor").replace(/\s+/g, " ").trim(),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.versions.node,
    date: now.toISOString().slice(0, 10),
    commit: `${git("rev-parse", "--short", "HEAD") || "unknown"}${changed}`,
  };
}

const peers = fileURLToPath(new URL("peers/", import.meta.url));

interface Packages {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/** Whether peers/node_modules holds the versions that peers/package.json names. */
function installed(): boolean {
  const { dependencies = {} } = JSON.parse(readFileSync(`${peers}package.json`, "utf8")) as Packages;
  return Object.entries(dependencies).every(([name, version]) => {
    const manifest = `${peers}node_modules/${name}/package.json`;
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  });
}

/** Installs the npm peers at their first use; their scripts do not run, one of them would download more. */
export function installPeers(tell: (line: string) => void): void {
  if (installed()) return;
  tell("installing the libraries to compare with into tools/bench/peers (about 270 MB, once) …");
  const args = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const { status } = spawnSync("npm", args, {
    cwd: peers,
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("npm could not install them; --peers none measures Saccade alone");
}
