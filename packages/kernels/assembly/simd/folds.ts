// Integer folds over rows and columns: sums, products and maxima of i32, sums of bools (bytes 0 or 1), all to i32.
// They are associative and wrap, so nothing but the lanes has to be told apart. T is u8 for bool, else i32. `flip` is
// applied to elements and result: -1 turns maxima into minima without losing one value (~x reverses the order).
import { columns_of, leading_offset, rows_of, stride_of } from "./layout";

/** How two numbers become one, in lanes and alone. */
@unmanaged
export abstract class Fold {
  abstract start(): i32;
  abstract lanes(a: v128, b: v128): v128;
  abstract one(a: i32, b: i32): i32;
}

@unmanaged
export class Sum extends Fold {
  @inline
  start(): i32 { return 0; }
  @inline
  lanes(a: v128, b: v128): v128 { return i32x4.add(a, b); }
  @inline
  one(a: i32, b: i32): i32 { return a + b; }
}

@unmanaged
export class Product extends Fold {
  @inline
  start(): i32 { return 1; }
  @inline
  lanes(a: v128, b: v128): v128 { return i32x4.mul(a, b); }
  @inline
  one(a: i32, b: i32): i32 { return a * b; }
}

@unmanaged
export class Largest extends Fold {
  @inline
  start(): i32 { return i32.MIN_VALUE; }
  @inline
  lanes(a: v128, b: v128): v128 { return i32x4.max_s(a, b); }
  @inline
  one(a: i32, b: i32): i32 { return max(a, b); }
}

/** Four dense elements as i32 lanes. */
// @ts-expect-error: decorator
@inline
function load_integers<T>(p: usize, flip: v128): v128 {
  if (sizeof<T>() == 1) return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(p)));
  return v128.xor(v128.load(p), flip);
}

/** Fold of n elements `step` bytes apart, each ^ flip. */
export function fold_run<F extends Fold, T>(x: usize, n: i32, step: usize, flip: i32): i32 {
  const f = changetype<F>(0);
  let total = f.start();
  if (step == sizeof<T>()) {
    const flips = i32x4.splat(flip);
    let a = i32x4.splat(total);
    let b = a;
    for (; n >= 8; n -= 8) {
      a = f.lanes(a, load_integers<T>(x, flips));
      b = f.lanes(b, load_integers<T>(x + (sizeof<T>() << 2), flips));
      x += sizeof<T>() << 3;
    }
    a = f.lanes(a, b);
    a = f.lanes(a, v128.shuffle<i32>(a, a, 2, 3, 0, 1));
    total = f.one(i32x4.extract_lane(a, 0), i32x4.extract_lane(a, 1));
  }
  for (; n > 0; --n) {
    total = f.one(total, <i32>load<T>(x) ^ flip);
    x += step;
  }
  return total;
}

/** out = fold of the elements of one output, each ^ flip, ^ flip again. */
export function fold_row<F extends Fold, T>(out: usize, x: usize, reduced: usize, flip: i32): void {
  const f = changetype<F>(0);
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) * sizeof<T>();
  let total = f.start();
  for (let q = 0; q < runs; ++q) {
    const p = x + <usize>leading_offset(reduced, 0, q) * sizeof<T>();
    total = f.one(total, fold_run<F, T>(p, columns_of(reduced), step, flip));
  }
  store<i32>(out, total ^ flip);
}

/** The same for 1 to 4 neighbouring columns; fewer than 4 go one by one. */
export function fold_columns<F extends Fold, T>(
  out: usize, out_step: usize, x: usize, reduced: usize, flip: i32, lanes: i32,
): void {
  const f = changetype<F>(0);
  if (lanes < 4) {
    for (let i = 0; i < lanes; ++i) {
      fold_row<F, T>(out, x, reduced, flip);
      out += out_step;
      x += sizeof<T>();
    }
    return;
  }
  const runs = rows_of(reduced);
  const step = <usize>stride_of(reduced, 0) * sizeof<T>();
  const flips = i32x4.splat(flip);
  let total = i32x4.splat(f.start());
  for (let q = 0; q < runs; ++q) {
    let p = x + <usize>leading_offset(reduced, 0, q) * sizeof<T>();
    for (let n = columns_of(reduced); n > 0; --n) {
      total = f.lanes(total, load_integers<T>(p, flips));
      p += step;
    }
  }
  total = v128.xor(total, flips);
  for (let i = 0; i < 4; ++i) {
    store<i32>(out, i32x4.extract_lane(total, 0));
    total = v128.shuffle<i32>(total, total, 1, 2, 3, 0);
    out += out_step;
  }
}

/** Position of the first of n i32 `step` bytes apart that equals `wanted`; it must be among them. */
export function find_integer(x: usize, n: i32, step: usize, wanted: i32): i32 {
  let i = 0;
  if (step == 4) {
    const w = i32x4.splat(wanted);
    while (i + 4 <= n && !v128.any_true(i32x4.eq(v128.load(x), w))) {
      i += 4;
      x += 16;
    }
  }
  while (load<i32>(x) != wanted) {
    ++i;
    x += step;
  }
  return i;
}
