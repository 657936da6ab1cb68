// What this program runs on.
import { versions } from "node:process";

/** Deno and Bun call themselves Node too, and say who they are besides. */
export function runtimeName(): string {
  const { deno, bun, node, v8 } = versions as { deno?: string; bun?: string; node: string; v8: string };
  if (deno) return `Deno ${deno}`;
  if (bun) return `Bun ${bun}`;
  return `Node ${node} (V8 ${v8})`;
}
