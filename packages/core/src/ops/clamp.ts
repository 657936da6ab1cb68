// y = min(max(x, min), max). torch.clamp
// dx = dy where min ≤ x ≤ max; dmin = dy where x < min < max; dmax = dy where x > max, or max < min.
import { noGrad } from "../autograd/tape.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { fail, refuse, tensorArgument } from "./arguments.ts";
import { maximum, minimum } from "./binary.ts";
import { to } from "./cast.ts";
import { ge, gt, le, logicalAnd, logicalOr, lt } from "./compare.ts";
import { formula } from "./formula.ts";
import { scalarLike } from "./scalar.ts";
import { where } from "./where.ts";

type Bound = Tensor | number | null | undefined;

const numbersOp = formula("clamp", "clamp_f32", { kernel: "inside_backward_f32", saves: "x" });

const tensorsOp = defineOp<readonly [Tensor, Tensor | null, Tensor | null]>({
  name: "clamp",
  forward([x, low, high], _attrs, call) {
    call.save(x, low, high);
    return noGrad(() => {
      const raised = low === null ? x : maximum(x, low);
      return high === null ? raised : minimum(raised, high);
    });
  },
  backward(dy, [x, low, high], _attrs, into) {
    const both = low !== null && high !== null;
    const masked = (i: number, mask: () => Tensor): void => {
      if (into.wants(i)) into.give(i, where(mask(), dy, 0));
    };
    masked(0, () => {
      const above = low === null ? null : ge(x, low);
      const below = high === null ? null : le(x, high);
      return above !== null && below !== null ? logicalAnd(above, below) : ((above ?? below) as Tensor);
    });
    masked(1, () => (both ? logicalAnd(lt(x, low), lt(low, high)) : lt(x, low)));
    masked(2, () => (both ? logicalOr(gt(x, high), lt(high, low)) : gt(x, high)));
  },
});

function checkBound(name: string, bound: Bound): void {
  if (bound === null || bound === undefined || typeof bound === "number" || bound instanceof Tensor) return;
  refuse("clamp", name, "a number or a Tensor", bound);
}

/**
 * The tensor with its elements moved into [min, max]; either may be left out, or be a tensor that broadcasts. Where min >
 * max the result is max. Integers stay i32 next to whole numbers. torch.clamp
 */
export function clamp(x: Tensor, min?: Tensor | number | null, max?: Tensor | number | null): Tensor {
  tensorArgument("clamp", "input", x);
  checkBound("min", min);
  checkBound("max", max);
  const [low, high] = [min ?? null, max ?? null];
  if (low === null && high === null) fail("argument", "clamp: min or max must be given");
  if (x.dtype === "f32" && !(low instanceof Tensor) && !(high instanceof Tensor)) {
    const range = [low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY];
    return numbersOp(x, range, [...range, 1]);
  }
  return scope(() => {
    if ([x, low, high].some((part) => part instanceof Tensor && part.dtype === "f32"))
      return clampFloats(x, low, high);
    const raised = low === null ? x : maximum(x, low);
    return high === null ? raised : minimum(raised, high);
  });
}

/** With a tensor as bound, in f32. */
function clampFloats(x: Tensor, ...bounds: (Tensor | number | null)[]): Tensor {
  const [low, high] = bounds.map((bound) => {
    if (bound === null) return null;
    return to(typeof bound === "number" ? scalarLike(x, bound) : bound, "f32");
  });
  return apply(tensorsOp, [to(x, "f32"), low, high], undefined);
}
