// Panels: packing from and unpacking into any placement, the padding, and rows gathered out of a packed
// table.

import { expect, test } from "vitest";
import type { F32Ptr } from "../src/generated/bindings.ts";
import { forEachBuild } from "./harness.ts";
import { element, forms, matrix, noise } from "./matmul.reference.ts";

const widths = [1, 3, 7, 8, 9, 16, 21, 33];
const depths = [0, 1, 3, 4, 5, 15, 16, 17, 65];

forEachBuild((_name, k, arena) => {
  test("packing and unpacking are inverse, in every placement, zero padded, cut anywhere", () => {
    for (const form of forms) {
      for (const N of widths) {
        for (const K of depths) {
          const b = matrix(K, N, form, N);
          const panels = Math.ceil(N / 8);
          expect(k.matmul_packed_bytes(K, N)).toBe(panels * 8 * K * 4);
          const B = (arena.f32(b.data) + 4 * b.start) as F32Ptr;
          const packed = arena.f32(panels * 8 * K);
          arena.everySplit(panels, (i, j) => k.matmul_pack_f32(packed, B, K, N, b.rs, b.cs, i, j), packed);
          const expected = Float32Array.from({ length: panels * 8 * K }, (_, i) => {
            const n = Math.floor(i / (8 * K)) * 8 + (i % 8);
            return n < N ? element(b, Math.floor((i % (8 * K)) / 8), n) : 0;
          });
          expect(arena.read(packed), `${form} ${K}x${N}`).toEqual(expected);

          // Elements of the gaps between rows or columns keep what they had.
          const back = arena.f32(b.data.map((x) => x + 1));
          const to = (back + 4 * b.start) as F32Ptr;
          arena.everySplit(panels, (i, j) => k.matmul_unpack_f32(to, packed, K, N, b.rs, b.cs, i, j), back);
          const restored = b.data.map((x) => x + 1);
          for (let i = 0; i < K; i++) {
            for (let j = 0; j < N; j++) restored[b.start + i * b.rs + j * b.cs] = element(b, i, j);
          }
          expect(arena.read(back)).toEqual(restored);
          arena.checkSentinels();
          arena.reset();
        }
      }
    }
  });

  test("packing reads nothing behind B", () => {
    for (const form of ["rows", "columns", "gaps"] as const) {
      const b = matrix(23, 21, form, 1);
      const packed = arena.f32(24 * 23);
      const B = arena.atEndOfMemory(b.data);
      k.matmul_pack_f32(packed, B, 23, 21, b.rs, b.cs, 0, 3);
      expect(arena.read(packed)[8 * 23 * 2 + 8 * 22 + 4]).toBe(element(b, 22, 20));
      arena.checkSentinels();
      arena.reset();
    }
  });

  test("rows of a table come out of the panels of its transpose", () => {
    const [V, K] = [37, 19];
    const table = noise(V * K, 1);
    const packed = arena.f32(k.matmul_packed_bytes(K, V) / 4);
    k.matmul_pack_f32(packed, arena.f32(table), K, V, 1, K, 0, Math.ceil(V / 8));
    const ids = [0, 36, 7, 8, 7, 31, 32];
    const out = arena.f32(ids.length * K);
    const index = arena.i32(ids);
    arena.everySplit(
      ids.length,
      (i, j) => k.embedding_packed_f32(out, packed, index, ids.length, K, i, j),
      out,
    );
    expect(Array.from(arena.read(out))).toEqual(
      ids.flatMap((v) => Array.from(table.slice(v * K, v * K + K))),
    );
  });
});
