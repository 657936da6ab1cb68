// References of convTranspose1d, convTranspose2d, convTranspose3d in conv.ts.
import {
  absolute,
  defineRef,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
} from "../reference.ts";
import { type Attrs, complete, each, meetings, sizesOf } from "./conv.ref.ts";
import { productUnits } from "./matmul.ref.ts";

/** x (N, C, …) or (C, …), weight (C, O / groups, …), bias (O) or null. */
function spread(x: RefTensor, weight: RefTensor, bias: RefTensor | null, attrs: Attrs): RefTensor {
  const [C, channels, ...kernel] = weight.shape;
  const n = kernel.length;
  const { groups = 1 } = attrs;
  const grid = x.shape.slice(-n);
  const sizes = sizesOf(attrs, kernel);
  const extra = each(attrs.outputPadding, n, 0);
  const image = grid.map((size, axis) => {
    const extent = sizes.dilation[axis] * (kernel[axis] - 1) + 1 + extra[axis];
    return (size - 1) * sizes.stride[axis] + extent - sizes.before[axis] - sizes.after[axis];
  });
  const N = x.shape.length === n + 2 ? x.shape[0] : 1;
  const O = channels * groups;
  const [P, I, T] = [numel(grid), numel(image), numel(kernel)];
  const data = new Float64Array(N * O * I).map((_, i) => bias?.data[Math.floor(i / I) % O] ?? 0);
  meetings(image, grid, kernel, sizes, (element, position, tap) => {
    for (let c = 0; c < C; c++) {
      const g = Math.floor(c / (C / groups));
      for (let o = 0; o < channels; o++) {
        const w = weight.data[(c * channels + o) * T + tap];
        for (let item = 0; item < N; item++) {
          data[((item * groups + g) * channels + o) * I + element] +=
            w * x.data[(item * C + c) * P + position];
        }
      }
    }
  });
  return { dtype: "f32", shape: [...x.shape.slice(0, -n - 1), O, ...image], data };
}

function sample(
  x: readonly number[],
  weight: readonly number[],
  attrs: Attrs = {},
  { bias = true, note, scale = 1 }: { bias?: boolean; note?: string; scale?: number } = {},
): Sample<Attrs> {
  const outputs = weight[1] * (attrs.groups ?? 1);
  const inputs = [normal(x, scale), normal(weight, scale), bias ? normal([outputs]) : null];
  return { inputs, attrs: complete(attrs), note };
}

const along1: Sample<Attrs>[] = [
  ...SIZES.map((L) => sample([2, 3, L], [3, 2, 3])),
  ...SIZES.filter((C) => C < 34).map((C) => sample([2, C, 5], [C, 3, 2], {}, { bias: false })),
  ...SIZES.filter((O) => O < 34).map((O) => sample([2, 3, 5], [3, O, 3], { padding: 1 })),
  ...[2, 3, 4, 7].map((stride) => sample([2, 3, 6], [3, 4, 3], { stride, padding: 1, outputPadding: 1 })),
  ...[1, 2, 3].map((dilation) => sample([1, 3, 6], [3, 2, 4], { dilation, padding: 2, stride: 2 })),
  ...[1, 2, 3].map((stride) => sample([2, 4, 17], [4, 1, 3], { stride, groups: 4, padding: 1 })),
  ...[2, 3, 4, 5].map((m) => sample([2, 2 * m, 6], [2 * m, 1, 3], { groups: 2 })),
  ...[2, 4].map((groups) => sample([2, 8, 5], [8, 3, 3], { groups, stride: 2 })),
  sample([3, 6], [3, 4, 3], { padding: 1 }, { note: "unbatched" }),
  sample([0, 3, 6], [3, 4, 3], { padding: 1 }),
  sample(
    [2, 3, 5],
    [3, 2, 2],
    { dilation: 4, outputPadding: 3 },
    { note: "outputPadding below the dilation" },
  ),
  sample([2, 3, 5], [3, 2, 2], { padding: [2, 1], stride: 2 }, { note: "before, after" }),
  sample([2, 3, 5], [3, 2, 1], { padding: 2 }, { note: "padding beyond the window" }),
  sample([2, 2, 5], [2, 1, 1], { padding: 2, groups: 2 }, { note: "padding beyond the window" }),
  sample([1, 1, 300], [1, 1, 7], { stride: 2 }),
  sample([1, 2, 1700], [2, 4, 1], {}, { note: "blocks of positions" }),
  sample([1, 3, 5], [3, 90, 4], { stride: 2 }, { note: "blocks of channels" }),
  sample([2, 3, 6], [3, 4, 3], {}, { scale: 100, note: "×100" }),
];

const kernels = [
  [1, 1],
  [3, 3],
  [2, 4],
  [1, 5],
  [4, 1],
];
const odd = { stride: [2, 3], padding: [1, 0], dilation: [2, 1], outputPadding: [1, 2] };

