// References of binary.ts. A number as operand is an attribute of the operand's name.
import {
  defineRef,
  elementwise,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefInput,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
  type Tolerance,
  uniform,
  values,
} from "../reference.ts";

interface Attrs {
  readonly a?: number | boolean;
  readonly b?: number | boolean;
  readonly alpha?: number;
}

type Name = "add" | "sub" | "mul" | "div" | "maximum" | "minimum";

const formulas: Record<
  Name,
  { torch: string; f64: (a: number, b: number) => number; i32: (a: number, b: number) => number }
> = {
  add: {
    torch: "torch.add(torch.as_tensor(a), b, alpha=alpha)",
    f64: (a, b) => a + b,
    i32: (a, b) => (a + b) | 0,
  },
  sub: {
    torch: "torch.sub(torch.as_tensor(a), b, alpha=alpha)",
    f64: (a, b) => a - b,
    i32: (a, b) => (a - b) | 0,
  },
  mul: { torch: "a * b", f64: (a, b) => a * b, i32: Math.imul },
  div: { torch: "a / b", f64: (a, b) => a / b, i32: (a, b) => a / b },
  maximum: { torch: "torch.maximum(torch.as_tensor(a), torch.as_tensor(b))", f64: Math.max, i32: Math.max },
  minimum: { torch: "torch.minimum(torch.as_tensor(a), torch.as_tensor(b))", f64: Math.min, i32: Math.min },
};

function operand(x: RefInput, value: number | boolean | undefined, other: RefInput): RefTensor {
  if (x !== null) return x;
  const number = other?.dtype !== "f32" && Number.isInteger(value) ? "i32" : "f32";
  const dtype = typeof value === "boolean" ? "bool" : number;
  return { dtype, shape: [], data: Float64Array.of(Number(value)) };
}

const special = [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3e38, 1e-40];
const pairs = special.flatMap((a) => special.map((b) => [a, b]));

/** Away from zero, so that quotients have usable differences. */
const away = (shape: readonly number[]): Maker => uniform(shape, 0.5, 4);

const shapes: [readonly number[], readonly number[]][] = [
  [
    [3, 17],
    [3, 17],
  ],
  [
    [2, 3, 5],
    [2, 3, 5],
  ],
  [[3, 5], [5]],
  [[5], [3, 5]],
  [
    [4, 1],
    [1, 17],
  ],
  [
    [3, 1],
    [3, 16],
  ],
  [[33], [1]],
  [
    [2, 1, 5],
    [3, 1],
  ],
  [
    [2, 3, 1, 5],
    [3, 4, 1],
  ],
  [[], []],
  [[], [17]],
  [[2, 9], []],
  [[0, 3], [3]],
  [
    [2, 1],
    [2, 0],
  ],
];

