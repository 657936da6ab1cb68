// Float64 references: plain loops over plain arrays that share nothing with the ops they judge. A `<op>.ref.ts` beside
// each op holds its formula, its samples and the PyTorch expression; tests, `npm run parity` and the Python oracle derive
// their cases from it. Never shipped.
import type { DType } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

export interface RefTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Row-major. Inputs hold values that f32 has exactly. */
  readonly data: Float64Array;
}

/** One of the values an op is called with; null for an optional tensor that is left out. */
export type RefInput = RefTensor | null;
export type Maker = (random: SampleRandom) => RefTensor;
/** The public functions of the package, for the ops that are not methods. */
export type Saccade = typeof import("./index.ts");

export interface Sample<A> {
  readonly inputs: readonly (Maker | null)[];
  /** Every key the PyTorch expression names, undefined being None. */
  readonly attrs: A;
  /** What the sample is about, where shapes and attributes do not say it. */
  readonly note?: string;
  /** False at kinks, where central differences say nothing about the gradient. */
  readonly smooth?: boolean;
  /** False where PyTorch has no such thing or leaves the result open. */
  readonly torch?: boolean;
}

/**
 * Largest error of a forward: in ULP of each element, or in units of 2^-24 of a magnitude. The magnitude is that of the
 * whole result unless `of` gives one for each of its elements, or one for all.
 */
export type Tolerance<A> =
  | { readonly ulp: number }
  | {
      readonly units: number | ((inputs: readonly RefTensor[], attrs: A) => number);
      readonly of?: (inputs: readonly RefTensor[], attrs: A) => RefTensor;
    };

export const exact: { readonly ulp: number } = { ulp: 0 };

export interface OpRef<A = unknown> {
  readonly op: string;
  /** What the inputs are called in `torch`. */
  readonly inputs: readonly string[];
  /** The PyTorch expression; attributes and the list `inputs` are variables in it, too. */
  readonly torch: string;
  /** What PyTorch calls the op, where the first name in `torch` is another. */
  readonly torchName?: string;
  readonly differentiable: boolean;
  /** Names of f32 inputs that no gradient flows to, as class weights. */
  readonly constants?: readonly string[];
  /**
   * The order of its sums follows the memory: strided inputs give its result up to the tolerance, not bit by bit. "gradients
   * too" where gradients are computed from such sums.
   */
  readonly followsMemory?: boolean | "gradients too";
  /** Which gradients are wanted decides which kernels run: results agree up to the tolerance, not bit by bit. */
  readonly choosesKernels?: boolean;
  readonly tolerance: Tolerance<A>;
  /** The formula; absent inputs are null, as they were given. */
  forward(inputs: readonly RefTensor[], attrs: A): RefTensor | RefTensor[];
  /** The same by our op. */
  call(inputs: readonly Tensor[], attrs: A, saccade: Saccade): Tensor | Tensor[];
  readonly samples: readonly Sample<A>[];
  /** A call of the size people make it in, for the speed column of docs/ops.md; never judged. */
  readonly large?: Sample<A>;
}

/** Types an op's attributes; what comes out forgets them. */
export function defineRef<A>(ref: OpRef<A>): OpRef {
  return ref as OpRef<unknown>;
}

// -- sample values -----------------------------------------------------------------------------------------------

/** Sizes that cross the loops of 4, 8 and 16 lanes and leave every tail. */
export const SIZES = [1, 3, 4, 5, 15, 16, 17, 31, 33, 65] as const;

/** Mulberry32, seeded by a text. Exact operations only: samples are the same on every engine. */
export class SampleRandom {
  #state = 0x811c9dc5;

  constructor(seed: string) {
    for (let i = 0; i < seed.length; i++)
      this.#state = Math.imul(this.#state ^ seed.charCodeAt(i), 0x01000193);
  }

  /** A multiple of 2^-24 in [0, 1). */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let word = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word;
    return ((word ^ (word >>> 14)) >>> 8) / 16777216;
  }

  integer(low: number, below: number): number {
    return low + Math.floor(this.fraction() * (below - low));
  }

  /** Near enough to a normal number: the sum of four uniform ones, scaled to variance 1. */
  bell(): number {
    return Math.sqrt(3) * (this.fraction() + this.fraction() + this.fraction() + this.fraction() - 2);
  }
}

function made(shape: readonly number[], dtype: DType, next: (random: SampleRandom) => number): Maker {
  return (random) => {
    const round = dtype === "f32" ? Math.fround : Number;
    return { dtype, shape, data: Float64Array.from({ length: numel(shape) }, () => round(next(random))) };
  };
}

