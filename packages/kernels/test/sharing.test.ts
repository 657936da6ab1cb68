// One module, two memories: the shared form of a build is the build itself but for the memory it imports.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createMemory, instantiateKernels, withSharedMemory } from "../src/index.ts";
import { isShared, withMemory } from "../src/sharing.ts";

const bytes = new Uint8Array(readFileSync(new URL("../build/kernels-simd.wasm", import.meta.url)));

function exportsOf(module: BufferSource): WebAssembly.ModuleExportDescriptor[] {
  return WebAssembly.Module.exports(new WebAssembly.Module(module));
}

describe("withMemory", () => {
  test("gives a module for shared memory, and back the very bytes", () => {
    const shared = withSharedMemory(bytes);
    expect(shared.length).toBe(bytes.length + 3);
    expect(exportsOf(shared)).toEqual(exportsOf(bytes));
    expect(withMemory(shared, true)).toEqual(shared);
    expect(withMemory(shared, false)).toEqual(bytes);
    expect(withMemory(bytes, false)).toEqual(bytes);
    expect(withSharedMemory(Buffer.concat([Buffer.alloc(7), bytes]).subarray(7))).toEqual(shared);
  });

  test("leaves alone what is no kernel module", () => {
    const others = [
      [],
      [0, 97, 115, 109],
      [0, 97, 115, 109, 1, 0, 0, 0],
      [0, 97, 115, 109, 1, 0, 0, 0, 2, 200],
      [...Array(40).keys()],
    ];
    for (const other of others) expect([...withMemory(Uint8Array.from(other), true)]).toEqual(other);
    const imports = [2, 7, 1, 1, 97, 1, 98, 0, 0]; // a function
    const module = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, ...imports]);
    expect(withMemory(module, true)).toEqual(module);
  });
});

test("every source of kernels links with either memory", async () => {
  for (const shared of [false, true]) {
    const { memory } = createMemory({ maximumBytes: 1 << 20, shared });
    expect(isShared(memory)).toBe(shared);
    for (const given of [bytes, withSharedMemory(bytes)]) {
      const { kernels, module } = await instantiateKernels({ variant: "simd", memory, bytes: given });
      expect(kernels.abi_relaxed()).toBe(0);
      await instantiateKernels({ variant: "simd", memory, module });
    }
  }
});

test("a compiled module for the other memory is refused with the mend", async () => {
  const module = await WebAssembly.compile(bytes);
  const { memory } = createMemory({ maximumBytes: 1 << 20, shared: true });
  await expect(instantiateKernels({ memory, module })).rejects.toMatchObject({
    code: "abi",
    message: expect.stringMatching(/do not link with this memory.*withSharedMemory/),
  });
});
