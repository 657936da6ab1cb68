// Patches of images as columns of a matrix, and the transpose: images as sums of overlapping patches. Each
// plane belongs to one unit, so overlaps are added in a fixed order.

import { along_row, at, plane_of, positions_of, taps_of } from "./simd/window";
import { BytePtr, F32Ptr, Index, WindowPtr } from "./types";

/**
 * columns (N, C * taps, positions) = the patches of x (N, C, ...) under the window; elements of 4 bytes, 0
 * beyond the image. Units: rows of the matrices, N * C * taps.
 */
export function unfold_b4(columns: BytePtr, x: BytePtr, window: WindowPtr, begin: Index, end: Index): void {
  const taps = taps_of(window);
  const P = positions_of(window);
  const plane = plane_of(window);
  for (let row = begin; row < end; ++row) {
    along_row(at(columns, row * P), at(x, (row / taps) * plane), window, row % taps, 0, P, 0);
  }
}

/**
 * y (N, C, ...) = the sum, for each element, of the patches (N, C * taps, positions) that cover it, tap by tap.
 * Units: planes of y, N * C.
 */
export function fold_f32(y: F32Ptr, columns: F32Ptr, window: WindowPtr, begin: Index, end: Index): void {
  const taps = taps_of(window);
  const P = positions_of(window);
  const plane = plane_of(window);
  for (let c = begin; c < end; ++c) {
    const image = at(y, c * plane);
    memory.fill(image, 0, (<usize>plane) << 2);
    for (let k = 0; k < taps; ++k) {
      along_row(at(columns, (c * taps + k) * P), image, window, k, 0, P, 1);
    }
  }
}
