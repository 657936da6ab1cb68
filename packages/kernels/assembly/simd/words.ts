// Stable sorting of (key, place) words: the key in the upper 32 bits, the place of the element below, so that comparing
// words as numbers is the stable order. Short lists are merged bottom-up from runs of 8 sorted by insertion; longer ones
// go through a radix sort by bytes of the key (Knuth, TAOCP 3, 5.2.5), which skips the bytes that all keys share.
// Selection of few keeps a heap of the smallest.

/** Below this many words merging is faster than counting. */
const RADIX_FROM: i32 = 256;
const RUN: i32 = 8;

// @ts-expect-error: decorator
@inline
function word(a: usize, i: i32): usize {
  return a + ((<usize>i) << 3);
}

/** The bits of an f32 or i32 as a u32 that sorts like it: -0 as 0, NaN behind all. */
// @ts-expect-error: decorator
@inline
export function sort_key(bits: i32, float: i32): u32 {
  if (!float) return bits ^ i32.MIN_VALUE;
  if ((bits & 0x7fffffff) > 0x7f800000) return u32.MAX_VALUE;
  if (bits == i32.MIN_VALUE) bits = 0;
  return bits ^ ((bits >> 31) | i32.MIN_VALUE);
}

function insertion(a: usize, n: i32): void {
  for (let i = 1; i < n; ++i) {
    const w = load<u64>(word(a, i));
    let p = word(a, i);
    while (p > a && load<u64>(p - 8) > w) {
      store<u64>(p, load<u64>(p - 8));
      p -= 8;
    }
    store<u64>(p, w);
  }
}

function merge(to: usize, a: usize, b: usize, end: usize): void {
  const middle = b;
  while (a < middle && b < end) {
    const x = load<u64>(a);
    const y = load<u64>(b);
    const left: usize = x < y ? 1 : 0;
    store<u64>(to, select(x, y, x < y));
    a += left << 3;
    b += (left ^ 1) << 3;
    to += 8;
  }
  memory.copy(to, a, middle - a);
  memory.copy(to + (middle - a), b, end - b);
}

function merge_sort(a: usize, b: usize, n: i32): usize {
  for (let i = 0; i < n; i += RUN) insertion(word(a, i), min(n - i, RUN));
  for (let width = RUN; width < n; width <<= 1) {
    for (let i = 0; i < n; i += width << 1) {
      merge(word(b, i), word(a, i), word(a, min(i + width, n)), word(a, min(i + (width << 1), n)));
    }
    const t = a;
    a = b;
    b = t;
  }
  return a;
}

function radix_sort(a: usize, b: usize, n: i32, counts: usize): usize {
  memory.fill(counts, 0, 4096);
  for (let i = 0; i < n; ++i) {
    const key = load<u32>(word(a, i), 4);
    for (let digit: u32 = 0; digit < 4; ++digit) {
      const c = counts + ((<usize>(((key >> (digit << 3)) & 255) | (digit << 8))) << 2);
      store<u32>(c, load<u32>(c) + 1);
    }
  }
  for (let digit: u32 = 0; digit < 4; ++digit) {
    const row = counts + ((<usize>digit) << 10);
    const first = (load<u32>(a, 4) >> (digit << 3)) & 255;
    if (load<i32>(row + ((<usize>first) << 2)) == n) continue;
    let total = 0;
    for (let c = row; c < row + 1024; c += 4) {
      const count = load<i32>(c);
      store<i32>(c, total);
      total += count;
    }
    for (let i = 0; i < n; ++i) {
      const w = load<u64>(word(a, i));
      const c = row + ((<usize>((<u32>(w >> 32) >> (digit << 3)) & 255)) << 2);
      const place = load<i32>(c);
      store<i32>(c, place + 1);
      store<u64>(word(b, place), w);
    }
    const t = a;
    a = b;
    b = t;
  }
  return a;
}

/** Sorts n words at a; b: room for as many, counts: 4096 bytes. Returns where they are, a or b. */
export function sort_words(a: usize, b: usize, n: i32, counts: usize): usize {
  return n < RADIX_FROM ? merge_sort(a, b, n) : radix_sort(a, b, n, counts);
}

/** Puts w at the root of a heap of n words, whose largest is at the root, in place of that one. */
export function sift_down(heap: usize, n: i32, w: u64): void {
  let i = 0;
  for (let child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && load<u64>(word(heap, child + 1)) > load<u64>(word(heap, child))) ++child;
    const top = load<u64>(word(heap, child));
    if (top < w) break;
    store<u64>(word(heap, i), top);
    i = child;
  }
  store<u64>(word(heap, i), w);
}
