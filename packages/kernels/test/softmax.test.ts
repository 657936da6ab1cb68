import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import {
  centralDifferences,
  expectWithin,
  largest,
  normal,
  Rows,
  range,
  rowBound,
  SIZES,
  sum,
  U,
} from "./rows.reference.ts";

const logSumExp = (x: ArrayLike<number>): number => {
  const top = Math.max(...Array.from(x));
  return top + Math.log(sum(Array.from(x, (v) => Math.exp(v - top))));
};
const softmax = (x: ArrayLike<number>, scale = 1): Float64Array => {
  const scaled = Float64Array.from(x as ArrayLike<number>, (v) => v * scale);
  const lse = logSumExp(scaled);
  return scaled.map((v) => Math.exp(v - lse));
};
const logSoftmax = (x: ArrayLike<number>): Float64Array => {
  const lse = logSumExp(x);
  return Float64Array.from(x as ArrayLike<number>, (v) => v - lse);
};
const softmaxBackward = (dy: ArrayLike<number>, y: ArrayLike<number>, scale: number): Float64Array => {
  const dot = sum(Array.from(dy, (g, i) => g * y[i]));
  return Float64Array.from(dy as ArrayLike<number>, (g, i) => scale * y[i] * (g - dot));
};
const logSoftmaxBackward = (dy: ArrayLike<number>, y: ArrayLike<number>): Float64Array => {
  const total = sum(dy);
  return Float64Array.from(dy as ArrayLike<number>, (g, i) => g - Math.exp(y[i]) * total);
};

test("the analytic gradients agree with central differences", () => {
  const x = Array.from(normal(9));
  const dy = Array.from(normal(9, 1, 2));
  const weighted = (y: Float64Array) => sum(y.map((v, i) => v * dy[i]));
  const forward = (v: Float64Array) => weighted(softmax(v, 0.7));
  expectWithin(softmaxBackward(dy, softmax(x, 0.7), 0.7), centralDifferences(forward, x), 1e-9, "softmax");
  const logForward = (v: Float64Array) => weighted(logSoftmax(v));
  expectWithin(logSoftmaxBackward(dy, logSoftmax(x)), centralDifferences(logForward, x), 1e-9, "log_softmax");
});

