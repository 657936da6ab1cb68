// Two habits about files: none grows beyond what one reads in a sitting, and none knows a path of the machine it was
// written on. A longer file says why in its first ten lines: `long file: <reason>`.
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, resolve } from "node:path";
import { root, type SourceFile } from "./project.ts";

const code = /\.(ts|tsx|mts|js|mjs|py)$/;

/** Code files over 400 lines (models: 500). */
export function lengthProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) => {
    if (!code.test(path) || path.includes("/generated/")) return [];
    const lines = text.replace(/\n$/, "").split("\n");
    const limit = path.startsWith("packages/models/src/") ? 500 : 400;
    const excused = lines.slice(0, 10).some((line) => /long file: \S+ \S+/.test(line));
    return lines.length <= limit || excused ? [] : [`${path}: ${lines.length} lines, ${limit} at most`];
  });
}

/** Absolute paths that exist on one machine only: homes, temporary files, this checkout and its neighbours. */
export function pathProblems(
  files: readonly SourceFile[],
  local: readonly string[] = localPaths(),
): string[] {
  const patterns = [/(?<![\w.:/}-])\/(?:home|Users|root|tmp)\/[\w.-]+/, ...local.map(asPattern)];
  const problems: string[] = [];
  for (const { path, text } of files)
    for (const [index, line] of text.split("\n").entries())
      for (const pattern of patterns) {
        const match = pattern.exec(line);
        if (match) problems.push(`${path}:${index + 1}: ${match[0]} is a path of one machine`);
      }
  return problems;
}

const asPattern = (path: string): RegExp => new RegExp(`(?<![\\w.])${path.replace(/\W/g, "\\$&")}(?![\\w-])`);

function localPaths(): string[] {
  const here = resolve(root);
  const parent = dirname(here);
  if (dirname(parent) === parent) return [here, homedir()];
  const neighbours = readdirSync(parent).map((name) => resolve(parent, name));
  return [...neighbours, homedir()].filter((path) => path.length > 4);
}
