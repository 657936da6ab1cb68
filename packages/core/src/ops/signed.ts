// Functions of one element that give integers for integers: negation, magnitude, sign, square and relu. Their f32 kernels
// are in unary.ts and rounding.ts; integers go through the binary kernels and wrap. torch.neg, abs, sign, square, relu
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { numericTensor, tensorArgument } from "./arguments.ts";
import { maximum, minimum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { clone } from "./contiguous.ts";
import { mapped } from "./formula.ts";
import * as floats from "./unary.ts";

/** An op of numbers: f32 by its kernel, i32 by other ops. */
function signed(name: string, ofFloats: (x: Tensor) => Tensor, ofIntegers: (x: Tensor) => Tensor) {
  return (x: Tensor): Tensor =>
    numericTensor(name, "input", x).dtype === "i32" ? scope(() => ofIntegers(x)) : ofFloats(x);
}

const signOp = defineOp<readonly [Tensor]>({
  name: "sign",
  forward: ([x]) => mapped("sign_f32", x),
  // Flat but at 0, where PyTorch has it flat, too.
  backward: (_dy, _saved, _attrs, into) => into.zero(0),
});

/** −x. torch.neg */
export const neg = signed("neg", floats.neg, (x) => sub(0, x));
/** |x|. torch.abs */
export const abs = signed("abs", floats.abs, (x) => maximum(x, sub(0, x)));
/** max(x, 0). torch.relu */
export const relu = signed("relu", floats.relu, (x) => maximum(x, 0));

/** 1, 0 or −1; 0 for NaN. A bool is its own sign. torch.sign */
export function sign(x: Tensor): Tensor {
  if (tensorArgument("sign", "input", x).dtype === "f32") return apply(signOp, [x], undefined);
  return x.dtype === "bool" ? clone(x) : scope(() => minimum(maximum(x, -1), 1));
}

/** x²; of integers and bools i32. torch.square */
export function square(x: Tensor): Tensor {
  if (tensorArgument("square", "input", x).dtype === "f32") return floats.square(x);
  return scope(() => {
    const numbers = to(x, "i32");
    return mul(numbers, numbers);
  });
}
