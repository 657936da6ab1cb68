import { describe, expect, test } from "vitest";
import { Operand, type Space, spaces } from "./elementwise.reference.ts";
import { forEachBuild } from "./harness.ts";
import { normal, range } from "./rows.reference.ts";

/** Philox4x32-10 as the paper's Figure 2 has it, in scalar integers. */
function philox(counter: readonly number[], key: readonly number[]): number[] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const p0 = BigInt(0xd2511f53) * BigInt(c0 >>> 0);
    const p1 = BigInt(0xcd9e8d57) * BigInt(c2 >>> 0);
    const [hi0, lo0] = [Number(p0 >> 32n), Number(p0 & 0xffffffffn)];
    const [hi1, lo1] = [Number(p1 >> 32n), Number(p1 & 0xffffffffn)];
    [c0, c1, c2, c3] = [(hi1 ^ c1 ^ k0) >>> 0, lo1, (hi0 ^ c3 ^ k1) >>> 0, lo0];
    k0 = (k0 + 0x9e3779b9) >>> 0;
    k1 = (k1 + 0xbb67ae85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Words 0 … n - 1 of a stream. */
const words = (n: number, seed: readonly number[], stream: readonly number[]): number[] =>
  range(n).map((i) => philox([i >>> 2, 0, stream[0], stream[1]], seed)[i & 3]);
const uniforms = (...args: Parameters<typeof words>): number[] =>
  words(...args).map((w) => (w >>> 8) * 2 ** -24);

const SEED = [0x12345678, 0x9abcdef0] as const;
const STREAM = [77, 0xfedcba98] as const;
const mean = (x: ArrayLike<number>, power = 1): number => {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] ** power;
  return sum / x.length;
};

test("the scalar Philox gives Random123's known answers", () => {
  const hex = (list: number[]) => list.map((w) => w.toString(16).padStart(8, "0")).join(" ");
  const all = 0xffffffff;
  expect(hex(philox([0, 0, 0, 0], [0, 0]))).toBe("6627e8d5 e169c58d bc57ac4c 9b00dbd8");
  expect(hex(philox([all, all, all, all], [all, all]))).toBe("408f276d 41c83b0e a20bc7c6 6d5451fd");
  const pi = [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344];
  expect(hex(philox(pi, [0xa4093822, 0x299f31d0]))).toBe("d16cfe09 94fdcceb 5001e420 24126ea1");
});

