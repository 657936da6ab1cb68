// References of conv1d, conv2d, conv3d in conv.ts.
import {
  absolute,
  defineRef,
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
import { productUnits } from "./matmul.ref.ts";

export type PerAxis = number | readonly number[];
export interface Attrs {
  readonly stride?: PerAxis;
  readonly padding?: PerAxis | string;
  readonly outputPadding?: PerAxis;
  readonly dilation?: PerAxis;
  readonly groups?: number;
}

/** Every attribute by name, for the PyTorch expression. */
export const complete = (attrs: Attrs): Attrs => ({
  stride: undefined,
  padding: undefined,
  outputPadding: undefined,
  dilation: undefined,
  groups: undefined,
  ...attrs,
});

interface Sizes {
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function each(value: PerAxis | undefined, n: number, missing: number): number[] {
  const list = typeof value === "object" ? value : [value ?? missing];
  return list.length === 1 ? new Array<number>(n).fill(list[0]) : [...list];
}

export function sizesOf({ stride, padding = 0, dilation }: Attrs, kernel: readonly number[]): Sizes {
  const n = kernel.length;
  const apart = each(dilation, n, 1);
  const common = { stride: each(stride, n, 1), dilation: apart };
  if (padding === "same") {
    const total = kernel.map((size, axis) => apart[axis] * (size - 1));
    const before = total.map((size) => Math.floor(size / 2));
    return { ...common, before, after: total.map((size, axis) => size - before[axis]) };
  }
  const list = each(typeof padding === "string" ? 0 : padding, n, 0);
  return { ...common, before: list.slice(0, n), after: list.length === n ? list : list.slice(n) };
}

/** Calls `visit` for each tap that meets the image at each position, with their flat numbers. */
export function meetings(
  image: readonly number[],
  grid: readonly number[],
  kernel: readonly number[],
  sizes: Sizes,
  visit: (element: number, position: number, tap: number) => void,
): void {
  const walk = (axis: number, element: number, position: number, tap: number): void => {
    if (axis === image.length) {
      visit(element, position, tap);
      return;
    }
    for (let p = 0; p < grid[axis]; p++) {
      for (let k = 0; k < kernel[axis]; k++) {
        const at = p * sizes.stride[axis] + k * sizes.dilation[axis] - sizes.before[axis];
        if (at < 0 || at >= image[axis]) continue;
        walk(axis + 1, element * image[axis] + at, position * grid[axis] + p, tap * kernel[axis] + k);
      }
    }
  };
  walk(0, 0, 0, 0);
}

/** x (N, C, …) or (C, …), weight (O, C / groups, …), bias (O) or null. */
export function convolve(x: RefTensor, weight: RefTensor, bias: RefTensor | null, attrs: Attrs): RefTensor {
  const [O, channels, ...kernel] = weight.shape;
  const n = kernel.length;
  const { groups = 1 } = attrs;
  const image = x.shape.slice(-n);
  const sizes = sizesOf(attrs, kernel);
  const grid = image.map((size, axis) => {
    const padded = size + sizes.before[axis] + sizes.after[axis];
    return Math.floor((padded - sizes.dilation[axis] * (kernel[axis] - 1) - 1) / sizes.stride[axis]) + 1;
  });
  const N = x.shape.length === n + 2 ? x.shape[0] : 1;
  const [P, I, T] = [numel(grid), numel(image), numel(kernel)];
  const data = new Float64Array(N * O * P).map((_, i) => bias?.data[Math.floor(i / P) % O] ?? 0);
  meetings(image, grid, kernel, sizes, (element, position, tap) => {
    for (let o = 0; o < O; o++) {
      const g = Math.floor(o / (O / groups));
      for (let c = 0; c < channels; c++) {
        const w = weight.data[(o * channels + c) * T + tap];
        for (let item = 0; item < N; item++) {
          data[(item * O + o) * P + position] +=
            w * x.data[((item * groups + g) * channels + c) * I + element];
        }
      }
    }
  });
  return { dtype: "f32", shape: [...x.shape.slice(0, -n - 1), O, ...grid], data };
}

const absent = (x: RefTensor | null): RefTensor | null => (x === null ? null : absolute(x));

function sample(
  x: readonly number[],
  weight: readonly number[],
  attrs: Attrs = {},
  { bias = true, note, scale = 1 }: { bias?: boolean; note?: string; scale?: number } = {},
): Sample<Attrs> {
  const inputs = [normal(x, scale), normal(weight, scale), bias ? normal([weight[0]]) : null];
  return { inputs, attrs: complete(attrs), note };
}

const conv1d: Sample<Attrs>[] = [
  ...SIZES.map((L) => sample([2, 3, L], [4, 3, 1])),
  ...SIZES.map((L) => sample([1, 2, L], [3, 2, 3], { padding: 1 })),
  ...SIZES.filter((C) => C < 34).map((C) => sample([2, C, 5], [3, C, 2], {}, { bias: false })),
  ...SIZES.filter((O) => O < 34).map((O) => sample([2, 3, 6], [O, 3, 3])),
  ...[1, 2, 3, 4, 5, 8, 9].map((K) => sample([2, 2, 9], [2, 2, K], { padding: "same" })),
  ...[2, 3, 4, 7, 20].map((stride) => sample([2, 3, 17], [4, 3, 3], { stride, padding: 2 })),
  ...[1, 2, 3, 4].map((dilation) => sample([1, 3, 17], [2, 3, 4], { dilation, padding: 3, stride: 2 })),
  ...[1, 2, 3].map((stride) => sample([2, 5, 33], [5, 1, 3], { stride, groups: 5, padding: 1 })),
  ...[2, 3, 4, 5].map((m) => sample([2, 3, 9], [3 * m, 1, 3], { groups: 3, padding: 1 })),
  ...[2, 4].map((groups) => sample([2, 8, 9], [4, 8 / groups, 3], { groups })),
  sample([3, 9], [4, 3, 3], { padding: 1 }, { note: "unbatched" }),
  sample([3, 9], [3, 1, 4], { groups: 3, padding: "same" }, { bias: false, note: "unbatched" }),
  sample([0, 3, 9], [4, 3, 3], { padding: 1 }),
  sample([0, 3, 9], [3, 1, 3], { groups: 3 }),
  sample([2, 3, 2], [4, 3, 5], { padding: 2 }, { note: "window larger than the image" }),
  sample([2, 3, 2], [4, 3, 2], { padding: 5 }, { note: "padding larger than the window" }),
  sample([2, 3, 2], [3, 1, 2], { padding: 5, groups: 3, stride: 3 }),
  sample([2, 3, 5], [4, 3, 5], {}, { note: "one position" }),
  sample([2, 3, 9], [4, 3, 3], { padding: "valid", stride: [2] }),
  sample([2, 3, 9], [4, 3, 3], { padding: [1, 2] }, { note: "before, after" }),
  sample([2, 3, 9], [3, 1, 3], { padding: [0, 2], groups: 3 }, { note: "before, after" }),
  sample([1, 1, 300], [1, 1, 7], { padding: 3 }),
  sample([1, 2, 1700], [2, 2, 1], {}, { note: "blocks of positions" }),
  sample([1, 70, 4], [2, 70, 3], { padding: 1 }),
  sample([2, 3, 9], [4, 3, 3], { padding: 1 }, { scale: 100, note: "×100" }),
];

const kernels = [
  [1, 1],
  [3, 3],
  [2, 4],
  [1, 5],
  [4, 1],
];
const odd = { stride: [1, 2], padding: [2, 1], dilation: [1, 2] };

const conv2d: Sample<Attrs>[] = [
  ...kernels.map(([h, w]) => sample([2, 3, 5, 6], [4, 3, h, w])),
  ...kernels.map(([h, w]) => sample([2, 3, 5, 8], [4, 3, h, w], odd, { bias: false })),
  ...kernels.map(([h, w]) => sample([1, 3, 4, 5], [2, 3, h, w], { padding: "same" })),
  ...kernels.map(([h, w]) => sample([1, 2, 5, 5], [2, 2, h, w], { padding: "same", dilation: [2, 3] })),
  ...kernels.map(([h, w]) => sample([2, 4, 5, 6], [4, 1, h, w], { groups: 4, padding: 1 })),
  ...kernels.map(([h, w]) => sample([2, 3, 6, 9], [6, 1, h, w], { ...odd, groups: 3 })),
  ...[1, 3, 4, 5, 8, 17].map((C) => sample([2, C, 4, 5], [3, C, 3, 3], { padding: 1 })),
  ...[1, 3, 4, 5, 8, 17].map((O) => sample([2, 2, 4, 5], [O, 2, 3, 3], { padding: 1 })),
  ...[2, 3, 5].map((stride) => sample([1, 3, 9, 8], [4, 3, 3, 3], { stride, padding: 1 })),
  ...[1, 2, 3, 4].map((stride) => sample([1, 3, 7, 19], [3, 1, 3, 3], { stride, padding: 1, groups: 3 })),
  ...[2, 3].map((dilation) =>
    sample([1, 2, 8, 20], [2, 1, 3, 3], { dilation, padding: dilation, groups: 2 }),
  ),
  ...[2, 4].map((groups) => sample([1, 8, 4, 4], [8, 8 / groups, 3, 3], { groups, padding: 1 })),
  ...[3, 4, 5].map((m) => sample([1, 2, 4, 5], [2 * m, 1, 3, 3], { groups: 2, padding: 1 })),
  sample([1, 2, 9, 9], [2, 2, 7, 7], { padding: 3, stride: 2 }),
  sample([1, 2, 9, 9], [2, 1, 7, 7], { padding: 3, groups: 2 }),
  sample([2, 3, 8, 12], [5, 3, 4, 4], { stride: 4 }, { note: "patches side by side" }),
  sample([2, 3, 6, 9], [4, 3, 2, 3], { stride: [2, 3] }, { note: "patches side by side" }),
  sample([2, 8, 3, 5], [9, 8, 1, 1], { stride: 2 }),
  sample([1, 1, 1, 1], [1, 1, 1, 1]),
  sample([1, 1, 5, 5], [8, 1, 3, 3], {}, { note: "one channel" }),
  sample([3, 5, 6], [4, 3, 3, 3], { padding: 1 }, { note: "unbatched" }),
  sample([3, 5, 6], [3, 1, 3, 3], { padding: 1, groups: 3 }, { bias: false, note: "unbatched" }),
  sample([0, 3, 5, 6], [4, 3, 3, 3], { padding: 1 }),
  sample([0, 3, 5, 6], [3, 1, 3, 3], { groups: 3 }, { bias: false }),
  sample([1, 2, 2, 1], [3, 2, 3, 4], { padding: 2 }, { note: "window larger than the image" }),
  sample(
    [1, 2, 1, 2],
    [2, 2, 2, 2],
    { padding: [4, 3], stride: [3, 1] },
    { note: "padding beyond the window" },
  ),
  sample([1, 2, 1, 2], [2, 1, 2, 2], { padding: [4, 3], groups: 2 }, { note: "padding beyond the window" }),
  sample([1, 2, 4, 5], [3, 2, 3, 3], { padding: [1, 0, 2, 3] }, { note: "before, after" }),
  sample([1, 2, 4, 5], [2, 1, 3, 3], { padding: [2, 1, 0, 1], groups: 2 }, { note: "before, after" }),
  sample([2, 3, 4, 5], [4, 3, 3, 3], { padding: 1 }, { scale: 100, note: "×100" }),
  {
    inputs: [sprinkled(normal([1, 2, 5, 6]), Number.NaN, 23), normal([3, 2, 3, 3]), null],
    attrs: complete({ padding: 1 }),
    note: "NaN",
    smooth: false,
  },
  {
    inputs: [sprinkled(normal([1, 2, 5, 6]), Infinity, 23), normal([2, 1, 3, 3]), null],
    attrs: complete({ groups: 2 }),
    note: "Infinity",
    smooth: false,
  },
  {
    inputs: [values([-0, -0, -0, -0], [1, 1, 2, 2]), values([1], [1, 1, 1, 1]), null],
    attrs: complete({}),
    note: "zeros",
  },
  { inputs: [integers([1, 2, 4, 5], -9, 9), normal([3, 2, 3, 3]), normal([3])], attrs: complete({}) },
];

const conv3d: Sample<Attrs>[] = [
  sample([2, 2, 3, 4, 5], [3, 2, 2, 2, 2]),
  sample([1, 2, 3, 4, 5], [3, 2, 3, 3, 3], { padding: 1 }),
  sample([1, 2, 3, 4, 5], [2, 2, 2, 3, 2], { padding: "same" }),
  sample([3, 3, 4, 5], [2, 3, 1, 1, 1], { stride: [1, 2, 3] }, { note: "unbatched" }),
  sample([1, 2, 5, 4, 6], [3, 2, 2, 3, 1], { stride: [2, 1, 2], padding: [1, 2, 0], dilation: [2, 1, 3] }),
  sample([1, 3, 3, 4, 4], [3, 1, 2, 2, 3], { groups: 3, padding: 1 }, { bias: false }),
  sample([1, 2, 1, 5, 6], [2, 1, 1, 3, 3], { groups: 2, padding: [0, 1, 1] }),
  sample([1, 4, 2, 3, 3], [6, 2, 2, 2, 2], { groups: 2 }),
  sample([1, 2, 2, 3, 3], [3, 2, 2, 2, 2], { padding: [1, 0, 1, 0, 2, 1] }, { note: "before, after" }),
  sample([0, 2, 2, 3, 3], [3, 2, 2, 2, 2]),
];

const settings = (padding: string): string => `bias, stride or 1, ${padding}, dilation or 1, groups or 1)`;

function reference(n: 1 | 2 | 3, samples: Sample<Attrs>[], large: Sample<Attrs>): OpRef {
  const name = `conv${n}d` as const;
  const pads = Array.from({ length: n }, (_, i) => [
    `padding[${n - 1 - i}]`,
    `padding[${2 * n - 1 - i}]`,
  ]).flat();
  const whole = `F.${name}(x.to(weight.dtype), weight, ${settings("padding or 0")}`;
  const padded = `F.${name}(F.pad(x, [${pads.join(", ")}]), weight, ${settings("0")}`;
  return defineRef<Attrs>({
    op: name,
    inputs: ["x", "weight", "bias"],
    torch: `${padded} if isinstance(padding, list) and len(padding) == ${2 * n} else ${whole}`,
    differentiable: true,
    tolerance: {
      units: ([, weight]) => productUnits(numel(weight.shape.slice(1)) + 1),
      of: ([x, weight, bias], attrs) => convolve(absolute(x), absolute(weight), absent(bias), attrs),
    },
    forward: ([x, weight, bias], attrs) => convolve(x, weight, bias, attrs),
    call: ([x, weight, bias], attrs) => x[name](weight, bias, attrs as object),
    samples,
    large,
  });
}

const pair = (x: readonly number[], weight: readonly number[], attrs: Attrs): Sample<Attrs> => {
  const inputs: (Maker | null)[] = [normal(x), normal(weight), normal([weight[0]])];
  return { inputs, attrs: complete(attrs) };
};

export const refs: readonly OpRef[] = [
  reference(1, conv1d, pair([4, 128, 512], [128, 128, 3], { padding: 1 })),
  reference(2, conv2d, pair([1, 64, 56, 56], [64, 64, 3, 3], { padding: 1 })),
  reference(3, conv3d, pair([1, 16, 16, 28, 28], [16, 16, 3, 3, 3], { padding: 1 })),
];
