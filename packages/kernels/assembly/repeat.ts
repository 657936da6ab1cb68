// Rows repeated as often as counts say. The counts come as their running sums `ends`: row i of the input fills the
// places ends[i - 1] … ends[i] - 1 of the output, so any cut of the output finds its first row by bisection.
import { add_dense, copy_dense, sum_dense } from "./simd/rows";
import { BytePtr, Count, F32Ptr, Flag, I32Ptr, Index } from "./types";

function end_of(ends: I32Ptr, i: Index): Index {
  return load<i32>(ends + ((<usize>i) << 2));
}

/** The row that place `j` shows: the first one that ends behind it. */
function row_at(ends: I32Ptr, n: Count, j: Index): Index {
  let low = 0;
  let high = n - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (end_of(ends, middle) > j) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * out[o, j] = x[o, i] where ends[i - 1] <= j < ends[i]: rows of `size` bytes, n of them in each x[o], `total` =
 * ends[n - 1] in each out[o], all dense. out and x do not overlap. Units: rows of out.
 */
export function repeat_rows(
  out: BytePtr,
  x: BytePtr,
  ends: I32Ptr,
  n: Count,
  total: Count,
  size: Count,
  begin: Index,
  end: Index,
): void {
  const bytes = <usize>size;
  let o = begin / total;
  let j = begin - o * total;
  let i = row_at(ends, n, j);
  let to = out + <usize>begin * bytes;
  for (let unit = begin; unit < end; ++unit) {
    if (j == total) {
      j = 0;
      i = 0;
      ++o;
    }
    while (end_of(ends, i) <= j) ++i;
    const from = x + (<usize>o * <usize>n + <usize>i) * bytes;
    if (bytes == 4) store<i32>(to, load<i32>(from));
    else memory.copy(to, from, bytes);
    to += bytes;
    ++j;
  }
}

/**
 * dx[o, i] = the sum of dy[o, j] over ends[i - 1] <= j < ends[i], in order (+ dx[o, i] if acc): rows of C elements,
 * all dense; n and total as in repeat_rows. Units: rows of dx.
 */
export function repeat_rows_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  ends: I32Ptr,
  n: Count,
  total: Count,
  C: Count,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  const step = (<usize>C) << 2;
  for (let unit = begin; unit < end; ++unit) {
    const o = unit / n;
    const i = unit - o * n;
    let j = i == 0 ? 0 : end_of(ends, i - 1);
    const stop = end_of(ends, i);
    const to = dx + <usize>unit * step;
    let from = dy + (<usize>o * <usize>total + <usize>j) * step;
    if (C == 1) {
      const sum = <f32>sum_dense(from, stop - j);
      store<f32>(to, acc ? load<f32>(to) + sum : sum);
      continue;
    }
    if (!acc) {
      if (j == stop) {
        memory.fill(to, 0, step);
        continue;
      }
      copy_dense(to, from, C);
      from += step;
      ++j;
    }
    for (; j < stop; ++j) {
      add_dense(to, from, C);
      from += step;
    }
  }
}
