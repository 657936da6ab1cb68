// The probes compute what their names say: a loop emptied by a typo would be a limit nobody reaches.
import { expect, test } from "vitest";
import { createMemory, instantiateKernels, Probes } from "../src/index.ts";
import { erfc } from "../tools/reference.ts";
import { forEachBuild } from "./harness.ts";

forEachBuild((_, k, arena) => {
  test("the loops read and write all their elements and no other", () => {
    const n = 64;
    const data = Float32Array.from({ length: n }, (_, i) => (i - 20) / 8);
    const [x, y, z] = [arena.f32(data), arena.f32(n), arena.f32(n)];
    k.stream_copy_f32(y, x, n);
    expect(arena.read(y)).toEqual(data);
    k.stream_triad_f32(z, x, y, 0.5, n);
    expect(arena.read(z)).toEqual(data.map((v) => v * 1.5));
    const sum = (f: (v: number) => number): number => data.reduce((total, v) => total + f(v), 0);
    expect(k.stream_read_f32(x, n)).toBeCloseTo(sum(Number), 4);
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    const gelu = (v: number): number => 0.5 * v * erfc(-v * Math.SQRT1_2);
    const functions = [Math.exp, sigmoid, Math.tanh, gelu, (v: number) => v * sigmoid(v)];
    for (const [i, f] of functions.entries())
      expect(k.function_loop_f32(x, n, i) / sum(f), `function ${i}`).toBeCloseTo(1, 5);
    expect(k.fma_peak_f32(100)).toBeGreaterThan(0);
  });
});

test("Probes count what they move, and give their memory back", async () => {
  const { memory, maximumBytes } = createMemory();
  const probes = new Probes((await instantiateKernels({ memory })).kernels, memory, maximumBytes);
  const amounts = (["read", "copy", "triad", "gelu"] as const).map((name) => {
    const probe = probes.open(name, 1000);
    probe.run();
    probe.dispose();
    return probe.amount;
  });
  expect(amounts).toEqual([1, 2, 3, 2].map((streams) => streams * 1024 * 4)); // 1000 rounded up to 32
  expect(probes.open("fma").amount).toBe(9.6e6);
  expect(memory.buffer.byteLength).toBeLessThan(2 ** 20);
});
