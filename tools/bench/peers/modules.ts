// Finding the libraries, which no package.json of the workspace names: they are imported from peers/node_modules.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
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

/** Cold starts of a library, each in a process of its own that runs the built packages. */
export async function startups(library: string): Promise<Prepared> {
  const program = fileURLToPath(new URL("startup.ts", import.meta.url));
  const start = async (): Promise<{ ms: number; checksum: Checksum }> => {
    const child = spawn(process.execPath, [program, library], { stdio: ["ignore", "pipe", "pipe"] });
    const [output, complaints] = await Promise.all([text(child.stdout), text(child.stderr)]);
    const last = output.trim().split("\n").at(-1) ?? "";
    if (!last.startsWith("{")) throw new Error(`${library} did not start: ${complaints.slice(0, 400)}`);
    return JSON.parse(last) as { ms: number; checksum: Checksum };
  };
  return {
    run() {},
    measure: async () => (await start()).ms,
    check: async () => (await start()).checksum,
    dispose() {},
  };
}
