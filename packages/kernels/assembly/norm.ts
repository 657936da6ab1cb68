// Layer normalisation over rows (Ba, Kiros and Hinton, arXiv 1607.06450) and, not centred, RMS normalisation (Zhang
// and Sennrich, arXiv 1910.07467), forward and backward. The variance is the corrected two-pass one (Chan, Golub and LeVeque 1983): the second pass also sums the deviations,
// which corrects the rounding of the mean, so rows with a large offset keep their digits. Row sums as in
// simd/rows.ts.

import {
  layernorm_backward_row,
  layernorm_backward_sums,
  layernorm_row,
  moments,
  rmsnorm_row,
  row_ahead,
} from "./simd/norm";
import { norm_columns4, norm_columns16 } from "./simd/norm_columns";
import { dense_offset, row_start, squares_dense, sum_dense } from "./simd/rows";
import { Count, F32Ptr, Flag, Index, Stride } from "./types";

/** Columns per unit of layernorm_backward_params_f32. */
const COLUMNS: i32 = 16;
/** Elements whose mean stands for that of their row at first. */
const SAMPLE: i32 = 16;

/** The mean of the first elements: what is near the mean of most rows. */
function provisional_mean(x: usize, n: Count): f32 {
  return n < SAMPLE ? load<f32>(x) : <f32>(sum_dense(x, SAMPLE) / <f64>SAMPLE);
}

/**
 * y = (x - mean) * rstd * weight + bias over each row, rstd = 1 / sqrt(var + eps), var the biased variance; if not
 * `centred` the mean counts as 0, so var is the mean square.
 * Row (i, j) of x (D0, D1, N) starts at x + i*x_s0 + j*x_s1; y is dense; mean, rstd (D0*D1) or 0: not
 * written; weight, bias (N) or 0: 1 and 0. y may be x where the rows coincide. Units: rows.
 */
export function layernorm_f32(
  y: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  x: F32Ptr,
  weight: F32Ptr,
  bias: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  x_s0: Stride,
  x_s1: Stride,
  eps: f32,
  centred: Flag,
  begin: Index,
  end: Index,
): void {
  const perElement: f64 = 1.0 / <f64>N;
  for (let r = begin; r < end; ++r) {
    const at = (<usize>r) << 2;
    const row = x + row_start(r, D1, x_s0, x_s1);
    const out = y + dense_offset(r, N);
    let center = centred ? provisional_mean(row, N) : 0;
    let shift: f64 = 0,
      variance: f64 = 0;
    if (centred) {
      let sums = moments(row, N, center);
      shift = f64x2.extract_lane(sums, 0) * perElement;
      variance = f64x2.extract_lane(sums, 1) * perElement - shift * shift;
      if (shift * shift > variance) {
        center = <f32>(<f64>center + shift);
        sums = moments(row, N, center);
        shift = f64x2.extract_lane(sums, 0) * perElement;
        variance = f64x2.extract_lane(sums, 1) * perElement - shift * shift;
      }
    } else {
      variance = squares_dense(row, N) * perElement;
    }
    const inverse = <f32>(1.0 / sqrt(max(variance, 0.0) + <f64>eps));
    const ahead = row_ahead(r, end, D1, x_s0, x_s1, N);
    if (centred) layernorm_row(out, row, N, center, <f32>shift, inverse, weight, bias, ahead);
    else rmsnorm_row(out, row, N, inverse, weight, bias, ahead);
    if (mean) store<f32>(mean + at, <f32>(<f64>center + shift));
    if (rstd) store<f32>(rstd + at, inverse);
  }
}

/**
 * dx = rstd * (g - avg(g) - xhat * avg(g * xhat)) (+ dx if acc), g = dy * weight, xhat = (x - mean) * rstd,
 * averages over the row, the first one 0 if not `centred`. dy dense; rows of x and dx by their strides; weight (N) or 0: 1; mean, rstd (D0*D1)
 * from layernorm_f32. dx may be dy or x where the rows coincide. Units: rows.
 */
export function layernorm_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  weight: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  x_s0: Stride,
  x_s1: Stride,
  dx_s0: Stride,
  dx_s1: Stride,
  centred: Flag,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const perElement: f64 = 1.0 / <f64>N;
  for (let r = begin; r < end; ++r) {
    const at = (<usize>r) << 2;
    const row = x + row_start(r, D1, x_s0, x_s1);
    const grad = dy + dense_offset(r, N);
    const center = load<f32>(mean + at);
    const inverse = load<f32>(rstd + at);
    const sums = layernorm_backward_sums(grad, row, weight, N, center, inverse);
    const a: f32 = centred ? <f32>(f64x2.extract_lane(sums, 0) * perElement) : 0;
    const b = <f32>(f64x2.extract_lane(sums, 1) * perElement);
    const out = dx + row_start(r, D1, dx_s0, dx_s1);
    layernorm_backward_row(out, grad, row, weight, N, center, inverse, a, b, acc);
  }
}

/**
 * dweight = sum over rows of dy * xhat (+ dweight if acc_weight), dbias = sum over rows of dy (+ dbias if
 * acc_bias); either may be 0: not needed. dy dense (D0, D1, N), the rest as in layernorm_backward_f32. Units:
 * blocks of 16 columns, ceil(N / 16) of them; rows are summed in fixed blocks in their order.
 */
export function layernorm_backward_params_f32(
  dweight: F32Ptr,
  dbias: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  mean: F32Ptr,
  rstd: F32Ptr,
  D0: Count,
  D1: Count,
  N: Count,
  x_s0: Stride,
  x_s1: Stride,
  acc_weight: Flag,
  acc_bias: Flag,
  begin: Index,
  end: Index,
): void {
  const row = (<usize>N) << 2;
  const step1 = (<usize>x_s1) << 2;
  const step0 = (<usize>(x_s0 - D1 * x_s1)) << 2;
  const last = min(end * COLUMNS, N);
  for (let c = begin * COLUMNS; c < last; ) {
    const at = (<usize>c) << 2;
    const w = dweight ? dweight + at : 0;
    const b = dbias ? dbias + at : 0;
    const g = dy + at;
    const p = x + at;
    if (last - c >= COLUMNS) {
      norm_columns16(w, b, g, p, mean, rstd, D0, D1, row, step0, step1, acc_weight, acc_bias);
      c += COLUMNS;
    } else {
      const lanes = min(last - c, 4);
      norm_columns4(w, b, g, p, mean, rstd, D0, D1, row, step0, step1, acc_weight, acc_bias, lanes);
      c += 4;
    }
  }
}
