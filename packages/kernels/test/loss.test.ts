import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import {
  centralDifferences,
  expectWithin,
  indices,
  normal,
  Rows,
  range,
  rowBound,
  SIZES,
  sum,
  U,
} from "./rows.reference.ts";

type Numbers = ArrayLike<number>;
const IGNORE = -100;

const logSumExp = (x: Numbers): number => {
  const top = Math.max(...Array.from(x));
  return top + Math.log(sum(Array.from(x, (v) => Math.exp(v - top))));
};
const gradient = (x: Numbers, target: number, weight: number, smooth = 0): Float64Array => {
  const lse = logSumExp(x);
  return Float64Array.from(x as ArrayLike<number>, (v, i) =>
    target === IGNORE
      ? 0
      : weight * (Math.exp(v - lse) - smooth - (i === target ? 1 - smooth * x.length : 0)),
  );
};

test("the analytic gradient agrees with central differences", () => {
  const x = Array.from(normal(7));
  const forward = (v: Float64Array) => 3 * (logSumExp(v) - v[4]);
  expectWithin(gradient(x, 4, 3), centralDifferences(forward, x), 1e-8, "dlogits");
});

forEachBuild((_name, k, arena) => {
  test.each(SIZES)("loss and logsumexp of rows of %i", (v) => {
    const rows = new Rows(1, 6, v, v % 3);
    const target = indices(6, v, v);
    target[2] = IGNORE;
    for (const [size, smoothing] of [
      [1, 0],
      [100, 0],
      [0.01, 0],
      [1, 0.1],
    ]) {
      const smooth = smoothing / v;
      const dense = normal(6 * v, size, v);
      const logits = arena.f32(rows.spread(dense), { misaligned: v % 2 === 1 });
      const [loss, lse, goal] = [arena.f32(6), arena.f32(6, { misaligned: true }), arena.i32(target)];
      const call = (begin: number, end: number) =>
        k.cross_entropy_f32(loss, lse, logits, goal, 6, v, rows.s1, IGNORE, smooth, begin, end);
      arena.everySplit(6, call, loss, lse);
      for (const r of range(6)) {
        const row = dense.subarray(r * v, r * v + v);
        const expected = logSumExp(row);
        const logarithm = expected - Math.max(...row);
        // lse = top + log(sum): one rounding of the whole and the error of a logarithm
        const bound = U * Math.abs(expected) + rowBound(v) * Math.max(logarithm, 1);
        expectWithin([arena.read(lse)[r]], [expected], bound, `lse, inputs * ${size}, row ${r}`);
        const goals = (1 - smoothing) * row[target[r]] + smooth * sum(row);
        const answer = target[r] === IGNORE ? 0 : expected - goals;
        const lossBound = U * Math.abs(answer) + rowBound(v) * Math.max(logarithm, 1);
        expectWithin([arena.read(loss)[r]], [answer], lossBound, `loss, inputs * ${size}, row ${r}`);
      }
      arena.reset();
    }
  });

  test.each(SIZES)("gradient over rows of %i", (v) => {
    const rows = new Rows(1, 6, v, v % 3);
    const out = new Rows(1, 6, v, (v + 1) % 3);
    const target = indices(6, v, v);
    target[3] = IGNORE;
    const old = normal(6 * v, 1, 3);
    const upstream = normal(6, 2, 4);
    for (const [size, acc, stride, smooth] of [
      [1, 0, 1, 0],
      [100, 0, 0, 0],
      [1, 1, 1, 0],
      [100, 1, 0, 0],
      [1, 0, 1, 0.2 / v],
      [1, 1, 0, 0.2 / v],
    ]) {
      const dense = normal(6 * v, size, v);
      const [logits, goal] = [arena.f32(rows.spread(dense)), arena.i32(target)];
      const lse = arena.f32(range(6).map((r) => logSumExp(dense.subarray(r * v, r * v + v))));
      const dloss = arena.f32(stride ? upstream : [upstream[0]]);
      const dlogits = arena.f32(out.spread(old), { misaligned: true });
      const call = (begin: number, end: number) =>
        k.cross_entropy_backward_f32(
          ...([
            dlogits,
            logits,
            goal,
            lse,
            dloss,
            stride,
            0.25,
            6,
            v,
            rows.s1,
            out.s1,
            IGNORE,
            smooth,
            acc,
          ] as const),
          begin,
          end,
        );
      arena.everySplit(6, call, dlogits);
      out.checkGaps(arena.read(dlogits));
      for (const r of range(6)) {
        const weight = 0.25 * upstream[stride ? r : 0];
        const exact = gradient(dense.subarray(r * v, r * v + v), target[r], weight, smooth);
        const before = acc ? old.subarray(r * v, r * v + v) : new Float32Array(v);
        const expected = exact.map((g, i) => g + before[i]);
        const bound = (i: number) =>
          rowBound(v) * Math.abs(weight) + U * (Math.abs(expected[i]) + Math.abs(before[i]));
        expectWithin(
          out.row(arena.read(dlogits), r),
          expected,
          bound,
          `inputs * ${size}, acc ${acc}, row ${r}`,
        );
      }
      arena.reset();
    }
  });

  test("masked logits, rows of -Infinity, NaN; other rows and ignored ones are untouched by them", () => {
    const v = 19;
    const dense = normal(5 * v, 2);
    dense[7] = Number.NEGATIVE_INFINITY;
    dense.fill(Number.NEGATIVE_INFINITY, v, 2 * v);
    dense[2 * v + 3] = Number.NaN;
    dense[3 * v + 18] = Number.POSITIVE_INFINITY;
    dense[4 * v] = Number.NaN;
    const [logits, target] = [arena.f32(dense), arena.i32([2, 1, 0, 5, IGNORE])];
    const [loss, lse, dlogits] = [arena.f32(5), arena.f32(5), arena.f32(5 * v)];
    k.cross_entropy_f32(loss, lse, logits, target, 5, v, v, IGNORE, 0, 0, 5);
    k.cross_entropy_backward_f32(
      dlogits,
      logits,
      target,
      lse,
      arena.f32([1]),
      0,
      1,
      5,
      v,
      v,
      v,
      IGNORE,
      0,
      0,
      0,
      5,
    );
    const [losses, gradients] = [arena.read(loss), arena.read(dlogits)];
    expectWithin([losses[0]], [logSumExp(dense.subarray(0, v)) - dense[2]], 1e-5, "loss");
    expectWithin(gradients.subarray(0, v), gradient(dense.subarray(0, v), 2, 1), rowBound(v), "gradient");
    expect(losses.subarray(1, 4).every(Number.isNaN)).toBe(true);
    expect(gradients.subarray(v, 4 * v).every(Number.isNaN)).toBe(true);
    expect(losses[4]).toBe(0);
    expect(gradients.subarray(4 * v).every((g) => g === 0)).toBe(true);
    k.cross_entropy_f32(
      loss,
      lse,
      arena.f32([Number.NEGATIVE_INFINITY, 1]),
      arena.i32([0]),
      1,
      2,
      2,
      IGNORE,
      0,
      0,
      1,
    );
    expect(arena.read(loss)[0]).toBe(Number.POSITIVE_INFINITY);
  });

  test("a confident right answer costs next to nothing, and the gradient may overwrite the logits", () => {
    const [loss, lse] = [arena.f32(1), arena.f32(1)];
    const logits = arena.f32([1000, 1016, 990]);
    const target = arena.i32([1]);
    k.cross_entropy_f32(loss, lse, logits, target, 1, 3, 3, IGNORE, 0, 0, 1);
    expectWithin(arena.read(loss), [Math.log1p(Math.exp(-16) + Math.exp(-26))], U, "loss");
    k.cross_entropy_backward_f32(
      logits,
      logits,
      target,
      lse,
      arena.f32([1]),
      0,
      1,
      1,
      3,
      3,
      3,
      IGNORE,
      0,
      0,
      0,
      1,
    );
    expectWithin(arena.read(logits), gradient([1000, 1016, 990], 1, 1), 2 * U, "gradient in place");
  });

  test.each([1, 3, 4, 9, 33])("rows of %i at the end of memory", (v) => {
    const dense = normal(2 * v);
    const [loss, lse, target, dloss] = [arena.f32(2), arena.f32(2), arena.i32([0, v - 1]), arena.f32([1])];
    const dlogits = arena.f32(2 * v);
    const logits = arena.atEndOfMemory(dense);
    k.cross_entropy_f32(loss, lse, logits, target, 2, v, v, IGNORE, 0, 0, 2);
    for (const acc of [0, 1]) {
      k.cross_entropy_backward_f32(
        dlogits,
        logits,
        target,
        lse,
        dloss,
        0,
        1,
        2,
        v,
        v,
        v,
        IGNORE,
        0,
        acc,
        0,
        2,
      );
    }
    const exact = gradient(dense.subarray(v), v - 1, 2);
    expectWithin(arena.read(dlogits).subarray(v), exact, 4 * rowBound(v), "twice the gradient");
  });
});
