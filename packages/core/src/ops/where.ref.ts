// References of where.ts.
import {
  bools,
  build,
  defineRef,
  elementwise,
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

interface Attrs {
  readonly a?: number | boolean;
  readonly b?: number | boolean;
}

const number = (value: number | boolean | undefined, dtype: RefTensor["dtype"]): RefTensor => ({
  dtype,
  shape: [],
  data: Float64Array.of(Number(value)),
});

const three = (condition: number[], a: number[], b: number[]): Sample<Attrs> => ({
  inputs: [bools(condition), normal(a), normal(b)],
  attrs: {},
});

interface Fill {
  readonly value?: number | boolean;
}

const fill = (
  x: Maker,
  mask: Maker,
  value: Maker | number | boolean = -2.5,
  note?: string,
): Sample<Fill> => ({
  inputs: [x, mask, typeof value === "function" ? value : null],
  attrs: { value: typeof value === "function" ? undefined : value },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "where",
    inputs: ["condition", "a", "b"],
    large: three([1024, 1024], [1024, 1024], [1024, 1024]),
    torch: "torch.where(condition.bool(), a, b)",
    differentiable: true,
    tolerance: exact,
    forward([condition, a, b], attrs) {
      const given = [attrs.a, attrs.b];
      const integer = [a, b].every((x, i) =>
        x ? x.dtype !== "f32" : typeof given[i] === "boolean" || Number.isInteger(given[i]),
      );
      const truth = [a, b].every((x, i) => (x ? x.dtype === "bool" : typeof given[i] === "boolean"));
      const dtype = truth ? "bool" : integer ? "i32" : "f32";
      const inputs = [condition, a ?? number(attrs.a, "f32"), b ?? number(attrs.b, "f32")];
      return elementwise(inputs, (c, x, y) => (c !== 0 ? x : y), dtype);
    },
    call: ([condition, a, b], attrs, saccade) =>
      saccade.where(condition, a ?? (attrs.a as number), b ?? (attrs.b as number)),
    samples: [
      ...SIZES.map((n) => three([n], [n], [n])),
      three([3, 17], [3, 17], [3, 17]),
      three([3, 5], [5], [3, 1]),
      three([1, 17], [4, 1], [4, 17]),
      three([], [3, 5], [5]),
      three([3, 5], [], []),
      three([2, 3, 5], [3, 5], [2, 1, 1]),
      three([0, 3], [3], [1, 3]),
      { inputs: [bools([3, 5]), normal([3, 5]), null], attrs: { b: 0.5 } },
      { inputs: [bools([3, 5]), null, normal([5])], attrs: { a: -1 } },
      { inputs: [integers([3, 5], 0, 2), normal([3, 5]), normal([5])], attrs: {} },
      { inputs: [bools([3, 5]), integers([3, 5], 0, 9), integers([5], 0, 9)], attrs: {} },
      { inputs: [bools([3, 5]), integers([3, 5], 0, 9), null], attrs: { b: -1 } },
      { inputs: [bools([3, 5]), integers([3, 5], 0, 9), normal([5])], attrs: {} },
      { inputs: [bools([3, 5]), bools([3, 5]), bools([5])], attrs: {} },
      { inputs: [bools([3, 5]), bools([3, 5]), integers([5], 0, 9)], attrs: {} },
      { inputs: [bools([3, 5]), bools([3, 5]), null], attrs: { b: 3 } },
      { inputs: [bools([3, 5]), null, null], attrs: { a: 1, b: -2 } },
      { inputs: [bools([3, 5]), bools([5]), null], attrs: { b: true } },
      { inputs: [bools([3, 5]), null, integers([5], 0, 9)], attrs: { a: true } },
      { inputs: [bools([3, 5]), null, null], attrs: { a: true, b: false } },
      { inputs: [bools([3, 5]), null, null], attrs: { a: false, b: 2 } },
      { inputs: [bools([3, 5]), null, null], attrs: { a: 1, b: 0.5 } },
      {
        inputs: [
          values([1, 0, 1, 0], [4], "bool"),
          values([1, Number.NaN, Infinity, 2]),
          values([Number.NaN, 1, 2, -Infinity]),
        ],
        attrs: {},
        note: "NaN, Infinity",
      },
    ],
  }),
  defineRef<Attrs>({
    op: "where",
    inputs: ["condition"],
    torch: "torch.where(condition)",
    differentiable: false,
    tolerance: exact,
    forward: ([condition]) =>
      condition.shape.map((_, axis) => {
        const found: number[] = [];
        build(condition.shape, (index) => {
          if (read(condition, index) !== 0) found.push(index[axis]);
          return 0;
        });
        return { dtype: "i32", shape: [found.length], data: Float64Array.from(found) };
      }),
    call: ([condition], _attrs, saccade) => saccade.where(condition),
    samples: [bools([33]), bools([3, 17]), normal([2, 3, 4])].map((x) => ({
      inputs: [x],
      attrs: {},
      note: "one argument",
    })),
  }),
  defineRef<Fill>({
    op: "maskedFill",
    inputs: ["x", "mask", "value"],
    torch: "x.masked_fill(mask.bool(), value)",
    differentiable: true,
    tolerance: exact,
    forward: ([x, mask, filler], { value = 0 }) => {
      const held = filler?.data[0] ?? Number(value);
      const given = x.dtype === "f32" ? held : x.dtype === "i32" ? Math.trunc(held) : Number(held !== 0);
      return elementwise([x, mask], (element, m) => (m !== 0 ? given : element), x.dtype);
    },
    call: ([x, mask, filler], { value }) => x.maskedFill(mask, filler ?? (value as number)),
    samples: [
      ...SIZES.map((n) => fill(normal([n]), bools([n]))),
      fill(normal([3, 17]), bools([17])),
      fill(normal([2, 3, 5]), bools([3, 1])),
      fill(normal([3, 5]), bools([])),
      fill(normal([3, 5]), bools([3, 5]), -Infinity),
      fill(sprinkled(normal([3, 5]), Number.NaN, 2), sprinkled(bools([3, 5]), 1, 2), 0, "NaN filled"),
      fill(integers([3, 5], 0, 9), bools([5]), 7, "i32"),
      fill(integers([3, 5], 0, 9), bools([5]), 1.7),
      fill(bools([3, 5]), bools([5]), 1),
      fill(bools([3, 5]), bools([5]), true),
      fill(bools([3, 5]), bools([5]), false),
      fill(normal([5]), bools([3, 5])),
      ...SIZES.map((n) => fill(normal([3, n]), bools([3, n]), normal([]))),
      fill(normal([2, 3, 5]), bools([3, 1]), normal([])),
      fill(integers([3, 5], 0, 9), bools([5]), integers([], 0, 9)),
      fill(bools([3, 5]), bools([5]), bools([])),
    ],
    large: fill(normal([1024, 1024]), bools([1024, 1024])),
  }),
];
