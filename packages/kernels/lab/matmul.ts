// The matrix product, from its definition to the shipped kernel: what each step is and what it is for.

import type { Ladder } from "./main.ts";

const [M, N, K] = [192, 512, 512];

export const matmul: Ladder = {
  name: `matmul ${M}x${K}x${N}, packing included`,
  source: "assembly/matmul.ts",
  flops: 2 * M * N * K,
  steps: {
    v1_definition:
      "Three loops, one sum at a time: B is read down its columns, a cache line for every number.",
    v2_rows:
      "The loops in the order m, k, n: everything is read along rows, but C is loaded and stored K times.",
    v3_lanes: "Four columns at once with SIMD; loads and stores of C are now most of the work.",
    v4_tile: "A 4x8 tile of C stays in registers for all of k: eight multiply-adds per six loads, no stores.",
    v5_panels: "B copied once into panels of 8 columns, so the tile walks memory in order.",
    v6_unrolled:
      "Four k-steps per turn, a step back: V8 runs the updates of one accumulator in a row, each waiting.",
    v7_shipped: "6x8 tile (4x8 without fused multiply-add), A packed too, k in blocks that fit the caches.",
  },
  arguments: (alloc) => {
    const [C, A, B] = [alloc(M * N), alloc(M * K), alloc(K * N)];
    return [C, A, B, M, N, K, alloc(K * N + 2 * M * K + 4096)];
  },
  // C against float64 sums of the same f32 inputs.
  check: (memory, [C, A, B]) => {
    const at = (pointer: number, length: number) => new Float32Array(memory.buffer, pointer, length);
    const [c, a, b] = [at(C, M * N), at(A, M * K), at(B, K * N)];
    let worst = 0;
    for (let m = 0; m < M; m += 7) {
      for (let n = 0; n < N; n++) {
        let sum = 0;
        for (let k = 0; k < K; k++) sum += a[m * K + k] * b[k * N + n];
        worst = Math.max(worst, Math.abs(c[m * N + n] - sum));
      }
    }
    return worst <= 2 ** -24 * K;
  },
};
