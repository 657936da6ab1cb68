// Examples in the docs are programs: every ```ts block of README, ARCHITECTURE, CONTRIBUTING and docs/ is run, and must
// print what its `// prints …` comments say, in order.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { projectFiles, root } from "../project.ts";

const run = promisify(execFile);
const folder = `${root}tools/.examples/`;

interface Example {
  readonly name: string;
  readonly code: string;
}

function examples(): Example[] {
  const files = projectFiles().filter((path) => /^(docs\/.*|[A-Z]+)\.md$/.test(path));
  return files.flatMap((path) => {
    const text = readFileSync(root + path, "utf8");
    return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => ({
      name: `${path}:${text.slice(0, match.index).split("\n").length}`,
      code: match[1],
    }));
  });
}

const expected = (code: string): string[] =>
  [...code.matchAll(/\/\/ prints (.*)$/gm)].map((match) => match[1].trim());

test("there are examples in the docs", () => {
  expect(examples().length).toBeGreaterThan(0);
});

test.for(examples())("$name runs and prints what it says", async ({ name, code }) => {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}${name.replace(/\W+/g, "-")}.ts`;
  writeFileSync(file, code);
  try {
    const { stdout } = await run(process.execPath, ["--conditions=@saccade/source", file], { cwd: root });
    const printed = stdout.split("\n").filter((line) => line !== "");
    expect(printed).toEqual(expected(code));
  } finally {
    rmSync(file);
  }
});
