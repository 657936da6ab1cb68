// Variance and standard deviation over any axes in two passes in f64, never E[x²] − E[x]². torch.var, std, var_mean, std_mean
// var = sum (x - m)² / (n - c), m the mean;   dx = 2 dvar (x - m) / (n - c) + dm / n;   std: dvar = dstd / (2 std)
import { store } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { numel } from "../shape.ts";
import { f32, type Tensor } from "../tensor.ts";
import { dimAndOptions, floatTensor, numberArgument } from "./arguments.ts";
import { add, div, mul, sub } from "./binary.ts";
import { eq } from "./compare.ts";
import { fillElements } from "./fill.ts";
import { joinedOutputs, separate } from "./outputs.ts";
import { type Dim, keptShape, layouts, reducedAxes, repeated } from "./reduction.ts";
import { reshape } from "./views.ts";
import { maskedFill } from "./where.ts";

export interface SpreadOptions {
  readonly dim?: Dim;
  /** What is taken off the number of elements: 1 (Bessel's) by default, 0 for the variance of the elements themselves. */
  readonly correction?: number;
  readonly keepdim?: boolean;
}

interface Attrs {
  readonly axes: readonly number[];
  readonly correction: number;
  readonly root: boolean;
  readonly withMean: boolean;
}

const countOf = (x: Tensor, axes: readonly number[]): number => numel(axes.map((axis) => x.shape[axis]));

const spreadOp = defineOp<readonly [Tensor], Attrs>({
  name: "var",
  forward([x], { axes, correction, root }, call) {
    const shape = keptShape(x, axes);
    const { flat, parts } = joinedOutputs(shape, shape);
    const [spread, mean] = parts;
    call.save(x, flat);
    if (x.numel === 0) fillElements(flat, Number.NaN);
    else {
      const dof = Math.max(countOf(x, axes) - correction, 0);
      const all = [f32(spread), f32(mean), f32(x), ...layouts(x, spread, axes)] as const;
      engine().run("variance_f32", spread.numel, 0, ...all, dof, root ? 1 : 0);
    }
    return flat;
  },
  backward(dflat, [x, flat], { axes, correction, root, withMean }, into) {
    const target = into.target(0);
    if (target === null || x.numel === 0) return;
    const shape = keptShape(x, axes);
    const [dspread, dmean] = separate(dflat, shape, shape);
    const [spread, mean] = separate(flat, shape, shape);
    const count = countOf(x, axes);
    const factor = root
      ? maskedFill(div(dspread, mul(spread, count - correction)), eq(spread, 0), 0)
      : mul(dspread, 2 / (count - correction));
    const dx = mul(sub(x, repeated(mean, axes, x.shape)), repeated(factor, axes, x.shape));
    store(target, withMean ? add(dx, repeated(div(dmean, count), axes, x.shape)) : dx);
  },
  flops: 4,
});

function spreadAndMean(
  name: string,
  x: Tensor,
  given: SpreadOptions,
  root: boolean,
  withMean: boolean,
): Tensor[] {
  floatTensor(name, "input", x);
  const { dim, correction = 1, keepdim = false } = given;
  numberArgument(name, "correction", correction);
  const axes = reducedAxes(name, dim, x.rank);
  const shape = keepdim ? x.shape.map((size, i) => (axes.includes(i) ? 1 : size)) : keptShape(x, axes);
  return scope(() => {
    const flat = apply(spreadOp, [x], { axes, correction, root, withMean });
    return separate(flat, shape, shape).map((part) => reshape(part, shape));
  });
}

type SpreadArguments = readonly [dim?: Dim | SpreadOptions, options?: SpreadOptions];

function spread(name: string, root: boolean) {
  return (x: Tensor, ...[dim, options]: SpreadArguments): Tensor =>
    scope(() => spreadAndMean(name, x, dimAndOptions<SpreadOptions>(name, dim, options), root, false)[0]);
}

/** Variance over `dim` (all axes by default), sum (x − mean)² / (n − correction). torch.var */
export const variance = spread("var", false);
/** Standard deviation over `dim`, the root of the variance. torch.std */
export const std = spread("std", true);

/** [variance, mean] over `dim`. torch.var_mean */
export function varMean(x: Tensor, ...[dim, options]: SpreadArguments): Tensor[] {
  return spreadAndMean("varMean", x, dimAndOptions<SpreadOptions>("varMean", dim, options), false, true);
}

/** [standard deviation, mean] over `dim`. torch.std_mean */
export function stdMean(x: Tensor, ...[dim, options]: SpreadArguments): Tensor[] {
  return spreadAndMean("stdMean", x, dimAndOptions<SpreadOptions>("stdMean", dim, options), true, true);
}
