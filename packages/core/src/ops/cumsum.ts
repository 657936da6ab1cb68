// y_i = x_0 + … + x_i along one axis. torch.cumsum
// dx_i = dy_i + … + dy_(n-1): the same sum from the other end.
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { normalizeAxis } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { numberArgument, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { splitAxes } from "./reduction.ts";
import { reshape } from "./views.ts";

interface Attrs {
  readonly axis: number;
}

/** Lines of `x` along an axis beside those of `y`: how many, their layout, their length and steps. */
function linesOf(y: Tensor, x: Tensor, axis: number) {
  const [from, into] = [splitAxes(x, [axis]), splitAxes(y, [axis])];
  const lines = engine().layout(from.keptShape, into.keptStrides, from.keptStrides);
  return [lines, x.shape[axis], y.strides[axis], x.strides[axis]] as const;
}

const cumsumOp = defineOp<readonly [Tensor], Attrs>({
  name: "cumsum",
  forward([x], { axis }) {
    const y = empty(x.shape, x.dtype);
    if (y.numel === 0) return y;
    const units = x.numel / x.shape[axis];
    if (x.dtype === "f32") engine().run("cumsum_f32", units, 0, f32(y), f32(x), ...linesOf(y, x, axis), 0, 0);
    else engine().run("cumsum_i32", units, 0, i32(y), i32(x), ...linesOf(y, x, axis));
    return y;
  },
  backward(dy, _saved, { axis }, into) {
    const target = into.target(0);
    if (target === null || dy.numel === 0) return;
    const { tensor: dx, acc } = target;
    const units = dy.numel / dy.shape[axis];
    engine().run("cumsum_f32", units, 0, f32(dx), f32(dy), ...linesOf(dx, dy, axis), 1, acc);
  },
  flops: ([x]) => x.numel,
});

/** Running sum along `dim`; bool counts as i32. torch.cumsum */
export function cumsum(x: Tensor, dim: number): Tensor {
  tensorArgument("cumsum", "input", x);
  const axis = normalizeAxis("cumsum", numberArgument("cumsum", "dim", dim), x.rank);
  return scope(() => {
    const numbers = x.dtype === "bool" ? to(x, "i32") : x;
    if (x.rank === 0) return reshape(apply(cumsumOp, [reshape(numbers, [1])], { axis }), []);
    return apply(cumsumOp, [numbers], { axis });
  });
}
