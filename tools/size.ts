// `npm run size`: what a user downloads, gzipped: each wasm build, kernels + core without the wasm, and an app that
// imports only `tensor` and `matmul`, bundled and minified by esbuild from the built packages; and what the three
// packages take on disk. Fails over a limit.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";
import { root } from "./project.ts";

const KB = 1024;
const wasmDirectory = `${root}packages/kernels/build/`;

interface Row {
  readonly name: string;
  readonly bytes: number;
  readonly limit?: number;
}

/** The embedded wasm is measured by itself: its chunks become empty strings. */
const withoutWasm: Plugin = {
  name: "without-wasm",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]wasm-(simd|relaxed)[^\\/]*\.(js|ts)$/ }, () => ({
      contents: 'export default "";',
    }));
  },
};

const gzipped = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;

/** Gzipped size of everything `code` pulls in, lazily imported chunks included. */
async function bundled(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: `${root}tools`, loader: "ts" },
    bundle: true,
    minify: true,
    splitting: true,
    format: "esm",
    platform: "browser",
    target: ["es2022"],
    outdir: "out",
    write: false,
    plugins: [withoutWasm],
  });
  return outputFiles.reduce((sum, file) => sum + gzipped(file.contents), 0);
}

/** Bytes of the files in a package's dist/, as installed. */
function installed(name: string): number {
  const dist = `${root}packages/${name}/dist/`;
  const entries = readdirSync(dist, { recursive: true, encoding: "utf8" }).map((entry) =>
    statSync(dist + entry),
  );
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0);
}

const wasm = readdirSync(wasmDirectory).filter((name) => name.endsWith(".wasm"));
if (wasm.length === 0) throw new Error("no wasm to measure: npm run build");
const rows: Row[] = [
  ...wasm.map((name) => ({ name, bytes: gzipped(readFileSync(wasmDirectory + name)), limit: 100 * KB })),
  {
    name: "kernels + core, without wasm",
    bytes: await bundled('export * from "@saccade/core"; export * as kernels from "@saccade/kernels";'),
    limit: 100 * KB, // 90 is the goal
  },
  {
    name: "an app with tensor and matmul",
    bytes: await bundled(
      'import { matmul, tensor } from "@saccade/core"; console.log(matmul(tensor([[1]]), tensor([[2]])));',
    ),
  },
  {
    name: "three packages, installed",
    bytes: installed("kernels") + installed("core") + installed("models"),
    limit: 2048 * KB,
  },
];

const kilobytes = (bytes: number): string => `${(bytes / KB).toFixed(1).padStart(6)} KB`;
let over = 0;
for (const { name, bytes, limit } of rows) {
  const isOver = limit !== undefined && bytes > limit;
  if (isOver) over++;
  console.log(
    `${name.padEnd(32)}${kilobytes(bytes)}${limit ? `  of ${kilobytes(limit).trim()}` : ""}${isOver ? "  OVER" : ""}`,
  );
}
process.exit(over === 0 ? 0 : 1);
