// Normalisation by channels: batch (Ioffe and Szegedy, arXiv 1502.03167), instance (arXiv 1607.08022) and group
// normalisation (Wu and He, arXiv 1803.08494) differ only in which planes share a mean. x is a dense (N, C, S) array of
// N*C planes; plane p has channel p % C and takes its statistics from group (p / share) % groups.
import { layernorm_backward_sums, moments } from "./simd/norm";
import { affine_plane, slope_plane } from "./simd/planes";
import { sum_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, Index, Stride } from "./types";

/** Number `i` of an array that may be absent. */
function entry(p: F32Ptr, i: Index, otherwise: f32): f32 {
  return p ? load<f32>(p + ((<usize>i) << 2)) : otherwise;
}

/**
 * Mean, biased variance and rstd = 1 / sqrt(variance + eps) of groups: group g is `runs` runs of `length` elements,
 * the first at x + g * step, the others `run_step` elements apart. In two passes with the correction of norm.ts.
 * Units: groups.
 */
export function group_moments_f32(
  mean: F32Ptr,
  variance: F32Ptr,
  rstd: F32Ptr,
  x: F32Ptr,
  step: Stride,
  runs: Count,
  run_step: Stride,
  length: Count,
  eps: f32,
  begin: Index,
  end: Index,
): void {
  const perElement: f64 = 1.0 / (<f64>runs * <f64>length);
  const stride = (<usize>run_step) << 2;
  for (let g = begin; g < end; ++g) {
    const at = (<usize>g) << 2;
    const first = x + ((<usize>(g * step)) << 2);
    let total: f64 = 0;
    let run = first;
    for (let i = 0; i < runs; ++i) {
      total += sum_dense(run, length);
      run += stride;
    }
    const center = <f32>(total * perElement);
    let sums = f64x2.splat(0);
    run = first;
    for (let i = 0; i < runs; ++i) {
      sums = f64x2.add(sums, moments(run, length, center));
      run += stride;
    }
    const shift = f64x2.extract_lane(sums, 0) * perElement;
    const spread = max(f64x2.extract_lane(sums, 1) * perElement - shift * shift, 0.0);
    store<f32>(mean + at, <f32>(<f64>center + shift));
    store<f32>(variance + at, <f32>spread);
    store<f32>(rstd + at, <f32>(1.0 / sqrt(spread + <f64>eps)));
  }
}

/**
 * y = (x - mean) * rstd * weight + bias; x, y dense (N, C, S), mean, rstd (groups), weight, bias (C) or 0: 1 and 0.
 * Units: planes.
 */
export function channel_norm_f32(
  y: F32Ptr,
  x: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  C: Count,
  S: Count,
  share: Count,
  groups: Count,
  begin: Index,
  end: Index,
): void {
  for (let p = begin; p < end; ++p) {
    const g = (p / share) % groups;
    const c = p % C;
    const at = (<usize>(p * S)) << 2;
    const scale = entry(rstd, g, 1) * entry(weight, c, 1);
    affine_plane(y + at, x + at, S, entry(mean, g, 0), scale, entry(bias, c, 0));
  }
}

/** total = sum of dy, cross = sum of dy * xhat over each plane (N*C), xhat = (x - mean) * rstd. Units: planes. */
export function channel_norm_sums_f32(
  total: F32Ptr,
  cross: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  S: Count,
  share: Count,
  groups: Count,
  begin: Index,
  end: Index,
): void {
  for (let p = begin; p < end; ++p) {
    const g = (p / share) % groups;
    const at = (<usize>(p * S)) << 2;
    const sums = layernorm_backward_sums(dy + at, x + at, 0, S, entry(mean, g, 0), entry(rstd, g, 1));
    store<f32>(total + ((<usize>p) << 2), <f32>f64x2.extract_lane(sums, 0));
    store<f32>(cross + ((<usize>p) << 2), <f32>f64x2.extract_lane(sums, 1));
  }
}

/**
 * dx = rstd * (dy * weight - a - xhat * b) (+ dx if acc); a, b (groups) are the averages over the group of dy * weight and
 * dy * weight * xhat, or 0 where mean and rstd are constants. The rest as above. Units: planes.
 */
export function channel_norm_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  weight: F32Ptr,
  a: F32Ptr,
  b: F32Ptr,
  C: Count,
  S: Count,
  share: Count,
  groups: Count,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let p = begin; p < end; ++p) {
    const g = (p / share) % groups;
    const at = (<usize>(p * S)) << 2;
    const w = entry(weight, p % C, 1);
    const m = entry(mean, g, 0);
    const r = entry(rstd, g, 1);
    slope_plane(dx + at, dy + at, x + at, S, m, r, w, entry(a, g, 0), entry(b, g, 0), acc);
  }
}
