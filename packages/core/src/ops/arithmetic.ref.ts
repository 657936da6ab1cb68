// References of arithmetic.ts. A number as operand is an attribute of the operand's name.
import {
  defineRef,
  elementwise,
  exact,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefInput,
  type RefTensor,
  type Sample,
  SIZES,
  uniform,
  values,
} from "../reference.ts";

interface Attrs {
  readonly a?: number;
  readonly b?: number;
}

export function operand(x: RefInput, value: number | undefined, other: RefInput): RefTensor {
  if (x !== null) return x;
  const dtype = other?.dtype !== "f32" && Number.isInteger(value) ? "i32" : "f32";
  return { dtype, shape: [], data: Float64Array.of(value as number) };
}

/** IEEE 754's power: 1 for base 1 whatever the exponent, and for −1 and an infinite one, where JavaScript has NaN. */
function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY)) return 1;
  return a ** b;
}

/** Of integers, by squaring; cut to a whole number. */
function wholePower(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let [y, base] = [1, a];
  for (let rest = b; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) y = Math.imul(y, base);
    base = Math.imul(base, base);
  }
  return y;
}

function remainder(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

function floorDivide(a: number, b: number): number {
  if (b === 0) return a / b;
  const rest = a % b;
  const quotient = (a - rest) / b;
  return Math.round(rest !== 0 && rest < 0 !== b < 0 ? quotient - 1 : quotient);
}

const special = [0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 2, -3, 0.5];
const pairs = special.flatMap((a) => special.map((b) => [a, b]));
const specials: Sample<Attrs> = {
  inputs: [values(pairs.map(([a]) => a)), values(pairs.map(([, b]) => b))],
  attrs: {},
  note: "NaN, Infinity, 0",
  smooth: false,
};

const shapes: [readonly number[], readonly number[]][] = [
  [
    [3, 17],
    [3, 17],
  ],
  [[3, 5], [5]],
  [[5], [3, 5]],
  [
    [4, 1],
    [1, 17],
  ],
  [
    [2, 3, 1, 5],
    [3, 4, 1],
  ],
  [
    [2, 2, 2, 2, 2],
    [2, 1, 2, 1, 2],
  ],
  [[], []],
  [[], [17]],
  [[2, 9], []],
  [[0, 3], [3]],
];

const truths = values([0, 1, 1], [3], "bool");

/** Samples of every kind; `left` and `right` draw operands where the function is smooth. */
function samples(
  left: (shape: readonly number[]) => Maker,
  right: (shape: readonly number[]) => Maker,
  smooth = true,
): Sample<Attrs>[] {
  const both = (a: readonly number[], b: readonly number[]): Sample<Attrs> => ({
    inputs: [left(a), right(b)],
    attrs: {},
    smooth,
  });
  return [
    ...SIZES.map((n) => both([n], [n])),
    ...shapes.map(([a, b]) => both(a, b)),
    { inputs: [left([3, 5]), null], attrs: { b: 2.5 }, smooth },
    { inputs: [null, right([3, 5])], attrs: { a: 1.5 }, smooth },
    { inputs: [left([]), null], attrs: { b: 3 }, smooth },
    { inputs: [integers([3, 5], 1, 9), right([5])], attrs: {}, smooth },
    { inputs: [integers([2, 5], 1, 9), null], attrs: { b: 0.5 }, note: "i32 and a fraction" },
    { inputs: [truths, right([2, 3])], attrs: {}, smooth },
  ];
}

const wholeNumbers: Sample<Attrs>[] = [
  { inputs: [integers([3, 17], -9, 9), integers([17], 1, 6)], attrs: {} },
  { inputs: [integers([33], -9, 9), null], attrs: { b: 3 } },
  { inputs: [null, integers([2, 5], 1, 9)], attrs: { a: 7 } },
  { inputs: [truths, integers([2, 3], 1, 4)], attrs: {} },
];

const divisions: Sample<Attrs>[] = [
  ...wholeNumbers,
  { inputs: [integers([33], -9, 9), null], attrs: { b: -4 } },
  {
    inputs: [
      values([2147483647, -2147483648, -2147483648, 2147483647, 2147483646], [5], "i32"),
      values([2, 3, 2147483647, -2147483648, -5], [5], "i32"),
    ],
    attrs: {},
    note: "the ends of i32",
  },
  { inputs: [normal([33], 100), normal([33], 100)], attrs: {}, note: "×100", smooth: false },
];

const away = (shape: readonly number[]): Maker => uniform(shape, 0.5, 4);
const powers = [2, 0.5, -1, -0.5, 0, 1, 3, -2, 0.25];

interface Row {
  readonly torch: string;
  readonly f: (a: number, b: number) => number;
  readonly ofIntegers?: (a: number, b: number) => number;
  readonly samples: readonly Sample<Attrs>[];
  readonly differentiable?: boolean;
  readonly ulp: number;
}

const operands = "torch.as_tensor(a), torch.as_tensor(b)";

const rows: Record<"pow" | "remainder" | "fmod" | "floorDivide" | "atan2", Row> = {
  pow: {
    torch: "torch.pow(a, b)",
    f: power,
    ofIntegers: wholePower,
    ulp: 1,
    samples: [
      ...samples(away, normal),
      ...wholeNumbers,
      ...powers.map((b) => ({ inputs: [uniform([2, 17], 0.2, 3), null], attrs: { b } })),
      ...[2, 3, 0, -3].map((b) => ({ inputs: [normal([2, 9]), null], attrs: { b }, note: "both signs" })),
      { inputs: [null, normal([17])], attrs: { a: 0 }, note: "base 0", smooth: false },
      { inputs: [uniform([2, 33], 0.5, 300), normal([33], 3)], attrs: {}, note: "×100" },
      {
        inputs: [
          values([1, -1, -1, 2, -3, 0, 7], [7], "i32"),
          values([-2, -3, -4, -1, -2, -1, 13], [7], "i32"),
        ],
        attrs: {},
        note: "negative exponents, wraps",
      },
      specials,
    ],
  },
  remainder: {
    torch: `torch.remainder(${operands})`,
    f: remainder,
    ofIntegers: (a, b) => remainder(a, b) | 0,
    ulp: 1,
    samples: [
      ...samples(normal, away, false),
      ...divisions,
      specials,
      {
        inputs: [values([3e38, -3e38, 1e30, 7, 5e-39]), values([0.7, 1e-38, -3, 3e38, 1e-40])],
        attrs: {},
        torch: false,
        note: "far apart",
        smooth: false,
      },
    ],
  },
  fmod: {
    torch: `torch.fmod(${operands})`,
    f: (a, b) => a % b,
    ofIntegers: (a, b) => (a % b) | 0,
    ulp: 0,
    samples: [
      ...samples(normal, away, false),
      ...divisions,
      specials,
      {
        inputs: [values([3e38, -3e38, 1e30, 7, 5e-39]), values([0.7, 1e-38, -3, 3e38, 1e-40])],
        attrs: {},
        torch: false,
        note: "far apart",
        smooth: false,
      },
    ],
  },
  floorDivide: {
    torch: `torch.floor_divide(${operands})`,
    f: floorDivide,
    ofIntegers: (a, b) => Math.floor(a / b),
    differentiable: false,
    ulp: 1,
    samples: [...samples(normal, away), ...divisions, specials],
  },
  atan2: {
    torch: `torch.atan2(${operands})`,
    f: Math.atan2,
    ulp: 1,
    samples: [
      // PyTorch's gradient negates the bool.
      ...samples(normal, away).filter(({ inputs }) => inputs[0] !== truths),
      { inputs: [truths, away([2, 3])], attrs: {}, torch: false },
      { inputs: [normal([3, 17]), normal([3, 17])], attrs: {}, note: "all around" },
      { inputs: [integers([3, 5], -3, 4), integers([5], -3, 4)], attrs: {} },
      specials,
      { inputs: [normal([2, 33], 100), normal([33], 100)], attrs: {}, note: "×100" },
    ],
  },
};

type Name = keyof typeof rows;

const wholeQuotients = { floor: floorDivide, trunc: (a: number, b: number) => Math.trunc(a / b) };

/** div with a rounding; without one it is in binary.ref.ts. */
const rounded = (["floor", "trunc"] as const).map((roundingMode) =>
  defineRef<Attrs & { roundingMode: "floor" | "trunc" }>({
    op: "div",
    inputs: ["a", "b"],
    torch: `torch.div(${operands}, rounding_mode=roundingMode)`,
    differentiable: true,
    tolerance: { ulp: 1 },
    forward([a, b], attrs) {
      const [x, y] = [operand(a, attrs.a, b), operand(b, attrs.b, a)];
      const whole = x.dtype !== "f32" && y.dtype !== "f32";
      return elementwise([x, y], wholeQuotients[roundingMode], whole ? "i32" : "f32");
    },
    call: ([a, b], attrs, saccade) =>
      saccade.div(a ?? (attrs.a as number), b ?? (attrs.b as number), { roundingMode }),
    samples: [...samples(normal, away, false), ...divisions, specials].map((sample) => ({
      ...sample,
      attrs: { ...sample.attrs, roundingMode },
    })),
  }),
);

const functions: OpRef[] = (Object.keys(rows) as Name[]).map((name) => {
  const row = rows[name];
  return defineRef<Attrs>({
    op: name,
    inputs: ["a", "b"],
    torch: row.torch,
    differentiable: row.differentiable ?? true,
    tolerance: row.ulp === 0 ? exact : { ulp: row.ulp },
    forward([a, b], attrs) {
      const [x, y] = [operand(a, attrs.a, b), operand(b, attrs.b, a)];
      const whole = row.ofIntegers !== undefined && x.dtype !== "f32" && y.dtype !== "f32";
      return elementwise([x, y], whole ? (row.ofIntegers as Row["f"]) : row.f, whole ? "i32" : "f32");
    },
    call: ([a, b], attrs, saccade) => saccade[name](a ?? (attrs.a as number), b ?? (attrs.b as number)),
    samples: row.samples,
    large: { inputs: [uniform([256, 1024], 0.5, 4), uniform([256, 1024], 0.5, 4)], attrs: {} },
  });
});

export const refs: readonly OpRef[] = [...functions, ...rounded];
