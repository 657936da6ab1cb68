// The loops of all elementwise kernels: walk a layout descriptor row by row, run one lane operation over
// each row. An operation is a class without fields whose inlined `apply` maps lanes to lanes; the generic
// loop is compiled once per class, so no dispatch is left per element, and a new kernel is one line. A row
// runs densely while its strides allow whole vectors, else (and in its tail) through gathered lanes padded
// with 0: the arithmetic is the same v128 code, so a value does not depend on where it stands.
import { BytePtr, Count, Flag, Index, LayoutPtr, Stride, U8Ptr } from "../types";
import { columns_of, stride_of } from "./layout";
import { element, gather4, gather_bytes4, load4, scatter4, scatter_bytes4 } from "./strided";

/** 4-byte lanes to 4-byte lanes. */
@unmanaged
export abstract class Unary {
  abstract apply(x: v128): v128;
  /** Whether the loop around it counts: it is unrolled then. */
  abstract isLight(): bool;
}
@unmanaged
export abstract class LightUnary extends Unary {
  @inline isLight(): bool { return true; }
}
@unmanaged
export abstract class HeavyUnary extends Unary {
  @inline isLight(): bool { return false; }
}

/** Two 4-byte operands to 4-byte lanes. */
@unmanaged
export abstract class Binary {
  abstract apply(a: v128, b: v128): v128;
  abstract isLight(): bool;
}
@unmanaged
export abstract class LightBinary extends Binary {
  @inline isLight(): bool { return true; }
}
@unmanaged
export abstract class HeavyBinary extends Binary {
  @inline isLight(): bool { return false; }
}

/** Two 4-byte operands to a mask: all ones where true. */
@unmanaged
export abstract class Compare {
  abstract apply(a: v128, b: v128): v128;
}

/** Two byte operands to bytes, sixteen lanes. */
@unmanaged
export abstract class Bytes {
  abstract apply(a: v128, b: v128): v128;
}

/** out = op(x). */
export function unary<Op extends Unary>(
  out: BytePtr, x: BytePtr, layout: LayoutPtr, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sx = stride_of(layout, 1);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 2);
    let px = element(x, layout, 1, row, column, 2);
    if (so == 1 && sx == 1) {
      if (op.isLight()) {
        for (; count >= 16; count -= 16) {
          v128.store(po, op.apply(v128.load(px)));
          v128.store(po, op.apply(v128.load(px, 16)), 16);
          v128.store(po, op.apply(v128.load(px, 32)), 32);
          v128.store(po, op.apply(v128.load(px, 48)), 48);
          po += 64;
          px += 64;
        }
      }
      for (; count >= 4; count -= 4) {
        v128.store(po, op.apply(v128.load(px)));
        po += 16;
        px += 16;
      }
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      scatter4(po, so, lanes, op.apply(gather4(px, sx, lanes)));
      po += <usize>so << 4;
      px += <usize>sx << 4;
    }
  }
}

/**
 * The whole vectors of a row (n is a multiple of 4) whose output is dense and whose inputs are dense or one
 * element. The common form has a loop of its own; light functions, which fill memory bandwidth, are unrolled, and with
 * one element for all, too.
 */
function dense_binary<Op extends Binary, T>(
  out: BytePtr, a: BytePtr, b: BytePtr, sa: Stride, sb: Stride, acc: Flag, n: Count,
): void {
  const op = changetype<Op>(0);
  const stop = out + (<usize>n << 2);
  if (!acc && sa && sb) {
    if (op.isLight()) {
      for (; n >= 16; n -= 16) {
        v128.store(out, op.apply(v128.load(a), v128.load(b)));
        v128.store(out, op.apply(v128.load(a, 16), v128.load(b, 16)), 16);
        v128.store(out, op.apply(v128.load(a, 32), v128.load(b, 32)), 32);
        v128.store(out, op.apply(v128.load(a, 48), v128.load(b, 48)), 48);
        out += 64;
        a += 64;
        b += 64;
      }
    }
    while (out != stop) {
      v128.store(out, op.apply(v128.load(a), v128.load(b)));
      out += 16;
      a += 16;
      b += 16;
    }
  } else if (op.isLight() && !acc && sa) {
    const y = v128.load32_splat(b);
    for (; n >= 16; n -= 16) {
      v128.store(out, op.apply(v128.load(a), y));
      v128.store(out, op.apply(v128.load(a, 16), y), 16);
      v128.store(out, op.apply(v128.load(a, 32), y), 32);
      v128.store(out, op.apply(v128.load(a, 48), y), 48);
      out += 64;
      a += 64;
    }
    while (out != stop) {
      v128.store(out, op.apply(v128.load(a), y));
      out += 16;
      a += 16;
    }
  } else {
    while (out != stop) {
      const y = op.apply(load4(a, sa), load4(b, sb));
      v128.store(out, acc ? v128.add<T>(v128.load(out), y) : y);
      out += 16;
      a += <usize>sa << 4;
      b += <usize>sb << 4;
    }
  }
}

