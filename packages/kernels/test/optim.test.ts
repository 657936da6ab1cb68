import type { F32Ptr } from "@saccade/kernels";
import { expect, test } from "vitest";
import { forEachBuild } from "./harness.ts";
import { normal } from "./rows.reference.ts";

interface AdamW {
  lr: number;
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  gradScale: number;
}

/** torch.optim.AdamW, single-tensor form, one parameter in float64. */
function adamw(p: number, g: number, m: number, v: number, t: number, o: AdamW): [number, number, number] {
  const [b1, b2] = o.betas;
  const grad = g * o.gradScale;
  const mean = b1 * m + (1 - b1) * grad;
  const square = b2 * v + (1 - b2) * grad * grad;
  const denominator = Math.sqrt(square) / Math.sqrt(1 - b2 ** t) + o.eps;
  return [p * (1 - o.lr * o.weightDecay) - (o.lr / (1 - b1 ** t)) * (mean / denominator), mean, square];
}

interface Sgd {
  lr: number;
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
}

/** torch.optim.SGD, single-tensor form; `buffer` undefined on the first step. */
function sgd(p: number, g: number, buffer: number | undefined, o: Sgd): [number, number] {
  const d = g + o.weightDecay * p;
  if (o.momentum === 0) return [p - o.lr * d, 0];
  const moving = buffer === undefined ? d : o.momentum * buffer + (1 - o.dampening) * d;
  return [p - o.lr * (o.nesterov ? d + o.momentum * moving : moving), moving];
}

/** Errors within `slack` roundings of numbers as large as the value or `scale`, what it passed through. */
function expectNear(actual: Float32Array, expected: readonly number[], slack: number, scale: number): void {
  actual.forEach((a, i) => {
    const e = expected[i];
    const bound = 2 ** -24 * slack * (Math.abs(e) + scale);
    if (!(Math.abs(a - e) <= bound)) throw new Error(`element ${i}: ${a} instead of ${e}`);
  });
}

const ADAMW: AdamW[] = [
  { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0.01, gradScale: 1 },
  { lr: 3e-2, betas: [0.9, 0.99], eps: 1e-5, weightDecay: 0.1, gradScale: 0.37 },
  { lr: 1e-2, betas: [0.3, 0.95], eps: 1e-8, weightDecay: 0, gradScale: 1 },
  { lr: 1e-2, betas: [0, 0.9], eps: 1e-8, weightDecay: 0, gradScale: 1 },
];
const SGD: Sgd[] = [
  { lr: 0.1, momentum: 0, dampening: 0, weightDecay: 0, nesterov: false },
  { lr: 0.1, momentum: 0, dampening: 0, weightDecay: 0.05, nesterov: false },
  { lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0.01, nesterov: false },
  { lr: 0.1, momentum: 0.8, dampening: 0.3, weightDecay: 0, nesterov: false },
  { lr: 0.1, momentum: 0.9, dampening: 0, weightDecay: 0.01, nesterov: true },
];

