// Running products, running extremes, running logarithms of sums, and the gradient of products, along lines of any stride. Products are taken in
// f64, one per line, and rounded at each element. Gradients multiply what lies before an element by what lies behind
// it, so zeros need no case of their own and nothing is divided.
import { exp_f64, log_f64 } from "./scalar";
import { line_start } from "./simd/layout";
import { BytePtr, Count, F32Ptr, Flag, I32Ptr, Index, LayoutPtr, Stride, WorkPtr } from "./types";

/** Elements whose running products are held at once by prod_backward_f32. */
const BLOCK: i32 = 256;

/** Address of element i of 4 bytes. */
function at(base: usize, i: i32): usize {
  return base + ((<usize>i) << 2);
}

/**
 * y[i] = x[0] · … · x[i] along each line of N elements. lines: operands y, x, one element per line; y_step, x_step: along
 * a line. Units: lines.
 */
export function cumprod_f32(
  y: F32Ptr,
  x: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = at(y, line_start(lines, 0, r));
    const from = at(x, line_start(lines, 1, r));
    let product: f64 = 1;
    for (let i = 0; i < N; ++i) {
      product *= <f64>load<f32>(at(from, i * x_step));
      store<f32>(at(to, i * y_step), <f32>product);
    }
  }
}

/** y[i] = x[0] · … · x[i] along each line, wrapping at 32 bits; arguments as cumprod_f32. Units: lines. */
export function cumprod_i32(
  y: I32Ptr,
  x: I32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = at(y, line_start(lines, 0, r));
    const from = at(x, line_start(lines, 1, r));
    let product = 1;
    for (let i = 0; i < N; ++i) {
      product *= load<i32>(at(from, i * x_step));
      store<i32>(at(to, i * y_step), product);
    }
  }
}

/**
 * dx[i] = y[i-1] · s[i], s[i] = dy[i] + x[i+1] · s[i+1] (+ dx[i] if acc): Horner's rule from the end of each line.
 * lines: operands dx, dy, x, y. Units: lines.
 */
export function cumprod_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  y: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  dx_step: Stride,
  dy_step: Stride,
  x_step: Stride,
  y_step: Stride,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = at(dx, line_start(lines, 0, r));
    const given = at(dy, line_start(lines, 1, r));
    const from = at(x, line_start(lines, 2, r));
    const product = at(y, line_start(lines, 3, r));
    let behind: f64 = 0;
    for (let i = N - 1; i >= 0; --i) {
      behind += <f64>load<f32>(at(given, i * dy_step));
      const before: f64 = i > 0 ? <f64>load<f32>(at(product, (i - 1) * y_step)) : 1;
      const d = at(to, i * dx_step);
      const g = <f32>(before * behind);
      store<f32>(d, acc ? load<f32>(d) + g : g);
      behind *= <f64>load<f32>(at(from, i * x_step));
    }
  }
}

/** Bytes of `work` of prod_backward_f32. */
export function prod_backward_work_f32(N: Count): usize {
  return (<usize>(BLOCK + (N + BLOCK - 1) / BLOCK)) << 3;
}

/**
 * dx[i] = dy · (product of the other elements of its line) (+ dx[i] if acc). lines: operands dx, x, dy. work: the
 * products before each block of the line, then those before each element of one block. Units: lines.
 */
export function prod_backward_f32(
  dx: F32Ptr,
  x: F32Ptr,
  dy: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  dx_step: Stride,
  x_step: Stride,
  acc: Flag,
  work: WorkPtr,
  begin: Index,
  end: Index,
): void {
  const heads = work + ((<usize>BLOCK) << 3);
  for (let r = begin; r < end; ++r) {
    const to = at(dx, line_start(lines, 0, r));
    const from = at(x, line_start(lines, 1, r));
    const given = <f64>load<f32>(at(dy, line_start(lines, 2, r)));
    let product: f64 = 1;
    for (let i = 0; i < N; ++i) {
      if (i % BLOCK == 0) store<f64>(heads + ((<usize>(i / BLOCK)) << 3), product);
      product *= <f64>load<f32>(at(from, i * x_step));
    }
    let behind: f64 = 1;
    for (let first = ((N - 1) / BLOCK) * BLOCK; first >= 0; first -= BLOCK) {
      const count = min(N - first, BLOCK);
      product = load<f64>(heads + ((<usize>(first / BLOCK)) << 3));
      for (let i = 0; i < count; ++i) {
        store<f64>(work + ((<usize>i) << 3), product);
        product *= <f64>load<f32>(at(from, (first + i) * x_step));
      }
      for (let i = count - 1; i >= 0; --i) {
        const d = at(to, (first + i) * dx_step);
        const g = <f32>(load<f64>(work + ((<usize>i) << 3)) * behind * given);
        store<f32>(d, acc ? load<f32>(d) + g : g);
        behind *= <f64>load<f32>(at(from, (first + i) * x_step));
      }
    }
  }
}

