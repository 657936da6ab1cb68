// References of unary.ts. JavaScript's Math is within an ULP of f64; erf and its complement are summed here
// (Abramowitz and Stegun 7.1.6 and 7.1.14).
import {
  absolute,
  defineRef,
  elementwise,
  integers,
  normal,
  type OpRef,
  type Sample,
  SIZES,
  type Tolerance,
  uniform,
  values,
} from "../reference.ts";

/** erf for |x| < 2: a series of positive terms. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** 1 − erf for x ≥ 2: a continued fraction, from its end. */
function erfcFraction(x: number): number {
  let tail = x;
  for (let n = Math.ceil(20 + 200 / (x * x)); n > 0; n--) tail = x + n / 2 / tail;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / tail;
}

export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) return 1 - erfSeries(x);
  return x > 28 ? 0 : erfcFraction(x);
}

function erf(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  return Math.sign(x) * (a < 2 ? erfSeries(a) : 1 - erfc(a));
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const silu = (x: number): number => x / (1 + Math.exp(-x));
export const gelu = (x: number): number => x * 0.5 * erfc(-x * Math.SQRT1_2);
/** 0.5 x (1 + tanh z) = x / (1 + e^−2z) */
export function geluTanh(x: number): number {
  return x / (1 + Math.exp(-2 * Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
}

export const relu = (x: number): number => (x > 0 || Number.isNaN(x) ? x : 0);

interface Row {
  readonly f: (x: number) => number;
  readonly torch: string;
  readonly tolerance: Tolerance<Attrs>;
  /** Where smooth samples are drawn from; everything around 0 unless given. */
  readonly domain?: readonly [number, number];
}

interface Attrs {
  readonly approximate?: "none" | "tanh";
}

const geluTolerance: Tolerance<Attrs> = {
  units: 4,
  of: ([x]) => elementwise([absolute(x)], (value) => Math.max(value, 1)),
};

const table = {
  exp: { f: Math.exp, torch: "torch.exp(x)", tolerance: { ulp: 2 } },
  log: { f: Math.log, torch: "torch.log(x)", tolerance: { ulp: 2 }, domain: [0.05, 8] },
  sqrt: { f: Math.sqrt, torch: "torch.sqrt(x)", tolerance: { ulp: 1 }, domain: [0.05, 8] },
  rsqrt: { f: (x) => 1 / Math.sqrt(x), torch: "torch.rsqrt(x)", tolerance: { ulp: 1 }, domain: [0.05, 8] },
  reciprocal: { f: (x) => 1 / x, torch: "torch.reciprocal(x)", tolerance: { ulp: 1 }, domain: [-8, -0.25] },
  sin: { f: Math.sin, torch: "torch.sin(x)", tolerance: { ulp: 2 } },
  cos: { f: Math.cos, torch: "torch.cos(x)", tolerance: { ulp: 2 } },
  tanh: { f: Math.tanh, torch: "torch.tanh(x)", tolerance: { ulp: 4 } },
  erf: { f: erf, torch: "torch.erf(x)", tolerance: { ulp: 4 } },
  sigmoid: { f: sigmoid, torch: "torch.sigmoid(x)", tolerance: { ulp: 4 } },
  silu: { f: silu, torch: "F.silu(x.to(floating))", tolerance: { ulp: 6 } },
} as const satisfies Record<string, Row>;

type Name = keyof typeof table;

export const special = [
  Number.POSITIVE_INFINITY,
  0,
  -0,
  1,
  -1,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  1e-40,
  -1e-40,
  0.5,
  -2.5,
];

export interface UnarySamples {
  /** Where smooth samples are drawn from; everything around 0 unless given. */
  readonly domain?: readonly [number, number];
  readonly edges?: readonly number[];
  /** False where PyTorch takes no integers. */
  readonly integers?: boolean;
}

/** Samples of a function of one element. */
export function unarySamples<A>(attrs: A, options: UnarySamples = {}): Sample<A>[] {
  const { domain, edges = special, integers: whole = true } = options;
  const [low, high] = domain ?? [-6, 6];
  const ordinary = (shape: readonly number[]): Sample<A> => ({ inputs: [uniform(shape, low, high)], attrs });
  return [
    ...SIZES.map((n) => ordinary([n])),
    ordinary([]),
    ordinary([3, 17]),
    ordinary([2, 3, 5]),
    ordinary([3, 0]),
    {
      inputs: [domain ? uniform([2, 17], 100 * low, 100 * high) : normal([2, 17], 100)],
      attrs,
      note: "×100",
    },
    ...(whole ? [{ inputs: [integers([2, 5], 1, 9)], attrs }] : []),
    { inputs: [values(edges)], attrs, note: "NaN, Infinity, 0", smooth: false },
  ];
}

const rows: OpRef[] = (Object.keys(table) as Name[]).map((name) => {
  const row: Row = table[name];
  return defineRef<Attrs>({
    op: name,
    inputs: ["x"],
    torch: row.torch,
    large: { inputs: [uniform([1024, 1024], ...(row.domain ?? ([-6, 6] as const)))], attrs: {} },
    differentiable: true,
    tolerance: row.tolerance,
    forward: ([x]) => elementwise([x], row.f),
    call: ([x]) => x[name](),
    samples: unarySamples({}, { domain: row.domain }),
  });
});

export const refs: readonly OpRef[] = [
  ...rows,
  defineRef<Attrs>({
    op: "gelu",
    inputs: ["x"],
    torch: "F.gelu(x.to(floating), approximate=approximate)",
    large: { inputs: [normal([1024, 1024])], attrs: { approximate: "none" } },
    differentiable: true,
    tolerance: geluTolerance,
    forward: ([x], { approximate }) => elementwise([x], approximate === "tanh" ? geluTanh : gelu),
    call: ([x], attrs) => x.gelu(attrs),
    samples: [
      // gelu(Infinity) is NaN or Infinity in PyTorch, as the type and the build have it.
      ...unarySamples<Attrs>({ approximate: "none" }, { edges: special.slice(1) }),
      ...unarySamples<Attrs>({ approximate: "tanh" }),
    ],
  }),
];
