// Integer sums over rows and columns: i32 elements and bools (bytes 0 or 1), both to i32, wrapping. Integer
// addition is associative, so nothing but the lanes has to be told apart. `bytes` is a constant: 1 bool, 0
// i32.

import { columns_of, leading_offset, rows_of, stride_of } from "./layout";

/** log2 of the element size. */
// @ts-ignore: decorator
@inline
function shift_of(bytes: i32): usize {
  return bytes ? 0 : 2;
}

/** Four dense elements as i32 lanes. */
// @ts-ignore: decorator
@inline
function load_counts(p: usize, bytes: i32): v128 {
  if (bytes) return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
  return v128.load(p);
}

// @ts-ignore: decorator
@inline
function load_count(p: usize, bytes: i32): i32 {
  return bytes ? <i32>load<u8>(p) : load<i32>(p);
}

// @ts-ignore: decorator
@inline
function count_run(x: usize, n: i32, step: usize, bytes: i32): i32 {
  let total = 0;
  if (step == <usize>1 << shift_of(bytes)) {
    let a = i32x4.splat(0);
    let b = a;
    for (; n >= 8; n -= 8) {
      a = i32x4.add(a, load_counts(x, bytes));
      b = i32x4.add(b, load_counts(x + (<usize>4 << shift_of(bytes)), bytes));
      x += <usize>8 << shift_of(bytes);
    }
    a = i32x4.add(a, b);
    a = i32x4.add(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    total = i32x4.extract_lane(a, 0) + i32x4.extract_lane(a, 1);
  }
  for (; n > 0; --n) {
    total += load_count(x, bytes);
    x += step;
  }
  return total;
}

// @ts-ignore: decorator
@inline
function count_row(out: usize, x: usize, reduced: usize, bytes: i32): void {
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << shift_of(bytes);
  let total = 0;
  for (let q = 0; q < runs; ++q) {
    const p = x + (<usize>leading_offset(reduced, 0, q) << shift_of(bytes));
    total += count_run(p, columns_of(reduced), step, bytes);
  }
  store<i32>(out, total);
}

// 1 to 4 columns; fewer than 4 go one by one.
// @ts-ignore: decorator
@inline
function count_columns(out: usize, out_step: usize, x: usize, reduced: usize, lanes: i32, bytes: i32): void {
  if (lanes < 4) {
    for (let i = 0; i < lanes; ++i) {
      count_row(out, x, reduced, bytes);
      out += out_step;
      x += <usize>1 << shift_of(bytes);
    }
    return;
  }
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) << shift_of(bytes);
  let total = i32x4.splat(0);
  for (let q = 0; q < runs; ++q) {
    let p = x + (<usize>leading_offset(reduced, 0, q) << shift_of(bytes));
    for (let n = columns_of(reduced); n > 0; --n) {
      total = i32x4.add(total, load_counts(p, bytes));
      p += step;
    }
  }
  for (let i = 0; i < 4; ++i) {
    store<i32>(out, i32x4.extract_lane(total, 0));
    total = v128.shuffle<i32>(total, total, 1, 2, 3, 0);
    out += out_step;
  }
}

/** out = sum of the i32 of one row. */
export function count_row_i32(out: usize, x: usize, reduced: usize): void {
  count_row(out, x, reduced, 0);
}

/** out = number of true bytes of one row. */
export function count_row_bool(out: usize, x: usize, reduced: usize): void {
  count_row(out, x, reduced, 1);
}

/** The same for 1 to 4 neighbouring columns. */
export function count_columns_i32(out: usize, out_step: usize, x: usize, reduced: usize, lanes: i32): void {
  count_columns(out, out_step, x, reduced, lanes, 0);
}

/** The same for 1 to 4 neighbouring columns. */
export function count_columns_bool(out: usize, out_step: usize, x: usize, reduced: usize, lanes: i32): void {
  count_columns(out, out_step, x, reduced, lanes, 1);
}
