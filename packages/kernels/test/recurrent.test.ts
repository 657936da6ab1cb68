// The steps of recurrent layers against their formulas in float64: rows with gaps, in place, cut anywhere, and no element
// outside of the rows touched.
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import { normal, range } from "./rows.reference.ts";

const SIZES = [1, 3, 4, 5, 15, 16, 17, 33];
const ROWS = 3;
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** `blocks` values of H behind one another per row, rows `step` apart; what lies between is NaN. */
function rows(blocks: number, H: number, step: number, seed: number): Float32Array {
  const values = normal(ROWS * blocks * H, 1, seed);
  const data = new Float32Array(ROWS * step).fill(Number.NaN);
  for (const r of range(ROWS)) data.set(values.subarray(r * blocks * H, (r + 1) * blocks * H), r * step);
  return data;
}

/** Every element is near its own value; NaN is left where it was. */
function expectNear(got: Float32Array, wanted: ArrayLike<number>): void {
  const far = Array.from(got).findIndex((value, i) => {
    if (Number.isNaN(wanted[i])) return !Number.isNaN(value);
    return !(Math.abs(value - wanted[i]) <= 1e-6 * Math.max(1, Math.abs(wanted[i])));
  });
  expect(far < 0 ? "near" : `element ${far} is ${got[far]}, not ${wanted[far]}`).toBe("near");
}

/** Calls `body` for each element: its row, its column, and its place in dense rows. */
function eachElement(H: number, body: (r: number, j: number, flat: number) => void): void {
  for (const r of range(ROWS)) for (const j of range(H)) body(r, j, r * H + j);
}