forEachBuild((_, k, arena) => {
  test.each(ADAMW)("adam_f32: ten steps of %o against float64", (o) => {
    const n = 133;
    let p = Array.from(normal(n, 1, 1));
    let [m, v] = [p.map(() => 0), p.map(() => 0)];
    const none = 0 as F32Ptr;
    const pointers = [arena.f32(p), arena.f32(n), arena.f32(m), arena.f32(v), none] as const;
    for (let t = 1; t <= 10; t++) {
      const g = normal(n, 0.1, 10 + t);
      arena.view(pointers[1]).set(g);
      const [b1, b2] = o.betas;
      const [bias1, bias2] = [1 - b1 ** t, 1 - b2 ** t];
      const scalars = [o.lr, b1, b2, o.eps, bias1, bias2] as const;
      k.adam_f32(...pointers, n, ...scalars, 1 - o.lr * o.weightDecay, 0, o.gradScale, 0, n);
      const next = p.map((value, i) => adamw(value, g[i], m[i], v[i], t, o));
      p = next.map(([value]) => value);
      m = next.map(([, value]) => value);
      v = next.map(([, , value]) => value);
    }
    expectNear(arena.read(pointers[0]), p, 10, 1);
    expectNear(arena.read(pointers[2]), m, 20, 0.1);
    expectNear(arena.read(pointers[3]), v, 20, 0.01);
  });

  /** Each method on its states, all of them present. */
  const methods: Record<string, (at: F32Ptr[], n: number, begin: number, end: number) => void> = {
    adam: ([p, g, a, b, c], n, begin, end) =>
      k.adam_f32(p, g, a, b, c, n, 1e-2, 0.9, 0.99, 1e-8, 0.19, 0.0199, 0.9, 0.1, 0.5, begin, end),
    nadam: ([p, g, a, b], n, begin, end) =>
      k.nadam_f32(p, g, a, b, n, 0.9, 0.99, 1e-8, 0.0199, 1e-2, 2e-2, 0.9, 0.1, 0.5, begin, end),
    radam: ([p, g, a, b], n, begin, end) =>
      k.radam_f32(p, g, a, b, n, 1e-2, 0.9, 0.99, 1e-8, 0.19, 0.0199, 0.7, 0.9, 0.1, 0.5, begin, end),
    adamax: ([p, g, a, b], n, begin, end) =>
      k.adamax_f32(p, g, a, b, n, 1e-2, 0.9, 0.99, 1e-8, 0.19, 0.9, 0.1, 0.5, begin, end),
    adagrad: ([p, g, a], n, begin, end) => k.adagrad_f32(p, g, a, n, 1e-2, 1e-8, 0.9, 0.1, 0.5, begin, end),
    adadelta: ([p, g, a, b], n, begin, end) =>
      k.adadelta_f32(p, g, a, b, n, 1e-2, 0.9, 1e-6, 0.9, 0.1, 0.5, begin, end),
    rmsprop: ([p, g, a, b, c], n, begin, end) =>
      k.rmsprop_f32(p, g, a, b, c, n, 1e-2, 0.9, 1e-3, 0.8, 0.9, 0.1, 0.5, begin, end),
    lion: ([p, g, a], n, begin, end) => k.lion_f32(p, g, a, n, 1e-2, 0.9, 0.99, 0.9, 0.1, 0.5, begin, end),
  };

  for (const [name, run] of Object.entries(methods)) {
    test.each([1, 3, 4, 5, 16, 17, 33, 65])(`${name}_f32: %d elements, cut everywhere`, (n) => {
      // Squares average to more than the square of their mean, as they do in a run.
      const states = [4, 4, 0].map((least, i) => normal(n, 0.5, 3 + i).map((x) => least + Math.abs(x)));
      const at = [normal(n, 1, 1), normal(n, 1, 2), ...states].map((x, i) =>
        arena.f32(x, { misaligned: i === 1 }),
      );
      arena.everySplit(n, (begin, end) => run(at, n, begin, end), at[0], at[2], at[3], at[4]);
      expect(arena.read(at[1])).toEqual(normal(n, 1, 2));
      expect(arena.read(at[0]).every(Number.isFinite)).toBe(true);
    });
  }

  test("adam_f32: a gradient of 0 decays the weights and does not divide by zero", () => {
    const [p, g, m, v] = [arena.f32([2, -4, 0, 1]), arena.f32([0, 0, 0, 0]), arena.f32(4), arena.f32(4)];
    arena.view(m).fill(0);
    arena.view(v).fill(0);
    k.adam_f32(p, g, m, v, 0 as F32Ptr, 4, 0.5, 0.9, 0.999, 1e-8, 0.1, 0.001, 0.875, 0, 1, 0, 4);
    expect([...arena.read(p)]).toEqual([1.75, -3.5, 0, 0.875]);
  });

  test.each(SGD)("sgd_f32: five steps of %o against float64", (o) => {
    const n = 133;
    let p = Array.from(normal(n, 1, 1));
    let buffer: number[] | undefined;
    const [pp, pg] = [arena.f32(p), arena.f32(n)];
    // The first step must not read the buffer: it holds NaN.
    const pb = o.momentum === 0 ? (0 as typeof pp) : arena.f32(n);
    for (let step = 0; step < 5; step++) {
      const g = normal(n, 0.1, 10 + step);
      arena.view(pg).set(g);
      const flags = [Number(o.nesterov), Number(step === 0)] as const;
      k.sgd_f32(pp, pg, pb, n, o.lr, o.momentum, o.dampening, o.weightDecay, ...flags, 1, 0, n);
      const next = p.map((value, i) => sgd(value, g[i], buffer?.[i], o));
      p = next.map(([value]) => value);
      buffer = next.map(([, value]) => value);
    }
    expectNear(arena.read(pp), p, 10, 1);
    if (o.momentum !== 0) expectNear(arena.read(pb), buffer ?? [], 10, 1);
  });

  test.each([1, 3, 4, 5, 16, 17, 33, 65])("sgd_f32: %d elements, cut everywhere, gradient scaled", (n) => {
    const [p, g, b] = [1, 2, 3].map((seed) => arena.f32(normal(n, 1, seed), { misaligned: seed === 2 }));
    const run = (begin: number, end: number) => k.sgd_f32(p, g, b, n, 0.25, 0.5, 0, 0, 0, 0, 0.5, begin, end);
    arena.everySplit(n, run, p, b);
    const [p0, g0, b0] = [1, 2, 3].map((seed) => normal(n, 1, seed));
    expectNear(
      arena.read(p),
      [...p0].map((v, i) => v - 0.25 * (0.5 * b0[i] + 0.5 * g0[i])),
      4,
      1,
    );
    expect(arena.read(g)).toEqual(g0);
  });
});
