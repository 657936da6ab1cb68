// Moving elements to and from places that an index names. What happens where an element of src meets its place in out is
// a class without fields, as in loop.ts; the two walks below are compiled once per class. Both take neighbours as one
// row wherever they share an index: rows of a table go by whole vectors.
import { BytePtr, Count, I32Ptr, Index, LayoutPtr, Stride } from "../types";
import { columns_of, stride_of } from "./layout";
import { Binary } from "./loop";
import { copy_dense } from "./rows";
import { element, load4 } from "./strided";

@unmanaged
export abstract class Meeting {
  abstract one(out: usize, src: usize): void;
  /** n neighbours of out meet n of src (stride 1), or the one element there (stride 0). */
  abstract row(out: usize, src: usize, stride: Stride, n: Count): void;
}

/** out = op(out, src) on 4-byte elements; the last ones go through the same lanes. */
@unmanaged
export class Fold<Op extends Binary> extends Meeting {
  @inline one(out: usize, src: usize): void {
    v128.store32_lane(out, changetype<Op>(0).apply(v128.load32_zero(out), v128.load32_zero(src)), 0);
  }
  @inline row(out: usize, src: usize, stride: Stride, n: Count): void {
    const op = changetype<Op>(0);
    for (; n >= 4; n -= 4) {
      v128.store(out, op.apply(v128.load(out), load4(src, stride)));
      out += 16;
      src += <usize>stride << 4;
    }
    for (; n > 0; --n) {
      this.one(out, src);
      out += 4;
      src += <usize>stride << 2;
    }
  }
}

/** out = src, 4-byte elements. */
@unmanaged
export class SetWord extends Meeting {
  @inline one(out: usize, src: usize): void { store<i32>(out, load<i32>(src)); }
  @inline row(out: usize, src: usize, stride: Stride, n: Count): void {
    if (stride) {
      copy_dense(out, src, n);
      return;
    }
    for (; n > 0; --n) {
      this.one(out, src);
      out += 4;
    }
  }
}

/** out = src, bytes. */
@unmanaged
export class SetByte extends Meeting {
  @inline one(out: usize, src: usize): void { store<u8>(out, load<u8>(src)); }
  @inline row(out: usize, src: usize, stride: Stride, n: Count): void {
    if (stride) memory.copy(out, src, n);
    else memory.fill(out, load<u8>(src), n);
  }
}

/** src += out; out = 0: whoever comes later finds nothing left. */
@unmanaged
export class TakeAway extends Meeting {
  @inline one(out: usize, src: usize): void {
    store<f32>(src, load<f32>(src) + load<f32>(out));
    store<f32>(out, 0);
  }
  @inline row(out: usize, src: usize, stride: Stride, n: Count): void {
    for (; n >= 4; n -= 4) {
      v128.store(src, f32x4.add(v128.load(src), v128.load(out)));
      v128.store(out, f32x4.splat(0));
      out += 16;
      src += 16;
    }
    for (; n > 0; --n) {
      this.one(out, src);
      out += 4;
      src += 4;
    }
  }
}

/** Bytes from the start of an operand to the place that the index at p names. */
// @ts-expect-error: decorator
@inline
function place(p: I32Ptr, step: Stride, shift: usize): usize {
  return (<usize>(load<i32>(p) * step)) << shift;
}

/** out[i] meets x[i's own offset + index[i] * step]. layout: out, index, x. Units: elements of out. */
export function pick<Op extends Meeting>(
  out: BytePtr, x: BytePtr, index: I32Ptr, layout: LayoutPtr, step: Stride, shift: usize, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const si = stride_of(layout, 1);
  const sx = stride_of(layout, 2);
  const by_rows = so == 1 && si == 0 && <u32>sx < 2;
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, shift);
    let pi = element(index, layout, 1, row, column, 2);
    let px = element(x, layout, 2, row, column, shift);
    if (by_rows) {
      op.row(po, px + place(pi, step, shift), sx, count);
      continue;
    }
    for (; count > 0; --count) {
      op.one(po, px + place(pi, step, shift));
      po += <usize>so << shift;
      pi += <usize>si << 2;
      px += <usize>sx << shift;
    }
  }
}

/**
 * Along each line, for j = 0 … N-1: out[index[j] * out_step] meets src[j * src_step]. lines: out, src, index, one
 * element per line; no two lines share a place in out. Within a line the order is that of j. Units: lines.
 */
export function put<Op extends Meeting>(
  out: BytePtr, src: BytePtr, index: I32Ptr, lines: LayoutPtr, N: Count,
  out_step: Stride, src_step: Stride, index_step: Stride, shift: usize, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(lines);
  const so = stride_of(lines, 0);
  const ss = stride_of(lines, 1);
  const si = stride_of(lines, 2);
  const by_rows = so == 1 && si == 0 && <u32>ss < 2;
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    const count = min<i32>(n - column, end - i);
    i += count;
    const po = element(out, lines, 0, row, column, shift);
    let ps = element(src, lines, 1, row, column, shift);
    let pi = element(index, lines, 2, row, column, 2);
    if (by_rows && count > 1) {
      for (let j = 0; j < N; ++j) {
        op.row(po + place(pi, out_step, shift), ps, ss, count);
        ps += <usize>src_step << shift;
        pi += <usize>index_step << 2;
      }
      continue;
    }
    // The inner loop runs where the index is dense; a line meets its elements in order either way.
    const along = count == 1 || abs(index_step) < si;
    const outer = along ? count : N;
    const inner = along ? N : count;
    const oo = along ? so : 0;
    const io = along ? 0 : so;
    const os = along ? ss : src_step;
    const is = along ? src_step : ss;
    const oi = along ? si : index_step;
    const ii = along ? index_step : si;
    for (let a = 0; a < outer; ++a) {
      let o = po + (<usize>(a * oo) << shift);
      let s = ps + (<usize>(a * os) << shift);
      let p = pi + (<usize>(a * oi) << 2);
      for (let b = 0; b < inner; ++b) {
        op.one(o + place(p, out_step, shift), s);
        o += <usize>io << shift;
        s += <usize>is << shift;
        p += <usize>ii << 2;
      }
    }
  }
}
