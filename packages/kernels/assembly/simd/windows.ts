// Maxima of the windows of a plane, one window or four neighbouring ones at a time. A later element wins only when it
// is larger (or NaN), so the first of equal maxima is found, and the last NaN, as PyTorch has it. Maxima are exact: one
// window and four give the same bits.

/** Every value of T is larger or equal. */
// @ts-expect-error: decorator
@inline
function lowest<T>(): T {
  return isFloat<T>() ? <T>(-Infinity) : <T>i32.MIN_VALUE;
}

/** How the first elements of four windows follow one another: one apart, two apart, anyhow. */
const DENSE: i32 = 0;
const EVEN: i32 = 1;
const LOOSE: i32 = 2;

/** max_windows4 for one of these ways, and with or without places. */
// @ts-expect-error: decorator
@inline
function four<T>(
  y: usize, at: usize, x: usize, first: v128, height: i32, width: i32, down: i32, along: i32, way: i32, places: bool,
): void {
  let best = v128.splat<T>(lowest<T>());
  let row = first;
  let where = first;
  const f0 = i32x4.extract_lane(first, 0);
  const behind = i32x4.shl(i32x4.sub(first, i32x4.splat(f0)), 2);
  const d1 = <usize>i32x4.extract_lane(behind, 1);
  const d2 = <usize>i32x4.extract_lane(behind, 2);
  const d3 = <usize>i32x4.extract_lane(behind, 3);
  const step = i32x4.splat(along);
  let line = x + ((<usize>f0) << 2);
  for (let i = 0; i < height; ++i) {
    let p = line;
    let place = row;
    for (let j = 0; j < width; ++j) {
      let v: v128;
      if (way == DENSE) {
        v = v128.load(p);
      } else if (way == EVEN) {
        v = v128.shuffle<i32>(v128.load(p), v128.load(p, 12), 0, 2, 5, 7);
      } else {
        v = v128.load_lane<f32>(p + d1, v128.load32_zero(p), 1);
        v = v128.load_lane<f32>(p + d2, v, 2);
        v = v128.load_lane<f32>(p + d3, v, 3);
      }
      let wins = v128.gt<T>(v, best);
      if (isFloat<T>()) wins = v128.or(wins, f32x4.ne(v, v));
      best = v128.bitselect(v, best, wins);
      if (places) {
        where = v128.bitselect(place, where, wins);
        place = i32x4.add(place, step);
      }
      p += (<usize>along) << 2;
    }
    if (places) row = i32x4.add(row, i32x4.splat(down));
    line += (<usize>down) << 2;
  }
  v128.store(y, best);
  if (places) v128.store(at, where);
}

/**
 * Four windows of `height` rows and `width` columns that start at the elements `first` of x. Their elements are `down`
 * and `along` elements apart. y: four maxima; at: four positions in x, or 0: not needed.
 */
export function max_windows4<T>(
  y: usize, at: usize, x: usize, first: v128, height: i32, width: i32, down: i32, along: i32,
): void {
  const behind = i32x4.sub(first, i32x4.splat(i32x4.extract_lane(first, 0)));
  if (at) {
    if (v128.all_true<i32>(i32x4.eq(behind, i32x4(0, 2, 4, 6))))
      four<T>(y, at, x, first, height, width, down, along, EVEN, true);
    else if (v128.all_true<i32>(i32x4.eq(behind, i32x4(0, 1, 2, 3))))
      four<T>(y, at, x, first, height, width, down, along, DENSE, true);
    else four<T>(y, at, x, first, height, width, down, along, LOOSE, true);
  } else {
    if (v128.all_true<i32>(i32x4.eq(behind, i32x4(0, 2, 4, 6))))
      four<T>(y, at, x, first, height, width, down, along, EVEN, false);
    else if (v128.all_true<i32>(i32x4.eq(behind, i32x4(0, 1, 2, 3))))
      four<T>(y, at, x, first, height, width, down, along, DENSE, false);
    else four<T>(y, at, x, first, height, width, down, along, LOOSE, false);
  }
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
