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

type Numbers = ArrayLike<number>;
const f64 = (x: Numbers): Float64Array => Float64Array.from(x as ArrayLike<number>);

function statistics(x: Numbers, eps: number): { mean: number; rstd: number } {
  const mean = sum(x) / x.length;
  const variance = sum(f64(x).map((v) => (v - mean) ** 2)) / x.length;
  return { mean, rstd: 1 / Math.sqrt(variance + eps) };
}

function layernorm(x: Numbers, weight: Numbers, bias: Numbers, eps: number): Float64Array {
  const { mean, rstd } = statistics(x, eps);
  return f64(x).map((v, i) => (v - mean) * rstd * weight[i] + bias[i]);
}

/** The gradient at given statistics, and how large the terms of each element are before they cancel. */
function backward(dy: Numbers, x: Numbers, weight: Numbers, mean: number, rstd: number) {
  const n = x.length;
  const g = f64(dy).map((v, i) => v * weight[i]);
  const xhat = f64(x).map((v) => (v - mean) * rstd);
  const a = sum(g) / n;
  const b = sum(g.map((v, i) => v * xhat[i])) / n;
  const absA = sum(g.map(Math.abs)) / n;
  const absB = sum(g.map((v, i) => Math.abs(v * xhat[i]))) / n;
  return {
    dx: g.map((v, i) => rstd * (v - a - xhat[i] * b)),
    size: g.map((v, i) => rstd * (Math.abs(v) + absA + Math.abs(xhat[i]) * absB)),
    xhat,
  };
}

test("the analytic gradient agrees with central differences", () => {
  const n = 9;
  const [x, dy, weight, bias] = [2, 3, 4, 5].map((seed) => Array.from(normal(n, 1, seed)));
  const forward = (v: Float64Array) => sum(layernorm(v, weight, bias, 1e-3).map((y, i) => y * dy[i]));
  const { mean, rstd } = statistics(x, 1e-3);
  expectWithin(backward(dy, x, weight, mean, rstd).dx, centralDifferences(forward, x), 1e-8, "dx");
  const overWeight = (v: Float64Array) => sum(layernorm(x, v, bias, 1e-3).map((y, i) => y * dy[i]));
  const { xhat } = backward(dy, x, weight, mean, rstd);
  expectWithin(
    xhat.map((v, i) => v * dy[i]),
    centralDifferences(overWeight, weight),
    1e-8,
    "dweight",
  );
});

