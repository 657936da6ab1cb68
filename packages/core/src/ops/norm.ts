// Vector norms (sum |x|^p)^(1/p) over any axes; p = 0 counts what is not 0, ±Infinity takes the extreme |x|.
// torch.linalg.vector_norm, torch.norm. p = 2 is summed in f64; other p are taken of |x| / m, m the largest |x| (the
// smallest for p < 0), so that nothing overflows.
// dx = dy sign(x) (|x| / y)^(p-1), and 0 where x or y is 0

import { store } from "../autograd/backward.ts";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { floatTensor, optionsArgument, rangeArgument } from "./arguments.ts";
import { pow } from "./arithmetic.ts";
import { div, mul } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, logicalOr } from "./compare.ts";
import { amax, amin, checkNotEmpty, largestShared, smallestShared } from "./extrema.ts";
import { fillElements } from "./fill.ts";
import { type Dim, keptShape, layouts, reduction, repeated } from "./reduction.ts";
import { sign } from "./signed.ts";
import { countNonzero, sum } from "./sum.ts";
import { abs } from "./unary.ts";
import { maskedFill } from "./where.ts";

export interface NormOptions {
  readonly p?: number | "fro";
  readonly dim?: Dim;
  readonly keepdim?: boolean;
}

interface Attrs {
  readonly axes: readonly number[];
  readonly p: number;
}

/** sqrt(sum x²) into `y`. */
function euclidean(x: Tensor, y: Tensor, axes: readonly number[]): void {
  if (x.numel === 0) fillElements(y, 0);
  else engine().run("variance_f32", y.numel, 0, f32(y), f32(null), f32(x), ...layouts(x, y, axes), 1, 1);
}

/** m (sum (|x| / m)^p)^(1/p) */
function general(x: Tensor, { axes, p }: Attrs): Tensor {
  const size = abs(x);
  if (x.numel === 0) return sum(size, axes);
  const extreme = p > 0 ? amax(size, axes) : amin(size, axes);
  const unit = maskedFill(extreme, logicalOr(eq(extreme, 0), eq(extreme, Infinity)), 1);
  const powers = pow(div(size, repeated(unit, axes, x.shape)), p);
  return mul(unit, pow(sum(powers, axes), 1 / p));
}

const normOp = defineOp<readonly [Tensor], Attrs>({
  name: "norm",
  forward([x], attrs, call) {
    const y = attrs.p === 2 ? empty(keptShape(x, attrs.axes)) : noGrad(() => general(x, attrs));
    if (attrs.p === 2) euclidean(x, y, attrs.axes);
    call.save(x, y);
    return y;
  },
  backward(dy, [x, y], { axes, p }, into) {
    const target = into.target(0);
    if (target === null) return;
    if (p === 2) {
      const scale = maskedFill(div(dy, y), eq(y, 0), 0);
      store(target, mul(x, repeated(scale, axes, x.shape)));
      return;
    }
    const part = div(abs(x), repeated(y, axes, x.shape));
    const size = mul(pow(part, p - 1), repeated(dy, axes, x.shape));
    store(target, maskedFill(mul(size, sign(x)), eq(x, 0), 0));
  },
  flops: ([x], { p }) => (p === 2 ? 2 : 40) * x.numel,
});

/** The 0-norm: how many elements are not 0, which is flat. */
const countOp = defineOp<readonly [Tensor], Pick<Attrs, "axes">>({
  name: "norm",
  forward: ([x], { axes }) => noGrad(() => to(countNonzero(x, axes), "f32")),
  backward: (_dy, _saved, _attrs, into) => into.zero(0),
});

function normOver(x: Tensor, p: number, axes: readonly number[]): Tensor {
  if (p === 0) return apply(countOp, [x], { axes });
  if (p === 1) return sum(abs(x), axes);
  if (p === Infinity) return largestShared(abs(x), axes);
  if (p === -Infinity) return smallestShared(abs(x), axes);
  return apply(normOp, [x], { axes, p });
}

/**
 * The p-norm of the vectors along `dim` (of all elements by default). norm(x, p, dim, keepdim) as torch.norm has it;
 * p ("fro" is 2) and dim may be given as { p, dim, keepdim } as well. torch.linalg.vector_norm
 */
export function norm(x: Tensor, p: number | "fro" | NormOptions = 2, dim?: Dim, keepdim = false): Tensor {
  floatTensor("norm", "input", x);
  const given = typeof p === "object" ? optionsArgument("norm", p) : { p, dim, keepdim };
  const power = rangeArgument("norm", "p", given.p === "fro" ? 2 : (given.p ?? 2), -Infinity);
  if (power < 0 || power === Infinity) checkNotEmpty("norm", x, given.dim);
  return scope(() =>
    reduction("norm", x, given.dim, given.keepdim === true, (axes) => normOver(x, power, axes)),
  );
}
