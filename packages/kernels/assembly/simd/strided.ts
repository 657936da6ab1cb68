// Touching elements of a strided operand: addresses from a layout descriptor, up to four elements as lanes.
import { BytePtr, Count, Index, LayoutPtr, Stride } from "../types";
import { leading_offset, stride_of } from "./layout";

/** Address of the element in column `column` of row `row`; `shift` = log2 of the element's bytes. */
// @ts-expect-error: decorator
@inline
export function element(
  base: BytePtr, layout: LayoutPtr, operand: i32, row: Index, column: Index, shift: usize,
): usize {
  const offset = leading_offset(layout, operand, row) + column * stride_of(layout, operand);
  return base + (<usize>offset << shift);
}

/** The same of 4-byte elements as a function of its own: for kernels that are to be small. */
export function place(base: BytePtr, layout: LayoutPtr, operand: i32, row: Index, column: Index): usize {
  return element(base, layout, operand, row, column, 2);
}

/** gather4 as a loop, which is not inlined. */
export function collect4(p: BytePtr, stride: Stride, lanes: Count): v128 {
  let v = i32x4.splat(0);
  for (let lane = lanes - 1; lane >= 0; lane--) {
    v = v128.shuffle<i32>(v, v, 3, 0, 1, 2);
    v = v128.load32_lane(p + (<usize>(lane * stride) << 2), v, 0);
  }
  return v;
}

/** scatter4 as a loop, which is not inlined. */
export function spread4(p: BytePtr, stride: Stride, lanes: Count, v: v128): void {
  for (let lane = 0; lane < lanes; lane++) {
    v128.store32_lane(p + (<usize>(lane * stride) << 2), v, 0);
    v = v128.shuffle<i32>(v, v, 1, 2, 3, 0);
  }
}

/** Up to four 4-byte elements `stride` apart; missing lanes are 0. */
export function gather4(p: BytePtr, stride: Stride, lanes: Count): v128 {
  const step = <usize>stride << 2;
  let v = v128.load32_zero(p);
  if (lanes > 1) v = v128.load32_lane(p + step, v, 1);
  if (lanes > 2) v = v128.load32_lane(p + step * 2, v, 2);
  if (lanes > 3) v = v128.load32_lane(p + step * 3, v, 3);
  return v;
}

/** Stores up to four lanes `stride` elements apart. */
export function scatter4(p: BytePtr, stride: Stride, lanes: Count, v: v128): void {
  const step = <usize>stride << 2;
  v128.store32_lane(p, v, 0);
  if (lanes > 1) v128.store32_lane(p + step, v, 1);
  if (lanes > 2) v128.store32_lane(p + step * 2, v, 2);
  if (lanes > 3) v128.store32_lane(p + step * 3, v, 3);
}

/** One or two f32 elements `stride` apart as f64 lanes; a missing lane is 0. */
// @ts-expect-error: decorator
@inline
export function gather2(p: BytePtr, stride: Stride, lanes: Count): v128 {
  let v = v128.load32_zero(p);
  if (lanes > 1) v = v128.load32_lane(p + (<usize>stride << 2), v, 1);
  return f64x2.promote_low_f32x4(v);
}

/** Stores the first one or two of four lanes `stride` elements apart. */
// @ts-expect-error: decorator
@inline
export function scatter2(p: BytePtr, stride: Stride, lanes: Count, v: v128): void {
  v128.store32_lane(p, v, 0);
  if (lanes > 1) v128.store32_lane(p + (<usize>stride << 2), v, 1);
}

/** Up to four bytes `stride` apart, zero-extended to four i32 lanes. */
export function gather_bytes4(p: BytePtr, stride: Stride, lanes: Count): v128 {
  const step = <usize>stride;
  let v = i32x4.splat(load<u8>(p));
  if (lanes > 1) v = i32x4.replace_lane(v, 1, load<u8>(p + step));
  if (lanes > 2) v = i32x4.replace_lane(v, 2, load<u8>(p + step * 2));
  if (lanes > 3) v = i32x4.replace_lane(v, 3, load<u8>(p + step * 3));
  return v;
}

/** Stores the low bytes of up to four i32 lanes `stride` bytes apart. */
export function scatter_bytes4(p: BytePtr, stride: Stride, lanes: Count, v: v128): void {
  const step = <usize>stride;
  v128.store8_lane(p, v, 0);
  if (lanes > 1) v128.store8_lane(p + step, v, 4);
  if (lanes > 2) v128.store8_lane(p + step * 2, v, 8);
  if (lanes > 3) v128.store8_lane(p + step * 3, v, 12);
}

/** Four 4-byte elements at p, or the one there four times when the stride is 0. */
// @ts-expect-error: decorator
@inline
export function load4(p: BytePtr, stride: Stride): v128 {
  return stride ? v128.load(p) : v128.load32_splat(p);
}
