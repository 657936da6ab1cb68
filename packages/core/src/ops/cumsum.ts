// Running sums, products, extremes and logsumexp along one axis. torch.cumsum, cumprod, cummax, cummin, logcumsumexp
// sum:     y_i = x_0 + … + x_i;   dx_i = dy_i + … + dy_(n-1), the same sum from the other end
// product: y_i = x_0 · … · x_i;   dx_i = y_(i-1) s_i,  s_i = dy_i + x_(i+1) s_(i+1): right for zeros, as nothing is divided

import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, type Tensor } from "../tensor.ts";
import { optionsArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { flip } from "./flip.ts";
import { runLines, withAxis } from "./lines.ts";
import { pad } from "./pad.ts";
import { type ValuesIndices, valuesAt } from "./pick.ts";
import { numbersOf } from "./reduction.ts";
import { reshape } from "./views.ts";

interface Attrs {
  readonly axis: number;
}

const cumsumOp = defineOp<readonly [Tensor], Attrs>({
  name: "cumsum",
  forward([x], { axis }) {
    const y = empty(x.shape, x.dtype);
    if (x.dtype === "f32") runLines("cumsum_f32", axis, [y, x], { sizes: [x.shape[axis]], after: [0, 0] });
    else runLines("cumsum_i32", axis, [y, x], { sizes: [x.shape[axis]] });
    return y;
  },
  backward(dy, _saved, { axis }, into) {
    const target = into.target(0);
    if (target === null) return;
    const sizes = [dy.shape[axis]];
    runLines("cumsum_f32", axis, [target.tensor, dy], { sizes, after: [1, target.acc] });
  },
  flops: 1,
});

/** Ops whose backward takes the input and the result: cumprod and logcumsumexp. */
function recurrence(name: "cumprod" | "logcumsumexp") {
  return defineOp<readonly [Tensor], Attrs>({
    name,
    forward([x], { axis }, call) {
      const y = empty(x.shape, x.dtype);
      call.save(x, y);
      const kernel = x.dtype === "f32" ? (`${name}_f32` as const) : "cumprod_i32";
      runLines(kernel, axis, [y, x], { sizes: [x.shape[axis]] });
      return y;
    },
    backward(dy, [x, y], { axis }, into) {
      const target = into.target(0);
      if (target === null) return;
      const sizes = [dy.shape[axis]];
      runLines(`${name}_backward_f32`, axis, [target.tensor, dy, x, y], { sizes, after: [target.acc] });
    },
    flops: 1,
  });
}

export interface RunningOptions {
  /** Each element's own value is left out: the first result is that of nothing. */
  readonly exclusive?: boolean;
  /** From the last element to the first. */
  readonly reverse?: boolean;
}

/** The elements moved on by one along an axis, the last one out and `start` in. */
function moved(x: Tensor, axis: number, start: number): Tensor {
  if (x.shape[axis] === 0) return x;
  const others = new Array<number>(2 * (x.rank - 1 - axis)).fill(0);
  return pad(x, [...others, 1, -1], { value: start });
}

/** Integers stay integers, bool counting as i32, unless `kind` is f32. The result of nothing is `start`. */
function running(name: string, op: typeof cumsumOp, start: number, kind: "i32" | "f32" = "i32") {
  return (x: Tensor, dim: number, options: RunningOptions = {}): Tensor => {
    const { exclusive = false, reverse = false } = optionsArgument(name, options);
    return scope(() => {
      const { line, axis } = withAxis(name, x, dim);
      const numbers = kind === "f32" || line.dtype === "bool" ? to(line, kind) : line;
      const turned = reverse ? flip(numbers, axis) : numbers;
      const y = apply(op, [exclusive ? moved(turned, axis, start) : turned], { axis });
      return reshape(reverse ? flip(y, axis) : y, x.shape);
    });
  };
}

function runningExtreme(name: string, least: 0 | 1) {
  return (x: Tensor, dim: number): ValuesIndices =>
    scope(() => {
      const { line, axis } = withAxis(name, x, dim);
      const numbers = numbersOf(line);
      const at = empty(line.shape, "i32");
      const flags = [numbers.dtype === "f32" ? 1 : 0, least];
      runLines("cumextreme_i32", axis, [at, numbers], { flags, sizes: [line.shape[axis]] });
      return valuesAt(x, line, at, axis);
    });
}

/** Running sum along `dim`; bool counts as i32. torch.cumsum; exclusive and reverse are ONNX's. */
export const cumsum = running("cumsum", cumsumOp, 0);
/** Running product along `dim`; bool counts as i32. torch.cumprod */
export const cumprod = running("cumprod", recurrence("cumprod"), 1);
/** Logarithm of the running sum of exponentials along `dim`. torch.logcumsumexp */
export const logcumsumexp = running("logcumsumexp", recurrence("logcumsumexp"), -Infinity, "f32");
/** Running maximum along `dim` and where it stands, the last of equals; NaN stays. torch.cummax */
export const cummax = runningExtreme("cummax", 0);
/** Running minimum along `dim` and where it stands, the last of equals; NaN stays. torch.cummin */
export const cummin = runningExtreme("cummin", 1);
