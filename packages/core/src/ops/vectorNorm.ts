// ‖x‖_p = (Σ |x|^p)^(1/p) along one axis: what distances and normalisation are made of.
// d‖x‖/dx = sign(x) (|x| / ‖x‖)^(p-1), and 0 where x is 0, which is the subgradient PyTorch takes.
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, ne } from "./compare.ts";
import { amax, amin } from "./extrema.ts";
import { sum } from "./sum.ts";
import { abs, exp, log, reciprocal, sqrt, square } from "./unary.ts";
import { where } from "./where.ts";

interface Attrs {
  readonly p: number;
  readonly axis: number;
}

/** t^e for t >= 0: by products for small whole e, by a root for halves, else e^(e log t). */
function power(t: Tensor, e: number): Tensor {
  if (e < 0) return reciprocal(power(t, -e));
  if (e === 0.5) return sqrt(t);
  if (e === 1) return t;
  if (e === 2) return square(t);
  if (Number.isInteger(e) && e > 2 && e <= 16)
    return e % 2 === 0 ? square(power(t, e / 2)) : mul(t, power(t, e - 1));
  return exp(mul(log(t), e));
}

const vectorNormOp = defineOp<readonly [Tensor], Attrs>({
  name: "vectorNorm",
  forward([x], { p, axis }, call) {
    const y = noGrad(() => power(sum(power(abs(x), p), axis, true), 1 / p));
    call.save(x, y);
    return y;
  },
  backward(dy, [x, y], { p }, into) {
    const zero = eq(x, 0);
    const size = abs(x);
    const slope = p === 1 ? div(x, size) : mul(div(x, size), power(div(size, y), p - 1));
    into.give(0, where(zero, 0, mul(dy, slope)));
  },
});

/** The 0-norm: how many elements are not 0, which is flat. @internal */
export const zeroNormOp = defineOp<readonly [Tensor], { axes: readonly number[]; keepdim: boolean }>({
  name: "norm",
  forward: ([x], { axes, keepdim }) => noGrad(() => sum(to(ne(x, 0), "f32"), axes, keepdim)),
  backward: (_dy, _saved, _attrs, into) => into.zero(0),
});

/** ‖x‖_p along an axis, which stays with size 1; p may be 0 (how many are not 0) and ±Infinity. @internal */
export function vectorNorm(x: Tensor, p: number, axis: number): Tensor {
  return scope(() => {
    if (p === 0) return apply(zeroNormOp, [x], { axes: [axis], keepdim: true });
    if (p === Infinity) return amax(abs(x), axis, true);
    if (p === -Infinity) return amin(abs(x), axis, true);
    return apply(vectorNormOp, [x], { p, axis });
  });
}
