// Maxima of the windows of a plane, one window or four neighbouring ones at a time. A later element wins only when it
// is larger (or NaN), so the first of equal maxima is found, and the last NaN, as PyTorch has it. Maxima are exact: one
// window and four give the same bits.

/** Every value of T is larger or equal. */
// @ts-ignore: decorator
@inline
function lowest<T>(): T {
  return isFloat<T>() ? <T>(-Infinity) : <T>i32.MIN_VALUE;
}

/**
 * Four windows of `height` rows and `width` columns that start at elements f0 … f3 of x. Their elements are `down` and
 * `along` elements apart. y: four maxima; at: four positions in x, or 0: not needed.
 */
export function max_windows4<T>(
  y: usize, at: usize, x: usize, f0: i32, f1: i32, f2: i32, f3: i32, height: i32, width: i32, down: i32, along: i32,
): void {
  let best = v128.splat<T>(lowest<T>());
  let row = i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(f0), 1, f1), 2, f2);
  row = i32x4.replace_lane(row, 3, f3);
  let where = row;
  const dense = f1 - f0 == 1 && f2 - f0 == 2 && f3 - f0 == 3;
  const even = f1 - f0 == 2 && f2 - f0 == 4 && f3 - f0 == 6;
  const d1 = (<usize>(f1 - f0)) << 2, d2 = (<usize>(f2 - f0)) << 2, d3 = (<usize>(f3 - f0)) << 2;
  let line = x + ((<usize>f0) << 2);
  for (let i = 0; i < height; ++i) {
    let p = line;
    let place = row;
    for (let j = 0; j < width; ++j) {
      let v: v128;
      if (even) {
        v = v128.shuffle<i32>(v128.load(p), v128.load(p, 12), 0, 2, 5, 7);
      } else if (dense) {
        v = v128.load(p);
      } else {
        v = v128.load_lane<f32>(p + d1, v128.load32_zero(p), 1);
        v = v128.load_lane<f32>(p + d2, v, 2);
        v = v128.load_lane<f32>(p + d3, v, 3);
      }
      let wins = v128.gt<T>(v, best);
      if (isFloat<T>()) wins = v128.or(wins, f32x4.ne(v, v));
      best = v128.bitselect(v, best, wins);
      where = v128.bitselect(place, where, wins);
      place = i32x4.add(place, i32x4.splat(along));
      p += (<usize>along) << 2;
    }
    row = i32x4.add(row, i32x4.splat(down));
    line += (<usize>down) << 2;
  }
  v128.store(y, best);
  if (at) v128.store(at, where);
}

/** The same for one window. */
export function max_window<T>(
  y: usize, at: usize, x: usize, first: i32, height: i32, width: i32, down: i32, along: i32,
): void {
  let best = lowest<T>();
  let where = first;
  for (let i = 0; i < height; ++i) {
    for (let j = 0; j < width; ++j) {
      const place = first + i * down + j * along;
      const v = load<T>(x + ((<usize>place) << 2));
      if (v > best || v != v) {
        best = v;
        where = place;
      }
    }
  }
  store<T>(y, best);
  if (at) store<i32>(at, where);
}