forEachBuild((_name, k, arena) => {
  // address 0 means "absent": what lies there must not matter
  new Uint8Array(arena.memory.buffer, 0, 16384).fill(0xff);

  const inputs = [
    { what: "normal", scale: 1, offset: 0, eps: 1e-5 },
    { what: "* 100", scale: 100, offset: 0, eps: 1e-5 },
    { what: "far from zero", scale: 1, offset: 3000, eps: 1e-5 },
    { what: "very far from zero", scale: 1, offset: -1e5, eps: 1e-5 },
    { what: "small variance", scale: 1e-3, offset: 0, eps: 1e-5 },
    { what: "far from the first elements", scale: 1, offset: 0, eps: 1e-5, lead: 2000 },
  ];

  test.each(SIZES)("forward over rows of %i", (n) => {
    const rows = new Rows(2, 2, n, n % 3);
    const weight = normal(n, 1, 11, 1);
    const bias = normal(n, 0.5, 12);
    for (const { what, scale, offset, eps, lead = 0 } of inputs) {
      for (const affine of [3, 2, 1, 0]) {
        const dense = normal(rows.count * n, scale, n, offset).map((v, i) => (i % n < 16 ? v + lead : v));
        const x = arena.f32(rows.spread(dense), { misaligned: n % 2 === 1 });
        const [w, b] = [
          affine & 1 ? arena.f32(weight, { misaligned: true }) : 0,
          affine & 2 ? arena.f32(bias) : 0,
        ] as const;
        const y = arena.f32(rows.count * n);
        const [mean, rstd] = [arena.f32(rows.count), arena.f32(rows.count)];
        const call = (begin: number, end: number) =>
          k.layernorm_f32(y, mean, rstd, x, w, b, 2, 2, n, ...rows.strides, eps, 1, begin, end);
        arena.everySplit(rows.count, call, y, mean, rstd);
        for (const r of range(rows.count)) {
          const row = dense.subarray(r * n, r * n + n);
          const [ws, bs] = [affine & 1 ? weight : weight.map(() => 1), affine & 2 ? bias : bias.map(() => 0)];
          const expected = layernorm(row, ws, bs, Math.fround(eps));
          const size =
            largest(
              layernorm(
                row,
                ws,
                ws.map(() => 0),
                Math.fround(eps),
              ),
            ) + largest(bs);
          const actual = arena.read(y).subarray(r * n, r * n + n);
          expectWithin(actual, expected, rowBound(n) * size, `${what}, affine ${affine}, row ${r}`);
          const exact = statistics(row, Math.fround(eps));
          const spread = sum(row.map((v) => Math.abs(v - exact.mean))) / n;
          const meanBound = U * Math.abs(exact.mean) + rowBound(n) * spread;
          expectWithin([arena.read(mean)[r]], [exact.mean], meanBound, `mean, ${what}`);
          expectWithin([arena.read(rstd)[r]], [exact.rstd], rowBound(n) * exact.rstd, "rstd");
        }
        arena.reset();
      }
    }
  });

  test.each(SIZES)("not centred, over rows of %i", (n) => {
    const [weight, bias] = [normal(n, 1, 11, 1), normal(n, 0.5, 12)];
    const x = normal(3 * n, 2, n, 1);
    for (const affine of [3, 2, 1, 0]) {
      const [w, b] = [affine & 1 ? arena.f32(weight) : 0, affine & 2 ? arena.f32(bias) : 0] as const;
      const [y, at] = [arena.f32(3 * n), arena.f32(x, { misaligned: true })];
      const [mean, rstd] = [arena.f32(3), arena.f32(3)];
      const call = (begin: number, end: number) =>
        k.layernorm_f32(y, mean, rstd, at, w, b, 1, 3, n, 0, n, 1e-3, 0, begin, end);
      arena.everySplit(3, call, y, mean, rstd);
      for (const r of range(3)) {
        const row = f64(x.subarray(r * n, r * n + n));
        const inverse = 1 / Math.sqrt(sum(row.map((v) => v * v)) / n + Math.fround(1e-3));
        const scaled = row.map((v, i) => v * inverse * (affine & 1 ? weight[i] : 1));
        const expected = scaled.map((v, i) => v + (affine & 2 ? bias[i] : 0));
        const bound = rowBound(n) * (largest(scaled) + largest(bias));
        expectWithin(arena.read(y).subarray(r * n, r * n + n), expected, bound, `affine ${affine}, row ${r}`);
        expectWithin([arena.read(rstd)[r]], [inverse], rowBound(n) * inverse, "rstd");
        expect(arena.read(mean)[r]).toBe(0);
      }
      arena.reset();
    }
  });

  test("without statistics, in place, and NaN or infinities spoil their own row only", () => {
    const n = 21;
    const x = normal(4 * n);
    x[n] = Number.NaN;
    x[3 * n - 1] = Number.POSITIVE_INFINITY;
    const y = arena.f32(x);
    k.layernorm_f32(y, 0, 0, y, 0, 0, 1, 4, n, 0, n, 1e-5, 1, 0, 4);
    const actual = arena.read(y);
    const [zeros, ones] = [new Float32Array(n), new Float32Array(n).fill(1)];
    for (const r of [0, 3]) {
      const expected = layernorm(x.subarray(r * n, r * n + n), ones, zeros, Math.fround(1e-5));
      expectWithin(actual.subarray(r * n, r * n + n), expected, rowBound(n) * largest(expected), `row ${r}`);
    }
    expect(actual.subarray(n, 3 * n).every(Number.isNaN)).toBe(true);
  });

  test("a constant row gives the bias", () => {
    const bias = normal(19);
    const y = arena.f32(19);
    k.layernorm_f32(
      y,
      0,
      0,
      arena.f32(new Float32Array(19).fill(0.1)),
      0,
      arena.f32(bias),
      1,
      1,
      19,
      0,
      19,
      1e-5,
      1,
      0,
      1,
    );
    expectWithin(arena.read(y), bias, 1e-7, "y");
  });

  test.each(SIZES)("gradient of the input over rows of %i", (n) => {
    const rows = new Rows(2, 2, n, n % 4);
    const out = new Rows(2, 2, n, 1);
    const weight = normal(n, 1, 11, 1);
    const dense = normal(rows.count * n, 3, n, 5);
    const dy = normal(rows.count * n, 2, 2);
    const old = normal(rows.count * n, 1, 3);
    const stats = range(rows.count).map((r) => statistics(dense.subarray(r * n, r * n + n), 1e-5));
    for (const [acc, weighted] of [
      [0, true],
      [1, true],
      [0, false],
    ] as const) {
      const [x, g] = [arena.f32(rows.spread(dense)), arena.f32(dy, { misaligned: true })];
      const w = weighted ? arena.f32(weight) : 0;
      const [mean, rstd] = [arena.f32(stats.map((s) => s.mean)), arena.f32(stats.map((s) => s.rstd))];
      const dx = arena.f32(out.spread(old));
      const call = (begin: number, end: number) =>
        k.layernorm_backward_f32(
          dx,
          g,
          x,
          w,
          mean,
          rstd,
          2,
          2,
          n,
          ...rows.strides,
          ...out.strides,
          1,
          acc,
          begin,
          end,
        );
      arena.everySplit(rows.count, call, dx);
      out.checkGaps(arena.read(dx));
      for (const r of range(rows.count)) {
        const part = (a: Float32Array) => a.subarray(r * n, r * n + n);
        const ws = weighted ? weight : weight.map(() => 1);
        const exact = backward(part(dy), part(dense), ws, arena.read(mean)[r], arena.read(rstd)[r]);
        const expected = exact.dx.map((v, i) => v + (acc ? part(old)[i] : 0));
        const bound = (i: number) => rowBound(n) * exact.size[i] + U * Math.abs(expected[i]);
        expectWithin(out.row(arena.read(dx), r), expected, bound, `row ${r}, acc ${acc}`);
      }
      arena.reset();
    }
  });

  test.each([
    [1, 1, 1],
    [1, 2, 5],
    [2, 3, 16],
    [3, 5, 17],
    [1, 16, 31],
    [4, 8, 33],
    [1, 33, 48],
    [5, 13, 65],
    [2, 100, 50],
  ])("gradients of weight and bias: %i * %i rows of %i", (D0, D1, n) => {
    const rows = new Rows(D0, D1, n, n % 3);
    const dense = normal(rows.count * n, 3, n, 5);
    const dy = normal(rows.count * n, 2, 2);
    const old = normal(n, 1, 3);
    const stats = range(rows.count).map((r) => statistics(dense.subarray(r * n, r * n + n), 1e-5));
    for (const [accWeight, accBias] of [
      [0, 0],
      [1, 0],
      [0, 1],
    ]) {
      const [x, g] = [arena.f32(rows.spread(dense), { misaligned: true }), arena.f32(dy)];
      const [mean, rstd] = [arena.f32(stats.map((s) => s.mean)), arena.f32(stats.map((s) => s.rstd))];
      const [dweight, dbias] = [arena.f32(old, { misaligned: true }), arena.f32(old)];
      const [means, rstds] = [arena.read(mean), arena.read(rstd)];
      const call = (begin: number, end: number) =>
        k.layernorm_backward_params_f32(
          ...([dweight, dbias, g, x, mean, rstd, D0, D1, n] as const),
          ...rows.strides,
          accWeight,
          accBias,
          begin,
          end,
        );
      arena.everySplit(Math.ceil(n / 16), call, dweight, dbias);
      const column = (c: number) => {
        const products = range(rows.count).map(
          (r) => dy[r * n + c] * (dense[r * n + c] - means[r]) * rstds[r],
        );
        return { products, grads: range(rows.count).map((r) => dy[r * n + c]) };
      };
      const bound = rowBound(rows.count);
      for (const c of range(n)) {
        const { products, grads } = column(c);
        const [oldW, oldB] = [accWeight ? old[c] : 0, accBias ? old[c] : 0];
        const [w, b] = [oldW + sum(products), oldB + sum(grads)];
        const limit = (terms: number[], total: number) =>
          bound * sum(terms.map(Math.abs)) + U * Math.abs(total);
        expectWithin([arena.read(dweight)[c]], [w], limit(products, w), `dweight[${c}]`);
        expectWithin([arena.read(dbias)[c]], [b], limit(grads, b), `dbias[${c}]`);
      }
      arena.reset();
    }
  });

  test("either of dweight and dbias may be absent", () => {
    const n = 37;
    const [dy, x] = [arena.f32(normal(3 * n)), arena.f32(normal(3 * n, 1, 2))];
    const [mean, rstd] = [arena.f32([0.1, 0.2, 0.3]), arena.f32([1, 2, 3])];
    const [w1, b1, w2, b2] = [arena.f32(n), arena.f32(n), arena.f32(n), arena.f32(n)];
    const call = (w: typeof w1 | 0, b: typeof w1 | 0) =>
      k.layernorm_backward_params_f32(w, b, dy, x, mean, rstd, 1, 3, n, 0, n, 0, 0, 0, 3);
    call(w1, b1);
    call(w2, 0);
    call(0, b2);
    expect(arena.read(w2)).toEqual(arena.read(w1));
    expect(arena.read(b2)).toEqual(arena.read(b1));
  });

  test.each([1, 3, 4, 17, 35])("rows of %i at the end of memory", (n) => {
    const dense = normal(2 * n);
    const [y, mean, rstd] = [arena.f32(2 * n), arena.f32([0, 0]), arena.f32([1, 1])];
    const [dw, db] = [arena.f32(n), arena.f32(n)];
    const edge = arena.atEndOfMemory(dense);
    k.layernorm_f32(y, 0, 0, edge, 0, 0, 1, 2, n, 0, n, 1, 1, 0, 2);
    k.layernorm_f32(y, 0, 0, edge, 0, 0, 2, 1, n, n, 0, 1, 1, 0, 2);
    k.layernorm_f32(y, 0, 0, y, edge, edge, 1, 2, n, 0, n, 1, 1, 0, 2);
    k.layernorm_backward_f32(y, edge, edge, 0, mean, rstd, 1, 2, n, 0, n, 0, n, 1, 0, 0, 2);
    const units = Math.ceil(n / 16);
    k.layernorm_backward_params_f32(dw, db, edge, edge, mean, rstd, 1, 2, n, 0, n, 0, 0, 0, units);
    const lastColumn = dense[n - 1] + dense[2 * n - 1];
    expectWithin([arena.read(db)[n - 1]], [lastColumn], 1e-6, "dbias");
  });
});
