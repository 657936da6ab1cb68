// Powers, remainders and angles of two operands, with broadcasting and promotion. The f32 kernels compute in f64: results
// are correctly rounded but for one in some thousand, remainders exact. torch.pow, remainder, fmod, floor_divide, atan2
import { SaccadeError } from "@saccade/kernels";
import { noGrad } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides } from "../shape.ts";
import { empty, f32, i32, Tensor } from "../tensor.ts";
import { kind, optionsArgument } from "./arguments.ts";
import { mul, div as quotient, sub } from "./binary.ts";
import { eq } from "./compare.ts";
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
function result(name: string, a: Tensor, b: Tensor) {
  const y = empty(broadcastShapes(name, a.shape, b.shape), a.dtype);
  const layout = () =>
    engine().layout(y.shape, y.strides, ...[a, b].map((x) => broadcastStrides(x.shape, x.strides, y.shape)));
  return { y, layout };
}

function power(a: Tensor, b: Tensor, which: number): Tensor {
  const { y, layout } = result("pow", a, b);
  if (y.numel === 0) return y;
  if (y.dtype === "f32") engine().run("pow_f32", y.numel, 0, f32(y), f32(a), f32(b), layout(), which, 0);
  else engine().run("pow_i32", y.numel, 0, i32(y), i32(a), i32(b), layout(), 0);
  return y;
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
  flops: (_inputs, _attrs, y) => y.numel,
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
      throw new SaccadeError(
        "argument",
        `pow: integers to the power of ${exponent} are no integers; cast the base with to("f32")`,
      );
    }
  }
  return withOperands("pow", base, exponent, "i32", (a, b) => apply(powOp, [a, b], undefined));
}

function refuseZero(name: string, divisor: Tensor): void {
  if (scope(() => sum(eq(divisor, 0)).item()) === 0) return;
  throw new SaccadeError("argument", `${name}: an integer is divided by zero; cast with to("f32") for NaN`);
}

/** One result of a division; `derivative` is what the derivative by the divisor is the negative of, if there is one. */
function modulo(name: string, which: number, derivative?: (a: Tensor, b: Tensor) => Tensor) {
  const op = defineOp<readonly [Tensor, Tensor]>({
    name,
    forward([a, b], _attrs, call) {
      const { y, layout } = result(name, a, b);
      call.save(a, b);
      if (y.numel === 0) return y;
      if (y.dtype === "f32") {
        engine().run("modulo_f32", y.numel, 0, f32(y), f32(a), f32(b), layout(), which, 0);
        return y;
      }
      refuseZero(name, b);
      engine().run("modulo_i32", y.numel, 0, i32(y), i32(a), i32(b), layout(), which, 0);
      return y;
    },
    backward:
      derivative &&
      ((dy, [a, b], _attrs, into) => {
        if (into.wants(1)) into.give(1, mul(dy, neg(derivative(a, b))));
        into.give(0, dy);
      }),
    flops: (_inputs, _attrs, y) => y.numel,
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
  if (!Object.hasOwn(wholeQuotients, roundingMode)) {
    const got = typeof roundingMode === "string" ? `"${roundingMode}"` : kind(roundingMode);
    throw new SaccadeError("argument", `div: roundingMode must be "trunc", "floor" or null, got ${got}`);
  }
  return withOperands("div", a, b, "i32", (x, y) => apply(wholeQuotients[roundingMode], [x, y], undefined));
}

function angle(kernel: "atan2_f32" | "atan2_slope_f32", a: Tensor, b: Tensor): Tensor {
  const { y, layout } = result("atan2", a, b);
  if (y.numel > 0) engine().run(kernel, y.numel, 0, f32(y), f32(a), f32(b), layout(), 0);
  return y;
}

const atan2Op = defineOp<readonly [Tensor, Tensor]>({
  name: "atan2",
  forward([a, b], _attrs, call) {
    call.save(a, b);
    return angle("atan2_f32", a, b);
  },
  // da = b / (a² + b²), db = −a / (a² + b²)
  backward(dy, [a, b], _attrs, into) {
    if (into.wants(0)) into.give(0, mul(dy, angle("atan2_slope_f32", a, b)));
    if (into.wants(1)) into.give(1, mul(neg(dy), angle("atan2_slope_f32", b, a)));
  },
  flops: (_inputs, _attrs, y) => y.numel,
});

/** The angle in (−π, π] of the point (b, a), in radians. torch.atan2 */
export function atan2(a: Operand, b: Operand): Tensor {
  return withOperands("atan2", a, b, "f32", (x, y) => apply(atan2Op, [x, y], undefined));
}
