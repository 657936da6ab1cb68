// Lines of an image, copied into the parts of a frame (frame.ts): every so many-th element, zeros outside of the line.

import { Count, Index } from "../types";
import { at, copy_every, fill_plane } from "./window";

/** Element `i` of a row of W, or 0 outside of it. */
// @ts-expect-error: decorator
@inline
function element_or_zero(row: usize, i: i32, W: Count): f32 {
  return u32(i) < u32(W) ? load<f32>(at(row, i)) : 0;
}

/** Four pairs of neighbours. */
// @ts-expect-error: decorator
@inline
function split_pairs(even: usize, odd: usize, from: usize): void {
  const v0 = v128.load(from);
  const v1 = v128.load(from, 16);
  v128.store(even, v128.shuffle<f32>(v0, v1, 0, 2, 4, 6));
  v128.store(odd, v128.shuffle<f32>(v0, v1, 1, 3, 5, 7));
}

/** Zero vectors at both ends of a part: elements that it has there are written later. */
// @ts-expect-error: decorator
@inline
function zero_ends(to: usize, length: Count): void {
  v128.store(to, f32x4.splat(0));
  v128.store(at(to, length - 4), f32x4.splat(0));
}

/** Zeros before lo and from hi on are few enough for that. */
// @ts-expect-error: decorator
@inline
function are_ends(lo: Index, hi: Index, length: Count): bool {
  return length >= 4 && lo <= 4 && length - hi <= 4;
}

/**
 * `lines` of an image of W columns, `pitch` bytes apart, to rows of a frame: their pairs from `offset` on to two parts
 * of `length` elements, both elements of a pair inside of the line for lo <= j < hi.
 */
export function part_pairs(
  to: usize, row: usize, length: Count, line: usize, pitch: usize, lines: Count, W: Count, offset: i32, lo: Index,
  hi: Index,
): void {
  const over = <usize>length << 2;
  if (hi - lo < 4 || !are_ends(lo, hi, length)) {
    for (; lines > 0; --lines) {
      for (let j = 0; j < length; ++j) {
        store<f32>(at(to, j), element_or_zero(line, 2 * j + offset, W));
        store<f32>(at(to, j) + over, element_or_zero(line, 2 * j + 1 + offset, W));
      }
      to += row;
      line += pitch;
    }
    return;
  }
  const first = 2 * lo + offset;
  const is_odd = lo > 0 && first == 1;
  const is_even = hi < length && 2 * hi + offset == W - 1;
  for (; lines > 0; --lines) {
    zero_ends(to, length);
    zero_ends(to + over, length);
    // The last four once more rather than one by one.
    const last = at(to, hi - 4);
    let from = at(line, first);
    for (let even = at(to, lo); even < last; even += 16) {
      split_pairs(even, even + over, from);
      from += 32;
    }
    split_pairs(last, last + over, at(line, first + 2 * (hi - lo - 4)));
    if (is_odd) store<f32>(at(to, lo - 1) + over, load<f32>(line));
    if (is_even) store<f32>(at(to, hi), load<f32>(at(line, W - 1)));
    to += row;
    line += pitch;
  }
}

/** The same for every `stride`-th element from `offset` on, to one part; inside of the line for lo <= j < hi. */
export function part_elements(
  to: usize, row: usize, length: Count, line: usize, pitch: usize, lines: Count, stride: Count, offset: i32, lo: Index,
  hi: Index,
): void {
  const n = hi - lo;
  const ends = are_ends(lo, hi, length);
  const rest = <usize>(n - 4) << 2;
  let from = at(line, lo * stride + offset);
  for (; lines > 0; --lines) {
    if (ends) {
      zero_ends(to, length);
    } else {
      fill_plane(to, 0, lo);
      fill_plane(at(to, hi), 0, length - hi);
    }
    const first = at(to, lo);
    if (stride == 1 && n >= 4) {
      for (let i: usize = 0; i < rest; i += 16) v128.store(first + i, v128.load(from + i));
      v128.store(first + rest, v128.load(from + rest));
    } else {
      copy_every(first, from, n, stride);
    }
    to += row;
    from += pitch;
  }
}

/** Zeros in `length` elements of each of `lines` rows. */
export function part_zeros(to: usize, row: usize, length: Count, lines: Count): void {
  for (; lines > 0; --lines) {
    fill_plane(to, 0, length);
    to += row;
  }
}
