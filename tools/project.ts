// What the project consists of, for the checks: its workspaces and the text files git knows or would add.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
  readonly bin?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Workspace {
  /** Path from the root, with slashes: "packages/core". */
  readonly directory: string;
  readonly manifest: Manifest;
}

export interface SourceFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
}

export function readManifest(directory: string): Manifest {
  return JSON.parse(readFileSync(`${root}${directory}/package.json`, "utf8"));
}

/** Files that are tracked, or new and not ignored, as paths from the root. */
export function projectFiles(): string[] {
  const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const { stdout, status, stderr } = spawnSync("git", args, {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  if (status !== 0) throw new Error(`the checks need git: ${stderr}`);
  return stdout.split("\0").filter((path) => path !== "" && existsSync(root + path));
}

export function workspaces(): Workspace[] {
  const { workspaces: globs } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
    workspaces: string[];
  };
  return globs.flatMap(expand).map((directory) => ({ directory, manifest: readManifest(directory) }));
}

function expand(glob: string): string[] {
  const parent = glob.replace(/\/?\*$/, "");
  if (parent === glob) return [glob];
  const present = projectFiles().filter(
    (path) => path.startsWith(`${parent}/`) && path.endsWith("/package.json"),
  );
  return present
    .map((path) => path.slice(0, -"/package.json".length))
    .filter((dir) => dir.split("/").length === 2);
}

/** The project's TypeScript and JavaScript files, without generated ones. */
export function sourceFiles(): SourceFile[] {
  const paths = projectFiles().filter(
    (path) => /\.(ts|tsx|mts|js|mjs)$/.test(path) && !path.includes("/generated/"),
  );
  return paths.map((path) => ({ path, text: readFileSync(root + path, "utf8") }));
}

/** Text files of any kind up to 1 MB; binary ones (with a zero byte) are left out. */
export function textFiles(): SourceFile[] {
  const paths = projectFiles().filter((path) => statSync(root + path).size < 1e6);
  return paths
    .map((path) => ({ path, text: readFileSync(root + path, "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
}
