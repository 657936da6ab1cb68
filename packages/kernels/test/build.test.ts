// The build's own promises: bindings say what the sources say, and a module that is not a pure kernel is
// refused.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bindingsOf, readAbi } from "../tools/abi.mjs";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "kernels-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Writes the files and returns the ABI of index.ts. */
function abiOf(files: Record<string, string>): ReturnType<typeof readAbi> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return readAbi(directory, join(directory, "index.ts"));
}

const sources = {
  "index.ts": 'export * from "./scale";\nexport { inner as renamed_i32 } from "./deep/more";\n',
  "scale.ts": `import { F32Ptr } from "./types";
/** Not this one. */
function helper(x: f32): f32 { return x; }

/**
 * out = a*s.
 *   Units: elements.
 */
// @ts-ignore: a line between
export function scale_f32(out: F32Ptr, a: F32Ptr, s: f32, work: WorkPtr, begin: i32, end: i32): void {
  helper(s);
}
export function plain_i32(n: i32): i32 { return n; }
`,
  "deep/more.ts":
    "/** Once. */\nexport function inner(): i32 { return 1; }\nexport function hidden(): void {}\n",
  "types.ts": "/** Floats. */\nexport type F32Ptr = usize;\nexport type WorkPtr = usize;\n",
};

describe("bindings", () => {
  test("hold the re-exported functions, alias names and doc comments in file order", () => {
    const abi = abiOf(sources);
    expect(abi.kernels.map((kernel) => [kernel.name, kernel.doc])).toEqual([
      ["scale_f32", "out = a*s.\n  Units: elements."],
      ["plain_i32", ""],
      ["renamed_i32", "Once."],
    ]);
    const text = bindingsOf(abi);
    expect(text).toContain('/** Floats. */\nexport type F32Ptr = Pointer<"F32">;');
    expect(text).toContain(
      "  /**\n   * out = a*s.\n   *   Units: elements.\n   */\n  scale_f32(out: F32Ptr, a: F32Ptr, s:",
    );
    expect(text).toContain('export type ParallelKernel =\n  | "scale_f32";');
    expect(text).toContain('export const workKernels = ["scale_f32"] as const;');
  });

  test("the hash follows signatures, not comments or alias names", () => {
    const hash = abiOf(sources).hash;
    const variant = (from: string, to: string) =>
      abiOf({ ...sources, "scale.ts": sources["scale.ts"].replace(from, to) }).hash;
    expect(variant("Units: elements", "Units: rows")).toBe(hash);
    expect(variant("work: WorkPtr", "work: F32Ptr")).toBe(hash); // both are usize
    expect(variant("s: f32,", "s: f64,")).not.toBe(hash);
    expect(variant("out: F32Ptr, a: F32Ptr", "a: F32Ptr, out: F32Ptr")).not.toBe(hash);
    expect(variant("): i32", "): void")).not.toBe(hash);
  });

  test("refuse what cannot cross, doubled names and syntax errors", () => {
    const index = (text: string) => () => abiOf({ "index.ts": text });
    expect(index("export function f(x: v128): void {}")).toThrow("f: the type v128 cannot cross");
    expect(index("export function f(x: Unknown): void {}")).toThrow("f: the type Unknown cannot cross");
    expect(
      index(
        'export * from "./types";\nexport function f(): void {}\nexport { inner as f } from "./deep/more";',
      ),
    ).toThrow("f is exported twice");
    expect(index("export function f(: void {}")).toThrow("index.ts");
    for (const params of [
      "begin: i32, end: i32, work: usize",
      "begin: i32",
      "end: i32, begin: i32",
      "work: usize",
    ]) {
      expect(index(`export function f(${params}): void {}`)).toThrow("f: its last parameters must be");
    }
  });
});

describe("a module", () => {
  function build(text: string): { status: number | null; stderr: string } {
    const entry = join(directory, "kernel.ts");
    writeFileSync(entry, text);
    const tool = fileURLToPath(new URL("../tools/build.mjs", import.meta.url));
    const args = [tool, "--entry", entry, "--out", join(directory, "out"), "--variants", "simd"];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    return { status, stderr };
  }

  test("with static data, globals or other exports is refused", () => {
    const { status, stderr } = build(`
      export let counter: i32 = 0;
      export function table_f32(out: usize, i: i32): void {
        store<f32>(out, load<f32>(memory.data<f32>([1, 2, 3]) + (<usize>i << 2)));
        counter++;
      }`);
    expect(status).toBe(1);
    expect(stderr).toMatch(/has a data section.*has globals.*exports counter besides the kernels/);
  });

  test("of pure functions passes, and imports only its memory", () => {
    const { status, stderr } = build("export function one_f32(out: usize): void { store<f32>(out, 1); }");
    expect([status, stderr]).toEqual([0, ""]);
    const module = new WebAssembly.Module(readFileSync(join(directory, "out/kernels-simd.wasm")));
    expect(WebAssembly.Module.imports(module)).toEqual([{ module: "env", name: "memory", kind: "memory" }]);
  });
});
