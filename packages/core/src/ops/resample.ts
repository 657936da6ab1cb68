// Resampling along one axis: every output element is a weighted sum of neighbouring inputs, by a table made here once.
// Average pooling and interpolation are such tables, applied one axis after the other. Coordinates are computed in f32
// and in PyTorch's order (aten/src/ATen/native/UpSample.h), so that the same elements are picked.
// The gradient is the same with the table transposed.
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { numel, resized } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { clone, contiguous as contiguousTensor, fromHost } from "./contiguous.ts";
import { i32Table, type WindowRule, windowsOf } from "./windows.ts";

const round = Math.fround;

/** Where output o of a step s lies: at s (o + 1/2) − 1/2, or at s o; with aligned corners s is of the inner distances. */
export const coordinateRules = ["half-pixel", "asymmetric", "align-corners"] as const;

/** Which input is the nearest: the one below or above, or the nearer one, halves going down or up. */
export const roundings = {
  floor: Math.floor,
  ceil: Math.ceil,
  "half-down": (source: number) => Math.ceil(source - 0.5),
  "half-up": (source: number) => Math.floor(round(Math.max(source, 0) + 0.5)),
} as const;

/** How coordinates of the output map to the input. */
export interface Coordinates {
  readonly coordinates: (typeof coordinateRules)[number];
  /** Size of the output over that of the input where the caller gave one; else it follows from the sizes. */
  readonly scaleFactor: number | null;
}

/** What an axis is resampled by. Windows have weights of 1. */
export type ResampleRule =
  | WindowRule
  | (Coordinates & { readonly kind: "nearest"; readonly rounding: keyof typeof roundings })
  | (Coordinates & { readonly kind: "linear" | "cubic" })
  | (Coordinates & { readonly kind: "linear-antialias" | "cubic-antialias" });

/** Output o is the sum of weights[at[o] + k] x[first[o] + k] over k < count[o]. */
interface Table {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly at: Int32Array;
  readonly weights: Float32Array;
}

// -- weights -----------------------------------------------------------------------------------------------------

/** Step along the input from one output to the next. */
function stepOf({ coordinates, scaleFactor }: Coordinates, L: number, size: number): number {
  if (coordinates === "align-corners") return size > 1 ? round((L - 1) / (size - 1)) : 0;
  return scaleFactor === null ? round(L / size) : round(1 / scaleFactor);
}

/** Where output o lies between the inputs. */
function sourceOf(step: number, o: number, { coordinates }: Coordinates): number {
  return coordinates === "half-pixel" ? round(round(step * round(o + 0.5)) - 0.5) : round(step * o);
}

