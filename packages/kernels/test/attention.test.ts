// Attention without its matrix of weights, forward and backward, against the formula in float64: sizes on both sides of
// panels, blocks and chunks, every layout of the operands, grouped heads, causal with a past, masks, rows that see
// nothing, dropped weights, NaN and Infinity, cut everywhere, with inputs at the end of memory.
import { expect, test } from "vitest";
import type { AttentionPtr, F32Ptr, Kernels, LayoutPtr, U8Ptr } from "../src/generated/bindings.ts";
import { type Arena, forEachBuild } from "./harness.ts";

interface Shape {
  readonly B: number;
  readonly H: number;
  readonly G: number;
  readonly T: number;
  readonly S: number;
  readonly D: number;
  readonly N: number;
  readonly past: number;
}

type Mask = "none" | "hides" | "adds";
type Layout = "apart" | "merged" | "turned";
type Four = readonly [item: number, head: number, position: number, feature: number];

interface Case extends Partial<Shape> {
  readonly mask?: Mask;
  readonly layout?: Layout;
  /** The mask is one row for all queries. */
  readonly padding?: boolean;
  /** Probability with which a weight is dropped. */
  readonly drop?: number;
  /** Scores become cap tanh(score / cap). */
  readonly cap?: number;
}

const cases: Readonly<Record<string, Case>> = {
  "less than a panel": { T: 3, S: 5, D: 3, N: 5 },
  "whole panels": { T: 8, S: 24, D: 8, N: 8, layout: "merged" },
  "past a block and a chunk": { B: 1, H: 1, T: 67, S: 201, D: 20, N: 18 },
  "one key in the second chunk": { B: 1, H: 1, T: 9, S: 193, D: 6, N: 4 },
  "chunks of the backward": { B: 1, H: 1, T: 9, S: 97, D: 6, N: 12, layout: "turned" },
  "one query": { T: 1, S: 37, D: 16, N: 16 },
  "one query, long": { T: 1, S: 300, D: 7, N: 5, layout: "turned", mask: "adds" },
  "one query, hidden keys": { T: 1, S: 19, D: 64, N: 64, mask: "hides", layout: "merged" },
  "one key": { T: 11, S: 1, D: 4, N: 4 },
  "no key": { T: 5, S: 0, D: 4, N: 4 },
  "no feature": { T: 5, S: 7, D: 0, N: 3 },
  causal: { T: 70, S: 70, D: 9, N: 7, past: 0, B: 1 },
  "causal, fewer keys than queries": { T: 20, S: 9, D: 4, N: 4, past: 0 },
  "causal with a past": { T: 13, S: 210, D: 4, N: 6, past: 197, B: 1 },
  "grouped heads": { H: 6, G: 2, T: 10, S: 11, D: 6, N: 6, layout: "merged" },
  "grouped heads, one query": { H: 4, G: 2, T: 1, S: 11, D: 6, N: 6, past: 10 },
  "hidden keys": { T: 10, S: 13, D: 6, N: 6, mask: "hides" },
  "added mask": { T: 10, S: 13, D: 6, N: 6, mask: "adds", past: 1 },
  dropped: { T: 10, S: 12, D: 6, N: 6, drop: 0.25 },
  "dropped, rows that begin anywhere": { B: 1, T: 67, S: 201, D: 5, N: 4, past: 140, drop: 0.5 },
  "dropped, one query": { T: 1, S: 37, D: 4, N: 4, drop: 0.5 },
  "dropped, grouped heads": { H: 4, G: 2, T: 9, S: 6, D: 3, N: 3, mask: "adds", drop: 0.9 },
  "all dropped": { T: 3, S: 6, D: 3, N: 3, drop: 1 },
  capped: { T: 10, S: 13, D: 6, N: 6, mask: "adds", cap: 1.5 },
  "capped, causal, dropped": { B: 1, T: 67, S: 201, D: 5, N: 4, past: 140, drop: 0.5, cap: 0.7 },
  "capped, one query": { T: 1, S: 37, D: 16, N: 16, mask: "hides", cap: 2 },
  padding: { T: 10, S: 13, D: 6, N: 6, mask: "hides", padding: true },
};

const noise = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));

function strides(layout: Layout, heads: number, positions: number, features: number): Four {
  const item = heads * positions * features;
  if (layout === "apart") return [item, positions * features, features, 1];
  if (layout === "merged") return [item, features, heads * features, 1];
  return [item, positions * features, 1, positions];
}

