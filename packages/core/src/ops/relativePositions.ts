// Representations of relative positions, from "Self-Attention with Relative Position Representations" (arXiv 1803.02155):
// a table of 2k+1 vectors, one for each distance key − query in −k … k, distances beyond k counting as k. No vector is
// repeated for each pair of positions: scores come from q tableᵀ (…, T, 2k+1), whose values are then laid along the keys,
// and outputs from weights summed by distance (…, T, 2k+1) times the table. Each of the two moves is the other's gradient.
import type { LayoutPtr } from "@saccade/kernels";
import { contiguous as denseView } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { checkShape, numel, type Shape } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { integerArgument, optionsArgument, refuse, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { contiguous } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { matmul } from "./matmul.ts";
import { transpose } from "./views.ts";

interface Attrs {
  readonly T: number;
  readonly S: number;
  readonly k: number;
  readonly past: number;
}

/** Calls a kernel over all queries; the rows of `x` may be fewer, if the last but one axis of `x` is 1. */
function move(
  kernel: "relative_spread_f32" | "relative_sum_f32",
  y: Tensor,
  x: Tensor,
  { T, S, k, past }: Attrs,
  acc: 0 | 1,
): void {
  const lead = [...y.shape.slice(0, -2), T];
  const steps = x.strides.slice(0, -1);
  if (x.size(-2) === 1 && T !== 1) steps[steps.length - 1] = 0;
  const running = engine();
  const rows: LayoutPtr = running.layout(lead, y.strides.slice(0, -1), steps);
  running.run(kernel, numel(lead), 0, f32(y), f32(x), rows, T, S, k, past, acc);
}

/** x (…, T or 1, 2k + 1) → (…, T, S) */
const spreadOp = defineOp<readonly [Tensor], Attrs>({
  name: "relativeSpread",
  forward([x], attrs) {
    const y = empty([...x.shape.slice(0, -2), attrs.T, attrs.S]);
    if (y.numel > 0) move("relative_spread_f32", y, contiguous(x), attrs, 0);
    return y;
  },
  backward(dy, _saved, attrs, into) {
    if (!into.wants(0)) return;
    // Where all queries share a row of x, `give` adds theirs up.
    const dx = empty([...dy.shape.slice(0, -1), 2 * attrs.k + 1]);
    if (dy.numel === 0) fillElements(dx, 0);
    else move("relative_sum_f32", dx, dy, attrs, 0);
    into.give(0, dx);
  },
});

/** x (…, T, S) → (…, T, 2k + 1) */
const sumOp = defineOp<readonly [Tensor], Attrs>({
  name: "relativeSum",
  forward([x], attrs) {
    const y = empty([...x.shape.slice(0, -1), 2 * attrs.k + 1]);
    if (x.numel === 0) fillElements(y, 0);
    else move("relative_sum_f32", y, contiguous(x), attrs, 0);
    return y;
  },
  backward(dy, _saved, attrs, into) {
    const target = into.target(0, denseView);
    if (target !== null && target.tensor.numel > 0)
      move("relative_spread_f32", target.tensor, dy, attrs, target.acc);
  },
});

/** Values by distance x (…, T or 1, 2k+1) laid along S keys for each of T queries. @internal */
export function spread(x: Tensor, T: number, S: number, past: number): Tensor {
  return apply(spreadOp, [x], { T, S, k: (x.size(-1) - 1) / 2, past });
}

export interface RelativeOptions {
  /** Keys before the first query (a KV cache). */
  readonly past?: number;
}

/**
 * q_t · table[clamp(s − t − past, −k, k) + k], unscaled: q (…, T, D), table (2k+1, D), or with leading axes of its own that
 * broadcast ((H, 2k+1, D): one per head) → (…, T, keyLength). To add to q kᵀ.
 */
export function relativeScores(
  q: Tensor,
  table: Tensor,
  keyLength: number,
  options: RelativeOptions = {},
): Tensor {
  const { past = 0 } = optionsArgument("relativeScores", options);
  checkTable("relativeScores", "q", q, table);
  integerArgument("relativeScores", "past", past, 0, 2 ** 30);
  integerArgument("relativeScores", "keyLength", keyLength, 0, 2 ** 30);
  if (q.size(-1) !== table.size(-1)) mismatch("relativeScores", "q", q, table);
  checkShape("relativeScores", [...q.shape.slice(0, -1), keyLength]);
  return scope(() => {
    const byDistance = matmul(q, transpose(table, -2, -1)); //                     (…, T, 2k + 1)
    return spread(byDistance, q.size(-2), keyLength, past);
  });
}

/**
 * Σ_s weights[t, s] · table[clamp(s − t − past, −k, k) + k]: weights (…, T, S), table as in relativeScores → (…, T, D). To
 * add to weights · v.
 */
export function relativeValues(weights: Tensor, table: Tensor, options: RelativeOptions = {}): Tensor {
  const { past = 0 } = optionsArgument("relativeValues", options);
  checkTable("relativeValues", "weights", weights, table);
  integerArgument("relativeValues", "past", past, 0, 2 ** 30);
  return scope(() => {
    const [T, S] = weights.shape.slice(-2);
    const attrs = { T, S, k: (table.size(-2) - 1) / 2, past };
    return matmul(apply(sumOp, [to(weights, "f32")], attrs), table);
  });
}

function checkTable(op: string, name: string, x: Tensor, table: Tensor): void {
  tensorArgument(op, name, x);
  tensorArgument(op, "table", table);
  const lead: Shape = table.shape.slice(0, -2);
  // Leading axes of the table must not add any to the result.
  const fits =
    lead.length <= x.rank - 2 &&
    lead.every((size, i) => size === 1 || size === x.shape[x.rank - 2 - lead.length + i]);
  if (x.rank >= 2 && table.rank >= 2 && table.dtype === "f32" && table.size(-2) % 2 === 1 && fits) return;
  mismatch(op, name, x, table);
}

function mismatch(op: string, name: string, x: Tensor, table: Tensor): never {
  const wanted = "(…, T, D) and (2k + 1, D) or (H, 2k + 1, D) of f32";
  return refuse(op, `${name} and table`, wanted, [x, table], "shape");
}
