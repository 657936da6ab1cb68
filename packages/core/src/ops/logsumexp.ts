// log of the sum of exponentials over any axes: m + log(sum exp(x - m)), m the largest x, so that nothing overflows.
// torch.logsumexp. Composed; m counts as a constant, which leaves the gradient softmax(x).
import { scope } from "../scope.ts";
import { detach, type Tensor } from "../tensor.ts";
import { add, sub } from "./binary.ts";
import { eq } from "./compare.ts";
import { amax } from "./extrema.ts";
import { type Dim, keptShape, reducedAxes } from "./reduction.ts";
import { withFloat } from "./scalar.ts";
import { sum } from "./sum.ts";
import { abs, exp, log } from "./unary.ts";
import { reshape } from "./views.ts";
import { maskedFill } from "./where.ts";

/** log(sum(exp(x))) over `dim` (all axes by default); −Infinity where every x is. torch.logsumexp */
export function logsumexp(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  return withFloat("logsumexp", x, (input) =>
    scope(() => {
      const axes = reducedAxes("logsumexp", dim, input.rank);
      // Of nothing there is no largest, and the sum is 0.
      if (axes.some((axis) => input.shape[axis] === 0)) return log(sum(exp(input), axes, keepdim));
      const largest = detach(amax(input, axes, true));
      // Infinity − Infinity would be NaN: an infinite largest value is taken as 0, and exp and log carry it.
      const shift = maskedFill(largest, eq(abs(largest), Number.POSITIVE_INFINITY), 0);
      const y = add(log(sum(exp(sub(input, shift)), axes, true)), shift);
      return keepdim ? y : reshape(y, keptShape(input, axes));
    }),
  );
}
