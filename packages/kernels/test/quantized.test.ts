// Weights of few bits: what rounding they undergo, against plain float64 code, and every product with them against the
// product of the widened weights: tails of columns, steps and groups, all epilogues, cut everywhere.
import { describe, expect, test } from "vitest";
import type { BytePtr, F32Ptr, Kernels } from "../src/generated/bindings.ts";
import { type Arena, forEachBuild } from "./harness.ts";

const [F16, BF16, INT8, INT4] = [1, 2, 3, 4];
const formats = { f16: F16, bf16: BF16, int8: INT8, int4: INT4 };
const noise = (n: number, seed: number, scale = 1): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => scale * Math.sin(12.9898 * (i + 1) + 78.233 * seed));

/** To the nearest number of `digits` binary digits whose steps are at least `step`, ties to even. */
function toGrid(x: number, digits: number, step: number): number {
  if (x < 0) return -toGrid(-x, digits, step);
  const unit = Math.max(2 ** (Math.floor(Math.log2(x)) - digits), step);
  const q = x / unit;
  const floor = Math.floor(q);
  const up = q - floor > 0.5 || (q - floor === 0.5 && floor % 2 !== 0);
  return (up ? floor + 1 : floor) * unit;
}

const toF16 = (x: number): number => (x === 0 ? x : toGrid(x, 10, 2 ** -24));
const toBf16 = (x: number): number => (x === 0 ? x : toGrid(x, 7, 2 ** -133));

/** The bound on |w - widened|, given the weights of its group of one column. */
function bound(format: number, w: number, group: Float32Array): number {
  if (format === F16) return Math.abs(w - toF16(w));
  if (format === BF16) return Math.abs(w - toBf16(w));
  const top = Math.max(...group.map(Math.abs));
  // Half a step; int4 has no +8: the largest weight of the other sign may lose a whole one.
  return (format === INT8 ? top / 127 / 2 : top / 8) * (1 + 1e-6);
}

interface Packed {
  readonly packed: BytePtr;
  readonly widened: Float32Array;
}

/** B (K, N), element (k, n) at k + n*K, in a format and back. */
function roundTrip(
  k: Kernels,
  arena: Arena,
  weights: Float32Array,
  K: number,
  N: number,
  format: number,
  group: number,
): Packed {
  const panels = Math.ceil(N / 8);
  const packed = arena.u8(k.quantized_bytes(K, N, format, group)) as BytePtr;
  const B = arena.f32(weights);
  const work = arena.work(k.quantize_work(K, format, group));
  arena.everySplit(
    panels,
    (begin, end) => k.quantize_f32(packed, B, K, N, 1, K, format, group, work, begin, end),
    packed,
  );
  const back = arena.f32(weights.length);
  arena.everySplit(
    panels,
    (begin, end) => k.dequantize_f32(back, packed, K, N, 1, K, format, group, work, begin, end),
    back,
  );
  return { packed, widened: arena.read(back) };
}

const shapes: readonly (readonly [K: number, N: number, group: number])[] = [
  [1, 1, 8],
  [8, 8, 8],
  [32, 32, 32],
  [40, 70, 32],
  [100, 41, 16],
  [259, 33, 64],
];

