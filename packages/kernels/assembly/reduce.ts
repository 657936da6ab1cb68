// Reductions over any axes of a strided tensor: sum, prod, amax, amin, argmax, argmin, variance, and the
// sums of squares behind gradient clipping. `kept` says where each output element and its slice of x start, `reduced` how
// that slice lies in memory. Two shapes are fast: slices dense along their last axis (one row per output) and
// neighbouring outputs (columns, 16 at a time). The layouts alone choose between them, so a split never
// changes an element's arithmetic. f32 sums are taken in fixed blocks whose totals are added in f64
// (simd/rows.ts).

import {
  arg_columns4,
  extreme_columns4,
  extreme_columns16,
  sum_columns4,
  sum_columns16,
} from "./simd/columns";
import { find_integer, fold_columns, fold_row, fold_run, Largest, Product, Sum } from "./simd/folds";
import { columns_of, leading_offset, rows_of, stride_of } from "./simd/layout";
import { product_columns4, product_row, spread_columns4, spread_row } from "./simd/moments";
import { find_first, maximum_dense, maximum_strided, sum_dense, sum_squares, sum_strided } from "./simd/rows";
import { Count, F32Ptr, F64Ptr, Flag, I32Ptr, Index, LayoutPtr, U8Ptr } from "./types";

const SUM: i32 = 0;
const EXTREME: i32 = 1;
const ARG: i32 = 2;
const SUM_I32: i32 = 3;
const SUM_BOOL: i32 = 4;
const PRODUCT: i32 = 5;
const PRODUCT_I32: i32 = 6;
const EXTREME_I32: i32 = 7;
const ARG_I32: i32 = 8;
/** Flipping every sign turns minima into maxima. */
const SIGN: i32 = i32.MIN_VALUE;
const SQUARES_BLOCK: i32 = 4096;

/** Walks the outputs [begin, end) of `kept` row by row. acc is for SUM; sign (0, or SIGN and -1 for i32) for extrema. */
function reduce(
  kind: i32,
  out: usize,
  x: usize,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  acc: Flag,
  sign: i32,
  begin: Index,
  end: Index,
): void {
  const shift: usize = kind == SUM_BOOL ? 0 : 2;
  const N = columns_of(kept);
  const outStride = stride_of(kept, 0);
  const xStride = stride_of(kept, 1);
  const outStep = (<usize>outStride) << 2;
  const byColumns = xStride == 1 && stride_of(reduced, 0) != 1;
  while (begin < end) {
    const row = begin / N;
    const column = begin - row * N;
    let count = min(N - column, end - begin);
    begin += count;
    let o = out + ((<usize>(leading_offset(kept, 0, row) + column * outStride)) << 2);
    let p = x + ((<usize>(leading_offset(kept, 1, row) + column * xStride)) << shift);
    while (count > 0) {
      let width = 1;
      if (byColumns) {
        width = count >= 16 && kind <= EXTREME ? 16 : min(count, 4);
        reduceColumns(kind, o, outStep, p, reduced, acc, sign, width);
      } else {
        reduceRow(kind, o, p, reduced, acc, sign);
      }
      o += <usize>width * outStep;
      p += (<usize>(width * xStride)) << shift;
      count -= width;
    }
  }
}

/** 16 (SUM and EXTREME only) or 1 to 4 neighbouring columns. */
function reduceColumns(
  kind: i32,
  out: usize,
  outStep: usize,
  x: usize,
  reduced: LayoutPtr,
  acc: Flag,
  sign: i32,
  width: i32,
): void {
  if (kind == SUM) {
    if (width == 16) sum_columns16(out, outStep, x, reduced, acc);
    else sum_columns4(out, outStep, x, reduced, acc, width);
  } else if (kind == EXTREME) {
    if (width == 16) extreme_columns16(out, outStep, x, reduced, sign);
    else extreme_columns4(out, outStep, x, reduced, sign, width);
  } else if (kind == ARG) {
    arg_columns4<f32>(out, outStep, x, reduced, sign, width);
  } else if (kind == SUM_I32) {
    fold_columns<Sum, i32>(out, outStep, x, reduced, 0, width);
  } else if (kind == SUM_BOOL) {
    fold_columns<Sum, u8>(out, outStep, x, reduced, 0, width);
  } else if (kind == PRODUCT) {
    product_columns4(out, outStep, x, reduced, width);
  } else if (kind == PRODUCT_I32) {
    fold_columns<Product, i32>(out, outStep, x, reduced, 0, width);
  } else if (kind == EXTREME_I32) {
    fold_columns<Largest, i32>(out, outStep, x, reduced, sign, width);
  } else {
    arg_columns4<i32>(out, outStep, x, reduced, sign, width);
  }
}

