// Gradients of the unary kernels. Layout operands: dx, dy, then what the forward saved: y its value or x
// its argument. acc = 1 adds to dx. dx may be dy or the saved operand when their strides are the same.
// begin, end: flat elements of dx.

import { binary } from "./simd/loop";
import {
  AbsBackward,
  CosBackward,
  ErfBackward,
  ExpBackward,
  GeluBackward,
  GeluTanhBackward,
  LogBackward,
  ReciprocalBackward,
  ReluBackward,
  RsqrtBackward,
  SigmoidBackward,
  SiluBackward,
  SinBackward,
  SqrtBackward,
  SquareBackward,
  TanhBackward,
} from "./simd/ops";
import { F32Ptr, Flag, Index, LayoutPtr } from "./types";

/** dx = dy * y. */
export function exp_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<ExpBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = dy / x. */
export function log_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<LogBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy / (2 y). */
export function sqrt_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SqrtBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = -dy y^3 / 2. */
export function rsqrt_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<RsqrtBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = -dy y^2. */
export function reciprocal_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<ReciprocalBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = 2 x dy. */
export function square_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SquareBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy cos x. */
export function sin_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SinBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = -dy sin x. */
export function cos_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<CosBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy (1 - y^2). */
export function tanh_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<TanhBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = dy 2/sqrt(pi) e^(-x^2). */
export function erf_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<ErfBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy y (1 - y). */
export function sigmoid_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SigmoidBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = y <= 0 ? 0 : dy. */
export function relu_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  y: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<ReluBackward, f32>(dx, dy, y, layout, acc, begin, end);
}

/** dx = dy (s + x s (1 - s)), s = sigmoid(x). */
export function silu_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<SiluBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy (Phi(x) + x phi(x)). */
export function gelu_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<GeluBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy (s + x z' s (1 - s)), s = sigmoid(z), z = 2 sqrt(2/pi)(x + 0.044715 x^3). */
export function gelu_tanh_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<GeluTanhBackward, f32>(dx, dy, x, layout, acc, begin, end);
}

/** dx = dy sign(x). */
export function abs_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  layout: LayoutPtr,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  binary<AbsBackward, f32>(dx, dy, x, layout, acc, begin, end);
}