forEachBuild((_name, k, arena) => {
  describe.each(Object.entries(formats))("%s", (name, format) => {
    for (const [K, N, group] of shapes) {
      const weights = noise(K * N, 3, 0.7).map((w, i) => (i % 7 === 0 ? 0 : w * 10 ** ((i % 5) - 4)));
      const x = noise(K, 5, 2);

      test(`${K}×${N} by ${group}: as close as its format allows, and all products agree`, () => {
        const { packed, widened } = roundTrip(k, arena, weights, K, N, format, group);
        for (const [i, w] of weights.entries()) {
          const [row, column] = [i % K, Math.floor(i / K)];
          const first = row - (row % group);
          const mates = weights.slice(column * K + first, column * K + Math.min(first + group, K));
          const off = Math.abs(w - widened[i]);
          if (off > bound(format, w, mates)) expect.fail(`${name}: weight ${i} is ${widened[i]}, was ${w}`);
          if (format < INT8 && off !== bound(format, w, mates)) expect.fail(`${w} is not the nearest`);
        }
        checkRow(k, arena, { packed, widened }, x, [K, N, format, group]);
        checkRows(k, arena, { packed, widened }, [K, N, format, group]);
        checkEmbedding(k, arena, { packed, widened }, [K, N, format, group]);
        if (format >= INT8) checkFast(k, arena, { packed, widened }, x, [K, N, format, group]);
      });
    }
  });

  test("16 bits: ties go to the even neighbour, signs and the smallest numbers stay", () => {
    const ties = {
      [F16]: [
        1 + 2 ** -11,
        1 + 3 * 2 ** -11,
        2 ** -14 - 2 ** -25,
        1.5 * 2 ** -24,
        2.5 * 2 ** -24,
        2 ** -25,
        63.98,
      ],
      [BF16]: [1 + 2 ** -8, 1 + 3 * 2 ** -8, 3e38, 1e-30, 2 ** -100 * (1 + 2 ** -8), -0, 2 ** -126],
    };
    for (const [format, values] of Object.entries(ties)) {
      const weights = Float32Array.from([...values, ...values.map((x) => -x)]);
      const { widened } = roundTrip(k, arena, weights, 14, 1, Number(format), 8);
      const to = Number(format) === F16 ? toF16 : toBf16;
      expect([...widened]).toEqual([...weights].map(to));
      arena.reset();
    }
  });

  test.each([1920, 1925])(
    "half bytes beyond the cache: touches panels to come, nothing behind %i columns",
    (N) => {
      const [K, group] = [1000, 32];
      const weights = noise(K * N, 1);
      const bytes = arena.u8(k.quantized_bytes(K, N, INT4, group));
      const scratch = arena.work(k.quantize_work(K, INT4, group));
      k.quantize_f32(bytes, arena.f32(weights), K, N, 1, K, INT4, group, scratch, 0, Math.ceil(N / 8));
      const read = (packed: BytePtr, cuts: readonly number[]): Float32Array => {
        const row = arena.u8(k.quantized_row_bytes(K, group));
        k.quantize_row_f32(row, arena.f32(noise(K, 2)), K, INT4, group, 0, Math.ceil(K / group));
        const y = arena.f32(N);
        for (let i = 1; i < cuts.length; i++)
          k.matvec_quantized_f32(y, row, packed, 0, N, K, 0, 0, INT4, group, 1, 0, cuts[i - 1], cuts[i]);
        return arena.read(y);
      };
      const units = Math.ceil(N / 32);
      // Pieces of one unit are too small to touch anything.
      const wanted = read(
        bytes,
        Array.from({ length: units + 1 }, (_, i) => i),
      );
      const last = arena.atEndOfMemory(arena.read(bytes)) as BytePtr;
      expect(read(last, [0, units])).toEqual(wanted);
      expect(read(last, [0, 3, units])).toEqual(wanted);
      arena.checkSentinels();
    },
  );

  test("NaN stays NaN in bf16; what is not finite in a row shows in the fast product", () => {
    const weights = noise(16, 1);
    weights[3] = Number.NaN;
    weights[9] = Number.NEGATIVE_INFINITY;
    const { widened } = roundTrip(k, arena, weights, 8, 2, BF16, 8);
    expect(widened[3]).toBeNaN();
    expect(widened[9]).toBe(Number.NEGATIVE_INFINITY);
    arena.reset();
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const { packed } = roundTrip(k, arena, noise(16, 1), 8, 2, INT8, 8);
      const x = noise(8, 2);
      x[5] = bad;
      const bytes = arena.u8(k.quantized_row_bytes(8, 8)) as BytePtr;
      k.quantize_row_f32(bytes, arena.f32(x), 8, INT8, 8, 0, 1);
      const y = arena.f32(2);
      k.matvec_quantized_f32(y, bytes, packed, 0, 2, 8, 0, 0, INT8, 8, 1, 0, 0, 1);
      for (const value of arena.read(y)) expect(Number.isFinite(value)).toBe(false);
      arena.reset();
    }
  });
});

type Sizes = readonly [K: number, N: number, format: number, group: number];

function dots(widened: Float32Array, x: ArrayLike<number>, K: number, N: number): Float64Array {
  return Float64Array.from({ length: N }, (_, n) => {
    let sum = 0;
    for (let i = 0; i < K; i++) sum += x[i] * widened[n * K + i];
    return sum;
  });
}

function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>, tolerance: number): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    if (!(Math.abs(got[i] - wanted[i]) <= tolerance))
      expect.fail(`element ${i} is ${got[i]}, not ${wanted[i]}`);
  }
}

const sumOf = (x: ArrayLike<number>): number => Array.from(x).reduce((a, v) => a + Math.abs(v), 0);

