// Pointers are unsigned: the same calls with every buffer above 2.2 GB must give the same bits as low in memory. One
// kernel of each way of walking memory; any other test file runs there too with SACCADE_HEAP_BASE=2400000000.
import { describe, expect, test } from "vitest";
import { type Variant, variantSupported } from "../src/variant.ts";
import { type Arena, openBuild } from "./harness.ts";

const BASE = 2_200_000_000;
type Build = ReturnType<typeof openBuild>;

/** Irregular values in (-2, 2). */
function wave(length: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => 4 * ((i * 0.6180339887 + 0.37) % 1) - 2);
}

/** Runs a few kernels and returns all their outputs. */
function outputs({ kernels: k, arena }: Build): Float32Array[] {
  const [rows, columns, inner] = [13, 37, 29];
  const x = arena.f32(wave(rows * inner));
  const weight = arena.f32(wave(inner * columns));
  const bias = arena.f32(wave(columns));
  const packed = arena.f32(k.matmul_packed_bytes(inner, columns) / 4);
  k.matmul_pack_f32(packed, weight, inner, columns, columns, 1, 0, Math.ceil(columns / 8));
  const product = arena.f32(rows * columns);
  const units = k.matmul_units_f32(rows, columns, inner);
  const work = arena.work(k.matmul_work_f32(rows, columns, inner));
  k.matmul_f32(product, x, packed, bias, rows, columns, inner, columns, inner, 1, 2, 0, work, 0, units);

  const sum = arena.f32(rows * columns);
  const layout = arena.layout([rows], columns, [columns, 1], [columns, 1], [0, 1]);
  k.add_f32(sum, product, bias, layout, 0, 0, rows * columns);
  const turned = arena.f32(rows * columns);
  k.copy_b4(turned, sum, arena.layout([columns], rows, [rows, 1], [1, columns]), 0, rows * columns);
  const weights = arena.f32(rows * columns);
  k.softmax_f32(weights, sum, 1, rows, columns, 0, columns, 1, -1, 0, rows);
  const normal = arena.f32(rows * columns);
  k.layernorm_f32(normal, 0, 0, turned, bias, 0, 1, columns, rows, 0, rows, 1e-5, 1, 0, columns);
  const total = arena.f32(rows);
  const kept = arena.layout([], rows, [1], [columns]);
  k.sum_f32(total, weights, kept, arena.layout([], columns, [1]), 0, 0, rows);
  const gathered = arena.f32(4 * columns);
  k.embedding_f32(gathered, product, arena.i32([12, 0, 7, 7]), 4, columns, columns, 0, 4);
  const gradient = arena.f32(new Float32Array(rows * columns));
  k.embedding_backward_f32(
    gradient,
    gathered,
    arena.i32([1, 3, 1, 12]),
    4,
    columns,
    columns,
    -1,
    0,
    Math.ceil(columns / 16),
  );
  arena.checkSentinels();
  return [product, sum, turned, weights, normal, total, gathered, gradient].map((ptr) => arena.read(ptr));
}

/** Whether this machine lets a memory grow that far. */
function canReach(arena: Arena): boolean {
  try {
    arena.memory.grow(Math.ceil(BASE / 65536) + 64);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

describe("above 2.2 GB", () => {
  for (const variant of ["simd", "relaxed"] as const satisfies Variant[]) {
    test(`${variant}: kernels give the bits they give below`, (context) => {
      if (!variantSupported(variant)) context.skip("this runtime has no relaxed SIMD");
      const high = openBuild(variant, BASE);
      if (!canReach(high.arena)) context.skip("memory cannot grow beyond 2.2 GB here");
      const low = outputs(openBuild(variant, 65536));
      expect(low.every((values) => values.every(Number.isFinite))).toBe(true);
      expect(outputs(high)).toEqual(low);
    });
  }
});