/**
 * out[i] = place of the largest of x[0] … x[i], the last of equals, or of the smallest if `least`; NaN beats all. x is
 * f32 if `float`, else i32. Lines as cumprod_f32. Units: lines.
 */
export function cumextreme_i32(
  out: I32Ptr,
  x: BytePtr,
  float: Flag,
  least: Flag,
  lines: LayoutPtr,
  N: Count,
  out_step: Stride,
  x_step: Stride,
  begin: Index,
  end: Index,
): void {
  const flip = float ? least << 31 : -least;
  for (let r = begin; r < end; ++r) {
    const to = at(out, line_start(lines, 0, r));
    const from = at(x, line_start(lines, 1, r));
    let place = 0;
    let top = load<i32>(from) ^ flip;
    for (let i = 0; i < N; ++i) {
      const v = load<i32>(at(from, i * x_step)) ^ flip;
      let better = v >= top;
      if (float) {
        const f = reinterpret<f32>(v);
        const t = reinterpret<f32>(top);
        better = f != f || (t == t && f >= t);
      }
      if (better) {
        top = v;
        place = i;
      }
      store<i32>(at(to, i * out_step), place);
    }
  }
}

/** ln(e^a + e^b). */
function log_add(a: f64, b: f64): f64 {
  const top = max(a, b);
  if (top == -Infinity || top == Infinity || top != top) return top;
  return top + log_f64(1 + exp_f64(min(a, b) - top));
}

/** y[i] = ln(e^x[0] + … + e^x[i]) along each line, in f64; arguments as cumprod_f32. Units: lines. */
export function logcumsumexp_f32(
  y: F32Ptr,
  x: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  y_step: Stride,
  x_step: Stride,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = at(y, line_start(lines, 0, r));
    const from = at(x, line_start(lines, 1, r));
    let total: f64 = -Infinity;
    for (let i = 0; i < N; ++i) {
      total = log_add(total, <f64>load<f32>(at(from, i * x_step)));
      store<f32>(at(to, i * y_step), <f32>total);
    }
  }
}

/**
 * dx[i] = e^(x[i] - y[i]) · s[i], s[i] = dy[i] + e^(y[i] - y[i+1]) · s[i+1] (+ dx[i] if acc), so that no exponent is
 * positive. Arguments as cumprod_backward_f32. Units: lines.
 */
export function logcumsumexp_backward_f32(
  dx: F32Ptr,
  dy: F32Ptr,
  x: F32Ptr,
  y: F32Ptr,
  lines: LayoutPtr,
  N: Count,
  dx_step: Stride,
  dy_step: Stride,
  x_step: Stride,
  y_step: Stride,
  acc: Flag,
  begin: Index,
  end: Index,
): void {
  for (let r = begin; r < end; ++r) {
    const to = at(dx, line_start(lines, 0, r));
    const given = at(dy, line_start(lines, 1, r));
    const from = at(x, line_start(lines, 2, r));
    const sums = at(y, line_start(lines, 3, r));
    let behind: f64 = 0;
    let next: f64 = Infinity;
    for (let i = N - 1; i >= 0; --i) {
      const sum = <f64>load<f32>(at(sums, i * y_step));
      behind = <f64>load<f32>(at(given, i * dy_step)) + (i < N - 1 ? exp_f64(sum - next) * behind : 0);
      next = sum;
      const d = at(to, i * dx_step);
      const g = <f32>(exp_f64(<f64>load<f32>(at(from, i * x_step)) - sum) * behind);
      store<f32>(d, acc ? load<f32>(d) + g : g);
    }
  }
}
