// References of unfold.ts.
import {
  absolute,
  bools,
  build,
  defineRef,
  exact,
  integers,
  normal,
  numel,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  sprinkled,
} from "../reference.ts";
import { each, meetings, type PerAxis, sizesOf } from "./conv.ref.ts";

interface Attrs {
  readonly kernelSize: PerAxis;
  readonly outputSize?: PerAxis;
  readonly dilation?: PerAxis;
  readonly padding?: PerAxis;
  readonly stride?: PerAxis;
}

/** Every attribute by name, for the PyTorch expression. */
const complete = (attrs: Attrs): Attrs => ({
  dilation: undefined,
  padding: undefined,
  stride: undefined,
  ...attrs,
});

function gridOf(image: readonly number[], attrs: Attrs): number[] {
  const kernel = each(attrs.kernelSize, 2, 1);
  const { stride, dilation, before, after } = sizesOf(attrs, kernel);
  return image.map((size, axis) => {
    const extent = dilation[axis] * (kernel[axis] - 1) + 1;
    return Math.floor((size + before[axis] + after[axis] - extent) / stride[axis]) + 1;
  });
}

/** Where element `element` of the image stands in the columns: row `tap`, column `position` of its channel. */
function forEachPlane(
  planes: number,
  image: readonly number[],
  attrs: Attrs,
  visit: (inImage: number, inColumns: number) => void,
): void {
  const kernel = each(attrs.kernelSize, 2, 1);
  const grid = gridOf(image, attrs);
  const [I, P, T] = [numel(image), numel(grid), numel(kernel)];
  meetings(image, grid, kernel, sizesOf(attrs, kernel), (element, position, tap) => {
    for (let c = 0; c < planes; c++) visit(c * I + element, (c * T + tap) * P + position);
  });
}

function unfold(x: RefTensor, attrs: Attrs): RefTensor {
  const image = x.shape.slice(-2);
  const lead = x.shape.slice(0, -2);
  const taps = numel(each(attrs.kernelSize, 2, 1));
  const shape = [...lead.slice(0, -1), lead[lead.length - 1] * taps, numel(gridOf(image, attrs))];
  const data = new Float64Array(numel(shape));
  forEachPlane(numel(lead), image, attrs, (inImage, inColumns) => {
    data[inColumns] = x.data[inImage];
  });
  return { dtype: x.dtype, shape, data };
}

function fold(x: RefTensor, attrs: Attrs): RefTensor {
  const image = each(attrs.outputSize, 2, 1);
  const taps = numel(each(attrs.kernelSize, 2, 1));
  const shape = [...x.shape.slice(0, -2), x.shape[x.shape.length - 2] / taps, ...image];
  const data = new Float64Array(numel(shape));
  forEachPlane(numel(shape.slice(0, -2)), image, attrs, (inImage, inColumns) => {
    data[inImage] += x.data[inColumns];
  });
  return { dtype: "f32", shape, data };
}

const image = (x: readonly number[], attrs: Attrs, note?: string): Sample<Attrs> => ({
  inputs: [normal(x)],
  attrs: complete(attrs),
  note,
  torch: isTorch(attrs),
});

/** Images and windows, for both directions. */
const windows: readonly (readonly [readonly number[], Attrs, string?])[] = [
  ...SIZES.map((W) => [[1, 2, 2, W], { kernelSize: [2, 3], padding: 1 }] as const),
  ...SIZES.map((H) => [[1, 1, H, 3], { kernelSize: [2, 2], padding: [1, 0], stride: [2, 1] }] as const),
  ...[1, 2, 3, 4, 7].map((k) => [[1, 2, 7, 8], { kernelSize: k }] as const),
  ...[1, 2, 3, 4, 9].map((stride) => [[1, 2, 9, 10], { kernelSize: [3, 2], stride }] as const),
  ...[1, 2, 3].map((dilation) => [[1, 2, 8, 9], { kernelSize: [3, 3], dilation }] as const),
  ...[0, 1, 2, 4].map((padding) => [[1, 2, 4, 5], { kernelSize: [2, 3], padding }] as const),
  ...[1, 3, 4, 5, 8, 17].map((C) => [[1, C, 3, 4], { kernelSize: 2 }] as const),
  [[1, 2, 8, 17], { kernelSize: [3, 4], padding: [2, 1], stride: [2, 3], dilation: [1, 2] }],
  [[1, 3, 8, 12], { kernelSize: 4, stride: 4 }, "patches side by side"],
  [[1, 2, 2, 1], { kernelSize: [3, 4], padding: 2 }, "window larger than the image"],
  [[1, 1, 1, 1], { kernelSize: 1 }],
  [[1, 2, 4, 5], { kernelSize: [1, 5] }],
  [[1, 2, 4, 5], { kernelSize: [4, 1] }],
  [[3, 4, 5], { kernelSize: [2, 3], padding: 1 }, "unbatched"],
  [[0, 3, 4, 5], { kernelSize: [2, 3] }],
  [[1, 2, 5, 6], { kernelSize: [2, 3], padding: [1, 0, 0, 2], stride: [2, 1] }],
];
/** PyTorch pads both sides alike. */
const isTorch = ({ padding }: Attrs): boolean => !Array.isArray(padding) || padding.length < 4;

