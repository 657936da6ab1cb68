// Imports point downwards only: kernels <- core <- models <- apps <- tools. Nothing relative crosses a package, every
// package imported is declared, and the two lowest packages import no Node module (they run in browsers as they are).
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import ts from "typescript";
import type { Manifest, SourceFile, Workspace } from "./project.ts";

const portable = ["packages/kernels/src/", "packages/core/src/"];

/** Height in the house; a package may import only from lower ones. */
function height(directory: string): number {
  const fixed = ["packages/kernels", "packages/core", "packages/models"].indexOf(directory);
  if (fixed >= 0) return fixed;
  return directory.startsWith("apps/") ? 3 : 4;
}

/** Every import in `files` that breaks a rule, as "file:line: what is wrong". `house` is the root's manifest. */
export function layerProblems(
  files: readonly SourceFile[],
  packages: readonly Workspace[],
  house: Manifest,
): string[] {
  const problems: string[] = [];
  for (const { path, text } of files) {
    const owner = packages.find(({ directory }) => path.startsWith(`${directory}/`));
    for (const { fileName: specifier, pos } of ts.preProcessFile(text, true, true).importedFiles) {
      const problem = owner
        ? problemOf(path, specifier, owner, packages, house)
        : undefined; /* root files belong to no package and may look everywhere */
      if (problem)
        problems.push(`${path}:${text.slice(0, pos).split("\n").length}: "${specifier}" ${problem}`);
    }
  }
  return problems;
}

function problemOf(
  path: string,
  specifier: string,
  owner: Workspace,
  packages: readonly Workspace[],
  house: Manifest,
): string | undefined {
  if (specifier.startsWith(".")) return relativeProblem(path, specifier, owner);
  if (isBuiltin(specifier)) {
    if (portable.some((prefix) => path.startsWith(prefix)))
      return "is Node's: only process.getBuiltinModule reaches it here";
    return specifier.startsWith("node:") ? undefined : "is written node:… when it is Node's";
  }
  const [scope = "", rest = ""] = specifier.split("/");
  const name = scope.startsWith("@") ? `${scope}/${rest}` : scope;
  if (name === owner.manifest.name) return undefined;
  const target = packages.find(({ manifest }) => manifest.name === name);
  if (target && height(target.directory) >= height(owner.directory)) return "points upwards or sideways";
  if (target && specifier !== name && !isExported(target.manifest, `.${specifier.slice(name.length)}`))
    return `is not among the exports of ${name}`;
  return isDeclared(name, path, owner, house) ? undefined : `is not a dependency of ${owner.manifest.name}`;
}

function relativeProblem(path: string, specifier: string, owner: Workspace): string | undefined {
  const target = posix.join(posix.dirname(path), specifier);
  if (target.startsWith(`${owner.directory}/`)) return undefined;
  if (path === `${owner.directory}/vitest.config.ts` && target === "vitest.shared.ts") return undefined;
  return `leaves ${owner.directory}: import the package by its name`;
}

function isExported(manifest: Manifest, subpath: string): boolean {
  const { exports } = manifest;
  return typeof exports === "object" && exports !== null && subpath in exports;
}

/** Shipped files may use what their package depends on; tests and tools also what develops it. */
function isDeclared(name: string, path: string, owner: Workspace, house: Manifest): boolean {
  const { manifest, directory } = owner;
  const shipped = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  if (name in shipped) return true;
  if (path.startsWith(`${directory}/src/`)) return false;
  return name in { ...manifest.devDependencies, ...house.devDependencies };
}
