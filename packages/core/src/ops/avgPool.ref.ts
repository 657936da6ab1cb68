// References of avgPool.ts.
import {
  absolute,
  defineRef,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
} from "../reference.ts";
import { adaptiveWindows, apart, type Covered, type PerAxis, pooled, windowsOf } from "./maxPool.ref.ts";

interface Attrs {
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly padding: PerAxis;
  readonly dilation?: PerAxis;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride?: number;
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

export function averages(x: RefTensor, attrs: Attrs, axes: number): RefTensor {
  const { countIncludePad, divisorOverride } = attrs;
  return pooled(x, windowsOf(attrs, axes, true), ({ values, padded }) => {
    const reached = padded.reduce((n, size) => n * size, 1);
    return total(values) / (divisorOverride ?? (countIncludePad ? reached : values.length));
  });
}

function means(x: RefTensor, covered: readonly Covered[]): RefTensor {
  return pooled(x, covered, ({ values }) => total(values) / values.length);
}

const plain = {
  stride: undefined,
  padding: 0,
  ceilMode: false,
  countIncludePad: true,
  divisorOverride: undefined,
};
const avg = (x: Maker, attrs: Partial<Attrs> & Pick<Attrs, "kernelSize">, note?: string): Sample<Attrs> => ({
  inputs: [x],
  attrs: { ...plain, ...attrs },
  note,
});
const specials = sprinkled(sprinkled(normal([2, 4, 9]), Number.NaN, 13), Infinity, 10);

const lines: Sample<Attrs>[] = [
  ...SIZES.filter((n) => n > 1).map((n) => avg(normal([2, 3, n]), { kernelSize: 2 })),
  ...SIZES.map((n) => avg(normal([3, n]), { kernelSize: 3, stride: 1, padding: 1 })),
  ...[true, false].map((countIncludePad) =>
    avg(normal([2, 3, 17]), { kernelSize: 4, stride: 3, padding: 2, ceilMode: true, countIncludePad }),
  ),
  avg(normal([5, 100]), { kernelSize: 40, stride: 7 }),
  ...[true, false].flatMap((countIncludePad) => [
    apart(avg(normal([2, 3, 17]), { kernelSize: 4, stride: 3, padding: [0, 3], countIncludePad })),
    apart(avg(normal([2, 3, 33]), { kernelSize: 3, dilation: 4, padding: 1, stride: 1, countIncludePad })),
    apart(
      avg(normal([3, 16]), {
        kernelSize: 3,
        dilation: 2,
        padding: [4, 1],
        stride: 4,
        ceilMode: true,
        countIncludePad,
      }),
    ),
  ]),
  avg(normal([2, 17]), { kernelSize: [3], stride: [5], padding: [1] }),
  avg(normal([0, 3, 8]), { kernelSize: 2 }, "empty"),
  avg(normal([3, 33], 100), { kernelSize: 3 }, "×100"),
];

const images: Sample<Attrs>[] = [
  ...[4, 5, 16, 17, 33].map((n) => avg(normal([2, 2, n, n]), { kernelSize: 2 })),
  ...[3, 8, 17].map((n) => avg(normal([2, n, n]), { kernelSize: 3, stride: 1, padding: 1 })),
  ...[true, false].map((countIncludePad) =>
    avg(normal([2, 9, 8]), { kernelSize: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad }),
  ),
  avg(normal([2, 7, 19]), { kernelSize: [2, 4], stride: [3, 1], padding: [0, 2], countIncludePad: false }),
  avg(normal([2, 7, 19]), { kernelSize: [2, 3], divisorOverride: 5 }),
  avg(normal([2, 7, 19]), { kernelSize: 2, padding: 1, divisorOverride: -2, ceilMode: true }),
  avg(normal([2, 2, 40, 3]), { kernelSize: [40, 1] }),
  ...[true, false].map((countIncludePad) =>
    apart(avg(normal([2, 7, 17]), { kernelSize: [3, 2], padding: [2, 0, 0, 1], stride: 2, countIncludePad })),
  ),
  apart(avg(normal([2, 2, 9, 16]), { kernelSize: [2, 3], dilation: [3, 2], stride: 1 })),
  avg(normal([2, 2, 5, 5]), { kernelSize: 1 }, "each element by itself"),
  avg(normal([0, 2, 4, 4]), { kernelSize: 2 }, "empty"),
  avg(normal([2, 3, 9, 9], 100), { kernelSize: 3 }, "×100"),
  { ...avg(specials, { kernelSize: 2 }, "NaN, Infinity"), smooth: false },
];

const bodies: Sample<Attrs>[] = [
  ...[4, 5, 9].map((n) => avg(normal([2, 2, n, n, n]), { kernelSize: 2 })),
  ...[true, false].map((countIncludePad) =>
    avg(normal([2, 5, 9, 8]), { kernelSize: 3, stride: 2, padding: 1, ceilMode: true, countIncludePad }),
  ),
  avg(normal([2, 3, 7, 17]), {
    kernelSize: [2, 4, 2],
    stride: [3, 1, 2],
    padding: [0, 2, 1],
    countIncludePad: false,
  }),
  avg(normal([2, 4, 5, 6]), { kernelSize: [2, 3, 1], divisorOverride: 5 }),
  avg(normal([0, 2, 4, 4, 4]), { kernelSize: 2 }, "empty"),
  apart(avg(normal([2, 5, 6, 7]), { kernelSize: 3, dilation: 2, stride: 2, padding: [0, 1, 2, 1, 0, 2] })),
];
const rooms = { 1: lines, 2: images, 3: bodies };

interface AdaptiveAttrs {
  readonly outputSize: number | readonly (number | null)[];
}
const adaptive = (
  shape: number[],
  outputSize: AdaptiveAttrs["outputSize"],
  note?: string,
): Sample<AdaptiveAttrs> => ({
  inputs: [normal(shape)],
  attrs: { outputSize },
  note,
});

export const refs: readonly OpRef[] = [
  ...([1, 2, 3] as const).map((axes) =>
    defineRef<Attrs>({
      op: `avgPool${axes}d`,
      inputs: ["x"],
      torch: `F.avg_pool${axes}d(x, kernelSize, stride, padding, ceilMode, countIncludePad${axes > 1 ? ", divisorOverride" : ""})`,
      differentiable: true,
      tolerance: { units: 6, of: ([x], attrs) => absolute(averages(absolute(x), attrs, axes)) },
      forward: ([x], attrs) => averages(x, attrs, axes),
      call: ([x], { kernelSize, ...options }) => x[`avgPool${axes}d`](kernelSize, options),
      samples: rooms[axes],
      large:
        axes === 1
          ? avg(normal([8, 64, 4096]), { kernelSize: 2 })
          : axes === 3
            ? avg(normal([4, 16, 16, 56, 56]), { kernelSize: 2 })
            : avg(normal([8, 64, 56, 56]), { kernelSize: 2 }),
    }),
  ),
  ...([1, 2, 3] as const).map((axes) =>
    defineRef<AdaptiveAttrs>({
      op: `adaptiveAvgPool${axes}d`,
      inputs: ["x"],
      torch: `F.adaptive_avg_pool${axes}d(x, outputSize)`,
      differentiable: true,
      tolerance: {
        units: 6,
        of: ([x], { outputSize }) => means(absolute(x), adaptiveWindows(outputSize, axes)),
      },
      forward: ([x], { outputSize }) => means(x, adaptiveWindows(outputSize, axes)),
      call: ([x], { outputSize }) => x[`adaptiveAvgPool${axes}d`](outputSize),
      samples:
        axes === 1
          ? [
              ...[1, 3, 5, 17, 20].map((n) => adaptive([2, 3, 17], n)),
              ...[1, 4, 33, 65].map((n) => adaptive([3, n], 4)),
              adaptive([2, 300], 1),
              { ...adaptive([2, 9], 0), torch: false },
              { ...adaptive([2, 0, 9], 4, "empty"), torch: false },
            ]
          : axes === 3
            ? [
                ...[1, 2, 5].map((n) => adaptive([2, 2, 5, 4, 7], n)),
                adaptive([2, 5, 7, 9], [3, null, 4]),
                adaptive([0, 2, 5, 5, 5], 2, "empty"),
              ]
            : [
                ...[1, 3, 7, 9].map((n) => adaptive([2, 2, 7, 9], n)),
                adaptive([2, 7, 18], [3, null]),
                adaptive([2, 7, 18], [null, 4]),
                adaptive([2, 16, 16], [4, 8]),
                adaptive([2, 31, 33], 1),
                { ...adaptive([2, 5, 5], [0, 2]), torch: false },
                adaptive([0, 2, 5, 5], 2, "empty"),
              ],
      large:
        axes === 1
          ? adaptive([8, 64, 4096], 64)
          : axes === 3
            ? adaptive([4, 16, 16, 56, 56], 7)
            : adaptive([8, 512, 14, 14], 1),
    }),
  ),
];
