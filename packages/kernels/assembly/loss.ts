// Cross entropy over rows of logits, straight from the logits: loss = logsumexp(row) - row[target], or with label
// smoothing logsumexp(row) - (1 - smooth V) row[target] - smooth sum(row).

import { log4 } from "./simd/math";
import { row_start, scale_dense, shift_dense, sum_dense, top_dense, zero_dense } from "./simd/rows";
import { exp_add_row, exp_row } from "./simd/softmax";
import { Count, F32Ptr, Flag, I32Ptr, Index, Stride } from "./types";

/**
 * lse = logsumexp of each row of logits (R, V), rows `stride` apart; loss = lse - logits[target], 0 where
 * target is ignore_index. Every other target lies in 0 ... V-1 (index_check_i32). lse, loss, target dense
 * (R). Units: rows.
 */
export function cross_entropy_f32(
  loss: F32Ptr,
  lse: F32Ptr,
  logits: F32Ptr,
  target: I32Ptr,
  R: Count,
  V: Count,
  stride: Stride,
  ignore_index: i32,
  smooth: f64,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const at = (<usize>r) << 2;
    const row = logits + row_start(r, R, 0, stride);
    const top = top_dense(row, V, 0);
    const log = f32x4.extract_lane(log4(f32x4.splat(<f32>exp_row(0, row, V, top))), 0);
    const goal = load<i32>(target + at);
    store<f32>(lse + at, top + log);
    if (goal == ignore_index) {
      store<f32>(loss + at, 0);
      continue;
    }
    let goals = <f64>load<f32>(row + ((<usize>goal) << 2));
    if (smooth != 0) goals = (1.0 - smooth * <f64>V) * goals + smooth * sum_dense(row, V);
    // top - goals first: it is exact when the two are close, and 0 for a confident right answer
    store<f32>(loss + at, <f32>(<f64>top - goals + <f64>log));
  }
}

/**
 * dlogits = scale * dloss * (softmax(logits) - smooth - (1 - smooth V) onehot(target)) (+ dlogits if acc), 0 where
 * target is ignore_index. logits (R, V) with rows `stride` apart, dlogits with rows `dstride` apart; target, lse dense
 * (R); dloss (R) with dloss_stride 1, one number with 0. dlogits may be logits where the rows coincide,
 * unless acc. Units: rows. lse only centres the exponentials: their own sum normalises them, so the rounding
 * of a large lse does not matter.
 */
export function cross_entropy_backward_f32(
  dlogits: F32Ptr,
  logits: F32Ptr,
  target: I32Ptr,
  lse: F32Ptr,
  dloss: F32Ptr,
  dloss_stride: Stride,
  scale: f32,
  R: Count,
  V: Count,
  stride: Stride,
  dstride: Stride,
  ignore_index: i32,
  smooth: f64,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const at = (<usize>r) << 2;
    const row = logits + row_start(r, R, 0, stride);
    const out = dlogits + row_start(r, R, 0, dstride);
    const goal = load<i32>(target + at);
    if (goal == ignore_index) {
      if (!acc) zero_dense(out, V);
      continue;
    }
    const center = load<f32>(lse + at);
    const weight = scale * load<f32>(dloss + ((<usize>(r * dloss_stride)) << 2));
    if (acc) {
      exp_add_row(out, row, V, center, <f32>(<f64>weight / exp_row(0, row, V, center)));
    } else {
      const sum = exp_row(out, row, V, center);
      scale_dense(out, V, <f32>(<f64>weight / sum));
    }
    if (smooth != 0) shift_dense(out, V, <f32>(-smooth * <f64>weight));
    const hit = out + ((<usize>goal) << 2);
    store<f32>(hit, load<f32>(hit) - <f32>((1.0 - smooth * <f64>V) * <f64>weight));
  }
}