function problem(given: Case) {
  const { B = 2, H = 2, G = H, T = 1, S = 1, D = 1, N = 1, past = -1 } = given;
  const { mask = "none", layout = "apart", padding = false, drop = 0, cap = 0 } = given;
  const shape: Shape = { B, H, G, T, S, D, N, past };
  const places = {
    y: strides(layout === "turned" ? "apart" : layout, H, T, N),
    q: strides(layout, H, T, D),
    k: strides(layout, G, S, D),
    v: strides(layout, G, S, N),
    mask: (padding ? [S, 0, 0, 1] : [0, T * S, S, 1]) as Four,
  };
  const q = noise(B * H * T * D, 1).map((x) => 3 * x);
  const k = noise(B * G * S * D, 2);
  const v = noise(B * G * S * N, 3);
  const dy = noise(B * H * T * N, 4);
  const bytes = Uint8Array.from({ length: padding ? B * S : H * T * S }, (_, i) => Number((i * 7) % 5 > 1));
  // Query 2 of the first head sees nothing.
  if (mask !== "none" && !padding) bytes.fill(0, 2 * S, 3 * S);
  const added = Float32Array.from(bytes, (byte, i) => (byte === 0 && i % 3 > 0 ? -Infinity : (i % 4) - 1));
  return { shape, places, q, k, v, dy, mask, bytes, added, drop, cap, factors: null as Float32Array | null };
}
type Problem = ReturnType<typeof problem>;

const at = ([item, head, position, feature]: Four, b: number, h: number, t: number, d: number): number =>
  b * item + h * head + t * position + d * feature;

function* queries({ B, H, T }: Shape): Generator<[number, number, number]> {
  for (let b = 0; b < B; b++) for (let h = 0; h < H; h++) for (let t = 0; t < T; t++) yield [b, h, t];
}

const SCALE = 0.37;
const SEED = [11, -7, 5, 3] as const;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

const capped = ({ cap }: Problem, score: number): number =>
  cap === 0 ? score : cap * Math.tanh(score / cap);

/** How a score, scaled by it, changes with the product of query and key. */
function slopeOf(p: Problem, b: number, h: number, t: number, g: number, s: number): number {
  if (p.cap === 0) return SCALE;
  const terms = range(p.shape.D).map(
    (d) => p.q[at(p.places.q, b, h, t, d)] * p.k[at(p.places.k, b, g, s, d)],
  );
  const dot = terms.reduce((sum, x) => sum + x, 0);
  return SCALE * (1 - Math.tanh((SCALE * dot) / p.cap) ** 2);
}

/** Weights of one query. */
function weightsOf(p: Problem, b: number, h: number, t: number): number[] {
  const { S, D, H, G, past } = p.shape;
  const g = Math.floor(h / (H / G));
  const scores = range(S).map((s) => {
    const i = at(p.places.mask, b, h, t, s);
    if ((past >= 0 && s > past + t) || (p.mask === "hides" && p.bytes[i] === 0)) return -Infinity;
    const dot = range(D).reduce(
      (sum, d) => sum + p.q[at(p.places.q, b, h, t, d)] * p.k[at(p.places.k, b, g, s, d)],
      0,
    );
    return capped(p, SCALE * dot) + (p.mask === "adds" ? p.added[i] : 0);
  });
  const top = Math.max(...scores);
  if (top === -Infinity) return scores.map((x) => (Number.isNaN(x) ? Number.NaN : 0));
  const terms = scores.map((x) => Math.exp(x - top));
  const sum = terms.reduce((a, x) => a + x, 0);
  return terms.map((x) => x / sum);
}

/** What dropout_f32 multiplies the whole matrix of weights by. */
function withFactors(k: Kernels, arena: Arena, p: Problem): Problem {
  const { B, H, T, S } = p.shape;
  const n = B * H * T * S;
  if (p.drop === 0 || n === 0) return p;
  const ones = arena.f32(new Float32Array(n).fill(1));
  const layout = arena.i32([0, n, 1, 1]) as number as LayoutPtr;
  k.dropout_f32(ones, ones, layout, p.drop, ...SEED, 0, 0, n);
  const factors = arena.read(ones).slice();
  arena.reset();
  return { ...p, factors };
}

/** What the weight of key s is multiplied by. */
function factorOf(
  { shape: { H, T, S }, factors }: Problem,
  b: number,
  h: number,
  t: number,
  s: number,
): number {
  return factors === null ? 1 : factors[((b * H + h) * T + t) * S + s];
}