/** The slice of one output element. */
function reduceRow(kind: i32, out: usize, x: usize, reduced: LayoutPtr, acc: Flag, sign: i32): void {
  if (kind == SUM) {
    const sum = <f32>rowSum(x, reduced);
    store<f32>(out, acc ? load<f32>(out) + sum : sum);
  } else if (kind == EXTREME) {
    const top = rowMaximum(x, reduced, sign);
    store<i32>(out, reinterpret<i32>(top) ^ (top == top ? sign : 0));
  } else if (kind == ARG) {
    store<i32>(out, rowArgument(x, reduced, sign));
  } else if (kind == SUM_I32) {
    fold_row<Sum, i32>(out, x, reduced, 0);
  } else if (kind == SUM_BOOL) {
    fold_row<Sum, u8>(out, x, reduced, 0);
  } else if (kind == PRODUCT) {
    store<f32>(out, <f32>product_row(x, reduced));
  } else if (kind == PRODUCT_I32) {
    fold_row<Product, i32>(out, x, reduced, 0);
  } else if (kind == EXTREME_I32) {
    fold_row<Largest, i32>(out, x, reduced, sign);
  } else {
    store<i32>(out, rowArgumentInteger(x, reduced, sign));
  }
}

function rowSum(x: F32Ptr, reduced: LayoutPtr): f64 {
  const runs = rows_of(reduced);
  const n = columns_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let total: f64 = 0;
  for (let q = 0; q < runs; ++q) {
    const p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    total += step == 4 ? sum_dense(p, n) : sum_strided(p, n, step);
  }
  return total;
}

/** Maximum of one run of x with its signs flipped by `sign`, NaN if it has one. */
function runMaximum(p: F32Ptr, n: Count, step: usize, sign: i32): f32 {
  return step == 4 ? maximum_dense(p, n, sign) : maximum_strided(p, n, step, sign);
}

function rowMaximum(x: F32Ptr, reduced: LayoutPtr, sign: i32): f32 {
  const runs = rows_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let top: f32 = -Infinity;
  for (let q = 0; q < runs; ++q) {
    const p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    top = max(top, runMaximum(p, columns_of(reduced), step, sign));
  }
  return top;
}

/** Flat index over the reduced axes of the first maximum: the best run first, then the place in it. */
function rowArgument(x: F32Ptr, reduced: LayoutPtr, sign: i32): i32 {
  const runs = rows_of(reduced);
  const n = columns_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let best = 0;
  let top: f32 = -Infinity;
  for (let q = 0; q < runs && top == top; ++q) {
    const p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    const value = runMaximum(p, n, step, sign);
    if (value > top || value != value) {
      top = value;
      best = q;
    }
  }
  return best * n + find_first(x + ((<usize>leading_offset(reduced, 0, best)) << 2), n, step, sign, top);
}

/** As rowArgument for i32; `flip` is -1 for the minimum. */
function rowArgumentInteger(x: I32Ptr, reduced: LayoutPtr, flip: i32): i32 {
  const runs = rows_of(reduced);
  const n = columns_of(reduced);
  const step = (<usize>stride_of(reduced, 0)) << 2;
  let best = 0;
  let top = i32.MIN_VALUE;
  for (let q = 0; q < runs; ++q) {
    const p = x + ((<usize>leading_offset(reduced, 0, q)) << 2);
    const value = fold_run<Largest, i32>(p, n, step, flip);
    if (value > top) {
      top = value;
      best = q;
    }
  }
  return best * n + find_integer(x + ((<usize>leading_offset(reduced, 0, best)) << 2), n, step, top ^ flip);
}

/**
 * out = sum of x over the reduced axes (+ out if acc). kept: operands out, x; reduced: operand x.
 * |error| <= 2 * 2^-24 * (2 + log2 n) * sum|x|. out may not overlap x. Units: output elements.
 */
export function sum_f32(
  out: F32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  reduce(SUM, out, x, kept, reduced, acc, 0, begin, end);
}