const columns = windows.map(([shape, attrs, note]): Sample<Attrs> => {
  const outputSize = shape.slice(-2);
  const rows = shape[shape.length - 3] * numel(each(attrs.kernelSize, 2, 1));
  const x = [...shape.slice(0, -3), rows, numel(gridOf(outputSize, attrs))];
  return { inputs: [normal(x)], attrs: complete({ ...attrs, outputSize }), note, torch: isTorch(attrs) };
});

const steps = "kernelSize, dilation or 1, padding or 0, stride or 1)";

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "unfold",
    inputs: ["x"],
    torch: `F.unfold(x.double(), ${steps}.int() if x.dtype is torch.int32 else F.unfold(x, ${steps}`,
    differentiable: true,
    tolerance: exact,
    forward: ([x], attrs) => unfold(x, attrs),
    call: ([x], { kernelSize, ...options }) => x.unfold(kernelSize, options),
    samples: [
      ...windows.map(([shape, attrs, note]) => image(shape, attrs, note)),
      {
        inputs: [sprinkled(normal([1, 2, 4, 5]), Number.NaN, 7)],
        attrs: complete({ kernelSize: 2 }),
        note: "NaN",
        smooth: false,
      },
      { inputs: [integers([2, 2, 4, 5], -9, 9)], attrs: complete({ kernelSize: 2, padding: 1 }) },
      { inputs: [bools([2, 2, 4, 5])], attrs: complete({ kernelSize: 2, padding: 1 }) },
    ],
    large: image([4, 32, 64, 64], { kernelSize: 3, padding: 1 }),
  }),
  defineRef<{ dim: number; size: number; step: number }>({
    op: "unfold",
    inputs: ["x"],
    torch: "x.unfold(dim, size, step)",
    torchName: "torch.Tensor.unfold",
    differentiable: true,
    tolerance: { units: (_, { size }) => size },
    forward([x], { dim, size, step }) {
      const { shape } = x;
      const axis = dim < 0 ? dim + shape.length : dim;
      const count = Math.floor(((shape[axis] ?? 1) - size) / step) + 1;
      const windows = shape.map((length, i) => (i === axis ? count : length));
      return build(
        [...windows, size],
        (index) => {
          const place = shape.map(
            (_, i) => index[i] + (i === axis ? index[i] * (step - 1) + index[shape.length] : 0),
          );
          return read(x, place);
        },
        x.dtype,
      );
    },
    call: ([x], { dim, size, step }) => x.unfold(dim, size, step),
    samples: [
      ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: { dim: 1, size: Math.min(n, 3), step: 2 } })),
      ...[0, 1, 2, -1, -3].map((dim) => ({ inputs: [normal([4, 3, 5])], attrs: { dim, size: 2, step: 1 } })),
      { inputs: [normal([3, 17])], attrs: { dim: 1, size: 4, step: 7 }, note: "gaps" },
      { inputs: [normal([5])], attrs: { dim: 0, size: 5, step: 1 } },
      { inputs: [normal([5])], attrs: { dim: 0, size: 0, step: 2 }, note: "nothing" },
      { inputs: [normal([])], attrs: { dim: 0, size: 1, step: 1 } },
      { inputs: [normal([0, 5])], attrs: { dim: 1, size: 2, step: 1 } },
      { inputs: [integers([3, 7], -9, 9)], attrs: { dim: 1, size: 3, step: 1 } },
      { inputs: [bools([7])], attrs: { dim: 0, size: 3, step: 2 } },
    ],
  }),
  defineRef<Attrs>({
    op: "fold",
    inputs: ["x"],
    torch: `F.fold(x.to(floating), outputSize, ${steps}`,
    differentiable: true,
    tolerance: {
      units: (_, { kernelSize }) => 2 * Math.sqrt(numel(each(kernelSize, 2, 1))),
      of: ([x], attrs) => fold(absolute(x), attrs),
    },
    forward: ([x], attrs) => fold(x, attrs),
    call: ([x], { outputSize = 1, kernelSize, ...options }) => x.fold(outputSize, kernelSize, options),
    samples: [
      ...columns,
      { inputs: [integers([2, 8, 12], -9, 9)], attrs: complete({ outputSize: [4, 5], kernelSize: 2 }) },
      {
        inputs: [sprinkled(normal([1, 8, 12]), Infinity, 17)],
        attrs: complete({ outputSize: [4, 5], kernelSize: 2 }),
        note: "Infinity",
        smooth: false,
      },
    ],
    large: {
      inputs: [normal([4, 288, 4096])],
      attrs: complete({ outputSize: 64, kernelSize: 3, padding: 1 }),
    },
  }),
];
