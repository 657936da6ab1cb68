// Attention on panels: scores lie as [key][8 queries], so a query is a lane. Its maximum, its sum and the correction of
// what was summed before ("online softmax": Milakov & Gimelshein 2018; Dao et al., FlashAttention, 2022) are vertical,
// and the exponentials are a panel of the next matrix product as they stand. Scores and maxima are in units of ln 2:
// weights are 2^(score - maximum).

import { hold, runtime_zero } from "./constants";
import { madd } from "./madd";
import { store_lanes } from "./rows";
import { C1, C2, C3, C4, C5, C6, exp2_nonpositive4, LOG2_E, LOWEST, ROUND } from "./softmax";
import { transpose_block } from "./transpose";

/** Rows of a panel times the lanes of c0, c1. */
function scale_rows(x: usize, rows: i32, c0: v128, c1: v128): void {
  for (; rows > 0; --rows) {
    v128.store(x, f32x4.mul(v128.load(x), c0));
    v128.store(x, f32x4.mul(v128.load(x, 16), c1), 16);
    x += 32;
  }
}

/** x *= factors, n rows of eight. */
export function multiply_rows(x: usize, factors: usize, n: i32): void {
  for (; n > 0; --n) {
    v128.store(x, f32x4.mul(v128.load(x), v128.load(factors)));
    v128.store(x, f32x4.mul(v128.load(x, 16), v128.load(factors, 16)), 16);
    x += 32;
    factors += 32;
  }
}

/** m, or 0 for a query that has seen nothing yet: -Infinity - (-Infinity) were NaN. */
// @ts-expect-error: decorator
@inline
function base(m: v128): v128 {
  return v128.andnot(m, f32x4.eq(m, f32x4.splat(-Infinity)));
}

/** 2^t of one vector, for t <= 0. */
// @ts-expect-error: decorator
@inline
function exp2_once(t: v128): v128 {
  return exp2_nonpositive4(
    t, f32x4.splat(ROUND), f32x4.splat(LOWEST), f32x4.splat(C1), f32x4.splat(C2), f32x4.splat(C3), f32x4.splat(C4),
    f32x4.splat(C5), f32x4.splat(C6), f32x4.splat(1),
  );
}

/** The lanes' maxima of n rows of scores and of `top`, which is updated; NaN is passed over. */
function raise_top(s: usize, n: i32, top: usize): void {
  let a0 = v128.load(top), a1 = v128.load(top, 16), b0 = a0, b1 = a1;
  for (; n >= 2; n -= 2) {
    a0 = f32x4.pmax(a0, v128.load(s));
    a1 = f32x4.pmax(a1, v128.load(s, 16));
    b0 = f32x4.pmax(b0, v128.load(s, 32));
    b1 = f32x4.pmax(b1, v128.load(s, 48));
    s += 64;
  }
  if (n > 0) {
    a0 = f32x4.pmax(a0, v128.load(s));
    a1 = f32x4.pmax(a1, v128.load(s, 16));
  }
  v128.store(top, f32x4.pmax(a0, b0));
  v128.store(top, f32x4.pmax(a1, b1), 16);
}

/**
 * s = 2^(s - top) for n rows; the lanes' sums are added to `sum`, which is first scaled, as are the `rows` rows of the
 * output `o`, when a maximum has risen. top and sum: 8 numbers each, -Infinity and 0 at first.
 */
export function absorb_scores(s: usize, n: i32, top: usize, sum: usize, o: usize, rows: i32): void {
  const old0 = v128.load(top), old1 = v128.load(top, 16);
  raise_top(s, n, top);
  const top0 = v128.load(top), top1 = v128.load(top, 16);
  const m0 = base(top0), m1 = base(top1);
  let sum0 = v128.load(sum), sum1 = v128.load(sum, 16);
  if (v128.any_true(v128.or(f32x4.ne(old0, top0), f32x4.ne(old1, top1)))) {
    const c0 = exp2_once(f32x4.sub(old0, m0)), c1 = exp2_once(f32x4.sub(old1, m1));
    sum0 = f32x4.mul(sum0, c0);
    sum1 = f32x4.mul(sum1, c1);
    scale_rows(o, rows, c0, c1);
  }
  v128.store(sum, sum0);
  v128.store(sum, sum1, 16);
  exponentials(s, n, m0, m1, sum);
}

function exponentials(s: usize, n: i32, m0: v128, m1: v128, sum: usize): void {
  const zero = runtime_zero(n);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  let a0 = f32x4.splat(0), a1 = a0;
  for (; n > 0; --n) {
    const t0 = f32x4.sub(v128.load(s), m0), t1 = f32x4.sub(v128.load(s, 16), m1);
    const e0 = exp2_nonpositive4(t0, round, lowest, c1, c2, c3, c4, c5, c6, one);
    const e1 = exp2_nonpositive4(t1, round, lowest, c1, c2, c3, c4, c5, c6, one);
    a0 = f32x4.add(a0, e0);
    a1 = f32x4.add(a1, e1);
    v128.store(s, e0);
    v128.store(s, e1, 16);
    s += 32;
  }
  v128.store(sum, f32x4.add(v128.load(sum), a0));
  v128.store(sum, f32x4.add(v128.load(sum, 16), a1), 16);
}

/** 1 / x, 0 for 0. */
// @ts-expect-error: decorator
@inline
function inverse_of(x: v128): v128 {
  return v128.andnot(f32x4.div(f32x4.splat(1), x), f32x4.eq(x, f32x4.splat(0)));
}