function forward(p: Problem): Float64Array {
  const { N, H, G } = p.shape;
  const y = new Float64Array(p.dy.length);
  for (const [b, h, t] of queries(p.shape)) {
    const weights = weightsOf(p, b, h, t).map((w, s) => w * factorOf(p, b, h, t, s));
    const g = Math.floor(h / (H / G));
    for (let n = 0; n < N; n++) {
      const terms = weights.map((w, s) => w * p.v[at(p.places.v, b, g, s, n)]);
      y[at(p.places.y, b, h, t, n)] = terms.reduce((a, x) => a + x, 0);
    }
  }
  return y;
}

/** dq, dk, dv, laid out as q, k and v are. */
function backward(p: Problem): Float64Array[] {
  const { S, D, N, H, G } = p.shape;
  const [dq, dk, dv] = [p.q, p.k, p.v].map(({ length }) => new Float64Array(length));
  for (const [b, h, t] of queries(p.shape)) {
    const g = Math.floor(h / (H / G));
    const weights = weightsOf(p, b, h, t);
    const factors = range(S).map((s) => factorOf(p, b, h, t, s));
    const dw = factors.map((factor, s) =>
      range(N).reduce(
        (sum, n) => sum + factor * p.dy[at(p.places.y, b, h, t, n)] * p.v[at(p.places.v, b, g, s, n)],
        0,
      ),
    );
    const delta = dw.reduce((sum, x, s) => sum + x * weights[s], 0);
    for (let s = 0; s < S; s++) {
      const ds = slopeOf(p, b, h, t, g, s) * weights[s] * (dw[s] - delta);
      for (let d = 0; d < D; d++) {
        dq[at(p.places.q, b, h, t, d)] += ds * p.k[at(p.places.k, b, g, s, d)];
        dk[at(p.places.k, b, g, s, d)] += ds * p.q[at(p.places.q, b, h, t, d)];
      }
      for (let n = 0; n < N; n++)
        dv[at(p.places.v, b, g, s, n)] += factors[s] * weights[s] * p.dy[at(p.places.y, b, h, t, n)];
    }
  }
  return [dq, dk, dv];
}

function expectNear(got: ArrayLike<number>, wanted: ArrayLike<number>, name = "y"): void {
  expect(got.length).toBe(wanted.length);
  for (let i = 0; i < wanted.length; i++) {
    const off = Math.abs(got[i] - wanted[i]);
    if (!(off < 1e-5 || Object.is(got[i], wanted[i])))
      expect.fail(`${name} ${i} is ${got[i]}, not ${wanted[i]}`);
  }
}

/** The operands in memory; `last` lies at its end. */
function put(p: Problem, arena: Arena) {
  const { B, H, G, T, S, D, N, past } = p.shape;
  const { y, q, k, v, mask } = p.places;
  const kind = { none: 0, hides: 1, adds: 2 }[p.mask];
  const places = [y, q, k, v, mask, y, q, k, v].flat();
  const floats = new Int32Array(Float32Array.of(p.cap, p.drop).buffer);
  const words = [B, H, G, T, S, D, N, past, kind, ...floats, ...SEED, ...places];
  const shape = arena.i32(words) as number as AttentionPtr;
  const bytes = p.mask === "hides" ? arena.u8(p.bytes) : 0;
  const pointer = p.mask === "adds" ? (arena.f32(p.added) as number as U8Ptr) : bytes;
  return { shape, mask: pointer, q: arena.f32(p.q), k: arena.f32(p.k), y: arena.f32(p.dy.length) };
}

/** Runs the forward into fresh memory; v lies at the end of it. */
function attend(k: Kernels, arena: Arena, p: Problem, recording: boolean) {
  const placed = put(p, arena);
  const kept = recording ? arena.f32(2 * p.shape.B * p.shape.H * p.shape.T) : (0 as F32Ptr);
  const work = arena.work(k.attention_work_f32(placed.shape));
  return { ...placed, kept, work };
}

