// `npm run dev`: vitest in watch mode over every package, and the kernels compiled anew when their sources change, so
// that a saved file, TypeScript or AssemblyScript, runs the tests that depend on it. Arguments filter test files.
import { watch } from "node:fs";
import { startVitest } from "vitest/node";
import { root } from "./project.ts";
import { turbo } from "./turbo.ts";

const compile = (): number => turbo(["run", "wasm", "--output-logs=errors-only"]);

if (compile() !== 0) process.exit(1);
let pending: NodeJS.Timeout | undefined;
watch(`${root}packages/kernels/assembly`, { recursive: true }, () => {
  clearTimeout(pending);
  pending = setTimeout(compile, 200); // editors write a file in several steps
});
await startVitest("test", process.argv.slice(2), {
  root,
  watch: true,
  projects: ["packages/*", "apps/*", "tools"],
});
