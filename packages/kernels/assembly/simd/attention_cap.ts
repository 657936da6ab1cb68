// Capped scores (Gemma 2, arXiv 2408.00118): none is further from 0 than the cap.

import { load_lanes, store_lanes } from "./dense";
import { tanh4 } from "./math";

/** s = cap * tanh(s / cap) over n dense elements; slopes, if not 0, gets the derivatives 1 - tanh(s / cap)^2. */
export function cap_dense(s: usize, n: i32, cap: f32, slopes: usize): void {
  const inverse = f32x4.splat(1.0 / cap);
  const most = f32x4.splat(cap);
  const one = f32x4.splat(1);
  for (; n > 0; n -= 4) {
    const lanes = min(n, 4);
    const t = tanh4(f32x4.mul(load_lanes(s, lanes), inverse));
    store_lanes(s, lanes, f32x4.mul(t, most));
    if (slopes) {
      store_lanes(slopes, lanes, f32x4.sub(one, f32x4.mul(t, t)));
      slopes += 16;
    }
    s += 16;
  }
}