/** Numbers around `mean`, most of them within 2 · scale. */
export function normal(shape: readonly number[], scale = 1, mean = 0): Maker {
  return made(shape, "f32", (random) => mean + scale * random.bell());
}

export function uniform(shape: readonly number[], low: number, high: number): Maker {
  return made(shape, "f32", (random) => low + (high - low) * random.fraction());
}

export function integers(shape: readonly number[], low: number, below: number): Maker {
  return made(shape, "i32", (random) => random.integer(low, below));
}

export function bools(shape: readonly number[]): Maker {
  return made(shape, "bool", (random) => random.integer(0, 2));
}

/** These values, in a shape of their own unless one is given. */
export function values(
  list: readonly number[],
  shape: readonly number[] = [list.length],
  dtype: DType = "f32",
): Maker {
  const round = dtype === "f32" ? Math.fround : Number;
  return () => ({ dtype, shape, data: Float64Array.from(list, round) });
}

/** 0, 1, 2 … in random order, around 0 and 1/8 apart for f32: lines whose order no small step changes. */
export function shuffled(shape: readonly number[], dtype: DType = "f32"): Maker {
  return (random) => {
    const n = numel(shape);
    const data = Float64Array.from({ length: n }, (_, i) => (dtype === "f32" ? (i - (n >> 1)) / 8 : i));
    for (let i = n - 1; i > 0; i--) {
      const j = random.integer(0, i + 1);
      [data[i], data[j]] = [data[j], data[i]];
    }
    return { dtype, shape, data };
  };
}

/** Another sample with `value` in place of every `every`-th element. */
export function sprinkled(maker: Maker, value: number, every: number): Maker {
  return (random) => {
    const made = maker(random);
    return { ...made, data: made.data.map((x, i) => (i % every === every - 1 ? value : x)) };
  };
}

// -- loops ---------------------------------------------------------------------------------------------------------

export function numel(shape: readonly number[]): number {
  return shape.reduce((n, size) => n * size, 1);
}

/** A tensor of the values at each index, which the callback must not keep. */
export function build(
  shape: readonly number[],
  valueAt: (index: readonly number[]) => number,
  dtype: DType = "f32",
): RefTensor {
  const data = new Float64Array(numel(shape));
  const index = shape.map(() => 0);
  for (let i = 0; i < data.length; i++) {
    data[i] = valueAt(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]++;
      if (index[axis] < shape[axis]) break;
      index[axis] = 0;
    }
  }
  return { dtype, shape: [...shape], data };
}

/** The element of x at an index of a shape it broadcasts to. */
export function read(x: RefTensor, index: readonly number[]): number {
  const lead = index.length - x.shape.length;
  let at = 0;
  for (let axis = 0; axis < x.shape.length; axis++) {
    at = at * x.shape[axis] + (x.shape[axis] === 1 ? 0 : index[lead + axis]);
  }
  return x.data[at];
}

export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

/** f of the elements of tensors that broadcast together. */
export function elementwise(
  inputs: readonly RefTensor[],
  f: (...elements: number[]) => number,
  dtype: DType = "f32",
): RefTensor {
  const shape = broadcast(...inputs.map((x) => x.shape));
  return build(shape, (index) => f(...inputs.map((x) => read(x, index))), dtype);
}

export function absolute(x: RefTensor): RefTensor {
  return { ...x, data: x.data.map(Math.abs) };
}

/** f of each line of x along an axis, in place of that line. */
export function alongAxis(x: RefTensor, dim: number, f: (line: Float64Array) => Float64Array): RefTensor {
  if (x.shape.length === 0) return { ...x, data: f(x.data) };
  const axis = dim < 0 ? dim + x.shape.length : dim;
  const size = x.shape[axis];
  const step = numel(x.shape.slice(axis + 1));
  const data = new Float64Array(x.data.length);
  for (let block = 0; block < x.data.length; block += size * step) {
    for (let column = 0; column < step; column++) {
      const line = Float64Array.from({ length: size }, (_, i) => x.data[block + column + i * step]);
      for (const [i, value] of f(line).entries()) data[block + column + i * step] = value;
    }
  }
  return { ...x, data };
}

/**
 * What stands at the places `f` finds in each line of x along `dim`, and those places: { values, indices }. Without
 * `keepdim` the axis disappears, `count` (the number of places per line) being 1 then.
 */
