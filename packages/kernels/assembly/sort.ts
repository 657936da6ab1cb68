// Places of the elements of lines in sorted order, of any rank, stride and type of 4 bytes: sort, topk, kthvalue, median,
// mode and unique ask for nothing else, as values are picked by place. NaN is larger than every number.
import { line_start } from "./simd/layout";
import { sift_down, sort_key, sort_words } from "./simd/words";
import { BytePtr, Count, Flag, I32Ptr, Index, LayoutPtr, Stride, WorkPtr } from "./types";

/** Bytes that the counts of a radix sort take. */
const COUNTS: usize = 4096;
/** A heap selects at most this share of a line; beyond it sorting the whole is faster. */
const HEAP_SHARE: i32 = 16;

/** Bytes of `work` of order_i32 and mode_i32. */
export function order_work_i32(N: Count): usize {
  return ((<usize>N) << 4) + COUNTS;
}

/** Writes the words of one line; returns the place of its first NaN, -1 if there is none. */
function read_line(words: usize, x: BytePtr, float: Flag, N: Count, step: Stride, flip: u32): i32 {
  let nan = -1;
  for (let i = 0; i < N; ++i) {
    const key = sort_key(load<i32>(x + ((<usize>(i * step)) << 2)), float);
    if (float && key == u32.MAX_VALUE && nan < 0) nan = i;
    store<u64>(words + ((<usize>i) << 3), ((<u64>(key ^ flip)) << 32) | <u64>i);
  }
  return nan;
}

/** The `count` smallest words of one line, in no order. */
function read_smallest(
  heap: usize,
  count: i32,
  x: BytePtr,
  float: Flag,
  N: Count,
  step: Stride,
  flip: u32,
): void {
  // A heap of words that are larger than any, each of which gives way.
  for (let i = 0; i < count; ++i) store<u64>(heap + ((<usize>i) << 3), u64.MAX_VALUE);
  for (let i = 0; i < N; ++i) {
    const key = sort_key(load<i32>(x + ((<usize>(i * step)) << 2)), float) ^ flip;
    const w = ((<u64>key) << 32) | <u64>i;
    if (w < load<u64>(heap)) sift_down(heap, count, w);
  }
}

/**
 * out[i] = place in its line of the element with rank first + i, i < count, in stable ascending order, or descending if
 * `down`. first = -1 asks for the lower median (count = 1), which is the first NaN if there is one. x is f32 if `float`,
 * else i32. lines: operands out, x, one element per line; steps: along a line. Units: lines.
 */
export function order_i32(
  out: I32Ptr,
  x: BytePtr,
  float: Flag,
  down: Flag,
  lines: LayoutPtr,
  N: Count,
  first: Index,
  count: Count,
  out_step: Stride,
  x_step: Stride,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const counts = work + ((<usize>N) << 4);
  const spare = work + ((<usize>N) << 3);
  const begins = first < 0 ? (N - 1) >> 1 : first;
  const kept = begins + count;
  const heap = first >= 0 && kept <= N / HEAP_SHARE;
  for (let r = begin; r < end; ++r) {
    const from = x + ((<usize>line_start(lines, 1, r)) << 2);
    let to = out + ((<usize>line_start(lines, 0, r)) << 2);
    let nan = -1;
    if (heap) read_smallest(work, kept, from, float, N, x_step, -down);
    else nan = read_line(work, from, float, N, x_step, -down);
    if (first < 0 && nan >= 0) {
      store<i32>(to, nan);
      continue;
    }
    const sorted = sort_words(work, spare, heap ? kept : N, counts);
    for (let i = begins; i < kept; ++i) {
      store<i32>(to, load<i32>(sorted + ((<usize>i) << 3)));
      to += (<usize>out_step) << 2;
    }
  }
}

/**
 * out = place of the last of the most frequent elements of each line, the smallest of them. lines: operands out, x;
 * arguments as order_i32. Units: lines.
 */
export function mode_i32(
  out: I32Ptr,
  x: BytePtr,
  float: Flag,
  lines: LayoutPtr,
  N: Count,
  x_step: Stride,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    read_line(work, x + ((<usize>line_start(lines, 1, r)) << 2), float, N, x_step, 0);
    const sorted = sort_words(work, work + ((<usize>N) << 3), N, work + ((<usize>N) << 4));
    let best = 0;
    let place = 0;
    let run = 0;
    for (let i = 0; i < N; ++i) {
      const p = sorted + ((<usize>i) << 3);
      ++run;
      if (i + 1 < N && load<u32>(p, 4) == load<u32>(p, 12)) continue;
      if (run > best) {
        best = run;
        place = load<i32>(p);
      }
      run = 0;
    }
    store<i32>(out + ((<usize>line_start(lines, 0, r)) << 2), place);
  }
}

/**
 * Groups of equal elements of dense x (n > 0), given their places in sorted order: group[place] = number of its group,
 * head[g] = place of the first of group g, count[g] = its size, groups[0] = how many there are. NaN equals nothing.
 * Units: one.
 */
export function unique_i32(
  group: I32Ptr,
  head: I32Ptr,
  count: I32Ptr,
  groups: I32Ptr,
  x: BytePtr,
  float: Flag,
  order: I32Ptr,
  n: Count,
  begin: Index,
  end: Index,
): void {
  if (begin == end) return;
  let g: usize = 0;
  let started = 0;
  let last = 0;
  for (let i = 0; i < n; ++i) {
    const place = load<i32>(order + ((<usize>i) << 2));
    const bits = load<i32>(x + ((<usize>place) << 2));
    const same = float ? reinterpret<f32>(bits) == reinterpret<f32>(last) : bits == last;
    if (i == 0 || !same) {
      if (i > 0) ++g;
      started = i;
      store<i32>(head + (g << 2), place);
    }
    last = bits;
    store<i32>(count + (g << 2), i + 1 - started);
    store<i32>(group + ((<usize>place) << 2), <i32>g);
  }
  store<i32>(groups, <i32>g + 1);
}