forEachBuild((_name, k: Kernels, arena) => {
  for (const [name, given] of Object.entries(cases)) {
    const p = withFactors(k, arena, problem(given));

    test(`y: ${name}`, () => {
      for (const recording of [false, true]) {
        const { y, kept, q, k: keys, mask, shape, work } = attend(k, arena, p, recording);
        const v = arena.atEndOfMemory(p.v);
        const run = (begin: number, end: number): void =>
          k.attention_f32(y, kept, q, keys, v, mask, shape, SCALE, work, begin, end);
        arena.everySplit(k.attention_units_f32(shape), run, y);
        expectNear(arena.read(y), forward(p));
        arena.checkSentinels();
        arena.reset();
      }
    });

    test(`gradients: ${name}`, () => {
      for (const acc of [0, 7, 2]) {
        const { y, kept, q, k: keys, mask, shape, work } = attend(k, arena, p, true);
        const dy = arena.f32(p.dy);
        const old = [p.q, p.k, p.v].map(({ length }, i) => noise(length, 5 + i));
        const outputs = old.map((values, i) =>
          (acc >> i) & 1 ? arena.f32(values) : arena.f32(values.length),
        );
        const [dq, dk, dv] = outputs;
        const scratch = arena.work(k.attention_backward_work_f32(shape));
        const v = arena.atEndOfMemory(p.v);
        k.attention_f32(y, kept, q, keys, v, mask, shape, SCALE, work, 0, k.attention_units_f32(shape));
        const run = (begin: number, end: number): void =>
          k.attention_backward_f32(
            dq,
            dk,
            dv,
            dy,
            y,
            kept,
            q,
            keys,
            v,
            mask,
            shape,
            SCALE,
            acc,
            scratch,
            begin,
            end,
          );
        arena.everySplit(k.attention_backward_units_f32(shape), run, ...outputs);
        const wanted = backward(p).map((values, i) =>
          (acc >> i) & 1 ? values.map((x, j) => x + old[i][j]) : values,
        );
        for (const [i, ptr] of outputs.entries())
          expectNear(arena.read(ptr), wanted[i], ["dq", "dk", "dv"][i]);
        arena.checkSentinels();
        arena.reset();
      }
    });
  }

  test("the scratch is linear in the number of keys and queries", () => {
    const bytes = (n: number): number[] => {
      const { shape } = put(problem({ B: 1, H: 1, T: n, S: n, D: 4, N: 4 }), arena);
      return [k.attention_work_f32(shape), k.attention_backward_work_f32(shape)];
    };
    const [short, long] = [bytes(500), bytes(1000)];
    for (const [i, size] of long.entries()) expect(size / short[i]).toBeLessThanOrEqual(2);
  });

  test("gradients that nobody wants are not written", () => {
    const p = problem({ T: 9, S: 10, D: 4, N: 4 });
    const { y, kept, q, k: keys, mask, shape, work } = attend(k, arena, p, true);
    const [dy, v, dv] = [arena.f32(p.dy), arena.f32(p.v), arena.f32(p.v.length)];
    const scratch = arena.work(k.attention_backward_work_f32(shape));
    k.attention_f32(y, kept, q, keys, v, mask, shape, SCALE, work, 0, k.attention_units_f32(shape));
    const units = k.attention_backward_units_f32(shape);
    k.attention_backward_f32(0, 0, dv, dy, y, kept, q, keys, v, mask, shape, SCALE, 0, scratch, 0, units);
    expectNear(arena.read(dv), backward(p)[2]);
  });

  test("NaN and Infinity stay with the queries that meet them; a later key is not met", () => {
    for (const T of [1, 12]) {
      const p = problem({ B: 1, H: 1, T, S: 12, D: 3, N: 2, past: 0 });
      const spoil = (values: Float32Array, index: number, value: number): void => {
        values[index] = value;
      };
      if (T === 12) {
        spoil(p.q, 3 * 3, Number.NaN);
        spoil(p.k, 3 * 9, Number.POSITIVE_INFINITY);
        spoil(p.v, 2 * 10, Number.NaN);
      } else for (const s of [1, 5]) spoil(p.k, 3 * s, Number.NaN);
      const { y, kept, q, k: keys, mask, shape, work } = attend(k, arena, p, T === 12);
      const v = arena.f32(p.v);
      k.attention_f32(y, kept, q, keys, v, mask, shape, SCALE, work, 0, k.attention_units_f32(shape));
      const got = arena.read(y);
      const finite = range(T).map((t) => Number.isFinite(got[2 * t]) && Number.isFinite(got[2 * t + 1]));
      if (T === 1) expect(finite).toEqual([true]);
      else {
        expect(finite.slice(0, 8)).toEqual([true, true, true, false, true, true, true, true]);
        expect(finite[11]).toBe(false);
      }
      arena.reset();
    }
  });

  test("scores far apart: the largest wins, and nothing overflows", () => {
    const p = problem({ B: 1, H: 1, T: 9, S: 250, D: 2, N: 1 });
    const wide: Problem = { ...p, q: p.q.map((x) => 4000 * x) };
    const { y, kept, q, k: keys, mask, shape, work } = attend(k, arena, wide, true);
    const v = arena.f32(p.v);
    k.attention_f32(y, kept, q, keys, v, mask, shape, SCALE, work, 0, k.attention_units_f32(shape));
    const [got, wanted] = [arena.read(y), forward(wide)];
    for (const [i, value] of wanted.entries()) expect(got[i]).toBeCloseTo(value, 2);
  });
});
