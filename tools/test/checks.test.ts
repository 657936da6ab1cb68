import { describe, expect, test } from "vitest";
import { lengthProblems, pathProblems } from "../check-files.ts";
import { layerProblems } from "../check-layers.ts";
import { entryProblems, pinProblems } from "../check-lockfile.ts";
import { mathProblems } from "../check-math.ts";
import type { Workspace } from "../project.ts";

describe("layers", () => {
  const house: Workspace[] = [
    {
      directory: "packages/kernels",
      manifest: { name: "@saccade/kernels", exports: { ".": {}, "./slim": {} } },
    },
    {
      directory: "packages/core",
      manifest: {
        name: "@saccade/core",
        dependencies: { "@saccade/kernels": "0.1.0" },
        exports: { ".": {} },
      },
    },
    {
      directory: "packages/models",
      manifest: { name: "@saccade/models", dependencies: { "@saccade/core": "0.1.0" }, exports: { ".": {} } },
    },
  ];
  const root = { name: "saccade", devDependencies: { vitest: "5.1.1" } };
  const problems = (path: string, text: string): string[] => layerProblems([{ path, text }], house, root);

  test.each([
    ["packages/core/src/tensor.ts", `import { Heap } from "@saccade/kernels"; export * from "./shape.ts";`],
    ["packages/core/src/slim.ts", `await import("@saccade/kernels/slim");`],
    ["packages/core/test/tensor.test.ts", `import { test } from "vitest"; import "../src/tensor.ts";`],
    ["packages/core/test/tensor.test.ts", `import { tensor } from "@saccade/core"; import "node:fs";`],
    ["packages/core/vitest.config.ts", `import { packageTests } from "../../vitest.shared.ts";`],
    ["packages/models/src/gpt2.ts", `// import "@saccade/cli"\nconst text = 'import "lodash"';`],
  ])("%s may: %s", (path, text) => expect(problems(path, text)).toEqual([]));

  test.each([
    ["packages/kernels/src/a.ts", `import type { Tensor } from "@saccade/core";`, "upwards or sideways"],
    ["packages/core/src/a.ts", `const m = await import("@saccade/models");`, "upwards or sideways"],
    ["packages/core/src/a.ts", `export * from "../../kernels/src/memory.ts";`, "leaves packages/core"],
    ["packages/core/src/a.ts", `import "@saccade/kernels/src/memory.ts";`, "is not among the exports"],
    ["packages/core/src/a.ts", `import { readFileSync } from "node:fs";`, "process.getBuiltinModule"],
    ["packages/models/src/a.ts", `import { readFileSync } from "fs";`, "is written node:"],
    ["packages/models/src/a.ts", `import { Heap } from "@saccade/kernels";`, "is not a dependency"],
    ["packages/models/src/a.ts", `import { test } from "vitest";`, "is not a dependency"],
  ])("%s may not: %s", (path, text, reason) =>
    expect(problems(path, text)).toEqual([expect.stringContaining(reason)]),
  );

  test("names the line", () => {
    expect(problems("packages/core/src/a.ts", `\n\nimport "fs";`)[0]).toMatch(
      /^packages\/core\/src\/a\.ts:3: "fs"/,
    );
  });
});

describe("math", () => {
  const problems = (text: string, path = "packages/core/src/a.ts"): string[] =>
    mathProblems([{ path, text }]);

  test.each([
    "Math.max(Math.floor(x), Math.sqrt(2), Math.PI)",
    "2 ** 32 + 2 ** -24 + 2n ** 64n",
    `const text = "Math.exp(x)"; // Math.exp`,
    "shape.Math.exp",
    "// allow-math: only printed in a table\nconst y = Math.log10(x);",
    "const y = Math.log10(x); // allow-math: only printed in a table",
  ])("accepts %s", (text) => expect(problems(text)).toEqual([]));

  test.each([
    "Math.exp(x)",
    "Math.random()",
    "x ** 2",
    "x **= 2",
    "const { exp } = Math",
    `Math["exp"](x)`,
    "f(Math)",
  ])("refuses %s", (text) => expect(problems(text)).toHaveLength(1));

  test("an excuse needs a reason", () =>
    expect(problems("Math.exp(x); // allow-math: fine")).toHaveLength(1));
  test("reference files are free", () =>
    expect(problems("Math.exp(x)", "packages/core/src/a.ref.ts")).toEqual([]));
});

describe("files", () => {
  const long = (lines: number, first = ""): string => `${first}${"a\n".repeat(lines)}`;

  test("length, by place and with an excuse", () => {
    expect(lengthProblems([{ path: "packages/core/src/a.ts", text: long(400) }])).toEqual([]);
    expect(lengthProblems([{ path: "packages/core/src/a.ts", text: long(401) }])).toHaveLength(1);
    expect(lengthProblems([{ path: "packages/models/src/a.ts", text: long(500) }])).toEqual([]);
    expect(lengthProblems([{ path: "packages/models/src/a.ts", text: long(501) }])).toHaveLength(1);
    expect(lengthProblems([{ path: "tools/a.py", text: long(401, "# long file: one table\n") }])).toEqual([]);
    expect(lengthProblems([{ path: "a/generated/b.ts", text: long(900) }])).toEqual([]);
    expect(lengthProblems([{ path: "README.md", text: long(900) }])).toEqual([]);
  });

  test("paths of one machine", () => {
    const slash = "/";
    const found = (text: string): string[] => pathProblems([{ path: "a.md", text }], ["/srv/saccade"]);
    for (const place of ["home/ada/data", "Users/ada", "root/x", "tmp/out", "srv/saccade/src"])
      expect(found(`read ${slash}${place}`)).toHaveLength(1);
    for (const text of [
      "https://example.org/home/ada",
      "./tmp/out",
      "packages/home/x",
      "/home",
      "/srv/saccade-2",
    ])
      expect(found(text)).toEqual([]);
  });
});

describe("lockfile", () => {
  const integrity = "sha512-x";

  test("a complete one", () => {
    const packages = {
      "node_modules/a": { integrity, optionalDependencies: { b: "1.0.0" } },
      "node_modules/b": { integrity },
    };
    expect(entryProblems(packages)).toEqual([]);
  });

  test("an absent platform package, a missing hash, a particular host", () => {
    expect(
      entryProblems({ "node_modules/a": { integrity, optionalDependencies: { b: "1.0.0" } } }),
    ).toHaveLength(1);
    expect(entryProblems({ "node_modules/a": {} })).toHaveLength(1);
    expect(
      entryProblems({ "node_modules/a": { integrity, resolved: "https://mirror.example/a.tgz" } }),
    ).toHaveLength(1);
  });

  test("versions are pinned", () => {
    const manifest = {
      name: "a",
      dependencies: { b: "1.2.3", c: "^1.2.3" },
      devDependencies: { d: "latest" },
    };
    expect(pinProblems(manifest)).toEqual([
      `a: pin c exactly, not "^1.2.3"`,
      `a: pin d exactly, not "latest"`,
    ]);
  });
});
