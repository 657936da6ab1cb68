// References of masks.ts.
import {
  bools,
  broadcast,
  build,
  defineRef,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

type None = Record<never, never>;
const sample = (...inputs: Maker[]): Sample<None> => ({ inputs, attrs: {} });

/** Coordinates of what is not 0. */
function places(x: RefTensor): number[][] {
  const found: number[][] = [];
  build(x.shape, (index) => {
    if (read(x, index) !== 0) found.push([...index]);
    return 0;
  });
  return found;
}

const nonzeros: Sample<None>[] = [
  ...SIZES.map((n) => sample(bools([n]))),
  ...SIZES.map((n) => sample(bools([3, n]))),
  sample(bools([2, 3, 4])),
  sample(bools([2, 3, 2, 2, 3])),
  sample(bools([9000])),
  sample(integers([5, 7], -1, 2)),
  sample(sprinkled(sprinkled(normal([4, 9]), 0, 2), Number.NaN, 7)),
  sample(values([0, -0, 1, Infinity])),
  { ...sample(values([1], [])), note: "0-d" },
  { ...sample(values([0], [])), note: "0-d, nothing" },
  sample(bools([0, 3])),
  { ...sample(values([0, 0, 0])), note: "nothing" },
];

const selected = ([x, mask]: readonly RefTensor[]): RefTensor => {
  const shape = broadcast(x.shape, mask.shape);
  const found: number[] = [];
  build(shape, (index) => {
    if (read(mask, index) !== 0) found.push(read(x, index));
    return 0;
  });
  return { dtype: x.dtype, shape: [found.length], data: Float64Array.from(found) };
};

export const refs: readonly OpRef[] = [
  defineRef<None>({
    op: "nonzero",
    inputs: ["x"],
    torch: "torch.nonzero(x)",
    differentiable: false,
    tolerance: exact,
    forward: ([x]) => {
      const found = places(x);
      return { dtype: "i32", shape: [found.length, x.shape.length], data: Float64Array.from(found.flat()) };
    },
    call: ([x]) => x.nonzero(),
    samples: nonzeros,
    large: sample(bools([1024, 1024])),
  }),
  defineRef<None>({
    op: "nonzero",
    inputs: ["x"],
    torch: "torch.nonzero(x, as_tuple=True)",
    differentiable: false,
    tolerance: exact,
    forward: ([x]) => {
      const found = places(x.shape.length === 0 ? { ...x, shape: [1] } : x);
      const axes = Array.from({ length: Math.max(x.shape.length, 1) }, (_, axis) => axis);
      return axes.map((axis) => ({
        dtype: "i32",
        shape: [found.length],
        data: Float64Array.from(found, (place) => place[axis]),
      }));
    },
    call: ([x], _attrs, saccade) => saccade.nonzero(x, { asTuple: true }),
    samples: [
      sample(bools([33])),
      sample(bools([3, 17])),
      sample(normal([2, 3, 4])),
      sample(values([1], [])),
      sample(bools([0, 3])),
    ].map((each) => ({ ...each, note: "as a tuple" })),
  }),
  defineRef<None>({
    op: "maskedSelect",
    inputs: ["x", "mask"],
    torch: "torch.masked_select(x, mask)",
    differentiable: true,
    tolerance: exact,
    forward: selected,
    call: ([x, mask]) => x.maskedSelect(mask),
    samples: [
      ...SIZES.map((n) => sample(normal([3, n]), bools([3, n]))),
      sample(normal([3, 17]), bools([17])),
      sample(normal([17]), bools([3, 17])),
      sample(normal([3, 1]), bools([1, 5])),
      sample(normal([2, 3, 2, 2]), bools([3, 1, 2])),
      sample(normal([]), bools([])),
      sample(normal([]), bools([4])),
      sample(normal([0, 3]), bools([3])),
      sample(sprinkled(normal([9]), Number.NaN, 2), bools([9])),
      sample(integers([3, 5], 0, 99), bools([3, 5])),
      sample(bools([3, 5]), bools([3, 5])),
    ],
    large: sample(normal([1024, 1024]), bools([1024, 1024])),
  }),
  defineRef<None>({
    op: "maskedScatter",
    inputs: ["x", "mask", "source"],
    torch: "torch.masked_scatter(x, mask, source)",
    differentiable: true,
    tolerance: exact,
    forward([x, mask, source]) {
      let next = 0;
      const shape = broadcast(x.shape, mask.shape);
      return build(
        shape,
        (index) => (read(mask, index) !== 0 ? source.data[next++] : read(x, index)),
        x.dtype,
      );
    },
    call: ([x, mask, source]) => x.maskedScatter(mask, source),
    samples: [
      ...SIZES.map((n) => sample(normal([3, n]), bools([3, n]), normal([3, n]))),
      sample(normal([3, 17]), bools([17]), normal([60])),
      sample(normal([17]), bools([3, 17]), normal([3, 20])),
      sample(normal([2, 3, 4]), bools([3, 1]), normal([2, 2, 9])),
      sample(normal([]), bools([]), normal([2])),
      sample(normal([0, 3]), bools([3]), normal([0])),
      sample(integers([3, 5], 0, 99), bools([3, 5]), integers([15], 0, 99)),
      sample(bools([3, 5]), bools([3, 5]), bools([15])),
    ],
    large: sample(normal([1024, 512]), bools([1024, 512]), normal([1024, 512])),
  }),
];
