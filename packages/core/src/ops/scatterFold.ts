// What scatters are made of: writing and adding, and the reductions of torch.scatter_reduce. Products and extrema are an
// op of their own, with PyTorch's gradients; means are composed.

import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, i32, type Tensor } from "../tensor.ts";
import { fail } from "./arguments.ts";
import { div, maximum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { eq, gt } from "./compare.ts";
import { copyOf } from "./contiguous.ts";
import { filled } from "./fill.ts";
import { gatherInto, type Picks, prepared, scatterInto, takeInto } from "./picks.ts";
import { expand } from "./views.ts";
import { where } from "./where.ts";

interface ScatterAttrs {
  readonly picks: Picks;
  readonly add: boolean;
}

const scatterOp = defineOp<readonly [Tensor, Tensor, Tensor], ScatterAttrs>({
  name: "scatter",
  forward([x, part, index], { picks, add }, call) {
    const y = copyOf(x);
    call.save(index);
    scatterInto(add ? "add" : "set", y, part, index, picks);
    return y;
  },
  // add: dx = dy, dpart = dy at the places. set: the last writer takes its dy away, and what is left is dx.
  backward(dy, [index], { picks, add }, into) {
    const target = into.target(1);
    if (add) {
      if (target !== null) gatherInto(target.tensor, target.acc, dy, index, picks);
      into.give(0, dy);
      return;
    }
    const rest = copyOf(dy);
    if (target !== null) takeInto(prepared(target), rest, index, picks);
    else scatterInto("set", rest, numberLike(rest, 0), index, picks);
    into.give(0, rest);
  },
});

/** A 0-d tensor of the type of x. @internal */
export function numberLike(x: Tensor, value: number): Tensor {
  return filled([], value, x.dtype);
}

/** x with the part, in the shape of the picks, written or added where they say; picks are of a dense x. @internal */
export function scattered(x: Tensor, part: Tensor, index: Tensor, picks: Picks, add: boolean): Tensor {
  if (add && x.dtype === "bool") return reducedInto("sum", x, part, index, picks);
  return apply(scatterOp, [x, part, index], { picks, add });
}

export type Reduction = "sum" | "prod" | "mean" | "amax" | "amin";

type Fold = "prod" | "amax" | "amin";
const kernelOf = { sum: "add", prod: "mul", amax: "max", amin: "min" } as const;

interface FoldAttrs {
  readonly how: Fold;
  readonly picks: Picks;
}

function folded(how: Fold | "sum", x: Tensor, part: Tensor, index: Tensor, picks: Picks): Tensor {
  const y = copyOf(x);
  scatterInto(kernelOf[how], y, part, index, picks);
  return y;
}

function pickedFrom(x: Tensor, index: Tensor, picks: Picks): Tensor {
  const y = empty(picks.shape, x.dtype);
  gatherInto(y, 0, x, index, picks);
  return y;
}

const filledLike = (x: Tensor, value: number): Tensor => filled(x.shape, value, x.dtype);

const foldOp = defineOp<readonly [Tensor, Tensor, Tensor], FoldAttrs>({
  name: "scatterReduce",
  forward([x, part, index], { how, picks }, call) {
    const y = folded(how, x, part, index, picks);
    call.save(x, part, index, how === "prod" ? null : y);
    return y;
  },
  backward(dy, [x, part, index, y], { how, picks }, into) {
    const from = (whole: Tensor): Tensor => pickedFrom(whole, index, picks);
    if (how !== "prod") {
      // Shared in equal parts by all that are the result.
      const [isX, isPart] = [to(eq(x, y), "f32"), to(eq(part, from(y)), "f32")];
      const each = div(dy, folded("sum", isX, isPart, index, picks));
      if (into.wants(0)) into.give(0, mul(isX, each));
      if (into.wants(1)) into.give(1, mul(isPart, from(each)));
      return;
    }
    // The product of all others: for x that of the parts; for a part, of x and the parts that are not 0, by division,
    // and nothing where another part is 0.
    if (into.wants(0)) into.give(0, mul(dy, folded("prod", filledLike(x, 1), part, index, picks)));
    if (!into.wants(1)) return;
    const zero = eq(part, 0);
    const zeros = to(zero, "f32");
    const rest = where(zero, 1, part);
    const others = sub(from(folded("sum", filledLike(x, 0), zeros, index, picks)), zeros);
    const product = from(mul(dy, folded("prod", x, rest, index, picks)));
    into.give(1, where(gt(others, 0), 0, div(product, rest)));
  },
});

/** What leaves a combination as it is. */
function neutral(how: Reduction, x: Tensor): number {
  if (how === "prod") return 1;
  if (how === "sum" || how === "mean") return 0;
  const top = x.dtype === "f32" ? Infinity : 2 ** 31 - 1;
  return how === "amin" ? top : x.dtype === "f32" ? -top : -top - 1;
}

/** A number in place of every element of x that the index names. */
function replaced(x: Tensor, value: number, index: Tensor, picks: Picks): Tensor {
  return scattered(x, expand(numberLike(x, value), picks.shape), index, picks, false);
}

/** x with the part (in the shape of the picks, which are of a dense x) combined into it. @internal */
export function reducedInto(
  how: Reduction,
  x: Tensor,
  part: Tensor,
  index: Tensor,
  picks: Picks,
  includeSelf = true,
): Tensor {
  if (x.dtype === "bool") return reducedBools(how, x, part, index, picks, includeSelf);
  return scope(() => {
    const base = includeSelf ? x : replaced(x, neutral(how, x), index, picks);
    if (how === "sum") return scattered(base, part, index, picks, true);
    if (how !== "mean") return apply(foldOp, [base, part, index], { how, picks });
    const total = scattered(base, part, index, picks, true);
    const one = filledLike(part, 1);
    const ones = filledLike(x, 1);
    const self = includeSelf ? ones : replaced(ones, 0, index, picks);
    const count = folded("sum", self, one, index, picks);
    if (x.dtype === "f32") return div(total, maximum(count, 1));
    engine().run("floor_mean_i32", total.numel, 0, i32(total), i32(count));
    return total;
  });
}

/** or and and: the sum or maximum, the product or minimum, of bools. */
function reducedBools(
  how: Reduction,
  x: Tensor,
  part: Tensor,
  index: Tensor,
  picks: Picks,
  includeSelf: boolean,
): Tensor {
  if (how === "mean") fail("dtype", "scatterReduce: bools have no mean; cast with to()");
  const as = how === "sum" || how === "amax" ? "amax" : "amin";
  return scope(() => {
    const [whole, brought] = [to(x, "i32"), to(part, "i32")];
    return to(reducedInto(as, whole, brought, index, picks, includeSelf), "bool");
  });
}
