// y = (x - mean) / sqrt(var + eps) * weight + bias with weight and bias per channel: what batch, instance and group
// normalisation share. They differ in the planes that one mean is taken over.
// With g = dy weight and n = (x - mean) rstd:  dx = rstd (g - mean(g) - n mean(g n)),  dweight = sum dy n,  dbias = sum dy
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { numel } from "../shape.ts";
import { detach, empty, f32, type Tensor } from "../tensor.ts";
import { floatTensor, optionalTensor, rankedTensor, shapedTensor } from "./arguments.ts";
import { div, mul } from "./binary.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { sum } from "./sum.ts";
import { reshape } from "./views.ts";

/** x as (N, C, S) and its groups: plane p takes the statistics number (p / share) % count, whole division. */
export interface Groups {
  readonly N: number;
  readonly C: number;
  readonly S: number;
  readonly share: number;
  readonly count: number;
}

export interface Statistics {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly rstd: Tensor;
}

/** True when a group is all planes of one channel; else it is neighbouring planes of one image. */
function areOverBatch({ N, C, share, count }: Groups): boolean {
  return N > 1 && share === 1 && count === C;
}

/** Mean, biased variance and 1 / sqrt(variance + eps) of each group of a dense x with elements. */
export function momentsOf(x: Tensor, groups: Groups, eps: number): Statistics {
  const { N, C, S, share, count } = groups;
  const [mean, variance, rstd] = [empty([count]), empty([count]), empty([count])];
  const runs = areOverBatch(groups) ? [S, N, C * S, S] : [share * S, 1, 0, share * S];
  const [step, repeats, stride, length] = runs;
  const outputs = [f32(mean), f32(variance), f32(rstd)] as const;
  engine().run("group_moments_f32", count, 0, ...outputs, f32(x), step, repeats, stride, length, eps);
  return { mean, variance, rstd };
}

interface Attrs {
  readonly groups: Groups;
  /** Whether mean and rstd were computed from x, so that gradients flow through them. */
  readonly ofInput: boolean;
}

/** x, dense; weight (C) or null; bias (C) or null; mean and rstd, one number per group, without gradients. */
const channelNormOp = defineOp<readonly [Tensor, Tensor | null, Tensor | null, Tensor, Tensor], Attrs>({
  name: "channelNorm",
  forward([x, weight, bias, mean, rstd], { groups: { N, C, S, share, count } }, call) {
    const y = empty(x.shape);
    call.save(x, weight, mean, rstd);
    if (y.numel === 0) return y;
    const pointers = [f32(y), f32(x), f32(mean), f32(rstd), f32(weight), f32(bias)] as const;
    engine().run("channel_norm_f32", N * C, 0, ...pointers, C, S, share, count);
    return y;
  },
  backward(dy, [x, weight, mean, rstd], { groups, ofInput }, into) {
    if (dy.numel === 0) {
      for (const i of [0, 1, 2]) into.zero(i);
      return;
    }
    const { N, C, S, share, count } = groups;
    // Of each plane: sum dy and sum dy n.
    const sums = [empty([N, C]), empty([N, C])];
    const statistics = [f32(mean), f32(rstd)] as const;
    if (ofInput || into.wants(1) || into.wants(2)) {
      const [total, cross] = sums.map(f32);
      engine().run(
        "channel_norm_sums_f32",
        N * C,
        0,
        total,
        cross,
        f32(dy),
        f32(x),
        ...statistics,
        S,
        share,
        count,
      );
    }
    if (into.wants(1)) into.give(1, sum(sums[1], 0));
    if (into.wants(2)) into.give(2, sum(sums[0], 0));
    const target = into.target(0, contiguous);
    if (target === null) return;
    const [a, b] = ofInput ? sums.map((s) => averageOf(s, weight, groups)) : [null, null];
    const pointers = [
      f32(target.tensor),
      f32(dy),
      f32(x),
      ...statistics,
      f32(weight),
      f32(a),
      f32(b),
    ] as const;
    engine().run("channel_norm_backward_f32", N * C, 0, ...pointers, C, S, share, count, target.acc);
  },
  flops: 3,
});

/** Sums of planes (N, C), times weight, averaged over the elements of each group. */
function averageOf(sums: Tensor, weight: Tensor | null, groups: Groups): Tensor {
  const { N, C, S, count } = groups;
  const weighted = weight === null ? sums : mul(sums, weight);
  const totals = areOverBatch(groups)
    ? sum(weighted, 0)
    : sum(reshape(weighted, [count, (N * C) / count]), 1);
  return div(totals, (N * C * S) / count);
}

/** Normalises a dense x by statistics it did or did not give itself. */
export function channelNorm(
  x: Tensor,
  groups: Groups,
  { mean, rstd }: Pick<Statistics, "mean" | "rstd">,
  { weight, bias }: Affine,
  ofInput: boolean,
): Tensor {
  const [scale, shift] = [weight, bias].map((p) => (p === null ? null : contiguousTensor(p)));
  return apply(channelNormOp, [x, scale, shift, detach(mean), detach(rstd)], { groups, ofInput });
}

export interface Affine {
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/** Checks per-channel vectors, all of them (C) of f32 or absent. */
export function channelVectors<K extends string>(
  op: string,
  C: number,
  given: Readonly<Record<K, unknown>>,
): Record<K, Tensor | null> {
  const checked = Object.entries(given).map(([name, value]): [string, Tensor | null] => {
    const p = optionalTensor(op, name, value);
    return [name, p && shapedTensor(op, name, floatTensor(op, name, p), [C])];
  });
  return Object.fromEntries(checked) as Record<K, Tensor | null>;
}

/** (N, C, …) as N, C and the number of elements of a plane. */
export function planesOf(op: string, x: Tensor): { N: number; C: number; S: number } {
  rankedTensor(op, "input", floatTensor(op, "input", x), 2, Infinity);
  return { N: x.shape[0], C: x.shape[1], S: numel(x.shape.slice(2)) };
}
