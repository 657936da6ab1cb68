// References of signed.ts.
import {
  defineRef,
  elementwise,
  exact,
  integers,
  normal,
  type OpRef,
  type Sample,
  values,
} from "../reference.ts";
import { relu, unarySamples } from "./unary.ref.ts";

const formulas = {
  neg: { f: (x: number) => -x, torch: "-x" },
  abs: { f: Math.abs, torch: "torch.abs(x)" },
  relu: { f: relu, torch: "torch.relu(x)" },
  sign: { f: (x: number) => Number(x > 0) - Number(x < 0), torch: "torch.sign(x)" },
  square: { f: (x: number) => x * x, torch: "torch.square(x)" },
} as const;

type Name = keyof typeof formulas;

function samples(name: Name): Sample<object>[] {
  const bools: Sample<object> = { inputs: [values([1, 0, 0, 1, 1], [5], "bool")], attrs: {} };
  return [
    ...unarySamples<object>({}),
    { inputs: [integers([3, 17], -9, 9)], attrs: {} },
    { inputs: [integers([0, 2], -9, 9)], attrs: {} },
    { inputs: [values([-2147483648, 2147483647, 65536, -1, 0], [5], "i32")], attrs: {}, note: "wraps" },
    ...(name === "sign" || name === "square" ? [bools] : []),
  ];
}

export const refs: readonly OpRef[] = (Object.keys(formulas) as Name[]).map((name) =>
  defineRef<object>({
    op: name,
    inputs: ["x"],
    torch: formulas[name].torch,
    differentiable: true,
    tolerance: name === "square" ? { ulp: 1 } : exact,
    forward([x]) {
      if (x.dtype === "f32") return elementwise([x], formulas[name].f);
      if (name === "square") return elementwise([x], (value) => Math.imul(value, value), "i32");
      return elementwise([x], (value) => formulas[name].f(value) | 0, x.dtype);
    },
    call: ([x]) => x[name](),
    samples: samples(name),
    large: { inputs: [normal([1024, 1024])], attrs: {} },
  }),
);
