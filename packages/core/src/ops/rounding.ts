// Rounding to whole numbers, or to decimals. Integers stay what they are. The functions are flat wherever they have a
// derivative, so their gradient is 0; that of frac is 1. torch.floor, ceil, trunc, round, frac
import { apply, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { floatTensor, integerArgument, numericTensor, optionsArgument } from "./arguments.ts";
import { clone } from "./contiguous.ts";
import { mapped } from "./formula.ts";
import { withFloat } from "./scalar.ts";

/** The multiple of down / up that `which` names: nearest, below, above, toward 0. */
type Attrs = readonly [up: number, down: number, which: 0 | 1 | 2 | 3];

const rounding = (name: string) => {
  const op = defineOp<readonly [Tensor], Attrs>({
    name,
    forward: ([x], attrs) => mapped("round_f32", x, attrs),
    backward: (_dy, _saved, _attrs, into) => into.zero(0),
  });
  return (x: Tensor, attrs: Attrs): Tensor =>
    numericTensor(name, "input", x).dtype === "i32" ? clone(x) : apply(op, [x], attrs);
};

const [below, above, toward, nearest] = ["floor", "ceil", "trunc", "round"].map(rounding);

/** The largest whole number ≤ x. torch.floor */
export function floor(x: Tensor): Tensor {
  return below(x, [1, 1, 1]);
}

/** The smallest whole number ≥ x. torch.ceil */
export function ceil(x: Tensor): Tensor {
  return above(x, [1, 1, 2]);
}

/** x without its fraction. torch.trunc */
export function trunc(x: Tensor): Tensor {
  return toward(x, [1, 1, 3]);
}

/** 10^n for n ≥ 0, Infinity where f32 has it. */
function powerOfTen(n: number): number {
  let power = 1;
  for (let i = 0; i < Math.min(n, 39); i++) power *= 10;
  return power;
}

/**
 * The nearest whole number, or multiple of 10^−decimals (which may be negative); from halfway to the even one.
 * torch.round
 */
export function round(x: Tensor, options: { decimals?: number } = {}): Tensor {
  const { decimals = 0 } = optionsArgument("round", options);
  if (integerArgument("round", "decimals", decimals) !== 0) floatTensor("round", "input", x);
  return nearest(x, [powerOfTen(decimals), powerOfTen(-decimals), 0]);
}

const fracOp = defineOp<readonly [Tensor]>({
  name: "frac",
  forward: ([x]) => mapped("frac_f32", x),
  backward(dy, _saved, _attrs, into) {
    into.give(0, dy);
  },
});

/** x − trunc(x), with the sign of x. torch.frac */
export function frac(x: Tensor): Tensor {
  return withFloat("frac", x, (input) => apply(fracOp, [input], undefined));
}
