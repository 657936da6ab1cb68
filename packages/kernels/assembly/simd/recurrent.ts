// Where an element of a step's rows lies.
import { F32Ptr, Index, Stride } from "../types";

/** Address of flat element `at` of rows of H columns, `step` elements apart. */
// @ts-expect-error: decorator
@inline
export function at_element(base: F32Ptr, step: Stride, at: Index, H: i32): usize {
  const row = at / H;
  return base + ((<usize>(row * step + (at - row * H))) << 2);
}
