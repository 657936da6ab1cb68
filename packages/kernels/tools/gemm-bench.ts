// Matrix products against what the machine can do in the same run: GFLOP/s as a share of the register-only
// multiply-add peak, GB/s of matrix times vector as a share of a plain read (probe.ts). Every round times
// probe and kernel in turn, so the neighbours on the machine disturb both; the share is best time against
// best time. npx node tools/gemm-bench.ts [simd|relaxed] [filter] [rounds]

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { F32Ptr, Kernels, WorkPtr } from "../src/generated/bindings.ts";

const [variant = "relaxed", filter = "", rounds = "15"] = process.argv.slice(2);
const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536 });
const directory = process.env.SACCADE_KERNELS ?? fileURLToPath(new URL("../build", import.meta.url));
const module = new WebAssembly.Module(readFileSync(join(directory, `kernels-${variant}.wasm`)));
const k = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Kernels;

let top = 65536;
/**
 * `n` floats in pages that were written: untouched ones all map to one zero page and flatter the bandwidth.
 */
function f32(n: number): F32Ptr {
  const at = top;
  top = Math.ceil((at + n * 4) / 64) * 64;
  const missing = top - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / 65536));
  const view = new Float32Array(memory.buffer, at, n);
  for (let i = 0; i < n; i++) view[i] = ((i * 7919) % 1021) / 1021 - 0.5;
  return at as F32Ptr;
}

/** Best time in ms of one call of each of `runs`, repeated for about 4 ms a round, in turn. */
function race(runs: readonly (() => void)[]): number[] {
  const repeats = runs.map((run) => {
    for (let i = 0; i < 30; i++) run();
    const start = performance.now();
    run();
    return Math.max(1, Math.round(4 / (performance.now() - start)));
  });
  const best = runs.map(() => Number.POSITIVE_INFINITY);
  for (let round = 0; round < Number(rounds); round++) {
    runs.forEach((run, i) => {
      const start = performance.now();
      for (let r = 0; r < repeats[i]; r++) run();
      best[i] = Math.min(best[i], (performance.now() - start) / repeats[i]);
    });
  }
  return best;
}

const PROBE = 1e5;
const probe = () => void k.fma_peak_f32(PROBE);

function report(
  name: string,
  unit: string,
  amount: number,
  limit: number,
  times: readonly number[],
  heads: string[],
) {
  const shares = times.map((ms, i) => {
    const rate = amount / ms / 1e6;
    return `${heads[i]} ${rate.toFixed(1).padStart(5)} = ${((100 * rate) / limit).toFixed(0).padStart(3)} %`;
  });
  console.log(`${name.padEnd(34)} ${unit}, limit ${limit.toFixed(1)} | ${shares.join(" | ")}`);
}

function matmul(M: number, K: number, N: number, form: "nn" | "nt" | "tn", act = 0): void {
  const name = `matmul ${form} ${M}x${K}x${N}${act ? ` + bias, act ${act}` : ""}`;
  if (!name.includes(filter)) return;
  top = 65536;
  const [A, B, C, bias] = [f32(M * K), f32(K * N), f32(M * N), f32(N)];
  const packed = f32(k.matmul_packed_bytes(K, N) / 4);
  const work = f32(k.matmul_work_f32(M, N, K) / 4) as number as WorkPtr;
  const units = k.matmul_units_f32(M, N, K);
  const [rs_a, cs_a] = form === "tn" ? [1, M] : [K, 1];
  const [rs_b, cs_b] = form === "nt" ? [1, K] : [N, 1];
  const pack = () => k.matmul_pack_f32(packed, B, K, N, rs_b, cs_b, 0, Math.ceil(N / 8));
  const withBias = act ? bias : (0 as F32Ptr);
  const run = () => k.matmul_f32(C, A, packed, withBias, M, N, K, N, rs_a, cs_a, act, 0, work, 0, units);
  const both = () => {
    pack();
    run();
  };
  const [peak, ...times] = race([probe, run, both]);
  report(name, "GFLOP/s", 2 * M * K * N, (PROBE * 96) / peak / 1e6, times, ["packed", "with packing"]);
}

function batched(D: number, M: number, K: number, N: number, form: "nn" | "nt" | "tn"): void {
  const name = `batched ${form} ${D} x ${M}x${K}x${N}`;
  if (!name.includes(filter)) return;
  top = 65536;
  const [A, B, C] = [f32(D * M * K), f32(D * K * N), f32(D * M * N)];
  const work = f32(k.matmul_batched_work_f32(M, N, K) / 4) as number as WorkPtr;
  const units = k.matmul_batched_units_f32(D, M, N, K);
  const [rs_a, cs_a] = form === "tn" ? [1, M] : [K, 1];
  const [rs_b, cs_b] = form === "nt" ? [1, K] : [N, 1];
  const [c, a, b] = [M * N, M * K, K * N];
  const run = () =>
    k.matmul_batched_f32(
      C,
      A,
      B,
      D,
      1,
      M,
      N,
      K,
      c,
      0,
      N,
      a,
      0,
      rs_a,
      cs_a,
      b,
      0,
      rs_b,
      cs_b,
      1,
      0,
      work,
      0,
      units,
    );
  const [peak, ...times] = race([probe, run]);
  report(name, "GFLOP/s", 2 * D * M * K * N, (PROBE * 96) / peak / 1e6, times, ["all"]);
}

function matvec(K: number, N: number): void {
  const name = `matvec 1x${K}x${N}`;
  if (!name.includes(filter)) return;
  top = 65536;
  const [x, y, B] = [f32(K), f32(N), f32(K * N)];
  const packed = f32(k.matmul_packed_bytes(K, N) / 4);
  const none = 0 as F32Ptr;
  const units = k.matvec_units_f32(N);
  const packedUnits = k.matvec_packed_units_f32(N);
  const [read, ...times] = race([
    () => void k.stream_read_f32(B, K * N),
    () => k.matvec_packed_f32(y, x, packed, none, N, K, 0, 0, 0, 0, packedUnits),
    () => k.matvec_f32(y, x, B, none, N, K, N, 1, 0, 0, 0, units),
    () => k.matvec_f32(y, x, B, none, N, K, 1, K, 0, 0, 0, units),
  ]);
  report(name, "GB/s", 4 * K * N, (4 * K * N) / read / 1e6, times, ["packed", "nn", "nt"]);
}

console.log(`${variant} build, Node ${process.versions.node}, one thread, best of ${rounds} rounds`);
matmul(128, 768, 768, "nn");
matmul(128, 768, 768, "nt");
matmul(512, 512, 512, "nn");
matmul(197, 768, 3072, "nt");
matmul(1024, 1024, 1024, "nn");
matmul(128, 3072, 768, "nt");
for (const M of [2, 4, 8, 13, 16]) matmul(M, 768, 768, "nt");
for (const N of [384, 128, 512]) matmul(768, 128, N, "nt");
matmul(768, 512, 128, "nt");
for (const N of [384, 128, 512]) matmul(128, 768, N, "tn");
for (const act of [1, 2, 3, 4]) matmul(128, 768, 768, "nt", act);
batched(48, 64, 32, 64, "nt");
batched(48, 64, 64, 32, "nn");
batched(48, 64, 64, 32, "tn");
batched(12, 1024, 64, 1024, "nt");
batched(12, 1024, 1024, 64, "nn");
batched(12, 1, 64, 1024, "nt");
batched(12, 1, 1024, 64, "nn");
matvec(768, 768);
matvec(768, 3072);
matvec(3072, 768);
matvec(768, 50257);