forEachBuild((_name, k, arena) => {
  test.each(SIZES)("rows of %i by index, zeros for -1", (C) => {
    const data = normal(4 * C);
    const x = arena.f32(data, { misaligned: true });
    const chosen = [2, -1, 0, 3, -1];
    const index = arena.i32(chosen);
    const line = (i: number): number[] =>
      i < 0 ? new Array<number>(C).fill(0) : [...data.subarray(i * C, (i + 1) * C)];
    for (const acc of [0, 1]) {
      const y = arena.f32(new Float32Array(5 * C).fill(2));
      arena.everySplit(5, (begin, end) => k.gather_rows_f32(y, x, index, C, acc, begin, end), y);
      expect([...arena.read(y)]).toEqual(chosen.flatMap(line).map((v) => Math.fround(v + 2 * acc)));
    }
  });

  test.each(SIZES)("rnn, %i wide", (H) => {
    const step = H + 3;
    for (const relu of [0, 1]) {
      const before = rows(1, H, step, 1);
      const old = normal(ROWS * H, 1, 2);
      const [y, h, saved] = [arena.f32(before), arena.f32(old), arena.f32(ROWS * step)];
      arena.everySplit(
        ROWS * H,
        (begin, end) => k.rnn_cell_f32(y, h, saved, H, step, step, relu, begin, end),
        y,
        h,
        saved,
      );
      const value = before.map((x) => (relu ? Math.max(x, 0) : Math.tanh(x)));
      expectNear(arena.read(y), value);
      eachElement(H, (r, j, flat) => {
        expect(arena.read(h)[flat]).toBe(arena.read(y)[r * step + j]);
        expect(arena.read(saved)[r * step + j]).toBe(old[flat]);
      });

      const [dh, dy] = [normal(ROWS * H, 1, 3), rows(1, H, step, 4)];
      const da = arena.f32(ROWS * H);
      const given = [arena.f32(dh), arena.f32(dy), y] as const;
      arena.everySplit(
        ROWS * H,
        (begin, end) => k.rnn_cell_backward_f32(da, ...given, H, step, step, relu, begin, end),
        da,
      );
      const wanted = new Float64Array(ROWS * H);
      eachElement(H, (r, j, flat) => {
        const v = value[r * step + j];
        wanted[flat] = (dh[flat] + dy[r * step + j]) * (relu ? Number(v > 0) : 1 - v * v);
      });
      expectNear(arena.read(da), wanted);
    }
  });

  test.each(SIZES)("lstm, %i wide, with and without peepholes", (H) => {
    const step = 6 * H + 1;
    for (const peephole of [false, true]) {
      const gates = rows(4, H, step, 1);
      const [c0, h0, p] = [normal(ROWS * H, 1, 2), normal(ROWS * H, 1, 3), normal(3 * H, 1, 4)];
      const [g, c, h, y] = [arena.f32(gates), arena.f32(c0), arena.f32(h0), arena.f32(ROWS * (H + 2))];
      const weights = peephole ? arena.f32(p) : (0 as never);
      const [cells, hiddens] = [g + 16 * H, g + 20 * H] as never[];
      arena.everySplit(
        ROWS * H,
        (begin, end) => k.lstm_cell_f32(g, c, h, y, cells, hiddens, weights, H, step, H, H + 2, begin, end),
        g,
        c,
        h,
        y,
      );
      const wanted = Float64Array.from(gates);
      const next = new Float64Array(ROWS * H);
      const out = new Float64Array(ROWS * H);
      const see = (i: number, j: number): number => (peephole ? p[i * H + j] : 0);
      eachElement(H, (r, j, flat) => {
        const at = (block: number): number => r * step + block * H + j;
        const i = sigmoid(gates[at(0)] + see(0, j) * c0[flat]);
        const f = sigmoid(gates[at(1)] + see(1, j) * c0[flat]);
        const n = Math.tanh(gates[at(2)]);
        next[flat] = f * c0[flat] + i * n;
        const o = sigmoid(gates[at(3)] + see(2, j) * next[flat]);
        out[flat] = o * Math.tanh(next[flat]);
        for (const [block, value] of [i, f, n, o, c0[flat], h0[flat]].entries()) wanted[at(block)] = value;
      });
      expectNear(arena.read(g), wanted);
      expectNear(arena.read(c), next);
      expectNear(arena.read(h), out);
      eachElement(H, (r, j, flat) => expect(arena.read(y)[r * (H + 2) + j]).toBe(arena.read(h)[flat]));

      const [dh, dc] = [normal(ROWS * H, 1, 5), normal(ROWS * H, 1, 6)];
      const [da, pdc, pdh] = [arena.f32(ROWS * 4 * H), arena.f32(dc), arena.f32(dh)];
      const given = [pdh, 0 as never, g, cells, weights] as const;
      arena.everySplit(
        ROWS * H,
        (begin, end) => k.lstm_cell_backward_f32(da, pdc, ...given, H, step, 0, begin, end),
        da,
        pdc,
      );
      const slopes = new Float64Array(ROWS * 4 * H);
      const back = new Float64Array(ROWS * H);
      eachElement(H, (r, j, flat) => {
        const [i, f, n, o, before] = [0, 1, 2, 3, 4].map((block) => wanted[r * step + block * H + j]);
        const t = Math.tanh(f * before + i * n);
        const outer = dh[flat] * t * o * (1 - o);
        const e = dc[flat] + dh[flat] * o * (1 - t * t) + outer * see(2, j);
        const all = [e * n * i * (1 - i), e * before * f * (1 - f), e * i * (1 - n * n), outer];
        for (const [block, slope] of all.entries()) slopes[(r * 4 + block) * H + j] = slope;
        back[flat] = e * f + all[0] * see(0, j) + all[1] * see(1, j);
      });
      expectNear(arena.read(da), slopes);
      expectNear(arena.read(pdc), back);
    }
  });

  test.each(SIZES)("gru, %i wide, the reset after the product", (H) => {
    const step = 5 * H + 2;
    const gates = rows(3, H, step, 1);
    const [old, hidden] = [normal(ROWS * H, 1, 2), normal(ROWS * 3 * H, 1, 3)];
    const [g, t, h, y] = [arena.f32(gates), arena.f32(hidden), arena.f32(old), arena.f32(ROWS * H)];
    const before = (g + 16 * H) as never;
    arena.everySplit(
      ROWS * H,
      (begin, end) => k.gru_cell_f32(g, t, h, y, before, H, step, H, begin, end),
      g,
      h,
      y,
    );
    const wanted = Float64Array.from(gates);
    const next = new Float64Array(ROWS * H);
    eachElement(H, (r, j, flat) => {
      const [a, b, c] = [0, 1, 2].map((block) => hidden[(r * 3 + block) * H + j]);
      const at = (block: number): number => r * step + block * H + j;
      const [reset, z] = [sigmoid(gates[at(0)] + a), sigmoid(gates[at(1)] + b)];
      const n = Math.tanh(gates[at(2)] + reset * c);
      next[flat] = (1 - z) * n + z * old[flat];
      for (const [block, value] of [reset, z, n, c, old[flat]].entries()) wanted[at(block)] = value;
    });
    expectNear(arena.read(g), wanted);
    expectNear(arena.read(h), next);
    expect(arena.read(y)).toEqual(arena.read(h));

    const [dh, dy] = [normal(ROWS * H, 1, 5), normal(ROWS * H, 1, 6)];
    const [da, pdh, pdy] = [arena.f32(ROWS * 6 * H), arena.f32(dh), arena.f32(dy)];
    arena.everySplit(
      ROWS * H,
      (begin, end) => k.gru_cell_backward_f32(da, pdh, pdy, g, before, H, step, H, 1, begin, end),
      da,
      pdh,
    );
    const slopes = new Float64Array(ROWS * 6 * H);
    eachElement(H, (r, j, flat) => {
      const [reset, z, n, c, h0] = [0, 1, 2, 3, 4].map((block) => wanted[r * step + block * H + j]);
      const d = dh[flat] + dy[flat];
      const candidate = d * (1 - z) * (1 - n * n);
      const parts = [candidate * c * reset * (1 - reset), d * (h0 - n) * z * (1 - z), candidate];
      const all = [...parts, parts[0], parts[1], candidate * reset];
      for (const [block, slope] of all.entries()) slopes[(r * 6 + block) * H + j] = slope;
    });
    expectNear(arena.read(da), slopes);
    expectNear(
      arena.read(pdh),
      dh.map((d, flat) => (d + dy[flat]) * wanted[Math.floor(flat / H) * step + H + (flat % H)]),
    );
  });

  test.each(SIZES)("gru, %i wide, the reset before the product", (H) => {
    const step = 5 * H + 1;
    const gates = rows(3, H, step, 1);
    const old = normal(ROWS * H, 1, 2);
    const [g, h] = [arena.f32(gates), arena.f32(old)];
    arena.everySplit(ROWS * H, (begin, end) => k.gru_reset_f32(g, h, H, step, begin, end), g);
    const wanted = Float64Array.from(gates);
    eachElement(H, (r, j, flat) => {
      const at = (block: number): number => r * step + block * H + j;
      wanted[at(0)] = sigmoid(gates[at(0)]);
      wanted[at(1)] = sigmoid(gates[at(1)]);
      wanted[at(3)] = wanted[at(0)] * old[flat];
    });
    expectNear(arena.read(g), wanted);

    const [drh, dh] = [normal(ROWS * H, 1, 5), normal(ROWS * H, 1, 6)];
    const [da, pdrh, pdh, before] = [
      arena.f32(ROWS * 3 * H),
      arena.f32(drh),
      arena.f32(dh),
      arena.f32(rows(1, H, step, 7)),
    ];
    const saved = arena.read(before);
    arena.everySplit(
      ROWS * H,
      (begin, end) => k.gru_reset_backward_f32(da, pdh, pdrh, g, before, H, step, begin, end),
      da,
      pdh,
    );
    const slopes = new Float64Array(ROWS * 3 * H).fill(Number.NaN);
    const back = new Float64Array(ROWS * H);
    eachElement(H, (r, j, flat) => {
      const reset = wanted[r * step + j];
      slopes[r * 3 * H + j] = drh[flat] * saved[r * step + j] * reset * (1 - reset);
      back[flat] = dh[flat] + drh[flat] * reset;
    });
    expectNear(arena.read(da), slopes);
    expectNear(arena.read(pdh), back);
  });
});