/** out = op(a, b), or out = out + op(a, b); T = f32 or i32 says which addition. */
export function binary<Op extends Binary, T>(
  out: BytePtr, a: BytePtr, b: BytePtr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sa = stride_of(layout, 1);
  const sb = stride_of(layout, 2);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 2);
    let pa = element(a, layout, 1, row, column, 2);
    let pb = element(b, layout, 2, row, column, 2);
    if (so == 1 && (sa | sb) >>> 1 == 0) {
      const whole = count & ~3;
      dense_binary<Op, T>(po, pa, pb, sa, sb, acc, whole);
      po += <usize>whole << 2;
      pa += <usize>(sa * whole) << 2;
      pb += <usize>(sb * whole) << 2;
      count -= whole;
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      let y = op.apply(gather4(pa, sa, lanes), gather4(pb, sb, lanes));
      if (acc) y = v128.add<T>(gather4(po, so, lanes), y);
      scatter4(po, so, lanes, y);
      po += <usize>so << 4;
      pa += <usize>sa << 4;
      pb += <usize>sb << 4;
    }
  }
}

/** out = op(a, b) as bytes 0 and 1; `second` as in `bytes`. */
export function compare<Op extends Compare>(
  out: U8Ptr, a: BytePtr, b: BytePtr, second: i32, layout: LayoutPtr, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sa = stride_of(layout, 1);
  const sb = stride_of(layout, second);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 0);
    let pa = element(a, layout, 1, row, column, 2);
    let pb = element(b, layout, second, row, column, 2);
    if (so == 1 && (sa | sb) >>> 1 == 0) {
      const da = <usize>sa << 4;
      const db = <usize>sb << 4;
      for (; count >= 16; count -= 16) {
        const m0 = op.apply(load4(pa, sa), load4(pb, sb));
        const m1 = op.apply(load4(pa + da, sa), load4(pb + db, sb));
        const m2 = op.apply(load4(pa + da * 2, sa), load4(pb + db * 2, sb));
        const m3 = op.apply(load4(pa + da * 3, sa), load4(pb + db * 3, sb));
        const low = i16x8.narrow_i32x4_s(m0, m1);
        const high = i16x8.narrow_i32x4_s(m2, m3);
        v128.store(po, v128.and(i8x16.narrow_i16x8_s(low, high), i8x16.splat(1)));
        po += 16;
        pa += da * 4;
        pb += db * 4;
      }
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      const mask = op.apply(gather4(pa, sa, lanes), gather4(pb, sb, lanes));
      scatter_bytes4(po, so, lanes, v128.and(mask, i32x4.splat(1)));
      po += <usize>so << 2;
      pa += <usize>sa << 4;
      pb += <usize>sb << 4;
    }
  }
}

/** out = op(a, b) on bytes; `second` is b's place in the layout (1 for operations that only look at a). */
export function bytes<Op extends Bytes>(
  out: U8Ptr, a: U8Ptr, b: U8Ptr, second: i32, layout: LayoutPtr, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sa = stride_of(layout, 1);
  const sb = stride_of(layout, second);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 0);
    let pa = element(a, layout, 1, row, column, 0);
    let pb = element(b, layout, second, row, column, 0);
    if (so == 1 && sa == 1 && sb == 1) {
      for (; count >= 16; count -= 16) {
        v128.store(po, op.apply(v128.load(pa), v128.load(pb)));
        po += 16;
        pa += 16;
        pb += 16;
      }
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      scatter_bytes4(po, so, lanes, op.apply(gather_bytes4(pa, sa, lanes), gather_bytes4(pb, sb, lanes)));
      po += <usize>so << 2;
      pa += <usize>sa << 2;
      pb += <usize>sb << 2;
    }
  }
}