/** The output's rows by the sums; a query that saw no key has sum 0, and its zeros stay. */
export function divide_rows(o: usize, rows: i32, sum: usize): void {
  scale_rows(o, rows, inverse_of(v128.load(sum)), inverse_of(v128.load(sum, 16)));
}

/**
 * What the backward needs of n queries: the maximum (0 for one that saw no key) and 1 / sum (0). Not their logarithm: beside
 * a maximum of a masked row, -10^38, log(sum) were lost.
 */
export function keep_sums(kept_top: usize, kept_inverse: usize, top: usize, sum: usize, n: i32): void {
  for (; n > 0; n -= 4) {
    store_lanes(kept_top, base(v128.load(top)), n);
    store_lanes(kept_inverse, inverse_of(v128.load(sum)), n);
    kept_top += 16;
    kept_inverse += 16;
    top += 16;
    sum += 16;
  }
}

/** p = 2^(p - top) * inverse, the weights again, then ds = p * (ds - delta), for n rows; top, inverse, delta: 8 numbers. */
export function score_gradients(p: usize, ds: usize, n: i32, top: usize, inverse: usize, delta: usize): void {
  const zero = runtime_zero(n);
  const round = hold(zero, ROUND), lowest = hold(zero, LOWEST), one = hold(zero, 1);
  const c1 = hold(zero, C1), c2 = hold(zero, C2), c3 = hold(zero, C3);
  const c4 = hold(zero, C4), c5 = hold(zero, C5), c6 = hold(zero, C6);
  for (; n > 0; --n) {
    const t0 = f32x4.sub(v128.load(p), v128.load(top)), t1 = f32x4.sub(v128.load(p, 16), v128.load(top, 16));
    let p0 = exp2_nonpositive4(t0, round, lowest, c1, c2, c3, c4, c5, c6, one);
    let p1 = exp2_nonpositive4(t1, round, lowest, c1, c2, c3, c4, c5, c6, one);
    p0 = f32x4.mul(p0, v128.load(inverse));
    p1 = f32x4.mul(p1, v128.load(inverse, 16));
    v128.store(p, p0);
    v128.store(p, p1, 16);
    v128.store(ds, f32x4.mul(p0, f32x4.sub(v128.load(ds), v128.load(delta))));
    v128.store(ds, f32x4.mul(p1, f32x4.sub(v128.load(ds, 16), v128.load(delta, 16))), 16);
    p += 32;
    ds += 32;
  }
}

/** The lanes' sums of a*b over n rows of two panels. */
export function dot_rows(out: usize, a: usize, b: usize, n: i32): void {
  let s0 = f32x4.splat(0), s1 = s0;
  for (; n > 0; --n) {
    s0 = madd(v128.load(a), v128.load(b), s0);
    s1 = madd(v128.load(a, 16), v128.load(b, 16), s1);
    a += 32;
    b += 32;
  }
  v128.store(out, s0);
  v128.store(out, s1, 16);
}

/** Row `query` of [query][8 keys] panels, `step` bytes apart, from n rows [key][8 queries], n a multiple of 8. */
export function transpose_panel(out: usize, step: usize, x: usize, n: i32): void {
  for (; n > 0; n -= 8) {
    transpose_block(out, 32, x, 32);
    transpose_block(out + 16, 32, x + 128, 32);
    transpose_block(out + 128, 32, x + 16, 32);
    transpose_block(out + 144, 32, x + 144, 32);
    out += step;
    x += 256;
  }
}

// Masks -----------------------------------------------------------------------------------------------------

/** Keys after `last` + lane are hidden: n rows of scores, the first of key `key`. */
export function hide_later(s: usize, n: i32, key: i32, last: i32): void {
  const limit0 = i32x4.add(i32x4.splat(last), i32x4(0, 1, 2, 3));
  const limit1 = i32x4.add(limit0, i32x4.splat(4));
  const none = f32x4.splat(-Infinity);
  const seen = min(max(last + 1 - key, 0), n);
  s += <usize>seen << 5;
  for (let j = seen; j < n; ++j) {
    const k = i32x4.splat(key + j);
    v128.store(s, v128.bitselect(v128.load(s), none, i32x4.le_s(k, limit0)));
    v128.store(s, v128.bitselect(v128.load(s, 16), none, i32x4.le_s(k, limit1)), 16);
    s += 32;
  }
}

/** log2(e) * x; finite numbers stay finite: rows of the lowest one are masks, too, and their keys weigh the same. */
// @ts-expect-error: decorator
@inline
function in_ln2(x: f32): f32 {
  if (!isFinite<f32>(x)) return x;
  return min(max(<f32>LOG2_E * x, -f32.MAX_VALUE), f32.MAX_VALUE);
}

/** s += log2(e) * mask; mask of key j, query i at mask + j*key_step + i*step bytes, `queries` of them. */
export function add_mask(s: usize, n: i32, mask: usize, key_step: usize, step: usize, queries: i32): void {
  const last = queries - 1;
  for (; n > 0; --n) {
    for (let i = 0; i < 8; ++i) {
      const at = s + (<usize>i << 2);
      store<f32>(at, load<f32>(at) + in_ln2(load<f32>(mask + <usize>min(i, last) * step)));
    }
    s += 32;
    mask += key_step;
  }
}

/** s = -Infinity where the byte mask is 0; steps as in add_mask. */
export function hide_masked(s: usize, n: i32, mask: usize, key_step: usize, step: usize, queries: i32): void {
  const last = queries - 1;
  for (; n > 0; --n) {
    for (let i = 0; i < 8; ++i) {
      if (load<u8>(mask + <usize>min(i, last) * step) == 0) store<f32>(s + (<usize>i << 2), -Infinity);
    }
    s += 32;
    mask += key_step;
  }
}