function samples(name: Name): Sample<Attrs>[] {
  const right = name === "div" ? away : normal;
  const binary = ([a, b]: (readonly number[])[]): Sample<Attrs> => ({
    inputs: [normal(a), right(b)],
    attrs: {},
  });
  const big = {
    inputs: [normal([2, 33], 100), name === "div" ? normal([33], 100, 500) : normal([33], 100)],
    attrs: {},
    note: "×100",
  };
  const numbers: Sample<Attrs>[] = [
    { inputs: [normal([3, 5]), null], attrs: { b: 2.5 } },
    { inputs: [null, away([3, 5])], attrs: { a: -1.5 } },
    { inputs: [normal([]), null], attrs: { b: 3 } },
  ];
  // PyTorch refuses to subtract bools; we take them as 0 and 1 there, too.
  const torch = name !== "sub";
  const integer: Sample<Attrs>[] = [
    { inputs: [integers([3, 17], -9, 9), integers([17], 1, 9)], attrs: {} },
    { inputs: [integers([2, 5], -9, 9), null], attrs: { b: 4 } },
    { inputs: [integers([2, 5], -9, 9), null], attrs: { b: 0.5 }, note: "i32 and a fraction" },
    { inputs: [null, integers([5], 1, 9)], attrs: { a: 2 } },
    { inputs: [integers([3, 5], -9, 9), away([5])], attrs: {} },
    { inputs: [values([0, 1, 1], [3], "bool"), away([2, 3])], attrs: {}, torch },
    { inputs: [values([0, 1, 1], [3], "bool"), integers([2, 3], 1, 4)], attrs: {}, torch },
    {
      inputs: [values([2147483647, -2147483648], [2], "i32"), values([2, 3], [2], "i32")],
      attrs: {},
      note: "wraps",
    },
  ];
  const ties: Sample<Attrs>[] = [
    {
      inputs: [values([1, 2, 3, 4, 5]), values([1, 5, 3, 0, 5])],
      attrs: {},
      note: "ties",
      smooth: name === "div",
    },
    {
      inputs: [sprinkled(normal([3, 17]), 1, 3), sprinkled(normal([17]), 1, 2)],
      attrs: {},
      note: "ties",
      smooth: false,
    },
  ];
  const truths = values([1, 0, 1, 0], [4], "bool");
  const bools: Sample<Attrs>[] = [
    { inputs: [truths, values([1, 1, 0, 0], [4], "bool")], attrs: {} },
    ...[true, false].flatMap((b) => [
      { inputs: [truths, null], attrs: { b } },
      { inputs: [integers([2, 5], -9, 9), null], attrs: { b } },
      { inputs: [normal([2, 5]), null], attrs: { b }, smooth: false },
    ]),
  ];
  const scaled: Sample<Attrs>[] = [
    { inputs: [normal([3, 17]), normal([17])], attrs: { alpha: 2.5 } },
    { inputs: [normal([3, 5]), null], attrs: { b: 1.5, alpha: -2 } },
    { inputs: [integers([3, 5], -9, 9), integers([5], -9, 9)], attrs: { alpha: 3 } },
    { inputs: [normal([3, 5]), integers([5], -9, 9)], attrs: { alpha: 0.5 } },
  ];
  const withAlpha = ({ attrs, ...rest }: Sample<Attrs>): Sample<Attrs> => ({
    ...rest,
    attrs: name === "add" || name === "sub" ? { alpha: 1, ...attrs } : attrs,
  });
  const all: Sample<Attrs>[] = [
    ...SIZES.map((n) => binary([[n], [n]])),
    ...shapes.map(binary),
    big,
    ...numbers,
    ...integer,
    ...(name === "maximum" || name === "minimum" ? ties : []),
    ...(name === "sub" || name === "div" ? [] : bools),
    ...(name === "add" || name === "sub" ? scaled : []),
    {
      inputs: [values(pairs.map(([a]) => a)), values(pairs.map(([, b]) => b))],
      attrs: {},
      note: "NaN, Infinity, 0",
      smooth: false,
    },
  ];
  return all.map(withAlpha);
}

/** An ULP of the result, or of its parts where the second is rounded before the sum. */
function toleranceOf(name: Name): Tolerance<Attrs> {
  if (name !== "add" && name !== "sub") return { ulp: 1 };
  const magnitude = ([a, b]: readonly RefTensor[], attrs: Attrs): RefTensor => {
    const { alpha = 1 } = attrs;
    const { f64 } = formulas[name];
    const parts = [operand(a, attrs.a, b), operand(b, attrs.b, a)];
    return elementwise(parts, (x, y) =>
      Math.abs(alpha === 1 ? f64(x, y) : Math.abs(x) + Math.abs(alpha * y)),
    );
  };
  return { units: 2, of: magnitude };
}

export const refs: readonly OpRef[] = (Object.keys(formulas) as Name[]).map((name) =>
  defineRef<Attrs>({
    op: name,
    inputs: ["a", "b"],
    torch: formulas[name].torch,
    torchName: `torch.${name}`,
    large: { inputs: [normal([1024, 1024]), normal([1024, 1024])], attrs: {} },
    differentiable: true,
    tolerance: toleranceOf(name),
    forward([a, b], attrs) {
      const [x, y] = [operand(a, attrs.a, b), operand(b, attrs.b, a)];
      const float = name === "div" || x.dtype === "f32" || y.dtype === "f32";
      const f = float ? formulas[name].f64 : formulas[name].i32;
      if (x.dtype === "bool" && y.dtype === "bool" && !float) {
        return elementwise([x, y], (p, q) => Math.min(f(p, q), 1), "bool");
      }
      const { alpha = 1 } = attrs;
      return elementwise([x, y], (p, q) => f(p, alpha * q), float ? "f32" : "i32");
    },
    call([a, b], attrs, saccade) {
      const [x, y] = [a ?? (attrs.a as number), b ?? (attrs.b as number | boolean)];
      const { alpha } = attrs;
      return name === "add" || name === "sub" ? saccade[name](x, y, { alpha }) : saccade[name](x, y);
    },
    samples: samples(name),
  }),
);