/** One row, exact: with a bias and an activation, added, and plain. */
function checkRow(
  k: Kernels,
  arena: Arena,
  { packed, widened }: Packed,
  x: Float32Array,
  [K, N, format, group]: Sizes,
) {
  const bias = noise(N, 6);
  const old = noise(N, 7);
  const [row, offsets] = [arena.f32(x), arena.f32(bias)];
  const work = arena.work(k.matvec_quantized_work(K, format, 0));
  const wanted = dots(widened, x, K, N);
  for (const [act, acc, b] of [
    [0, 0, 0],
    [1, 0, offsets],
    [0, 1, 0],
  ] as const) {
    const y = acc ? arena.f32(old) : arena.f32(N);
    const run = (begin: number, end: number): void =>
      k.matvec_quantized_f32(y, row, packed, b, N, K, act, acc, format, group, 0, work, begin, end);
    arena.everySplit(k.matvec_packed_units_f32(N), run, y);
    const expected = wanted.map((sum, n) => (acc ? sum + old[n] : b ? Math.max(sum + bias[n], 0) : sum));
    expectNear(arena.read(y), expected, 1e-6 * (1 + sumOf(x)));
  }
}

/** Several rows: the bits of the product with the widened weights. */
function checkRows(
  k: Kernels,
  arena: Arena,
  { packed, widened }: Packed,
  [K, N, format, group]: Sizes,
): void {
  for (const M of [2, 7, 50]) {
    const A = arena.f32(noise(M * K, 8));
    const bias = arena.f32(noise(N, 9));
    const panels = arena.f32(8 * Math.ceil(N / 8) * K);
    k.matmul_pack_f32(panels, arena.f32(widened), K, N, 1, K, 0, Math.ceil(N / 8));
    const [C, D] = [arena.f32(M * N), arena.f32(M * N)];
    const units = k.matmul_units_f32(M, N, K);
    const work = arena.work(k.matmul_quantized_work(M, N, K));
    const plain = arena.work(k.matmul_work_f32(M, N, K));
    const run = (begin: number, end: number): void =>
      k.matmul_quantized_f32(C, A, packed, bias, M, N, K, N, K, 1, 1, 0, format, group, work, begin, end);
    arena.everySplit(units, run, C);
    k.matmul_f32(D, A, panels, bias, M, N, K, N, K, 1, 1, 0, plain, 0, units);
    expect(arena.read(C)).toEqual(arena.read(D));
  }
}

/** Rows of the transpose. */
function checkEmbedding(
  k: Kernels,
  arena: Arena,
  { packed, widened }: Packed,
  [K, N, format, group]: Sizes,
): void {
  const ids = [N - 1, 0, Math.floor(N / 2)];
  const out = arena.f32(ids.length * K);
  const index = arena.i32(ids);
  const run = (begin: number, end: number): void =>
    k.embedding_quantized_f32(out, packed, index, ids.length, K, format, group, begin, end);
  arena.everySplit(ids.length, run, out);
  expect([...arena.read(out)]).toEqual(ids.flatMap((id) => [...widened.slice(id * K, (id + 1) * K)]));
}

/** The row in bytes: exact with the row as it was rounded, and close to the row itself. */
function checkFast(
  k: Kernels,
  arena: Arena,
  { packed, widened }: Packed,
  x: Float32Array,
  [K, N, format, group]: Sizes,
): void {
  const groups = Math.ceil(K / group);
  const bytes = arena.u8(k.quantized_row_bytes(K, group));
  const row: F32Ptr = arena.f32(x);
  const quantize = (begin: number, end: number): void =>
    k.quantize_row_f32(bytes as BytePtr, row, K, format, group, begin, end);
  arena.everySplit(groups, quantize, bytes);
  const data = arena.read(bytes);
  const view = new DataView(data.buffer);
  const rounded = Float64Array.from(x, (_, i) => {
    const at = Math.floor(i / group) * (group + 8);
    const q = format === INT8 ? data[at + (i % group)] - 64 : view.getInt8(at + (i % group));
    return q * view.getFloat32(at + group, true);
  });
  const levels = format === INT8 ? 63 : 127;
  for (const [i, value] of rounded.entries())
    expect(Math.abs(value - x[i])).toBeLessThanOrEqual((2 / levels / 2) * 1.001);
  const y = arena.f32(N);
  const run = (begin: number, end: number): void =>
    k.matvec_quantized_f32(y, bytes as BytePtr, packed, 0, N, K, 0, 0, format, group, 1, 0, begin, end);
  arena.everySplit(k.matvec_packed_units_f32(N), run, y);
  expectNear(arena.read(y), dots(widened, rounded, K, N), 1e-6 * (1 + sumOf(x)));
}