const along2: Sample<Attrs>[] = [
  ...kernels.map(([h, w]) => sample([2, 3, 4, 5], [3, 4, h, w])),
  ...kernels.map(([h, w]) => sample([1, 3, 4, 3], [3, 4, h, w], odd, { bias: false })),
  ...kernels.map(([h, w]) => sample([2, 3, 4, 5], [3, 1, h, w], { groups: 3 })),
  ...kernels.map(([h, w]) => sample([1, 4, 4, 3], [4, 1, h, w], { ...odd, groups: 2 })),
  ...[1, 3, 4, 5, 8, 17].map((C) => sample([2, C, 3, 4], [C, 3, 3, 3], { padding: 1 })),
  ...[1, 3, 4, 5, 8, 17].map((O) => sample([2, 2, 3, 4], [2, O, 3, 3], { padding: 1 })),
  ...[2, 3, 4].map((stride) => sample([1, 3, 3, 4], [3, 4, 3, 3], { stride, padding: 1, outputPadding: 1 })),
  ...[1, 2, 3].map((stride) => sample([1, 3, 4, 9], [3, 1, 3, 3], { stride, padding: 1, groups: 3 })),
  ...[2, 4].map((groups) => sample([1, 8, 3, 3], [8, 2, 3, 3], { groups, padding: 1 })),
  sample([1, 3, 2, 3], [3, 3, 4, 4], { stride: 4 }, { note: "patches side by side" }),
  sample([1, 2, 3, 4], [2, 2, 7, 7], { padding: 3, stride: 2, outputPadding: 1 }),
  sample([1, 8, 3, 5], [8, 9, 1, 1], { stride: 2 }),
  sample([1, 1, 1, 1], [1, 1, 1, 1]),
  sample([3, 3, 4], [3, 4, 3, 3], { padding: 1 }, { note: "unbatched" }),
  sample([3, 3, 4], [3, 1, 3, 3], { padding: 1, groups: 3 }, { bias: false, note: "unbatched" }),
  sample([0, 3, 3, 4], [3, 4, 3, 3], { padding: 1 }),
  sample([1, 2, 3, 4], [2, 3, 2, 2], { padding: [1, 0, 0, 2] }, { note: "before, after" }),
  sample([2, 3, 3, 4], [3, 4, 3, 3], {}, { scale: 100, note: "×100" }),
  {
    inputs: [sprinkled(normal([1, 2, 4, 4]), Number.NaN, 23), normal([2, 3, 3, 3]), null],
    attrs: complete({ stride: 2 }),
    note: "NaN",
    smooth: false,
  },
];

const along3: Sample<Attrs>[] = [
  sample([2, 2, 2, 3, 3], [2, 3, 2, 2, 2]),
  sample([1, 2, 2, 3, 4], [2, 3, 3, 3, 3], { padding: 1, stride: [1, 2, 1] }),
  sample(
    [2, 2, 3, 4],
    [2, 2, 1, 2, 3],
    { stride: [1, 2, 3], outputPadding: [0, 1, 2] },
    { note: "unbatched" },
  ),
  sample([1, 4, 2, 2, 3], [4, 1, 2, 2, 2], { groups: 4, dilation: [1, 2, 2] }, { bias: false }),
  sample([1, 4, 2, 2, 3], [4, 3, 2, 2, 2], { groups: 2, stride: 2 }),
  sample([0, 2, 2, 3, 3], [2, 3, 2, 2, 2]),
];

function reference(n: 1 | 2 | 3, samples: Sample<Attrs>[], large: Sample<Attrs>): OpRef {
  const name = `convTranspose${n}d` as const;
  const cuts = Array.from({ length: n }, (_, i) => `-padding[${n - 1 - i}], -padding[${2 * n - 1 - i}]`);
  const call = (padding: string): string =>
    `F.conv_transpose${n}d(x, weight, bias, stride or 1, ${padding}, outputPadding or 0, groups or 1, dilation or 1)`;
  const uneven = `F.pad(${call("0")}, [${cuts.join(", ")}])`;
  return defineRef<Attrs>({
    op: name,
    inputs: ["x", "weight", "bias"],
    torch: `${uneven} if isinstance(padding, list) and len(padding) == ${2 * n} else ${call("padding or 0")}`,
    differentiable: true,
    tolerance: {
      units: ([, weight], { groups = 1 }) =>
        productUnits((weight.shape[0] / groups) * numel(weight.shape.slice(2)) + 1),
      of: ([x, weight, bias], attrs) =>
        spread(absolute(x), absolute(weight), bias === null ? null : absolute(bias), attrs),
    },
    forward: ([x, weight, bias], attrs) => spread(x, weight, bias, attrs),
    call: ([x, weight, bias], attrs) => x[name](weight, bias, attrs as object),
    samples,
    large,
  });
}

export const refs: readonly OpRef[] = [
  reference(1, along1, sample([4, 128, 256], [128, 64, 4], { stride: 2, padding: 1 })),
  reference(2, along2, sample([1, 128, 28, 28], [128, 64, 4, 4], { stride: 2, padding: 1 })),
  reference(3, along3, sample([1, 16, 8, 14, 14], [16, 16, 4, 4, 4], { stride: 2, padding: 1 })),
];
