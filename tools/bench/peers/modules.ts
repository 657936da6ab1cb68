// Finding the libraries, which no package.json of the workspace names: they are imported from peers/node_modules.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { Checksum } from "../data.ts";
import type { Prepared } from "../participant.ts";

export async function imported<T>(name: string): Promise<T> {
  return (await import(name)) as T;
}

export function versionOf(name: string): string {
  const manifest = new URL(`node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}

/** Where tfjs finds its wasm: a path in Node. */
export function backendDirectory(): string {
  return fileURLToPath(new URL("node_modules/@tensorflow/tfjs-backend-wasm/dist/", import.meta.url));
}

/** Runs of one of the programs beside this file, each in a process of its own that uses the built packages. */
export function coldRuns(file: string, args: readonly string[], dispose = (): void => {}): Prepared {
  const program = fileURLToPath(new URL(file, import.meta.url));
  const start = async (): Promise<{ ms: number; checksum: Checksum }> => {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const last = output.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) throw new Error(`${args[0]} did not start: ${complaints.trim().slice(-400)}`);
    return JSON.parse(last) as { ms: number; checksum: Checksum };
  };
  return {
    run() {},
    measure: async () => (await start()).ms,
    check: async () => (await start()).checksum,
    dispose,
  };
}

/** Cold starts of a library. */
export const startups = (library: string): Prepared => coldRuns("startup.ts", [library]);

/** A checkpoint or graph that `write` puts into a directory of its own, loaded by cold processes. */
export async function loads(library: string, write: (directory: string) => Promise<void>): Promise<Prepared> {
  const directory = mkdtempSync(`${tmpdir()}/saccade-bench-`);
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    await write(directory);
    return coldRuns("load.ts", [library, directory], remove);
  } catch (error) {
    remove();
    throw error;
  }
}
