// A lockfile that `npm ci` takes on every platform, and versions that cannot drift: each optional platform package
// has its entry (npm writes lockfiles without them, and then rejects them), nothing is fetched from a particular
// host, and every dependency is pinned exactly.
import { readFileSync } from "node:fs";
import { type Manifest, readManifest, root, workspaces } from "./project.ts";

interface Entry {
  readonly link?: boolean;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export function lockfileProblems(): string[] {
  const { packages } = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8"));
  const manifests = [".", ...workspaces().map(({ directory }) => directory)].map(readManifest);
  return [...entryProblems(packages), ...manifests.flatMap(pinProblems)];
}

export function entryProblems(packages: Readonly<Record<string, Entry>>): string[] {
  const problems: string[] = [];
  for (const [path, entry] of Object.entries(packages)) {
    for (const name of Object.keys(entry.optionalDependencies ?? {}))
      if (!packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`])
        problems.push(
          `package-lock.json: ${path || "the root"} wants ${name}, which has no entry: npm ci will fail`,
        );
    if (!path.includes("node_modules/") || entry.link) continue;
    if (!entry.integrity) problems.push(`package-lock.json: ${path} has no integrity hash`);
    if (entry.resolved && !entry.resolved.startsWith("https://registry.npmjs.org/"))
      problems.push(`package-lock.json: ${path} is bound to ${entry.resolved}`);
  }
  return problems;
}

export function pinProblems(manifest: Manifest): string[] {
  const { dependencies, devDependencies, optionalDependencies } = manifest;
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `${manifest.name}: pin ${name} exactly, not "${version}"`);
}
