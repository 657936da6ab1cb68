// Turning the pairs of one row by their angles, four pairs at a time; the last ones on padded lanes.
import { madd, nmadd } from "./madd";
import { load_lanes, store_lanes } from "./rows";

// @ts-expect-error: decorator
@inline
function put(y: usize, v: v128, lanes: i32, acc: i32): void {
  store_lanes(y, acc ? f32x4.add(load_lanes(y, lanes), v) : v, lanes);
}

/** Pairs (i, half + i); angles: half cosines, then half sines, whose sign is flipped where `sign` is set. */
export function turn_halves(y: usize, x: usize, angles: usize, half: i32, sign: i32, acc: i32): void {
  const far = (<usize>half) << 2;
  const flip = i32x4.splat(sign);
  for (let n = half; n > 0; n -= 4) {
    const a = load_lanes(x, n);
    const b = load_lanes(x + far, n);
    const c = load_lanes(angles, n);
    const s = v128.xor(load_lanes(angles + far, n), flip);
    put(y, nmadd(b, s, f32x4.mul(a, c)), n, acc);
    put(y + far, madd(a, s, f32x4.mul(b, c)), n, acc);
    x += 16;
    y += 16;
    angles += 16;
  }
}

/** Pairs (2i, 2i + 1); otherwise as turn_halves. */
export function turn_pairs(y: usize, x: usize, angles: usize, half: i32, sign: i32, acc: i32): void {
  const far = (<usize>half) << 2;
  const flip = i32x4.splat(sign);
  for (let n = half; n > 0; n -= 4) {
    // 8 elements, or the 2n that are left
    const low = min<i32>(2 * n, 4);
    const high = min<i32>(2 * n - 4, 4);
    const v0 = load_lanes(x, low);
    const v1 = high > 0 ? load_lanes(x + 16, high) : i32x4.splat(0);
    const a = v128.shuffle<i32>(v0, v1, 0, 2, 4, 6);
    const b = v128.shuffle<i32>(v0, v1, 1, 3, 5, 7);
    const c = load_lanes(angles, n);
    const s = v128.xor(load_lanes(angles + far, n), flip);
    const p = nmadd(b, s, f32x4.mul(a, c));
    const q = madd(a, s, f32x4.mul(b, c));
    put(y, v128.shuffle<i32>(p, q, 0, 4, 1, 5), low, acc);
    if (high > 0) put(y + 16, v128.shuffle<i32>(p, q, 2, 6, 3, 7), high, acc);
    x += 32;
    y += 32;
    angles += 16;
  }
}
