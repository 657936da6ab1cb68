// References of rounding.ts.
import {
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  uniform,
  values,
} from "../reference.ts";
import { unarySamples } from "./unary.ref.ts";

interface Attrs {
  readonly decimals?: number;
}

/** To the nearest whole number, from halfway to the even one. */
function nearest(x: number): number {
  const below = Math.floor(x);
  const over = x - below;
  if (Number.isNaN(over)) return x;
  return over < 0.5 || (over === 0.5 && below % 2 === 0) ? below : below + 1;
}

function rounded(x: number, decimals: number): number {
  const power = 10 ** Math.abs(decimals);
  return decimals < 0 ? nearest(x / power) * power : nearest(x * power) / power;
}

const halves = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999997, 8388609, -8388607, 4194304.5, 3e9];
const atHalves: Sample<Attrs> = {
  inputs: [values(halves)],
  attrs: {},
  note: "halves and large",
  smooth: false,
};
const whole: Sample<Attrs>[] = [
  { inputs: [integers([3, 5], -9, 9)], attrs: {} },
  { inputs: [integers([], -9, 9)], attrs: {} },
];
const ofFloats = (attrs: Attrs): Sample<Attrs>[] => unarySamples(attrs, { integers: false });

/** Not too near the jumps, where differences would meet them. */
const between: Sample<Attrs>[] = [-2, 1, 3].map((decimals) => ({
  inputs: [uniform([4, 9], -900, 900)],
  attrs: { decimals },
  smooth: false,
}));

const simple = { floor: Math.floor, ceil: Math.ceil, trunc: Math.trunc } as const;

const withJumps = (list: readonly Sample<Attrs>[]): Sample<Attrs>[] =>
  list.map((sample) => ({ ...sample, smooth: false }));

const large: Sample<Attrs> = { inputs: [normal([1024, 1024], 10)], attrs: {} };

export const refs: readonly OpRef[] = [
  ...(Object.keys(simple) as (keyof typeof simple)[]).map((name) =>
    defineRef<Attrs>({
      op: name,
      inputs: ["x"],
      torch: `torch.${name}(x)`,
      differentiable: true,
      tolerance: exact,
      forward: ([x]) => elementwise([x], simple[name], x.dtype),
      call: ([x]) => x[name](),
      samples: [...withJumps(ofFloats({})), atHalves, ...whole],
      large,
    }),
  ),
  defineRef<Attrs>({
    op: "round",
    inputs: ["x"],
    torch: "torch.round(x) if decimals is None else torch.round(x, decimals=decimals)",
    differentiable: true,
    tolerance: { ulp: 1 },
    forward: ([x], { decimals = 0 }) =>
      elementwise([x], (value) => (decimals === 0 ? nearest(value) : rounded(value, decimals)), x.dtype),
    call: ([x], attrs) => x.round(attrs),
    samples: [
      ...withJumps(ofFloats({ decimals: undefined })),
      ...[atHalves, ...whole].map((sample) => ({ ...sample, attrs: { decimals: undefined } })),
      ...between,
    ],
    large,
  }),
  defineRef<Attrs>({
    op: "frac",
    inputs: ["x"],
    torch: "torch.frac(x)",
    differentiable: true,
    tolerance: exact,
    forward: ([x]) => elementwise([x], (value) => value - Math.trunc(value)),
    call: ([x]) => x.frac(),
    samples: [...withJumps(ofFloats({})), { inputs: [integers([3, 5], -9, 9)], attrs: {}, torch: false }],
    large,
  }),
];