forEachBuild((_name, k, arena) => {
  const run = (rows: Rows, dense: Float32Array, scale: number, causal: number) => {
    const x = arena.f32(rows.spread(dense), { misaligned: rows.n % 2 === 1 });
    const y = arena.f32(rows.count * rows.n, { misaligned: rows.n % 3 === 1 });
    const call = (begin: number, end: number) =>
      k.softmax_f32(y, x, rows.D0, rows.D1, rows.n, ...rows.strides, scale, causal, begin, end);
    arena.everySplit(rows.count, call, y);
    return arena.read(y);
  };

  test.each(SIZES)("softmax of rows of %i", (n) => {
    const rows = new Rows(2, 3, n, n % 5);
    for (const [size, scale] of [
      [1, 1],
      [100, 1],
      [3, 0.125],
      [40, -0.7],
      [1, 0],
      [1e-3, 1],
    ]) {
      const dense = normal(rows.count * n, size, n);
      const y = run(rows, dense, scale, -1);
      for (const r of range(rows.count)) {
        const expected = softmax(dense.subarray(r * n, r * n + n), Math.fround(scale));
        const actual = y.subarray(r * n, r * n + n);
        expectWithin(
          actual,
          expected,
          rowBound(n) * largest(expected),
          `inputs * ${size}, scale ${scale}, row ${r}`,
        );
      }
      arena.reset();
    }
  });

  test.each([1, 4, 5, 16, 33, 65])("causal rows of %i keep a growing prefix and zeros behind it", (n) => {
    const rows = new Rows(2, Math.min(n, 20), n, 1);
    const dense = normal(rows.count * n, 2, n);
    for (const causal of [0, 3, n]) {
      const padded = dense.map((v, i) =>
        i % n < causal + (Math.floor(i / n) % rows.D1) + 1 ? v : Number.NaN,
      );
      const y = run(rows, padded, 0.5, causal);
      for (const r of range(rows.count)) {
        const kept = Math.min(n, causal + (r % rows.D1) + 1);
        const expected = Float64Array.from([
          ...softmax(dense.subarray(r * n, r * n + kept), 0.5),
          ...Array(n - kept).fill(0),
        ]);
        const bound = (i: number) => (i < kept ? rowBound(kept) * largest(expected) : 0);
        expectWithin(y.subarray(r * n, r * n + n), expected, bound, `causal ${causal}, row ${r}`);
      }
      arena.reset();
    }
  });

  test.each([5, 16, 17, 65])("masks, infinities and NaN in rows of %i", (n) => {
    const special = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN];
    for (const at of [0, n >> 1, n - 1]) {
      for (const v of special) {
        for (const scale of [1, -2]) {
          const dense = normal(n, 1, 7);
          dense[at] = v;
          const y = run(new Rows(1, 1, n, 0), dense, scale, -1);
          if (v * scale === Number.NEGATIVE_INFINITY) {
            const expected = softmax(dense, scale);
            expect(y[at]).toBe(0);
            expectWithin(y, expected, rowBound(n) * largest(expected), `-Infinity at ${at}`);
          } else expect(y.every(Number.isNaN), `${v} at ${at}, scale ${scale}`).toBe(true);
          arena.reset();
        }
      }
    }
    const masked = run(new Rows(1, 1, n, 0), new Float32Array(n).fill(Number.NEGATIVE_INFINITY), 1, -1);
    expect(masked.every(Number.isNaN)).toBe(true);
    arena.reset();
    // In attention a query that sees nothing has no weights; NaN still shows.
    for (const causal of [-2, n - 1]) {
      const nothing = new Float32Array(2 * n).fill(Number.NEGATIVE_INFINITY);
      nothing[2 * n - 1] = Number.NaN;
      const weights = run(new Rows(2, 1, n, 0), nothing, 0.5, causal);
      expect(weights.subarray(0, n)).toEqual(new Float32Array(n));
      expect(weights.subarray(n).every(Number.isNaN), `NaN among -Infinity, causal ${causal}`).toBe(true);
      arena.reset();
    }
  });

  test("two scores at any distance", () => {
    const distances = range(5000).map((i) => Math.fround(i * 0.0213));
    const y = run(new Rows(1, 5000, 2, 0), Float32Array.from(distances.flatMap((d) => [0, -d])), 1, -1);
    distances.forEach((d, i) => {
      const expected = softmax([0, -d]);
      expectWithin(y.subarray(2 * i, 2 * i + 2), expected, rowBound(2) * expected[0], `distance ${d}`);
    });
  });

  test("large finite scores do not overflow, equal ones share evenly, and y may be x", () => {
    const big = run(new Rows(1, 1, 3, 0), Float32Array.of(3.0e38, 3.0e38, -3.0e38), 1, -1);
    expectWithin(big, [0.5, 0.5, 0], 0, "3e38");
    const x = arena.f32(new Float32Array(16 * 5).fill(7));
    k.softmax_f32(x, x, 1, 5, 16, 0, 16, 3, -1, 0, 5);
    expect(arena.read(x).every((v) => v === 1 / 16)).toBe(true);
  });

  test.each([1, 3, 4, 17, 33])("rows of %i at the end of memory", (n) => {
    const dense = normal(2 * n);
    const y = arena.f32(2 * n);
    const x = arena.atEndOfMemory(dense);
    k.softmax_f32(y, x, 1, 2, n, 0, n, 1, -1, 0, 2);
    expectWithin(arena.read(y).subarray(n), softmax(dense.subarray(n)), rowBound(n), "softmax");
    k.log_softmax_f32(y, x, 1, 2, n, 0, n, 0, 2);
    expectWithin(arena.read(y).subarray(n), logSoftmax(dense.subarray(n)), rowBound(n) * 10, "log_softmax");
    const dx = arena.f32(2 * n);
    k.softmax_backward_f32(dx, x, y, 1, 2, n, 0, n, 1, 0, 0, 2);
    k.softmax_backward_f32(dx, y, x, 1, 2, n, 0, n, 1, 0, 0, 2);
    k.log_softmax_backward_f32(dx, x, y, 1, 2, n, 0, n, 0, 0, 2);
    k.log_softmax_backward_f32(dx, y, x, 1, 2, n, 0, n, 0, 0, 2);
  });

  test.each(SIZES)("log_softmax of rows of %i", (n) => {
    const rows = new Rows(2, 2, n, n % 4);
    for (const size of [1, 100, 0.01]) {
      const dense = normal(rows.count * n, size, n + 1);
      const x = arena.f32(rows.spread(dense));
      const y = arena.f32(rows.count * n, { misaligned: true });
      const call = (begin: number, end: number) =>
        k.log_softmax_f32(y, x, rows.D0, rows.D1, n, ...rows.strides, begin, end);
      arena.everySplit(rows.count, call, y);
      for (const r of range(rows.count)) {
        const expected = logSoftmax(dense.subarray(r * n, r * n + n));
        const bound = rowBound(n) * largest(expected);
        expectWithin(arena.read(y).subarray(r * n, r * n + n), expected, bound, `inputs * ${size}, row ${r}`);
      }
      arena.reset();
    }
  });

  test("log_softmax: -Infinity stays, a row of it, +Infinity and NaN give NaN", () => {
    for (const n of [4, 5, 16, 33]) {
      const dense = normal(4 * n);
      dense[n - 1] = Number.NEGATIVE_INFINITY;
      dense.fill(Number.NEGATIVE_INFINITY, n, 2 * n);
      dense[2 * n] = Number.POSITIVE_INFINITY;
      dense[4 * n - 1] = Number.NaN;
      const y = arena.f32(4 * n);
      k.log_softmax_f32(y, arena.f32(dense), 1, 4, n, 0, n, 0, 4);
      const actual = arena.read(y);
      const expected = logSoftmax(dense.subarray(0, n));
      expectWithin(actual.subarray(0, n), expected, rowBound(n) * 10, "masked");
      expect(actual.subarray(n).every(Number.isNaN)).toBe(true);
    }
  });

  test.each(SIZES)("softmax and log_softmax gradients over rows of %i", (n) => {
    const rows = new Rows(2, 3, n, n % 3);
    const gradient = normal(rows.count * n, 3, n);
    const scale = 0.3;
    const probability = new Float32Array(rows.count * n);
    const logarithm = new Float32Array(rows.count * n);
    for (const r of range(rows.count)) {
      const row = normal(n, 2, r + 3);
      probability.set(softmax(row), r * n);
      logarithm.set(logSoftmax(row), r * n);
    }
    const old = normal(rows.count * n, 1, 9);
    for (const acc of [0, 1]) {
      const dy = arena.f32(gradient, { misaligned: true });
      const y = arena.f32(probability);
      const ly = arena.f32(logarithm);
      const dx = arena.f32(rows.spread(old));
      const dlx = arena.f32(rows.spread(old), { misaligned: true });
      const call = (begin: number, end: number) => {
        k.softmax_backward_f32(dx, dy, y, 2, 3, n, ...rows.strides, scale, acc, begin, end);
        k.log_softmax_backward_f32(dlx, dy, ly, 2, 3, n, ...rows.strides, acc, begin, end);
      };
      arena.everySplit(rows.count, call, dx, dlx);
      rows.checkGaps(arena.read(dx));
      rows.checkGaps(arena.read(dlx));
      for (const r of range(rows.count)) {
        const part = (a: Float32Array) => a.subarray(r * n, r * n + n);
        const before = (i: number) => (acc ? old[r * n + i] : 0);
        const products = part(gradient).map((g, i) => Math.abs(g * part(probability)[i]));
        const expected = softmaxBackward(part(gradient), part(probability), Math.fround(scale)).map(
          (v, i) => v + before(i),
        );
        const bound = (i: number) => {
          const y = part(probability)[i];
          const size = scale * y * (Math.abs(part(gradient)[i]) + sum(products));
          return rowBound(n) * size + U * Math.abs(expected[i]);
        };
        expectWithin(rows.row(arena.read(dx), r), expected, bound, `softmax, row ${r}, acc ${acc}`);
        const expectedLog = logSoftmaxBackward(part(gradient), part(logarithm)).map((v, i) => v + before(i));
        const size = largest(gradient) + sum(part(gradient).map(Math.abs));
        const logBound = (i: number) => rowBound(n) * size + U * Math.abs(expectedLog[i]);
        expectWithin(
          rows.row(arena.read(dlx), r),
          expectedLog,
          logBound,
          `log_softmax, row ${r}, acc ${acc}`,
        );
      }
      arena.reset();
    }
  });
});
