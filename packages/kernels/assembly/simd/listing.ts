// Lists of positions: where bytes are not 0, and where a value belongs among sorted ones.
import { Count, Flag, I32Ptr, Index, Stride, U8Ptr } from "../types";

/** One bit per byte that is not 0. */
// @ts-expect-error: decorator
@inline
function bits16(p: U8Ptr): i32 {
  return i8x16.bitmask(i8x16.ne(v128.load(p), i8x16.splat(0)));
}

/** How many of n bytes are not 0. */
export function count_true(p: U8Ptr, n: Count): i32 {
  let total = 0;
  for (; n >= 16; n -= 16) {
    total += popcnt(bits16(p));
    p += 16;
  }
  for (; n > 0; --n) total += i32(load<u8>(p++) != 0);
  return total;
}

/** Positions, counted from `first`, of those of n bytes that are not 0. */
export function list_true(out: I32Ptr, p: U8Ptr, n: Count, first: Index): void {
  for (; n >= 16; n -= 16) {
    for (let bits = bits16(p); bits; bits &= bits - 1) {
      store<i32>(out, first + ctz(bits));
      out += 4;
    }
    p += 16;
    first += 16;
  }
  for (; n > 0; --n) {
    if (load<u8>(p++)) {
      store<i32>(out, first);
      out += 4;
    }
    ++first;
  }
}

/** Binary search; the comparisons are those of PyTorch, so NaN goes to the end. */
export function search<T>(
  out: I32Ptr, sorted: usize, value: usize, N: Count, M: Count, row_step: Stride, right: Flag, begin: Index, end: Index,
): void {
  for (let i = begin; i < end; ++i) {
    const row = sorted + (<usize>((i / M) * row_step) << 2);
    const v = load<T>(value + (<usize>i << 2));
    let low = 0;
    let high = N;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      const w = load<T>(row + (<usize>middle << 2));
      const stays = right ? !(w > v) : !(w >= v);
      if (stays) low = middle + 1;
      else high = middle;
    }
    store<i32>(out + (<usize>i << 2), low);
  }
}
