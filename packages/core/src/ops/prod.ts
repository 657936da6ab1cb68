// Products over any axes, taken in f64. torch.prod
// dx_i = dy · (product of all others), from the products before and behind it: right however many zeros there are.
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { fillElements } from "./fill.ts";
import { linesOf, mergeAxes } from "./lines.ts";
import { type Dim, keptShape, numbersOf, reduceElements, reduction } from "./reduction.ts";
import { unsqueeze } from "./views.ts";

interface Attrs {
  readonly axes: readonly number[];
}

const prodOp = defineOp<readonly [Tensor], Attrs>({
  name: "prod",
  forward([x], { axes }, call) {
    const y = empty(keptShape(x, axes), x.dtype);
    call.save(x);
    if (x.numel === 0) fillElements(y, 1);
    else reduceElements(`prod_${x.dtype as "f32" | "i32"}`, y, x, axes);
    return y;
  },
  // Recorded with one axis only.
  backward(dy, [x], { axes }, into) {
    const target = into.target(0);
    if (target === null || x.numel === 0) return;
    const { tensor: dx, acc } = target;
    const N = x.shape[axes[0]];
    const { layout, units, steps } = linesOf(axes[0], dx, x, unsqueeze(dy, axes[0]));
    const running = engine();
    const bytes = running.kernels.prod_backward_work_f32(N);
    const all = [f32(dx), f32(x), f32(dy)] as const;
    running.run("prod_backward_f32", units, bytes, ...all, layout, N, steps[0], steps[1], acc);
  },
  flops: 1,
});

/** Product over `dim` (all axes by default); i32 and bool give i32. torch.prod */
export function prod(x: Tensor, dim?: Dim, keepdim = false): Tensor {
  tensorArgument("prod", "input", x);
  return scope(() => {
    const numbers = numbersOf(x);
    return reduction("prod", numbers, dim, keepdim, (axes) => {
      if (axes.length === 1 || !x.requiresGrad) return apply(prodOp, [numbers], { axes });
      const lines = mergeAxes(numbers, axes);
      return apply(prodOp, [lines], { axes: [lines.rank - 1] });
    });
  });
}
