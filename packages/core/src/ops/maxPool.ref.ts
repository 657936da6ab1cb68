// References of maxPool.ts: each window by itself, in plain loops over its rows and columns.
import {
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

/** The elements of one window: their values and places in the plane. */
export interface Window {
  readonly values: readonly number[];
  readonly places: readonly number[];
  /** Sizes with the padding that the window reaches into, one per axis. */
  readonly padded: readonly number[];
}

/** Positions along one axis that each window covers, padding as positions outside. */
export type Covered = (L: number) => number[][];

/** f of every window, over one to three axes. */
export function pooled(
  x: RefTensor,
  covered: readonly Covered[],
  f: (window: Window) => number,
  dtype: RefTensor["dtype"] = x.dtype,
): RefTensor {
  const axes = covered.length;
  const lead = x.shape.slice(0, x.shape.length - axes);
  const sizes = x.shape.slice(lead.length);
  const [D, H, W] = [...new Array<number>(3 - axes).fill(1), ...sizes];
  const missing = new Array<number[][]>(3 - axes).fill([[0]]);
  const [slabs, rows, columns] = [...missing, ...covered.map((of, axis) => of(sizes[axis]))];
  const data: number[] = [];
  const inside = (all: readonly number[], size: number): number[] => all.filter((i) => i >= 0 && i < size);
  for (let volume = 0; volume < numel(lead); volume++) {
    for (const slab of slabs)
      for (const row of rows)
        for (const column of columns) {
          const places = inside(slab, D).flatMap((d) =>
            inside(row, H).flatMap((h) => inside(column, W).map((w) => (d * H + h) * W + w)),
          );
          const values = places.map((place) => x.data[volume * D * H * W + place]);
          data.push(
            f({ values, places, padded: [slab, row, column].slice(3 - axes).map((all) => all.length) }),
          );
        }
  }
  const shape = [...lead, ...[slabs, rows, columns].slice(3 - axes).map((all) => all.length)];
  return { dtype, shape, data: Float64Array.from(data) };
}

export type PerAxis = number | readonly number[];
export const at = (value: PerAxis, axis: number): number => (typeof value === "number" ? value : value[axis]);

interface WindowAttrs {
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly padding: PerAxis;
  readonly dilation?: PerAxis;
  readonly ceilMode: boolean;
}

/** What PyTorch's pooling windows cover; `end` cuts them off that many elements behind the input. */
export function windowsOf(attrs: WindowAttrs, axes: number, cut = false): Covered[] {
  return Array.from({ length: axes }, (_, axis): Covered => {
    const [k, p, d] = [attrs.kernelSize, attrs.padding, attrs.dilation ?? 1].map((value) => at(value, axis));
    const separate = typeof attrs.padding !== "number" && attrs.padding.length === 2 * axes;
    const behind = separate ? at(attrs.padding, axes + axis) : p;
    const s = attrs.stride === undefined ? k : at(attrs.stride, axis);
    return (L) => {
      const found: number[][] = [];
      for (let start = -p; ; start += s) {
        const last = start + d * (k - 1);
        const fits = last < L + behind;
        if (!fits && !(attrs.ceilMode && start < L && last - s < L + behind - 1)) break;
        const all = Array.from({ length: k }, (_, i) => start + d * i);
        found.push(cut ? all.filter((i) => i < L + behind) : all);
      }
      return found;
    };
  });
}

export function adaptiveWindows(outputSize: PerAxis | readonly (number | null)[], axes: number): Covered[] {
  return Array.from({ length: axes }, (_, axis): Covered => {
    const given = typeof outputSize === "number" ? outputSize : outputSize[axis];
    return (L) => {
      const n = given ?? L;
      return Array.from({ length: n }, (_, o) => {
        const [begin, end] = [Math.floor((o * L) / n), Math.ceil(((o + 1) * L) / n)];
        return Array.from({ length: end - begin }, (_, i) => begin + i);
      });
    };
  });
}

/** Position of the first maximum; the last NaN before all. */
function best(values: readonly number[]): number {
  let found = 0;
  for (const [i, value] of values.entries()) if (value > values[found] || Number.isNaN(value)) found = i;
  return found;
}

function maxima(x: RefTensor, covered: readonly Covered[], returnIndices: boolean): RefTensor[] {
  const y = pooled(x, covered, ({ values }) => values[best(values)]);
  return returnIndices ? [y, pooled(x, covered, ({ values, places }) => places[best(values)], "i32")] : [y];
}

interface MaxAttrs extends WindowAttrs {
  readonly dilation: PerAxis;
  readonly returnIndices: boolean;
}

const plain = { stride: undefined, padding: 0, dilation: 1, ceilMode: false, returnIndices: true } as const;
const max = (
  x: Maker,
  attrs: Partial<MaxAttrs> & Pick<MaxAttrs, "kernelSize">,
  note?: string,
): Sample<MaxAttrs> => ({
  inputs: [x],
  attrs: { ...plain, ...attrs },
  note,
});
/** Padding of its own before and behind each axis, which PyTorch has only as an op before. */
export const apart = <A>(sample: Sample<A>): Sample<A> => ({ ...sample, torch: false });
const nan = Number.NaN;
const odd = [nan, 1, nan, 2, -Infinity, -Infinity, -Infinity, 5, Infinity, Infinity, -0, 0, 0, -0, 3, nan];

const lines: Sample<MaxAttrs>[] = [
  ...SIZES.filter((n) => n > 1).map((n) => max(normal([2, 3, n]), { kernelSize: 2 })),
  ...SIZES.map((n) => max(normal([3, n]), { kernelSize: 3, stride: 1, padding: 1 })),
  ...SIZES.filter((n) => n > 4).map((n) => max(normal([3, n]), { kernelSize: 3, stride: 2, ceilMode: true })),
  max(normal([2, 3, 17]), { kernelSize: 4, stride: 3, padding: 2, ceilMode: true }),
  max(normal([2, 3, 33]), { kernelSize: 3, stride: 2, padding: 1, dilation: 3 }),
  max(normal([2, 3, 17]), {
    kernelSize: [3],
    stride: [2],
    padding: [1],
    dilation: [2],
    returnIndices: false,
  }),
  max(normal([2, 17]), { kernelSize: 1, stride: 4 }),
  apart(max(normal([2, 3, 17]), { kernelSize: 4, stride: 3, padding: [0, 3] })),
  apart(max(normal([2, 3, 16]), { kernelSize: 3, stride: 2, padding: [2, 1], dilation: 2, ceilMode: true })),
  max(normal([2, 4]), { kernelSize: 5, ceilMode: true, padding: 1 }, "a window larger than the input"),
  max(normal([0, 3, 8]), { kernelSize: 2 }, "empty"),
  { ...max(values(odd, [1, 16]), { kernelSize: 3, stride: 2, padding: 1 }, "NaN, Infinity"), smooth: false },
  {
    ...max(sprinkled(normal([3, 33]), 4, 3), { kernelSize: 5, stride: 1, padding: 2 }, "ties"),
    smooth: false,
  },
  max(integers([2, 3, 17], -99, 99), { kernelSize: 3, stride: 2 }),
];

const images: Sample<MaxAttrs>[] = [
  ...[4, 5, 16, 17, 33].map((n) => max(normal([2, 2, n, n]), { kernelSize: 2 })),
  ...[3, 8, 17, 31].map((n) => max(normal([2, n, n]), { kernelSize: 3, stride: 2, padding: 1 })),
  ...[3, 15, 16].map((n) => max(normal([2, n, n]), { kernelSize: 3, stride: 1, padding: 1 })),
  max(normal([1, 2, 7, 19]), { kernelSize: [2, 3], stride: [1, 4], padding: [1, 0], ceilMode: true }),
  max(normal([2, 9, 21]), { kernelSize: [3, 2], dilation: [2, 3], stride: [1, 2] }),
  max(normal([2, 2, 9, 9]), { kernelSize: 3, dilation: 2, padding: 1, ceilMode: true, stride: 2 }),
  max(normal([2, 2, 9, 9]), { kernelSize: 3, returnIndices: false }),
  max(normal([2, 2, 9, 9]), { kernelSize: 9 }),
  apart(max(normal([2, 2, 7, 17]), { kernelSize: [3, 2], padding: [2, 0, 0, 1], stride: 2 })),
  max(normal([2, 2, 6, 70]), { kernelSize: [6, 1] }),
  max(normal([0, 2, 4, 4]), { kernelSize: 2 }, "empty"),
  max(normal([2, 3, 9, 9], 100), { kernelSize: 3 }, "×100"),
  { ...max(values(odd, [1, 4, 4]), { kernelSize: 2, stride: 1 }, "NaN, Infinity"), smooth: false },
  { ...max(sprinkled(normal([2, 9, 9]), 4, 2), { kernelSize: 3, stride: 2 }, "ties"), smooth: false },
  {
    ...max(
      values(new Array(12).fill(-Infinity), [1, 3, 4]),
      { kernelSize: 3, stride: 1, padding: 1 },
      "-Infinity",
    ),
    smooth: false,
  },
  max(integers([2, 3, 9, 9], -9, 9), { kernelSize: 3, stride: 2, padding: 1 }),
  max(integers([2, 3, 9, 19], -99, 99), { kernelSize: 2, stride: 1 }),
];

const bodies: Sample<MaxAttrs>[] = [
  ...[4, 5, 9].map((n) => max(normal([2, 2, n, n, n]), { kernelSize: 2 })),
  ...[3, 8].map((n) => max(normal([2, n, 5, n]), { kernelSize: 3, stride: 2, padding: 1 })),
  max(normal([1, 2, 4, 7, 17]), {
    kernelSize: [2, 3, 2],
    stride: [1, 4, 3],
    padding: [1, 0, 1],
    ceilMode: true,
  }),
  max(normal([2, 7, 9, 8]), { kernelSize: [3, 2, 2], dilation: [2, 3, 1], stride: [1, 2, 2] }),
  max(normal([2, 2, 5, 5, 5]), { kernelSize: 3, returnIndices: false }),
  apart(max(normal([2, 5, 6, 7]), { kernelSize: 3, stride: 2, padding: [0, 1, 2, 1, 0, 2] })),
  max(normal([0, 2, 4, 4, 4]), { kernelSize: 2 }, "empty"),
  { ...max(values(odd, [1, 4, 2, 2]), { kernelSize: 2, stride: 1 }, "NaN, Infinity"), smooth: false },
  { ...max(sprinkled(normal([2, 5, 5, 5]), 4, 2), { kernelSize: 3, stride: 1 }, "ties"), smooth: false },
  max(integers([2, 5, 4, 9], -9, 9), { kernelSize: 3, stride: 2, padding: 1 }),
];
const rooms = { 1: lines, 2: images, 3: bodies };

interface AdaptiveAttrs {
  readonly outputSize: number | readonly (number | null)[];
  readonly returnIndices: boolean;
}
const adaptive = (
  shape: number[],
  outputSize: AdaptiveAttrs["outputSize"],
  returnIndices = true,
): Sample<AdaptiveAttrs> => ({
  inputs: [normal(shape)],
  attrs: { outputSize, returnIndices },
});
const odds = (shape: number[]): Maker => values(odd, shape);

export const refs: readonly OpRef[] = [
  ...([1, 2, 3] as const).map((axes) =>
    defineRef<MaxAttrs>({
      op: `maxPool${axes}d`,
      inputs: ["x"],
      torch: `F.max_pool${axes}d(x, kernelSize, stride, padding, dilation, ceilMode, returnIndices)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], attrs) => maxima(x, windowsOf(attrs, axes), attrs.returnIndices),
      call: ([x], { kernelSize, ...options }) => x[`maxPool${axes}d`](kernelSize, options),
      samples: rooms[axes],
      large:
        axes === 1
          ? max(normal([8, 64, 4096]), { kernelSize: 2, returnIndices: false })
          : axes === 3
            ? max(normal([4, 16, 16, 56, 56]), { kernelSize: 2, returnIndices: false })
            : max(normal([8, 64, 112, 112]), { kernelSize: 3, stride: 2, padding: 1, returnIndices: false }),
    }),
  ),
  ...([1, 2, 3] as const).map((axes) =>
    defineRef<AdaptiveAttrs>({
      op: `adaptiveMaxPool${axes}d`,
      inputs: ["x"],
      torch: `F.adaptive_max_pool${axes}d(x, outputSize, return_indices=returnIndices)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x], { outputSize, returnIndices }) =>
        maxima(x, adaptiveWindows(outputSize, axes), returnIndices),
      call: ([x], { outputSize, ...options }) => x[`adaptiveMaxPool${axes}d`](outputSize, options),
      samples:
        axes === 1
          ? [
              ...[1, 3, 5, 17, 20].map((n) => adaptive([2, 3, 17], n)),
              ...[1, 4, 33].map((n) => adaptive([3, n], 4, n !== 4)),
              { ...adaptive([2, 9], 0), torch: false },
              { ...adaptive([2, 16], 5), inputs: [odds([1, 16])], note: "NaN, Infinity", smooth: false },
            ]
          : axes === 3
            ? [
                ...[1, 2, 5].map((n) => adaptive([2, 2, 5, 4, 7], n)),
                adaptive([2, 5, 7, 9], [3, null, 4], false),
                adaptive([0, 2, 5, 5, 5], 2),
              ]
            : [
                ...[1, 3, 7, 9].map((n) => adaptive([2, 2, 7, 9], n)),
                adaptive([2, 7, 18], [3, null]),
                adaptive([2, 7, 18], [null, 4], false),
                adaptive([2, 16, 16], [4, 8]),
                { ...adaptive([2, 5, 5], [0, 2]), torch: false },
                adaptive([0, 2, 5, 5], 2),
                {
                  ...adaptive([2, 4, 4], 2),
                  inputs: [odds([1, 4, 4])],
                  note: "NaN, Infinity",
                  smooth: false,
                },
              ],
      large:
        axes === 1
          ? adaptive([8, 64, 4096], 64, false)
          : axes === 3
            ? adaptive([4, 16, 16, 56, 56], 7, false)
            : adaptive([8, 64, 56, 56], 7, false),
    }),
  ),
];
