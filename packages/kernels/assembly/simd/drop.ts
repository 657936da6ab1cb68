// Dropout of sixteen neighbours, whose random numbers are drawn together.
import { Flag, Index } from "../types";
import { philox16, uniform4 } from "./philox";

/** Elements i to i + 15 of a dropout, dense; the random words wait in y, which may be x. */
// @ts-expect-error: decorator
@inline
export function drop16(
  y: usize, x: usize, i: Index, seed_lo: i32, seed_hi: i32, stream_lo: i32, stream_hi: i32, threshold: v128,
  scale: v128, acc: Flag,
): void {
  const x0 = v128.load(x), x1 = v128.load(x, 16), x2 = v128.load(x, 32), x3 = v128.load(x, 48);
  const none = f32x4.splat(0);
  const y0 = acc ? v128.load(y) : none, y1 = acc ? v128.load(y, 16) : none;
  const y2 = acc ? v128.load(y, 32) : none, y3 = acc ? v128.load(y, 48) : none;
  philox16(y, i, seed_lo, seed_hi, stream_lo, stream_hi);
  drop4(y, x0, threshold, scale, y0, acc);
  drop4(y + 16, x1, threshold, scale, y1, acc);
  drop4(y + 32, x2, threshold, scale, y2, acc);
  drop4(y + 48, x3, threshold, scale, y3, acc);
}

/** Four of them: y holds their words. */
// @ts-expect-error: decorator
@inline
function drop4(y: usize, x: v128, threshold: v128, scale: v128, old: v128, acc: Flag): void {
  const factor = v128.and(scale, f32x4.ge(uniform4(v128.load(y)), threshold));
  const v = f32x4.mul(x, factor);
  v128.store(y, acc ? f32x4.add(old, v) : v);
}
