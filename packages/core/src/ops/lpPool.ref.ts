// References of lpPool.ts. A window cut off at the end counts as if it were full.
import { defineRef, type Maker, normal, type OpRef, type Sample, uniform } from "../reference.ts";
import { averages } from "./avgPool.ref.ts";
import { apart, at, type PerAxis } from "./maxPool.ref.ts";

interface Attrs {
  readonly normType: number;
  readonly kernelSize: PerAxis;
  readonly stride?: PerAxis;
  readonly padding: PerAxis;
  readonly dilation: PerAxis;
  readonly ceilMode: boolean;
}

const lp = (
  x: Maker,
  attrs: Partial<Attrs> & Pick<Attrs, "normType" | "kernelSize">,
  note?: string,
): Sample<Attrs> => ({
  inputs: [x],
  attrs: { stride: undefined, padding: 0, dilation: 1, ceilMode: false, ...attrs },
  note,
});
const above = (shape: number[]): Maker => uniform(shape, 0.25, 2);
const samples = (lead: number[], size: (n: number) => number[]): Sample<Attrs>[] => [
  ...[3, 5, 16, 17, 33].map((n) => lp(normal([...lead, ...size(n)]), { normType: 2, kernelSize: 2 })),
  lp(normal([2, ...lead, ...size(9)]), { normType: 2, kernelSize: 3, stride: 2, ceilMode: true }),
  ...[1, 3, 4, 7, 1.5, 0.5, 2.5].map((normType) =>
    lp(above([...lead, ...size(9)]), { normType, kernelSize: 3 }),
  ),
  lp(normal([...lead, ...size(8)]), { normType: 1, kernelSize: 3, ceilMode: true }),
  lp(normal([...lead, ...size(8)], 100), { normType: 2, kernelSize: 3 }, "×100"),
  apart(lp(normal([...lead, ...size(9)]), { normType: 2, kernelSize: 3, padding: 1, stride: 2 })),
  apart(lp(above([...lead, ...size(9)]), { normType: 3, kernelSize: 2, dilation: 3, stride: 1 })),
  lp(normal([0, 2, ...size(8)]), { normType: 2, kernelSize: 2 }, "empty"),
];

export const refs: readonly OpRef[] = ([1, 2, 3] as const).map((axes) =>
  defineRef<Attrs>({
    op: `lpPool${axes}d`,
    inputs: ["x"],
    torch: `F.lp_pool${axes}d(x, normType, kernelSize, stride, ceilMode)`,
    differentiable: true,
    tolerance: { units: 8 },
    forward: ([x], { normType, ...attrs }) => {
      const powers = { ...x, data: x.data.map((value) => value ** normType) };
      const means = averages(powers, { ...attrs, countIncludePad: true }, axes);
      const n = Array.from({ length: axes }, (_, i) => at(attrs.kernelSize, i)).reduce((a, b) => a * b, 1);
      return { ...means, data: means.data.map((mean) => (mean * n) ** (1 / normType)) };
    },
    call: ([x], { normType, kernelSize, ...options }) => x[`lpPool${axes}d`](normType, kernelSize, options),
    samples:
      axes === 1
        ? samples([3], (n) => [n])
        : axes === 3
          ? [
              lp(normal([2, 5, 5, 4]), { normType: 2, kernelSize: 2 }),
              lp(above([1, 2, 5, 6, 7]), {
                normType: 3,
                kernelSize: [2, 3, 1],
                stride: [1, 2, 2],
                ceilMode: true,
              }),
              lp(normal([0, 2, 4, 4, 4]), { normType: 2, kernelSize: 2 }, "empty"),
              apart(lp(normal([2, 5, 6, 4]), { normType: 2, kernelSize: 3, padding: 1, stride: 2 })),
            ]
          : [
              ...samples([2], (n) => [n, n]),
              lp(above([2, 7, 9]), { normType: 2, kernelSize: [2, 3], stride: [1, 2] }),
              apart(
                lp(normal([2, 7, 9]), { normType: 2, kernelSize: [2, 3], padding: [1, 0, 0, 2], stride: 2 }),
              ),
            ],
    large: lp(normal(axes === 1 ? [8, 64, 4096] : axes === 3 ? [4, 16, 16, 56, 56] : [8, 64, 56, 56]), {
      normType: 2,
      kernelSize: 2,
    }),
  }),
);