/** out = op(x): bytes, zero-extended to i32 lanes, to 4-byte lanes. */
export function widen<Op extends Unary>(
  out: BytePtr, x: U8Ptr, layout: LayoutPtr, begin: Index, end: Index,
): void {
  const op = changetype<Op>(0);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sx = stride_of(layout, 1);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 2);
    let px = element(x, layout, 1, row, column, 0);
    if (so == 1 && sx == 1) {
      for (; count >= 4; count -= 4) {
        const bytes = i16x8.extend_low_i8x16_u(v128.load32_zero(px));
        v128.store(po, op.apply(i32x4.extend_low_i16x8_u(bytes)));
        po += 16;
        px += 4;
      }
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      scatter4(po, so, lanes, op.apply(gather_bytes4(px, sx, lanes)));
      po += <usize>so << 4;
      px += <usize>sx << 2;
    }
  }
}

/** c != 0 ? a : b on i32 lanes of c. */
// @ts-expect-error: decorator
@inline
function choose4(c: v128, a: v128, b: v128): v128 {
  return v128.bitselect(b, a, i32x4.eq(c, i32x4.splat(0)));
}

/** out = cond ? a : b, or out = out + (cond ? a : b). */
export function where(
  out: BytePtr, cond: U8Ptr, a: BytePtr, b: BytePtr, layout: LayoutPtr, acc: Flag, begin: Index, end: Index,
): void {
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  const sc = stride_of(layout, 1);
  const sa = stride_of(layout, 2);
  const sb = stride_of(layout, 3);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 2);
    let pc = element(cond, layout, 1, row, column, 0);
    let pa = element(a, layout, 2, row, column, 2);
    let pb = element(b, layout, 3, row, column, 2);
    if (so == 1 && sc == 1 && (sa | sb) >>> 1 == 0) {
      for (; count >= 4; count -= 4) {
        const c = i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(pc)));
        let y = choose4(c, load4(pa, sa), load4(pb, sb));
        if (acc) y = f32x4.add(v128.load(po), y);
        v128.store(po, y);
        po += 16;
        pc += 4;
        pa += <usize>sa << 4;
        pb += <usize>sb << 4;
      }
    }
    for (; count > 0; count -= 4) {
      const lanes = min<i32>(count, 4);
      let y = choose4(gather_bytes4(pc, sc, lanes), gather4(pa, sa, lanes), gather4(pb, sb, lanes));
      if (acc) y = f32x4.add(gather4(po, so, lanes), y);
      scatter4(po, so, lanes, y);
      po += <usize>so << 4;
      pc += <usize>sc << 2;
      pa += <usize>sa << 4;
      pb += <usize>sb << 4;
    }
  }
}

/** out = the same 4 bytes everywhere. */
export function fill4(out: BytePtr, layout: LayoutPtr, bits: i32, begin: Index, end: Index): void {
  const v = i32x4.splat(bits);
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 2);
    if (so == 1) {
      for (; count >= 4; count -= 4) {
        v128.store(po, v);
        po += 16;
      }
    }
    for (; count > 0; count--) {
      store<i32>(po, bits);
      po += <usize>so << 2;
    }
  }
}

/** out = the same byte everywhere. */
export function fill1(out: BytePtr, layout: LayoutPtr, bits: i32, begin: Index, end: Index): void {
  const n = columns_of(layout);
  const so = stride_of(layout, 0);
  for (let i = begin; i < end; ) {
    const row = i / n;
    const column = i - row * n;
    let count = min<i32>(n - column, end - i);
    i += count;
    let po = element(out, layout, 0, row, column, 0);
    if (so == 1) {
      memory.fill(po, <u8>bits, count);
    } else {
      for (; count > 0; count--) {
        store<u8>(po, bits);
        po += <usize>so;
      }
    }
  }
}
