// Arithmetic of two tensors with broadcasting and promotion: one row per op. The gradients are those of the formulas,
// summed over broadcast axes. Of two bools, sums and products are the logical ones. torch.add, sub, mul, div, maximum,
// minimum

import type { GradientSink } from "../autograd/backward.ts";
import type { Target } from "../autograd/gradient.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { empty, Tensor } from "../tensor.ts";
import { fail, numberArgument, optionsArgument, refuse } from "./arguments.ts";
import { eq, gt, logicalAnd, logicalOr, lt } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { type Operand, withOperands } from "./scalar.ts";
import { neg } from "./unary.ts";
import { where } from "./where.ts";

type BinaryName = "add" | "sub" | "mul" | "div" | "maximum" | "minimum";
type Kernel = `${BinaryName}_f32`;

/** out (+)= a ∘ b; a and b broadcast to the shape of out. @internal */
export function compute(kernel: Kernel, { tensor: out, acc }: Target, a: Tensor, b: Tensor): void {
  elementwise(kernel, out, [a, b], acc);
}

/** The gradient a ∘ b of input `i`, written in place unless it must be summed over broadcast axes first. */
function contribute(
  into: GradientSink,
  i: number,
  shape: readonly number[],
  kernel: Kernel,
  a: Tensor,
  b: Tensor,
): void {
  const full = broadcastShapes(kernel, a.shape, b.shape);
  if (sameShape(shape, full)) {
    const target = into.target(i);
    if (target !== null) compute(kernel, target, a, b);
  } else if (into.wants(i)) {
    const whole = empty(full);
    compute(kernel, { tensor: whole, acc: 0 }, a, b);
    into.give(i, whole);
  }
}

type Rule = (dy: Tensor, a: Tensor, b: Tensor, into: GradientSink) => void;

const rules: Record<BinaryName, { readonly saves: boolean; readonly backward: Rule }> = {
  // d(a+b) = da + db
  add: {
    saves: false,
    backward(dy, _a, _b, into) {
      into.give(0, dy);
      into.give(1, dy);
    },
  },
  // d(a-b) = da - db
  sub: {
    saves: false,
    backward(dy, _a, _b, into) {
      if (into.wants(1)) into.give(1, neg(dy));
      into.give(0, dy);
    },
  },
  // d(a b) = b da + a db
  mul: {
    saves: true,
    backward(dy, a, b, into) {
      contribute(into, 0, a.shape, "mul_f32", dy, b);
      contribute(into, 1, b.shape, "mul_f32", dy, a);
    },
  },
  // d(a/b) = da / b - a/b² db
  div: {
    saves: true,
    backward(dy, a, b, into) {
      contribute(into, 0, a.shape, "div_f32", dy, b);
      if (into.wants(1)) into.give(1, neg(div(mul(dy, div(a, b)), b)));
    },
  },
  maximum: { saves: true, backward: (dy, a, b, into) => choose(dy, a, b, into, lt(a, b), lt(b, a)) },
  minimum: { saves: true, backward: (dy, a, b, into) => choose(dy, a, b, into, gt(a, b), gt(b, a)) },
};

/** No gradient to the operand that lost, halves where both are equal; next to NaN neither lost. As PyTorch does. */
function choose(dy: Tensor, a: Tensor, b: Tensor, into: GradientSink, lostA: Tensor, lostB: Tensor): void {
  const shared = where(eq(a, b), mul(dy, 0.5), dy);
  if (into.wants(0)) into.give(0, where(lostA, 0, shared));
  if (into.wants(1)) into.give(1, where(lostB, 0, shared));
}

function binary(name: BinaryName) {
  const rule = rules[name];
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    forward([a, b], _attrs, call) {
      const y = empty(broadcastShapes(name, a.shape, b.shape), a.dtype);
      elementwise(`${name}_${a.dtype}` as Kernel, y, [a, b], 0);
      if (rule.saves) call.save(a, b);
      return y;
    },
    backward(dy, [a, b], _attrs, into) {
      rule.backward(dy, a, b, into);
    },
    flops: 1,
  });
  const atLeast = name === "div" ? "f32" : "i32";
  return (a: Operand, b: Operand): Tensor =>
    ofBools(name, a, b) ?? withOperands(name, a, b, atLeast, (x, y) => apply(op, [x, y], undefined));
}

const isBool = (x: Operand): boolean => (x instanceof Tensor ? x.dtype === "bool" : typeof x === "boolean");

/** The op of two bool tensors, which stays bool; null for anything else, and for div. */
function ofBools(name: BinaryName, a: Operand, b: Operand): Tensor | null {
  if (!isBool(a) || !isBool(b) || name === "div") return null;
  if (name === "sub") {
    fail("dtype", "sub: two bools have no difference; use logicalXor, or cast with to()");
  }
  const logical = name === "add" || name === "maximum" ? logicalOr : logicalAnd;
  return withOperands(name, a, b, "bool", logical);
}

interface ScaledOptions {
  /** What the second operand is multiplied with first: 1 unless given, a whole number for integers. */
  readonly alpha?: number;
}

function scaled(name: "add" | "sub") {
  const plain = binary(name);
  return (a: Operand, b: Operand, options: ScaledOptions = {}): Tensor => {
    const { alpha = 1 } = optionsArgument(name, options);
    if (numberArgument(name, "alpha", alpha) === 1) return plain(a, b);
    const isFloat = (x: Operand): boolean =>
      x instanceof Tensor ? x.dtype === "f32" : !Number.isInteger(Number(x));
    if (!Number.isInteger(alpha) && !isFloat(a) && !isFloat(b))
      refuse(name, "alpha", "an integer for integers", alpha);
    return scope(() => plain(a, b instanceof Tensor ? mul(b, alpha) : Number(b) * alpha));
  };
}

/** a + alpha · b. torch.add */
export const add = scaled("add");
/** a − alpha · b. torch.sub */
export const sub = scaled("sub");
/** a · b */
export const mul = binary("mul");
/** a / b, always in f32 */
export const div = binary("div");
/** The larger of a and b; NaN wins. */
export const maximum = binary("maximum");
/** The smaller of a and b; NaN wins. */
export const minimum = binary("minimum");
