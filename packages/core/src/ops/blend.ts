// Composed functions of two and three tensors. torch.lerp, addcmul, addcdiv, fmax, fmin
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { numberArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { add, div, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { isNaN as absent, ge, le, logicalOr, lt } from "./compare.ts";
import { abs } from "./unary.ts";
import { where } from "./where.ts";

/**
 * start + weight · (end − start), from the nearer end, so that weights 0 and 1 give exactly start and end. The weight is a
 * number or broadcasts. torch.lerp
 */
export function lerp(start: Tensor, end: Tensor, weight: Tensor | number): Tensor {
  tensorArgument("lerp", "start", start);
  tensorArgument("lerp", "end", end);
  if (!(weight instanceof Tensor)) numberArgument("lerp", "weight", weight);
  return scope(() => {
    const [a, b] = [to(start, "f32"), to(end, "f32")];
    const way = sub(b, a);
    const fromStart = () => add(a, mul(way, weight));
    const fromEnd = (rest: Tensor | number) => sub(b, mul(way, rest));
    if (typeof weight === "number") return Math.abs(weight) < 0.5 ? fromStart() : fromEnd(1 - weight);
    return where(lt(abs(weight), 0.5), fromStart(), fromEnd(sub(1, to(weight, "f32"))));
  });
}

type Value = { readonly value?: number };

function combined(
  name: string,
  input: Tensor,
  first: Tensor,
  second: Tensor,
  options: Value,
  op: (a: Tensor, b: Tensor) => Tensor,
): Tensor {
  tensorArgument(name, "input", input);
  tensorArgument(name, "tensor1", first);
  tensorArgument(name, "tensor2", second);
  const { value = 1 } = optionsArgument(name, options);
  numberArgument(name, "value", value);
  return scope(() => add(input, value === 1 ? op(first, second) : mul(op(first, second), value)));
}

/** input + value · tensor1 · tensor2, all three broadcast. torch.addcmul */
export function addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, options: Value = {}): Tensor {
  return combined("addcmul", input, tensor1, tensor2, options, mul);
}

/** input + value · tensor1 / tensor2, all three broadcast; f32. torch.addcdiv */
export function addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, options: Value = {}): Tensor {
  return combined("addcdiv", input, tensor1, tensor2, options, div);
}

function extreme(name: string, wins: (a: Tensor, b: Tensor) => Tensor) {
  return (a: Tensor, b: Tensor): Tensor => {
    tensorArgument(name, "input", a);
    tensorArgument(name, "other", b);
    return scope(() => {
      const chosen = where(logicalOr(wins(a, b), absent(b)), a, b);
      return a.dtype === "bool" && b.dtype === "bool" ? to(chosen, "bool") : chosen;
    });
  };
}

/** The larger of a and b; next to NaN the other one. The gradient goes to a where both are equal. torch.fmax */
export const fmax = extreme("fmax", ge);
/** The smaller of a and b; next to NaN the other one. The gradient goes to a where both are equal. torch.fmin */
export const fmin = extreme("fmin", le);
