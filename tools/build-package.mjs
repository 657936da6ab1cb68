// Builds one package, from its own directory: `node ../../tools/build-package.mjs [--asset file …]`.
// esbuild bundles every entry that package.json declares (exports, or bin for an app) to ES modules in dist/, other
// packages stay imports; TypeScript writes the declarations of what the entries reach. Assets are copied to dist/.
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import ts from "typescript";

const { values: options } = parseArgs({
  options: { asset: { type: "string", multiple: true, default: [] } },
});
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const scripts = Object.values(manifest.bin ?? {}).map((file) => basename(String(file), ".js"));
const library = Object.values(manifest.exports ?? {})
  .map((target) => target["@saccade/source"])
  .filter((source) => source !== undefined)
  .map((source) => basename(source, ".ts"));

rmSync("dist", { recursive: true, force: true });
await build({
  entryPoints: [...library, ...scripts].map((name) => `src/${name}.ts`),
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: scripts.length > 0 ? "node" : "neutral",
  packages: "external",
  target: ["es2022"],
  chunkNames: "chunks/[name]-[hash]",
  legalComments: "none",
  // Half the bytes on disk; names stay, so stacks can be read.
  minifyWhitespace: library.length > 0,
  minifySyntax: library.length > 0,
  logLevel: "warning",
}).catch(() => process.exit(1)); // esbuild has printed what is wrong
for (const asset of options.asset) copyFileSync(asset, join("dist", basename(asset)));
for (const name of scripts) makeExecutable(join("dist", `${name}.js`));
if (library.length > 0) emitDeclarations(library.map((name) => resolve("src", `${name}.ts`)));

/** @param {string} file */
function makeExecutable(file) {
  const text = readFileSync(file, "utf8");
  if (!text.startsWith("#!")) writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  chmodSync(file, 0o755);
}

/**
 * Writes the .d.ts files that the entries reach, with the `.js` specifiers under which they are found in dist.
 * @param {string[]} entries
 */
function emitDeclarations(entries) {
  const config = ts.getParsedCommandLineOfConfigFile(
    "tsconfig.src.json",
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: fail,
    },
  );
  if (!config) throw new Error(`${manifest.name}: no tsconfig.src.json`);
  const emit = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    outDir: "dist",
    rootDir: "src",
  };
  // Without the source condition the packages below are read from their own dist, as a user's compiler does.
  const program = ts.createProgram(entries, { ...config.options, ...emit, customConditions: [] });
  const declarations = new Map();
  const result = program.emit(undefined, (file, text) => declarations.set(resolve(file), text));
  for (const diagnostic of [...program.getOptionsDiagnostics(), ...result.diagnostics]) fail(diagnostic);

  const queue = entries.map((file) => resolve(file.replace(/src([\\/][^\\/]+)\.ts$/, "dist$1.d.ts")));
  for (const file of queue) {
    if (existsSync(file)) continue;
    mkdirSync(dirname(file), { recursive: true });
    const text = declarations
      .get(file)
      .replace(/((?:from|import|import\() ?["']\.[^"']*)\.ts(["'])/g, "$1.js$2");
    for (const [, specifier] of text.matchAll(/(?:from|import|import\() ?["'](\.[^"']*)\.js["']/g))
      queue.push(resolve(dirname(file), `${specifier}.d.ts`));
    // `Symbol.dispose` is not in the libraries that a user's compiler reads by default.
    const library = /\bDisposable\b|Symbol\.dispose/.test(text)
      ? '/// <reference lib="esnext.disposable" />\n'
      : "";
    writeFileSync(file, library + text);
  }
}

/** @param {ts.Diagnostic} diagnostic @returns {never} */
function fail(diagnostic) {
  const host = {
    getCurrentDirectory: () => process.cwd(),
    getCanonicalFileName: String,
    getNewLine: () => "\n",
  };
  throw new Error(ts.formatDiagnostic(diagnostic, host));
}