/** out = sum of x over the reduced axes, wrapping at 32 bits; layouts and units as sum_f32. */
export function sum_i32(
  out: I32Ptr,
  x: I32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(SUM_I32, out, x, kept, reduced, 0, 0, begin, end);
}

/** out = how many of x are true over the reduced axes; layouts and units as sum_f32. */
export function sum_bool_i32(
  out: I32Ptr,
  x: U8Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(SUM_BOOL, out, x, kept, reduced, 0, 0, begin, end);
}

/** out = product of x over the reduced axes, taken in f64; layouts and units as sum_f32. */
export function prod_f32(
  out: F32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(PRODUCT, out, x, kept, reduced, 0, 0, begin, end);
}

/** out = product of x over the reduced axes, wrapping at 32 bits; layouts and units as sum_f32. */
export function prod_i32(
  out: I32Ptr,
  x: I32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(PRODUCT_I32, out, x, kept, reduced, 0, 0, begin, end);
}

/**
 * out = sum of (x - mean)^2 over the reduced axes / dof, or its root, and mean, in the layout of out. Where mean is 0
 * nothing is subtracted: with root the Euclidean norm. In f64; layouts and units as sum_f32.
 */
export function variance_f32(
  out: F32Ptr,
  mean: F32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  dof: f64,
  root: Flag,
  begin: Index,
  end: Index,
): void {
  const N = columns_of(kept);
  const outStep = (<usize>stride_of(kept, 0)) << 2;
  const byColumns = stride_of(kept, 1) == 1 && stride_of(reduced, 0) != 1;
  while (begin < end) {
    const row = begin / N;
    const column = begin - row * N;
    const width = byColumns ? min(min(N - column, end - begin), 4) : 1;
    const at = (<usize>(leading_offset(kept, 0, row) + column * stride_of(kept, 0))) << 2;
    const p = x + ((<usize>(leading_offset(kept, 1, row) + column * stride_of(kept, 1))) << 2);
    const m = mean ? mean + at : 0;
    if (byColumns) spread_columns4(out + at, m, outStep, p, reduced, dof, root, width);
    else spread_row(out + at, m, p, reduced, dof, root);
    begin += width;
  }
}

/** out = maximum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
export function amax_f32(
  out: F32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(EXTREME, out, x, kept, reduced, 0, 0, begin, end);
}

/** out = minimum of x over the reduced axes, NaN if one is NaN; layouts and units as sum_f32. */
export function amin_f32(
  out: F32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(EXTREME, out, x, kept, reduced, 0, SIGN, begin, end);
}

/**
 * out = flat index (over the reduced axes, row-major) of the first maximum; the first NaN wins. As sum_f32.
 */
export function argmax_i32(
  out: I32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(ARG, out, x, kept, reduced, 0, 0, begin, end);
}

/**
 * out = flat index (over the reduced axes, row-major) of the first minimum; the first NaN wins. As sum_f32.
 */
export function argmin_i32(
  out: I32Ptr,
  x: F32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  begin: Index,
  end: Index,
): void {
  reduce(ARG, out, x, kept, reduced, 0, SIGN, begin, end);
}

/** out = maximum of x over the reduced axes, or the minimum if `least`; layouts and units as sum_f32. */
export function extreme_i32(
  out: I32Ptr,
  x: I32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  least: Flag,
  begin: Index,
  end: Index,
): void {
  reduce(EXTREME_I32, out, x, kept, reduced, 0, -least, begin, end);
}

/** out = flat index of the first maximum of i32 x, or of the first minimum if `least`; as argmax_i32. */
export function arg_extreme_i32(
  out: I32Ptr,
  x: I32Ptr,
  kept: LayoutPtr,
  reduced: LayoutPtr,
  least: Flag,
  begin: Index,
  end: Index,
): void {
  reduce(ARG_I32, out, x, kept, reduced, 0, -least, begin, end);
}

/**
 * out[b] = sum of x^2 over the b-th 4096 elements of x (n), in f64. Units: blocks, ceil(n / 4096) of them.
 */
export function sum_squares_f64(out: F64Ptr, x: F32Ptr, n: Count, begin: Index, end: Index): void {
  for (let b = begin; b < end; ++b) {
    const first = b * SQUARES_BLOCK;
    const p = x + ((<usize>first) << 2);
    store<f64>(out + ((<usize>b) << 3), sum_squares(p, min(n - first, SQUARES_BLOCK)));
  }
}