/** Keys' cubic convolution at distance x >= 0, below 1 and from 1 to 2. */
const nearCubic = (x: number, a: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
const farCubic = (x: number, a: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;

function triangle(x: number): number {
  return Math.max(1 - Math.abs(x), 0);
}

function cubicFilter(x: number): number {
  const d = Math.abs(x);
  return d < 1 ? nearCubic(d, -0.5) : d < 2 ? farCubic(d, -0.5) : 0;
}

/** The same taps inside an axis of L: those outside count at its ends. */
function inside([first, weights]: Taps, L: number): Taps {
  const kept = (i: number): number => Math.min(Math.max(i, 0), L - 1);
  const begin = kept(first);
  const merged = new Array<number>(kept(first + weights.length - 1) - begin + 1).fill(0);
  for (let k = 0; k < weights.length; k++) merged[kept(first + k) - begin] += weights[k];
  return [begin, merged];
}

type Taps = readonly [first: number, weights: readonly number[]];

/** The inputs near output o and their weights. */
function taps(
  rule: Exclude<ResampleRule, WindowRule>,
  L: number,
  size: number,
  step: number,
  o: number,
): Taps {
  switch (rule.kind) {
    case "nearest":
      return [roundings[rule.rounding](sourceOf(step, o, rule)), [1]];
    case "linear": {
      const source = L === size ? o : Math.max(sourceOf(step, o, rule), 0);
      const first = Math.min(Math.floor(source), L - 1);
      const right = Math.min(round(source - first), 1);
      return first === L - 1 ? [first, [1]] : [first, [round(1 - right), right]];
    }
    case "cubic": {
      const source = sourceOf(step, o, rule);
      const first = Math.min(Math.floor(source), L - 1);
      const t = Math.min(round(source - first), 1);
      const a = -0.75;
      return [first - 1, [farCubic(t + 1, a), nearCubic(t, a), nearCubic(1 - t, a), farCubic(2 - t, a)]];
    }
    default: {
      const cubic = rule.kind === "cubic-antialias";
      const center = round(step * round(o + 0.5));
      const support = round((cubic ? 2 : 1) * Math.max(step, 1));
      const first = Math.max(Math.floor(center - support + 0.5), 0);
      const end = Math.min(Math.floor(center + support + 0.5), L);
      const filter = cubic ? cubicFilter : triangle;
      const near = Array.from({ length: Math.max(end - first, 1) }, (_, k) =>
        filter((first + k - center + 0.5) / Math.max(step, 1)),
      );
      const total = near.reduce((sum, weight) => sum + weight, 0);
      return [first, near.map((weight) => weight / total)];
    }
  }
}

function tableOf(rule: ResampleRule, L: number, size: number): Table {
  if (rule.kind === "window" || rule.kind === "adaptive") {
    const { first, count } = windowsOf({ rule, size }, L);
    const step = rule.kind === "window" ? rule.dilation : 1;
    const reach = count.map((n) => Math.max((n - 1) * step + 1, 0));
    const weights = Float32Array.from({ length: widest(reach) }, (_, k) => Number(k % step === 0));
    return { first, count: reach, at: new Int32Array(size), weights };
  }
  const step = stepOf(rule, L, size);
  const all = Array.from({ length: size }, (_, o) => inside(taps(rule, L, size, step, o), L));
  let end = 0;
  return {
    first: Int32Array.from(all, ([first]) => first),
    count: Int32Array.from(all, ([, weights]) => weights.length),
    at: Int32Array.from(all, ([, weights]) => {
      end += weights.length;
      return end - weights.length;
    }),
    weights: Float32Array.from(all.flatMap(([, weights]) => weights)),
  };
}

function widest(count: Int32Array): number {
  let top = 1;
  for (const n of count) top = Math.max(top, n);
  return top;
}

/**
 * The table of the gradient: for each of the L inputs the outputs it goes to. They are neighbours, because windows
 * begin and end in the order of the outputs.
 */
function transposed({ first, count, at, weights }: Table, L: number): Table {
  const starts = new Int32Array(L);
  const counts = new Int32Array(L);
  for (let o = 0; o < first.length; o++) {
    for (let i = first[o]; i < first[o] + count[o]; i++) {
      if (counts[i]++ === 0) starts[i] = o;
    }
  }
  const places = new Int32Array(L);
  for (let i = 1; i < L; i++) places[i] = places[i - 1] + counts[i - 1];
  const turned = new Float32Array(L === 0 ? 0 : places[L - 1] + counts[L - 1]);
  for (let o = 0; o < first.length; o++) {
    for (let k = 0; k < count[o]; k++) {
      const i = first[o] + k;
      turned[places[i] + o - starts[i]] = weights[at[o] + k];
    }
  }
  return { first: starts, count: counts, at: places, weights: turned };
}

// -- the op --------------------------------------------------------------------------------------------------------

interface Attrs {
  readonly axis: number;
  readonly size: number;
  readonly rule: ResampleRule;
}

/** y (+)= the table along one axis of x; both dense. */
function run(y: Tensor, x: Tensor, axis: number, { first, count, at, weights }: Table, acc: 0 | 1): void {
  const outer = numel(y.shape.slice(0, axis));
  const inner = numel(y.shape.slice(axis + 1));
  const table = i32Table(first, count, at);
  const factors = fromHost(weights);
  const units = inner === 1 ? Math.ceil(outer / 4) : outer * first.length;
  const pointers = [f32(y), f32(x), i32(table), f32(factors)] as const;
  engine().run("resample_f32", units, 0, ...pointers, outer, x.shape[axis], first.length, inner, acc);
}

const resampleOp = defineOp<readonly [Tensor], Attrs>({
  name: "resample",
  forward([x], { axis, size, rule }) {
    const y = empty(resized(x.shape, axis, size));
    if (y.numel > 0) run(y, contiguousTensor(x), axis, tableOf(rule, x.shape[axis], size), 0);
    return y;
  },
  backward(dy, _saved, { axis, size, rule }, into) {
    if (dy.numel === 0) {
      into.zero(0);
      return;
    }
    const target = into.target(0, contiguous);
    if (target === null) return;
    const L = target.tensor.shape[axis];
    run(target.tensor, dy, axis, transposed(tableOf(rule, L, size), L), target.acc);
  },
  flops: ([x], { axis, size }, y) => (2 * y.numel * Math.max(x.shape[axis], size)) / size,
});

/** True when every output is the input of the same place. */
function isIdentity(rule: ResampleRule, L: number, size: number): boolean {
  if (L !== size) return false;
  if (rule.kind === "window") return rule.kernel === 1;
  return rule.kind === "adaptive" || rule.kind === "linear";
}

/**
 * Resamples the last axes of an f32 tensor, one rule and new size each: first those that shrink, then those that grow,
 * so that little is kept in between.
 */
export function resample(x: Tensor, axes: readonly { rule: ResampleRule; size: number }[]): Tensor {
  const lead = x.rank - axes.length;
  const order = axes.map((_, i) => i);
  const growth = (i: number): number => axes[i].size / x.shape[lead + i];
  order.sort((a, b) => (growth(a) <= 1 && growth(b) <= 1 ? a - b : growth(a) - growth(b) || b - a));
  let y = x;
  for (const i of order) {
    const { rule, size } = axes[i];
    const axis = lead + i;
    if (!isIdentity(rule, x.shape[axis], size)) y = apply(resampleOp, [y], { axis, size, rule });
  }
  return y === x ? clone(x) : y;
}