forEachBuild((_, k, arena) => {
  describe("philox_uniform_f32", () => {
    test("24 bits of the known words, cut everywhere", () => {
      for (const n of [1, 3, 4, 5, 15, 16, 17, 31, 65]) {
        const out = arena.f32(n, { misaligned: n % 2 === 1 });
        const run = (begin: number, end: number) =>
          k.philox_uniform_f32(out, n, SEED[0], SEED[1], STREAM[0], STREAM[1], 0, 1, begin, end);
        arena.everySplit(n, run, out);
        expect([...arena.read(out)]).toEqual(uniforms(n, SEED, STREAM));
      }
    });

    test("key 0 and counter 0 give Random123's first block", () => {
      const out = arena.f32(4);
      k.philox_uniform_f32(out, 4, 0, 0, 0, 0, 0, 1, 0, 4);
      const block = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
      expect([...arena.read(out)]).toEqual(block.map((w) => (w >>> 8) * 2 ** -24));
    });

    test("moments, range, and streams that differ", () => {
      const n = 1 << 17;
      const [a, b] = [arena.f32(n), arena.f32(n)];
      k.philox_uniform_f32(a, n, SEED[0], SEED[1], 1, 0, -3, 5, 0, n);
      k.philox_uniform_f32(b, n, SEED[0], SEED[1], 2, 0, -3, 5, 0, n);
      const [x, y] = [arena.read(a), arena.read(b)];
      expect(Math.min(...x.subarray(0, 5000))).toBeGreaterThanOrEqual(-3);
      expect(x.every((v) => v >= -3 && v < 5)).toBe(true);
      // Six standard errors: 8 / sqrt(12 n) for the mean.
      const error = 6 / Math.sqrt(n);
      expect(Math.abs(mean(x) - 1)).toBeLessThan((error * 8) / Math.sqrt(12));
      expect(
        Math.abs(
          mean(
            x.map((v) => v - 1),
            2,
          ) -
            64 / 12,
        ),
      ).toBeLessThan(error * 64 * Math.sqrt(1 / 180));
      const together = x.map((v, i) => (v - 1) * (y[i] - 1));
      const neighbours = x.map((v, i) => (v - 1) * (x[(i + 1) % n] - 1));
      for (const products of [together, neighbours])
        expect(Math.abs(mean(products))).toBeLessThan((error * 64) / 12);
    });
  });

  describe("philox_integers_i32", () => {
    test("the upper half of each word times the span, cut everywhere", () => {
      for (const [low, span] of [
        [0, 1],
        [-3, 10],
        [-(2 ** 31), 2 ** 32 - 1],
      ]) {
        const out = arena.i32(65);
        const run = (begin: number, end: number) =>
          k.philox_integers_i32(out, 65, SEED[0], SEED[1], STREAM[0], STREAM[1], low, span | 0, begin, end);
        arena.everySplit(65, run, out);
        const wanted = words(65, SEED, STREAM).map((w) => low + Number((BigInt(w) * BigInt(span)) >> 32n));
        expect([...arena.read(out)]).toEqual(wanted);
      }
    });
  });

  describe("philox_normal_f32", () => {
    test("Box and Muller of the known words in float64, cut everywhere", () => {
      const n = 4096;
      const out = arena.f32(n);
      const run = (begin: number, end: number) =>
        k.philox_normal_f32(out, n, SEED[0], SEED[1], STREAM[0], STREAM[1], 0, 1, begin, end);
      arena.everySplit(n, run, out);
      const w = words(n, SEED, STREAM);
      arena.read(out).forEach((z, i) => {
        const [a, b] = [w[i & ~1], w[i | 1]];
        const radius = Math.sqrt(-2 * Math.log((a + 0.5) * 2 ** -32));
        const angle = b * 2 ** -32 * 2 * Math.PI;
        const exact = radius * (i & 1 ? Math.sin(angle) : Math.cos(angle));
        expect(Math.abs(z - exact)).toBeLessThan(4e-7 * Math.max(1, radius));
      });
    });

    test.each([1, 3, 5, 15, 17, 33])("%d elements, cut everywhere, mean and std applied", (n) => {
      const [standard, out] = [arena.f32(n), arena.f32(n, { misaligned: true })];
      k.philox_normal_f32(standard, n, 5, 6, 7, 8, 0, 1, 0, n);
      arena.everySplit(n, (begin, end) => k.philox_normal_f32(out, n, 5, 6, 7, 8, -2, 0.5, begin, end), out);
      const z = arena.read(standard);
      expect(arena.read(out)).toEqual(z.map((v) => Math.fround(v * 0.5) - 2));
    });

    test("moments and tails", () => {
      const n = 1 << 18;
      const out = arena.f32(n);
      k.philox_normal_f32(out, n, 1, 2, 3, 4, 0, 1, 0, n);
      const z = arena.read(out);
      const error = 6 / Math.sqrt(n);
      expect(Math.abs(mean(z))).toBeLessThan(error);
      expect(Math.abs(mean(z, 2) - 1)).toBeLessThan(error * Math.sqrt(2));
      expect(Math.abs(mean(z, 3))).toBeLessThan(error * Math.sqrt(15));
      expect(Math.abs(mean(z, 4) - 3)).toBeLessThan(error * Math.sqrt(96));
      const beyond = (limit: number) => z.reduce((count, v) => count + Number(Math.abs(v) > limit), 0) / n;
      expect(Math.abs(beyond(1) - 0.3173105)).toBeLessThan(error / 2);
      expect(Math.abs(beyond(3) - 0.0026998)).toBeLessThan(error * 0.052);
    });
  });

  describe("dropout_f32", () => {
    const draw = (n: number) => uniforms(n, SEED, STREAM);
    const scaleOf = (p: number) => Math.fround(1 / Math.fround(1 - Math.fround(p)));

    test.each([0, 1])("every layout, cut everywhere, acc = %d", (acc) => {
      const p = Math.fround(0.3);
      const u = draw(700);
      for (const space of spaces(1, 3)) checkSpace(space, (i) => u[i] >= p, p, acc);
    });

    /** y = x * keep * scale at the flat index, whatever the strides. */
    function checkSpace(space: Space, keep: (i: number) => boolean, p: number, acc: number): void {
      const [out, input] = [new Operand(space, 0), new Operand(space, 1)];
      const [x, old] = [normal(input.extent, 1, 2), normal(out.extent, 1, 3)];
      const { sizes } = space;
      const layout = arena.layout(sizes.slice(0, -1), sizes[sizes.length - 1], out.strides, input.strides);
      const [px, py] = [arena.f32(x), arena.f32(old)];
      const total = sizes.reduce((a, b) => a * b, 1);
      const [y0, x0] = [py + 4 * out.origin, px + 4 * input.origin] as [typeof py, typeof px];
      const run = (begin: number, end: number) =>
        k.dropout_f32(y0, x0, layout, p, SEED[0], SEED[1], STREAM[0], STREAM[1], acc, begin, end);
      arena.everySplit(total, run, py);
      const expected = old.slice();
      for (let i = 0; i < total; i++) {
        const value = Math.fround(x[input.offsets[i]] * (keep(i) ? scaleOf(p) : 0));
        const at = out.offsets[i];
        expected[at] = acc ? Math.fround(old[at] + value) : value;
      }
      expect(arena.read(py)).toEqual(expected);
      arena.checkSentinels();
      arena.reset();
    }

    test("the rate is p, and the backward of ones is the mask", () => {
      const n = 100_000;
      for (const p of [0, 0.1, 0.5, 0.9]) {
        const y = arena.f32(n);
        const ones = arena.f32([1]);
        k.dropout_f32(y, ones, arena.layout([], n, [1], [0]), p, 9, 8, 7, 6, 0, 0, n);
        const mask = arena.read(y);
        const kept = mask.reduce((count, v) => count + Number(v !== 0), 0) / n;
        expect(Math.abs(kept - (1 - p))).toBeLessThan(6 * Math.sqrt((p * (1 - p)) / n) + 1e-12);
        expect(mask.every((v) => v === 0 || v === scaleOf(p))).toBe(true);
        arena.reset();
      }
    });

    test("keeps u >= p: an element whose number is exactly p stays", () => {
      const u = draw(8);
      const y = arena.f32(8);
      const x = arena.f32(8);
      arena.view(x).fill(1);
      k.dropout_f32(
        y,
        x,
        arena.layout([], 8, [1], [1]),
        u[5],
        SEED[0],
        SEED[1],
        STREAM[0],
        STREAM[1],
        0,
        0,
        8,
      );
      expect([...arena.read(y)]).toEqual(u.map((v) => (v >= u[5] ? scaleOf(u[5]) : 0)));
    });

    test("p = 1 gives zeros; NaN stays NaN, as PyTorch", () => {
      const y = arena.f32(6);
      k.dropout_f32(
        y,
        arena.f32([1, -1, Infinity, NaN, 0, -0]),
        arena.layout([], 6, [1], [1]),
        1,
        1,
        2,
        3,
        4,
        0,
        0,
        6,
      );
      expect([...arena.read(y)]).toEqual([0, -0, NaN, NaN, 0, -0]);
    });

    test("in place, at the end of memory", () => {
      const n = 27;
      const x = normal(n);
      const layout = arena.layout([], n, [1], [1]);
      const at = arena.atEndOfMemory(x);
      k.dropout_f32(at, at, layout, 0.5, SEED[0], SEED[1], STREAM[0], STREAM[1], 0, 0, n);
      const u = draw(n);
      expect(arena.read(at)).toEqual(x.map((v, i) => v * (u[i] >= 0.5 ? 2 : 0)));
    });
  });
});
