// Whole vectors and tails of dense operands: the same lanes, loaded one by one where fewer than four are
// left.
import { BytePtr, Count, Index } from "../types";
import { gather4, scatter4 } from "./strided";

/** The first `lanes` (1 to 4) elements at p. */
// @ts-expect-error: decorator
@inline
export function load_lanes(p: BytePtr, lanes: Count): v128 {
  return lanes == 4 ? v128.load(p) : gather4(p, 1, lanes);
}

/** Stores the first `lanes` (1 to 4) lanes. */
// @ts-expect-error: decorator
@inline
export function store_lanes(p: BytePtr, lanes: Count, v: v128): void {
  if (lanes == 4) v128.store(p, v);
  else scatter4(p, 1, lanes, v);
}

/** Moves lane `first` (0 to 3) to lane 0. */
// @ts-expect-error: decorator
@inline
export function lanes_from(v: v128, first: Index): v128 {
  const bytes = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return i8x16.swizzle(v, i8x16.add(bytes, i8x16.splat(<i8>(first << 2))));
}
