// Reference of interpolate.ts: one axis after the other, every output by its own formula in float64. Sizes are such that
// coordinates rounded to f32 pick the same elements.
import {
  absolute,
  alongAxis,
  defineRef,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  sprinkled,
} from "../reference.ts";

interface Attrs {
  readonly size?: number | readonly number[];
  readonly scaleFactor?: number | readonly number[];
  readonly mode: "nearest" | "nearest-exact" | "linear" | "bilinear" | "bicubic" | "trilinear" | "area";
  readonly alignCorners?: boolean;
  readonly recomputeScaleFactor?: boolean;
  readonly antialias: boolean;
  readonly coordinates?: "half-pixel" | "asymmetric";
  readonly rounding?: keyof typeof roundings;
}

const roundings = {
  floor: Math.floor,
  ceil: Math.ceil,
  "half-down": (at: number) => Math.ceil(at - 0.5),
  "half-up": (at: number) => Math.floor(at + 0.5),
};

/** Keys' kernel. */
function cubic(x: number, a: number): number {
  const d = Math.abs(x);
  if (d < 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
  return d < 2 ? a * (d ** 3 - 5 * d ** 2 + 8 * d - 4) : 0;
}

interface Axis {
  readonly L: number;
  readonly n: number;
  /** Inputs per output. */
  readonly step: number;
}

/** Position and weight of each input that output o is made of. */
function taps({ L, n, step }: Axis, o: number, attrs: Attrs): [number, number][] {
  const { mode, alignCorners, antialias } = attrs;
  const middle = (o + 0.5) * step - 0.5;
  if (mode.startsWith("nearest")) {
    const usual =
      mode === "nearest" ? (["asymmetric", "floor"] as const) : (["half-pixel", "half-up"] as const);
    const [coordinates, rounding] = [attrs.coordinates ?? usual[0], attrs.rounding ?? usual[1]];
    return [[roundings[rounding](coordinates === "asymmetric" ? o * step : middle), 1]];
  }
  if (mode === "area") {
    const [begin, end] = [Math.floor((o * L) / n), Math.ceil(((o + 1) * L) / n)];
    return Array.from({ length: end - begin }, (_, i) => [begin + i, 1 / (end - begin)]);
  }
  const wide = mode === "bicubic";
  if (antialias) {
    const stretch = Math.max(step, 1);
    const all = Array.from({ length: L }, (_, i): [number, number] => {
      const x = (i + 0.5 - (o + 0.5) * step) / stretch;
      return [i, wide ? cubic(x, -0.5) : Math.max(1 - Math.abs(x), 0)];
    });
    const total = all.reduce((sum, [, weight]) => sum + weight, 0);
    return all.map(([i, weight]) => [i, weight / total]);
  }
  const source = alignCorners || attrs.coordinates === "asymmetric" ? o * step : middle;
  const from = wide ? source : L === n ? o : Math.max(source, 0);
  const first = Math.floor(from) - (wide ? 1 : 0);
  return Array.from({ length: wide ? 4 : 2 }, (_, k) => {
    const distance = from - first - k;
    return [first + k, wide ? cubic(distance, -0.75) : 1 - Math.abs(distance)];
  });
}

function resized(x: RefTensor, attrs: Attrs): RefTensor {
  const { size, scaleFactor, alignCorners, recomputeScaleFactor } = attrs;
  let y = x;
  for (let axis = 2; axis < x.shape.length; axis++) {
    const pick = <T>(value: T | readonly T[]): T => (Array.isArray(value) ? value[axis - 2] : value) as T;
    const L = x.shape[axis];
    const n = size === undefined ? Math.floor(L * pick(scaleFactor as number)) : pick(size);
    const given = scaleFactor !== undefined && !recomputeScaleFactor ? 1 / pick(scaleFactor) : L / n;
    const step = alignCorners ? (n > 1 ? (L - 1) / (n - 1) : 0) : given;
    const table = Array.from({ length: n }, (_, o) =>
      taps({ L, n, step }, o, attrs)
        .filter(([, weight]) => !attrs.antialias || weight !== 0)
        .map(([i, weight]) => [Math.min(Math.max(i, 0), L - 1), weight] as const),
    );
    const line = (from: Float64Array): number[] =>
      table.map((near) => near.reduce((sum, [i, weight]) => sum + weight * from[i], 0));
    y = stretched(y, axis, n, line);
  }
  return y;
}

/** Lines along an axis replaced by others of n elements. */
function stretched(x: RefTensor, axis: number, n: number, line: (from: Float64Array) => number[]): RefTensor {
  const lines: number[][] = [];
  alongAxis(x, axis, (from) => {
    lines.push(line(from));
    return from;
  });
  const inner = x.shape.slice(axis + 1).reduce((product, k) => product * k, 1);
  const shape = x.shape.map((k, i) => (i === axis ? n : k));
  const data = new Float64Array(lines.length * n);
  for (const [i, values] of lines.entries()) {
    for (const [o, value] of values.entries())
      data[(Math.floor(i / inner) * n + o) * inner + (i % inner)] = value;
  }
  return { ...x, shape, data };
}

const plain = {
  size: undefined,
  scaleFactor: undefined,
  alignCorners: undefined,
  recomputeScaleFactor: undefined,
  antialias: false,
} as const;
const to = (x: Maker, attrs: Partial<Attrs> & Pick<Attrs, "mode">, note?: string): Sample<Attrs> => ({
  inputs: [x],
  attrs: { ...plain, ...attrs },
  note,
});

/** Each mode over 1, 2 or 3 spatial axes, with the settings it takes. */
const everyMode = (
  [
    ["nearest", 3],
    ["nearest-exact", 3],
    ["area", 3],
    ["linear", 1],
    ["bilinear", 2],
    ["bicubic", 2],
    ["trilinear", 3],
  ] as const
).flatMap(([mode, most]): Sample<Attrs>[] => {
  const takesAny = ["nearest", "nearest-exact", "area"].includes(mode);
  const aligned = takesAny ? [undefined] : [undefined, false, true];
  const ranks = takesAny ? [1, 2, 3] : [most];
  return ranks.flatMap((axes) =>
    aligned.flatMap((alignCorners) => {
      const shape = (n: number): number[] => [1, 2, ...[n, n + 3, 3].slice(0, axes)];
      const sizes = (n: number): number[] => [n, n + 2, 4].slice(0, axes);
      return [
        to(normal(shape(5)), { mode, alignCorners, size: sizes(8) }),
        to(normal(shape(9)), { mode, alignCorners, size: sizes(4) }),
        to(normal(shape(4)), { mode, alignCorners, scaleFactor: 2 }),
        to(normal(shape(6)), { mode, alignCorners, scaleFactor: 0.5 }),
        to(normal(shape(3)), { mode, alignCorners, size: sizes(1) }),
      ];
    }),
  );
});

/** Coordinates and roundings that PyTorch does not have; the sizes make halves as well. */
const placements = [
  ...(["half-pixel", "asymmetric"] as const).flatMap((coordinates) => [
    ...(["floor", "ceil", "half-down", "half-up"] as const).flatMap((rounding) => [
      to(normal([1, 2, 8, 5]), { mode: "nearest", coordinates, rounding, size: [4, 10] }),
      to(normal([2, 1, 6]), { mode: "nearest", coordinates, rounding, scaleFactor: 1.5 }),
    ]),
    to(normal([2, 2, 7, 9]), { mode: "bilinear", coordinates, size: [11, 4] }),
    to(normal([2, 2, 7, 9]), { mode: "bicubic", coordinates, scaleFactor: [1.5, 0.5] }),
    to(normal([1, 1, 3, 4, 5]), { mode: "trilinear", coordinates, size: [5, 2, 9] }),
  ]),
].map((sample) => ({ ...sample, torch: false }));

const specials = sprinkled(sprinkled(normal([2, 3, 4, 9]), Number.NaN, 23), Infinity, 30);

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "interpolate",
    inputs: ["x"],
    torch:
      "F.interpolate(x, size=size, scale_factor=scaleFactor, mode=mode, align_corners=alignCorners, " +
      "recompute_scale_factor=recomputeScaleFactor, antialias=antialias)",
    differentiable: true,
    // Coordinates are rounded to f32, so weights are off by as much.
    tolerance: {
      units: ([x]) => 8 + 2 * Math.max(...x.shape.slice(2)),
      of: ([x]) => ({
        ...x,
        shape: [],
        data: Float64Array.of(Math.max(...absolute(x).data.filter(Number.isFinite), 0)),
      }),
    },
    forward: ([x], attrs) => resized(x, attrs),
    call: ([x], { size = null, scaleFactor = null, alignCorners = null, ...options }) =>
      x.interpolate({ ...options, size, scaleFactor, alignCorners }),
    samples: [
      ...everyMode,
      ...[15, 16, 17, 31, 33, 65].flatMap((n) => [
        to(normal([1, 3, n]), { mode: "linear", size: 2 * n }),
        to(normal([5, 1, n]), { mode: "nearest", size: 16 }),
        to(normal([1, 1, 9, n]), { mode: "bilinear", size: [7, n] }),
        to(normal([1, 1, 3, n]), { mode: "bicubic", scaleFactor: [2, 0.5] }),
      ]),
      ...(["bilinear", "bicubic"] as const).flatMap((mode) => [
        ...[undefined, true].flatMap((alignCorners) => [
          to(normal([1, 2, 17, 20]), { mode, antialias: true, alignCorners, size: [5, 6] }),
          to(normal([1, 2, 5, 6]), { mode, antialias: true, alignCorners, size: [8, 3] }),
          to(normal([1, 1, 12, 40]), { mode, antialias: true, alignCorners, size: [1, 2] }),
        ]),
        to(normal([2, 2, 9, 11]), { mode, antialias: true, scaleFactor: [0.3, 0.7] }),
        ...[undefined, true].map((recomputeScaleFactor) =>
          to(normal([2, 2, 7, 9]), { mode, scaleFactor: [1.3, 0.7], recomputeScaleFactor }),
        ),
        to(normal([1, 2, 5, 6], 100), { mode, size: 8 }, "×100"),
        to(normal([0, 2, 5, 6]), { mode, size: 8 }, "empty"),
        to(normal([2, 2, 5, 6]), { mode, size: [5, 6] }, "same size"),
      ]),
      to(normal([2, 2, 7, 9]), { mode: "nearest", scaleFactor: [1.3, 0.7] }),
      ...placements,
      to(normal([2, 2, 7, 9]), { mode: "nearest", scaleFactor: [1.3, 0.7], recomputeScaleFactor: true }),
      to(normal([2, 2, 7, 9]), { mode: "area", scaleFactor: [1.3, 0.7] }),
      { ...to(specials, { mode: "nearest", scaleFactor: 2 }, "NaN, Infinity"), smooth: false },
      { ...to(specials, { mode: "area", size: [2, 3] }, "NaN, Infinity"), smooth: false },
      {
        ...to(sprinkled(normal([2, 3, 4, 9]), Number.NaN, 23), { mode: "bilinear", size: [7, 15] }, "NaN"),
        smooth: false,
      },
    ],
    large: to(normal([4, 32, 56, 56]), { mode: "bilinear", scaleFactor: 2 }),
  }),
];