export function pickAlong(
  x: RefTensor,
  { dim, keepdim = true, count }: { dim: number; keepdim?: boolean; count: number },
  f: (line: Float64Array) => readonly number[],
): RefTensor[] {
  const sizes = x.shape.length === 0 ? [1] : x.shape;
  const axis = dim < 0 ? dim + sizes.length : dim;
  const step = numel(sizes.slice(axis + 1));
  const shape = sizes.map((size, i) => (i === axis ? count : size));
  const [values, places] = [new Float64Array(numel(shape)), new Float64Array(numel(shape))];
  for (let line = 0; line * count < places.length; line++) {
    const [block, column] = [Math.floor(line / step), line % step];
    const from = block * sizes[axis] * step + column;
    const found = f(Float64Array.from({ length: sizes[axis] }, (_, i) => x.data[from + i * step]));
    for (let i = 0; i < count; i++) {
      const to = (block * count + i) * step + column;
      places[to] = found[i];
      values[to] = x.data[from + found[i] * step];
    }
  }
  const final = keepdim && x.shape.length > 0 ? shape : x.shape.filter((_, i) => i !== axis);
  return [
    { dtype: x.dtype, shape: final, data: values },
    { dtype: "i32", shape: final, data: places },
  ];
}

/** Calls of an op along one axis: last and first axis of every size, every axis of three, no axis, no elements. */
export function axisSamples<A>(
  make: (shape: readonly number[]) => Maker,
  attrs: A,
  { empty = true } = {},
): Sample<A & { dim: number }>[] {
  const sample = (shape: readonly number[], dim: number, note?: string) => ({
    inputs: [make(shape)],
    attrs: { ...attrs, dim },
    note,
  });
  return [
    ...SIZES.map((n) => sample([3, n], -1)),
    ...SIZES.map((n) => sample([n, 3], 0)),
    ...[0, 1, 2, -1, -2, -3].map((dim) => sample([3, 4, 5], dim)),
    sample([2, 3, 2, 5], 1),
    sample([2, 1, 3, 2, 3], 2),
    sample([17], 0),
    sample([], 0),
    sample([], -1),
    sample([0, 3], 1, "empty"),
    ...(empty ? [sample([3, 0], 1, "of nothing")] : []),
  ];
}

export interface ReductionAttrs {
  readonly dim?: number | readonly number[];
  readonly keepdim?: boolean;
}

/** f of the elements, in row-major order, that the reduced axes hold for each index of the others. */
export function reduce(
  x: RefTensor,
  { dim, keepdim = false }: ReductionAttrs,
  f: (elements: readonly number[]) => number,
  dtype: DType = "f32",
): RefTensor {
  const rank = x.shape.length;
  const named =
    dim === undefined || (Array.isArray(dim) && dim.length === 0) ? x.shape.map((_, i) => i) : [dim].flat();
  const axes = new Set(named.map((axis) => (axis < 0 ? axis + Math.max(rank, 1) : axis)));
  const kept = x.shape.map((size, axis) => (axes.has(axis) ? 1 : size));
  const groups = Array.from({ length: numel(kept) }, (): number[] => []);
  const group = build(kept, (index) => index.reduce((at, i, axis) => at * kept[axis] + i, 0));
  build(x.shape, (index) => groups[read(group, index)].push(read(x, index)));
  const shape = keepdim ? kept : x.shape.filter((_, axis) => !axes.has(axis));
  return { dtype, shape, data: Float64Array.from(groups, f) };
}

export interface LossAttrs {
  readonly reduction?: "mean" | "sum" | "none";
}

/** Element losses summed, averaged over `count`, or left as they are. */
export function reducedLoss(
  each: RefTensor,
  { reduction = "mean" }: LossAttrs,
  count = each.data.length,
): RefTensor {
  if (reduction === "none") return each;
  const total = each.data.reduce((sum, loss) => sum + loss, 0);
  return { dtype: "f32", shape: [], data: Float64Array.of(reduction === "sum" ? total : total / count) };
}

/** Calls of a loss on inputs of one shape: every size, rank and reduction, and none at all. */
export function lossSamples<A extends object>(
  make: (shape: readonly number[]) => readonly (Maker | null)[],
  attrs: A,
  shapes: readonly (readonly number[])[] = [...SIZES.map((n) => [3, n]), [], [5], [2, 3, 4], [2, 1, 3, 2, 2]],
): Sample<A & LossAttrs>[] {
  const reductions = ["mean", "sum", "none"] as const;
  return [
    ...shapes.map((shape, i) => ({
      inputs: make(shape),
      attrs: { ...attrs, reduction: reductions[i % 3] },
      note: "of every shape",
    })),
    ...[
      [4, 5],
      [0, 3],
    ].flatMap((shape) =>
      reductions.map((reduction) => ({ inputs: make(shape), attrs: { ...attrs, reduction } })),
    ),
  ];
}
