// Loops of the elementwise kernels whose formula takes parameters, held as splats. As in loop.ts an operation
// is a class without fields and a loop is compiled once per class, but here `apply` stands in it once: dense
// vectors and gathered tails share it, which keeps these many and seldom hot kernels small. The wide loops
// compute two elements at a time in f64 lanes: one rounding at the end, no overflow in between.
import { BytePtr, Flag, Index, LayoutPtr, Stride } from "../types";
import { columns_of, stride_of } from "./layout";
import { collect4, gather2, load4, place, scatter2, spread4 } from "./strided";

/** Lanes of one operand and parameters to lanes: four of f32, or two of f64 in the wide loops. */
@unmanaged
export abstract class Formula {
  abstract apply(x: v128, p: v128, q: v128, r: v128): v128;
}

/** The same of two operands. A derivative's are dy and what the forward saved. */
@unmanaged
export abstract class Formula2 {
  abstract apply(a: v128, b: v128, p: v128, q: v128, r: v128): v128;
}

/** out = op(x). */
export function formula<Op extends Formula>(
  out: BytePtr, x: BytePtr, layout: LayoutPtr, p: f64, q: f64, r: f64, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sx = stride_of(layout, 1);
  const dense = so == 1 && sx == 1;
  const vp = f32x4.splat(<f32>p);
  const vq = f32x4.splat(<f32>q);
  const vr = f32x4.splat(<f32>r);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = place(out, layout, 0, row, column);
    let px = place(x, layout, 1, row, column);
    for (; count > 0; count -= 4) {
      const whole = dense && count >= 4;
      const y = op.apply(whole ? v128.load(px) : collect4(px, sx, min<i32>(count, 4)), vp, vq, vr);
      if (whole) v128.store(po, y);
      else spread4(po, so, min<i32>(count, 4), y);
      po += <usize>so << 4;
      px += <usize>sx << 4;
    }
  }
}

/** Four lanes of an operand: a vector, one element four times, or gathered. */
// @ts-expect-error: decorator
@inline
function operand4(p: BytePtr, stride: Stride, whole: bool, count: i32): v128 {
  return whole ? load4(p, stride) : collect4(p, stride, min<i32>(count, 4));
}

/** out = op(a, b), or out = out + op(a, b) in f32. */
export function formula2<Op extends Formula2>(
  out: BytePtr, a: BytePtr, b: BytePtr, layout: LayoutPtr, p: f64, q: f64, r: f64, acc: Flag,
  begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sa = stride_of(layout, 1);
  const sb = stride_of(layout, 2);
  const dense = so == 1 && (sa | sb) >>> 1 == 0;
  const vp = f32x4.splat(<f32>p);
  const vq = f32x4.splat(<f32>q);
  const vr = f32x4.splat(<f32>r);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = place(out, layout, 0, row, column);
    let pa = place(a, layout, 1, row, column);
    let pb = place(b, layout, 2, row, column);
    for (; count > 0; count -= 4) {
      const whole = dense && count >= 4;
      let y = op.apply(operand4(pa, sa, whole, count), operand4(pb, sb, whole, count), vp, vq, vr);
      if (acc) y = f32x4.add(operand4(po, so, whole, count), y);
      if (whole) v128.store(po, y);
      else spread4(po, so, min<i32>(count, 4), y);
      po += <usize>so << 4;
      pa += <usize>sa << 4;
      pb += <usize>sb << 4;
    }
  }
}

/** out = op(x), computed in f64. */
export function wide<Op extends Formula>(
  out: BytePtr, x: BytePtr, layout: LayoutPtr, p: f64, q: f64, r: f64, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sx = stride_of(layout, 1);
  const vp = f64x2.splat(p);
  const vq = f64x2.splat(q);
  const vr = f64x2.splat(r);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = place(out, layout, 0, row, column);
    let px = place(x, layout, 1, row, column);
    for (; count > 0; count -= 2) {
      const y = op.apply(gather2(px, sx, count), vp, vq, vr);
      scatter2(po, so, count, f32x4.demote_f64x2_zero(y));
      po += <usize>so << 3;
      px += <usize>sx << 3;
    }
  }
}

/** out = op(a, b), or out = out + op(a, b); op is computed in f64. */
export function wide2<Op extends Formula2>(
  out: BytePtr, a: BytePtr, b: BytePtr, layout: LayoutPtr, p: f64, q: f64, r: f64, acc: Flag,
  begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sa = stride_of(layout, 1);
  const sb = stride_of(layout, 2);
  const vp = f64x2.splat(p);
  const vq = f64x2.splat(q);
  const vr = f64x2.splat(r);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = place(out, layout, 0, row, column);
    let pa = place(a, layout, 1, row, column);
    let pb = place(b, layout, 2, row, column);
    for (; count > 0; count -= 2) {
      const exact = op.apply(gather2(pa, sa, count), gather2(pb, sb, count), vp, vq, vr);
      let y = f32x4.demote_f64x2_zero(exact);
      if (acc) y = f32x4.add(collect4(po, so, min<i32>(count, 2)), y);
      scatter2(po, so, count, y);
      po += <usize>so << 3;
      pa += <usize>sa << 3;
      pb += <usize>sb << 3;
    }
  }
}
