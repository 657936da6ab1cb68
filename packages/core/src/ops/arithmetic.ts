import type { ParallelKernel } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import { empty, Tensor } from "../tensor.ts";
import { choiceArgument, fail, optionsArgument, refuse } from "./arguments.ts";
import { mul, div as quotient, sub } from "./binary.ts";
import { eq } from "./compare.ts";
import { elementwise } from "./elementwise.ts";
import { trunc } from "./rounding.ts";
import { type Operand, withOperands } from "./scalar.ts";
import { sum } from "./sum.ts";
import { neg, reciprocal, rsqrt, sqrt, square } from "./unary.ts";

/** What the kernels pow_f32 and modulo_f32 compute. */
const POWER = 0;
const BY_BASE = 1;
const BY_EXPONENT = 2;
const FMOD = 0;
const REMAINDER = 1;
const FLOOR_DIVIDE = 2;

/** A result in the shape and type of a and b, and the layout to write it with. */
/** kernel(a, b), broadcast. */
function result(kernel: ParallelKernel, a: Tensor, b: Tensor, ...parameters: number[]): Tensor {
  const y = empty(broadcastShapes(kernel, a.shape, b.shape), a.dtype);
  elementwise(kernel, y, [a, b], ...parameters, 0);
  return y;
}

function power(a: Tensor, b: Tensor, which: number): Tensor {
  return a.dtype === "f32" ? result("pow_f32", a, b, which) : result("pow_i32", a, b);
}

const powOp = defineOp<readonly [Tensor, Tensor]>({
  name: "pow",
  forward([a, b], _attrs, call) {
    call.save(a, b);
    return power(a, b, POWER);
  },
  // da = b a^(b − 1), db = a^b ln a
  backward(dy, [a, b], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, power(a, b, BY_BASE)));
    if (into.wants(1)) into.give(1, mul(dy, power(a, b, BY_EXPONENT)));
  },
  flops: 1,
});

/** Exponents that have a kernel of their own, as PyTorch has it (so sqrt's −0 and NaN at −Infinity). */
const shortcuts = new Map([
  [2, square],
  [0.5, sqrt],
  [-1, reciprocal],
  [-0.5, rsqrt],
]);

/**
 * base^exponent. Of integers i32, wrapping, and cut to whole numbers where the exponent is negative; a negative number as
 * exponent of integers is an error, as in PyTorch. torch.pow
 */
export function pow(base: Operand, exponent: Operand): Tensor {
  if (base instanceof Tensor && typeof exponent === "number") {
    const shortcut = base.dtype === "f32" ? shortcuts.get(exponent) : undefined;
    if (shortcut !== undefined) return shortcut(base);
    if (base.dtype !== "f32" && Number.isInteger(exponent) && exponent < 0) {
      refuse("pow", "exponent", "no negative integer to integers (cast them with to())", exponent);
    }
  }
  return withOperands("pow", base, exponent, "i32", (a, b) => apply(powOp, [a, b], undefined));
}

function refuseZero(name: string, divisor: Tensor): void {
  if (scope(() => sum(eq(divisor, 0)).item()) === 0) return;
  fail("argument", `${name}: an integer is divided by zero; cast with to("f32") for NaN`);
}

/** One result of a division; `derivative` is what the derivative by the divisor is the negative of, if there is one. */
function modulo(name: string, which: number, derivative?: (a: Tensor, b: Tensor) => Tensor) {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    forward([a, b], _attrs, call) {
      call.save(a, b);
      if (a.dtype === "i32" && a.numel > 0) refuseZero(name, b);
      return result(a.dtype === "f32" ? "modulo_f32" : "modulo_i32", a, b, which);
    },
    backward:
      derivative &&
      ((dy, [a, b], _attrs, into) => {
        if (into.wants(1)) into.give(1, mul(dy, neg(derivative(a, b))));
        into.give(0, dy);
      }),
    flops: 1,
  });
  return (a: Operand, b: Operand): Tensor =>
    withOperands(name, a, b, "i32", (x, y) => apply(op, [x, y], undefined));
}

/** floor(a / b), of integers i32; no gradient. torch.floor_divide */
export const floorDivide = modulo("floorDivide", FLOOR_DIVIDE);
/** a − b floor(a / b), exactly: the remainder with the sign of b. torch.remainder */
export const remainder = modulo("remainder", REMAINDER, floorDivide);
/** a − b trunc(a / b), exactly: the remainder with the sign of a. torch.fmod */
export const fmod = modulo("fmod", FMOD, (a, b) => trunc(quotient(a, b)));

/** Quotients made whole, which are flat wherever they have a derivative. */
function wholeQuotient(divide: (a: Tensor, b: Tensor) => Tensor) {
  return defineOp<readonly [Tensor, Tensor]>({
    name: "div",
    forward: ([a, b]) => noGrad(() => divide(a, b)),
    backward(_dy, _saved, _attrs, into) {
      into.zero(0);
      into.zero(1);
    },
  });
}

const wholeQuotients = {
  floor: wholeQuotient(floorDivide),
  trunc: wholeQuotient((a, b) =>
    a.dtype === "f32" ? trunc(quotient(a, b)) : floorDivide(sub(a, fmod(a, b)), b),
  ),
};

export interface DivOptions {
  /** "trunc" toward 0 or "floor" makes the quotient whole, of integers i32. */
  readonly roundingMode?: keyof typeof wholeQuotients | null;
}

/** a / b, in f32 unless it is rounded. torch.div */
export function div(a: Operand, b: Operand, options: DivOptions = {}): Tensor {
  const { roundingMode = null } = optionsArgument("div", options);
  if (roundingMode === null) return quotient(a, b);
  choiceArgument("div", "roundingMode", roundingMode, Object.keys(wholeQuotients));
  return withOperands("div", a, b, "i32", (x, y) => apply(wholeQuotients[roundingMode], [x, y], undefined));
}

const atan2Op = defineOp<readonly [Tensor, Tensor]>({
  name: "atan2",
  forward([a, b], _attrs, call) {
    call.save(a, b);
    return result("atan2_f32", a, b);
  },
  // da = b / (a² + b²), db = −a / (a² + b²)
  backward(dy, [a, b], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, result("atan2_slope_f32", a, b)));
    if (into.wants(1)) into.give(1, mul(neg(dy), result("atan2_slope_f32", b, a)));
  },
  flops: 1,
});

/** The angle in (−π, π] of the point (b, a), in radians. torch.atan2 */
export function atan2(a: Operand, b: Operand): Tensor {
  return withOperands("atan2", a, b, "f32", (x, y) => apply(atan2Op, [x, y], undefined));
}
